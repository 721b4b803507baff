"""outrigger token: made, listed, revoked; kept as digests in one private
file; and a daemon that runs is told of every change."""
import datetime
import hashlib
import json
import os
import re
import stat
import subprocess
import unittest

from support import wait
from support.case import eventually, fresh
from support.daemon import OUTRIGGER, Daemon
from support.http_client import HttpClient
from support.ws_client import Refused, WebSocket

TOKEN = re.compile(r"otr_[A-Za-z0-9_-]{43}\n")


class TokenCase(unittest.TestCase):
    """Commands on the state directory of self.daemon."""

    def setUp(self):
        self.daemon = Daemon()
        self.addCleanup(self.daemon.close)
        self.register = os.path.join(self.daemon.state, "tokens.json")

    def arguments(self, command, *arguments):
        return [OUTRIGGER, "token", command, "--state-dir", self.daemon.state,
                *arguments]

    def token(self, command, *arguments, code=0):
        result = subprocess.run(
            self.arguments(command, *arguments), capture_output=True,
            text=True, env=self.daemon.environment(), check=False,
            timeout=wait.scaled(30))
        self.assertEqual(result.returncode, code,
                         result.stdout + result.stderr)
        if code:
            self.assertEqual(result.stdout, "")
            self.assertTrue(result.stderr.startswith("outrigger: "),
                            result.stderr)
        return result

    def create(self, *arguments):
        """A new token's text and id."""
        result = self.token("create", *arguments)
        self.assertRegex(result.stdout, TOKEN)
        return result.stdout.strip(), self.field(result, "id")

    @staticmethod
    def field(result, name):
        return re.search(rf"^{name} (.*)$", result.stderr, re.M).group(1)

    def listed(self):
        """Tokens by id."""
        listing = json.loads(self.token("list", "--json").stdout)
        return {entry["id"]: entry for entry in listing["tokens"]}

    def kept(self):
        with open(self.register, encoding="utf-8") as file:
            return file.read()


class CommandTest(TokenCase):
    def test_a_token_stands_alone_on_stdout(self):
        result = self.token("create", "--scope", "terminal:3:view",
                            "--scope", "port:8080", "--expires", "12h",
                            "--name", "ci")
        self.assertRegex(result.stdout, TOKEN)
        self.assertRegex(self.field(result, "id"), r"^[0-9a-f]{8}$")
        self.assertEqual(self.field(result, "name"), "ci")
        self.assertEqual(set(self.field(result, "scopes").split()),
                         {"terminal:3:view", "port:8080"})
        end = datetime.datetime.fromisoformat(
            self.field(result, "expires").replace("Z", "+00:00"))
        ahead = end - datetime.datetime.now(datetime.timezone.utc)
        self.assertAlmostEqual(ahead.total_seconds(), 12 * 3600, delta=60)
        self.assertIn("takes effect at the next start", result.stderr)
        self.assertNotIn(result.stdout.strip(), result.stderr)

    def test_only_the_digest_is_kept_in_a_private_file(self):
        text, number = self.create("--scope", "all", "--expires", "never")
        self.assertEqual(stat.S_IMODE(os.stat(self.register).st_mode), 0o600)
        kept = self.kept()
        self.assertNotIn(text[4:], kept)
        record, = json.loads(kept)["tokens"]
        self.assertEqual(record["id"], number)
        self.assertEqual(record["sha256"],
                         hashlib.sha256(text.encode()).hexdigest())
        self.assertIsNone(record["expires_at"])
        others = set(os.listdir(self.daemon.state))
        self.assertEqual(others, {"tokens.json", "tokens.lock"})

    def test_a_state_directory_is_made(self):
        os.rmdir(self.daemon.state)
        self.assertEqual(self.token("list").stdout, "no tokens\n")
        self.assertFalse(os.path.exists(self.daemon.state))
        self.create("--scope", "read")
        self.assertEqual(stat.S_IMODE(os.stat(self.daemon.state).st_mode),
                         0o700)

    def test_tokens_are_listed(self):
        self.assertEqual(self.token("list").stdout, "no tokens\n")
        _, first = self.create("--scope", "read", "--name", "one")
        text, second = self.create("--scope", "files:/docs:read port:8080",
                                   "--expires", "2031-12-31")
        table = self.token("list").stdout
        header, *rows = table.splitlines()
        self.assertEqual(header.split(),
                         ["ID", "NAME", "SCOPES", "CREATED", "EXPIRES"])
        self.assertEqual([row.split()[0] for row in rows], [first, second])
        self.assertIn("2031-12-31T23:59:59Z", rows[1])
        self.assertNotIn(text[4:], table)
        listed = self.listed()
        self.assertEqual(listed[first]["name"], "one")
        self.assertEqual(listed[first]["scopes"], "read")
        self.assertEqual(set(listed[second]["scopes"].split()),
                         {"files:/docs:read", "port:8080"})
        self.assertFalse(listed[second]["expired"])
        for entry in listed.values():
            self.assertEqual(set(entry), {"id", "name", "scopes",
                                          "created_at", "expires_at",
                                          "expired"})

    def test_tokens_are_revoked(self):
        ids = [self.create("--scope", "read")[1] for _ in range(3)]
        result = self.token("revoke", ids[0], ids[2])
        self.assertEqual(result.stdout, "")
        self.assertIn(f"revoked {ids[0]}", result.stderr)
        self.assertEqual(list(self.listed()), [ids[1]])
        before = self.kept()
        result = self.token("revoke", ids[1], ids[0], code=1)
        self.assertIn(ids[0], result.stderr)
        self.assertNotIn(ids[1], result.stderr)
        self.assertEqual(self.kept(), before)

    def test_json_web_tokens_are_revoked_by_time(self):
        self.create("--scope", "read")
        self.token("revoke", "--all-jwt")
        now = datetime.datetime.now().timestamp()
        self.assertAlmostEqual(json.loads(self.kept())["min_issued"], now,
                               delta=60)
        self.assertEqual(len(self.listed()), 1)
        self.assertIn("JSON Web Tokens issued before",
                      self.token("list").stdout)

    def test_bad_arguments_exit_2_and_say_what_there_is(self):
        for arguments, part in (
                (["create"], "computer, admin"),
                (["create", "--scope", "root"], "terminal:3:view"),
                (["create", "--scope", "read", "--expires", "soon"],
                 "2026-12-31"),
                (["create", "--scope", "read", "--expires", "2020-01-01"],
                 "future"),
                (["create", "--scope", "read", "--name", "a\nb"],
                 "printable"),
                (["revoke"], "--all-jwt"),
                (["dance"], "token: ")):
            with self.subTest(arguments):
                result = self.token(*arguments, code=2)
                self.assertIn(part, result.stderr)
        self.assertFalse(os.path.exists(self.register))

    def test_help(self):
        for arguments, parts in (
                (["--help"], ["create", "list", "revoke"]),
                (["create", "--help"],
                 ["--scope", "--expires", "--name", "--state-dir",
                  "terminal:3:view", "Examples:"]),
                (["revoke", "--help"], ["--all-jwt"])):
            result = subprocess.run(
                [OUTRIGGER, "token", *arguments], capture_output=True,
                text=True, env=self.daemon.environment(), check=True)
            for part in parts:
                self.assertIn(part, result.stdout)

    def test_the_directory_is_found_as_the_daemon_finds_it(self):
        self.daemon.env["OUTRIGGER_STATE_DIR"] = self.daemon.state
        # What would be unsafe to serve does not matter here.
        self.daemon.env["OUTRIGGER_LISTEN"] = ":3002"
        made = subprocess.run(
            [OUTRIGGER, "token", "create", "--scope", "read"], check=True,
            capture_output=True, text=True, env=self.daemon.environment())
        self.assertEqual(list(self.listed()), [self.field(made, "id")])

    def test_a_reader_that_has_gone_is_an_error(self):
        read, write = os.pipe()
        os.close(read)
        try:
            result = subprocess.run(
                self.arguments("create", "--scope", "read"), stdout=write,
                stderr=subprocess.PIPE, text=True, check=False,
                env=self.daemon.environment())
        finally:
            os.close(write)
        self.assertEqual(result.returncode, 1)
        number, = self.listed()
        self.assertIn(number, result.stderr)


class RegisterTest(TokenCase):
    def test_twenty_at_once_lose_none(self):
        running = [subprocess.Popen(
            self.arguments("create", "--scope", "read", "--name", str(n)),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env=self.daemon.environment()) for n in range(20)]
        texts = [process.communicate(timeout=wait.scaled(60))[0].strip()
                 for process in running]
        self.assertEqual([process.returncode for process in running], [0] * 20)
        self.assertEqual(len(set(texts)), 20)
        self.assertEqual({entry["name"] for entry in self.listed().values()},
                         {str(n) for n in range(20)})
        digests = {entry["sha256"]
                   for entry in json.loads(self.kept())["tokens"]}
        self.assertEqual(digests, {hashlib.sha256(text.encode()).hexdigest()
                                   for text in texts})

    def test_a_damaged_register_is_left_as_it_is(self):
        self.create("--scope", "read")
        good = self.kept()
        for damaged in ("", "{", good[:-20], good.replace('"version":1',
                                                          '"version":2'),
                        good.replace("read", "root"), "\0" * 100):
            with self.subTest(damaged[:20]):
                with open(self.register, "w", encoding="utf-8") as file:
                    file.write(damaged)
                for arguments in (["create", "--scope", "read"], ["list"],
                                  ["revoke", "--all-jwt"]):
                    result = self.token(*arguments, code=1)
                    self.assertIn(self.register, result.stderr)
                    self.assertNotIn("sha256\":", result.stderr)
                self.assertEqual(self.kept(), damaged)
                daemon = self.daemon.run_to_end()
                self.assertEqual(daemon.returncode, 1, daemon.stderr)
                self.assertIn(self.register, daemon.stderr)

    def test_a_register_that_others_can_read_is_unsafe(self):
        self.create("--scope", "read")
        for mode in (0o644, 0o640, 0o602):
            with self.subTest(oct(mode)):
                os.chmod(self.register, mode)
                before = self.kept()
                for arguments in (["create", "--scope", "read"], ["list"],
                                  ["revoke", "--all-jwt"]):
                    result = self.token(*arguments, code=78)
                    self.assertIn(self.register, result.stderr)
                daemon = self.daemon.run_to_end()
                self.assertEqual(daemon.returncode, 78, daemon.stderr)
                self.assertEqual(self.kept(), before)

    def test_keys_of_json_web_tokens_are_checked_at_the_start(self):
        path = os.path.join(self.daemon.folder, "key")
        for algorithm, content, mode, code in (
                ("HS256", "k" * 32, 0o644, 78),
                ("HS256", "k" * 31 + "\n", 0o600, 78),
                ("HS256", None, 0o600, 2),
                ("ES256", "no key", 0o644, 2),
                ("EdDSA", "no key", 0o666, 78)):
            with self.subTest(algorithm=algorithm, mode=oct(mode)):
                if os.path.exists(path):
                    os.unlink(path)
                if content is not None:
                    with open(path, "w", encoding="ascii") as file:
                        file.write(content)
                    os.chmod(path, mode)
                result = self.daemon.run_to_end(
                    "--jwt-key", f"k:{algorithm}:{path}")
                self.assertEqual(result.returncode, code, result.stderr)
                self.assertIn(path, result.stderr)
                self.assertNotIn("kkkk", result.stderr)


class RunningTest(TokenCase):
    """A daemon that runs is told."""

    def setUp(self):
        super().setUp()
        self.daemon.start()

    def change(self, command, *arguments):
        """Returns when the daemon has read the change."""
        before = self.reloads()
        result = self.token(command, *arguments)
        self.assertIn(f"the daemon, pid {self.daemon.process.pid}, was told",
                      result.stderr)
        eventually(lambda: self.reloads() > before, "the daemon reads again")
        return result

    def reloads(self):
        return len(re.findall(r"reload: \d+ tokens", self.daemon.log()))

    def make(self, *arguments):
        result = self.change("create", *arguments)
        return result.stdout.strip(), self.field(result, "id")

    def status(self, token, path="/terminals"):
        client = HttpClient(self.daemon.port, token)
        self.addCleanup(client.close)
        return client.get(path).status

    def test_a_new_token_is_valid_and_a_revoked_one_is_not(self):
        text, number = self.make("--scope", "terminal")
        self.assertEqual(self.status(text), 200)
        other, _ = self.make("--scope", "read")
        self.assertEqual(self.status(text), 200)
        self.assertEqual(self.status(other), 200)
        self.change("revoke", number)
        self.assertEqual(self.status(text), 401)
        self.assertEqual(self.status(other), 200)
        self.assertEqual(self.status(self.daemon.token), 200)

    def test_a_token_does_what_its_scopes_say_and_no_more(self):
        text, _ = self.make("--scope", "read")
        client = HttpClient(self.daemon.port, text)
        self.addCleanup(client.close)
        self.assertEqual(client.get("/terminals").status, 200)
        refused = client.request("POST", "/terminals", {"cmd": ["true"]})
        self.assertEqual(refused.status, 403, refused)

    def test_a_revoked_token_ends_its_sockets(self):
        text, number = self.make("--scope", "terminal")
        terminal = self.daemon.http().create("cat")
        socket = WebSocket(self.daemon.port, f"/ws?token={text}")
        self.addCleanup(socket.close)
        self.change("revoke", number)

        def closed():
            socket.read_once()
            return socket.closed
        eventually(closed, "the end of the socket")
        self.assertEqual(socket.close_code, 4401)
        listed = self.daemon.http().terminals()
        self.assertTrue(listed[terminal["id"]]["alive"], "it runs on")

    def test_an_expired_token_is_refused(self):
        text, number = self.make("--scope", "read", "--expires", "2s")
        eventually(lambda: self.listed()[number]["expired"], "its end")
        self.assertEqual(self.status(text), 401)
        with self.assertRaises(Refused) as caught:
            WebSocket(self.daemon.port, f"/ws?token={text}")
        self.assertEqual(caught.exception.status, 401)
        self.assertIn("expired ", self.token("list").stdout)

    def test_a_token_outlives_the_daemon(self):
        text, _ = self.make("--scope", "read")
        self.assertEqual(self.daemon.terminate(), 0)
        self.daemon.start()
        self.assertEqual(self.status(text), 200)

    def test_a_token_made_before_the_start_is_valid(self):
        self.assertEqual(self.daemon.terminate(), 0)
        text, _ = self.create("--scope", "read")
        self.daemon.start()
        self.assertEqual(self.status(text), 200)

    def test_what_cannot_be_read_leaves_the_old_tokens(self):
        text, _ = self.make("--scope", "read")
        good = self.kept()
        token_file = os.path.join(self.daemon.state, "token")

        def damage():
            with open(self.register, "w", encoding="utf-8") as file:
                file.write("{")

        def hide():
            os.rename(token_file, token_file + ".away")
        for harm in (damage, lambda: os.chmod(self.register, 0o644), hide):
            before = self.daemon.log().count("stay as they were")
            owner = self.daemon.token
            harm()
            self.daemon.process.send_signal(1)
            eventually(lambda: self.daemon.log().count(
                "stay as they were") > before, "a line in the log")
            self.assertEqual(self.status(text), 200)
            self.assertEqual(self.status(owner), 200)
            with open(self.register, "w", encoding="utf-8") as file:
                file.write(good)
            os.chmod(self.register, 0o600)
        self.assertFalse(os.path.exists(token_file))
        os.rename(token_file + ".away", token_file)

    def test_the_owners_token_can_be_replaced(self):
        old = self.daemon.token
        with open(os.path.join(self.daemon.state, "token"), "w",
                  encoding="ascii") as file:
            file.write("n" * 64 + "\n")
        self.daemon.process.send_signal(1)
        eventually(lambda: self.reloads() == 1, "the daemon reads again")
        self.assertEqual(self.status("n" * 64), 200)
        self.assertEqual(self.status(old), 401)

    def test_a_daemon_of_another_directory_is_not_told(self):
        other = fresh(self)
        result = subprocess.run(
            [OUTRIGGER, "token", "create", "--scope", "read", "--state-dir",
             other.state], capture_output=True, text=True, check=True,
            env=other.environment())
        self.assertIn(f"pid {other.process.pid},", result.stderr)
        eventually(lambda: "reload: " in other.log(), "the right one reads")
        self.assertEqual(self.reloads(), 0)

    def test_a_daemon_that_was_killed_is_not_told(self):
        self.daemon.kill()
        result = self.token("create", "--scope", "read")
        self.assertIn("takes effect at the next start", result.stderr)

    def test_hammered_with_changes_it_serves_on(self):
        running = [subprocess.Popen(
            self.arguments("create", "--scope", "read"),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env=self.daemon.environment()) for _ in range(10)]
        texts = [process.communicate(timeout=wait.scaled(60))[0].strip()
                 for process in running]
        self.assertEqual([process.returncode for process in running], [0] * 10)
        eventually(lambda: re.search(r"reload: 11 tokens", self.daemon.log()),
                   "the last one is read")
        for text in texts:
            self.assertEqual(self.status(text), 200)


if __name__ == "__main__":
    unittest.main()
