"""A credential leaves no trace: a daemon whose token, JWT key or tickets are
canaries is driven through every carrier into every kind of answer, then every
place where something could have been kept is searched.

What a client writes where no credential belongs, such as a path, is another
matter: the daemon cannot know it for a secret. That is what `stray` stands
for: it may be in the path of a log line about a route that exists, and in the
answer to its sender, and nowhere else."""
import json
import os
import resource
import secrets
import signal
import socket
import tempfile
import unittest

from support import processes, wait
from support.canary import (UPGRADE, Canary, answers, carriers, elsewhere,
                            malformed, request, signed)
from support.case import eventually
from support.daemon import OUTRIGGER, Daemon
from support.http_client import raw, status_of
from support.jwt import SecretKey
from support.ws_client import Refused, WebSocket


def strays(text, bearer):
    """Requests with a value where no credential belongs."""
    return [
        request("GET", f"/terminals/{text}", "", [bearer]),
        request("GET", f"/terminals/{text}/scrollback", "", [bearer]),
        request("GET", f"/{text}", "", [bearer]),
        request("GET", f"/{text}"),
        request(text.upper(), "/terminals", "", [bearer]),
        request("GET", "/terminals", "", [bearer], host=f"{text}.example"),
        request("GET", "/terminals", "", [
            bearer, f"Origin: https://{text}.example"]),
        request("GET", "/terminals", "", [bearer, f"{text}: x"]),
        request("GET", "/terminals", "", [bearer, f"User-Agent: {text}"]),
        request("GET", "/ws", f"dialect={text}", [bearer, *UPGRADE]),
        request("GET", "/terminals/1/scrollback", f"bytes={text}", [bearer]),
    ]


def knows(option):
    daemon = Daemon()
    try:
        return option in daemon.run_to_end(
            arguments=[OUTRIGGER, "--help"]).stdout
    finally:
        daemon.close()


class CanaryCase:
    log_format = None
    owner = stray = None
    secret = None  # what is shown; the owner's token unless a test has another

    def start(self, *more):
        self.owner, self.stray = Canary.made("canary"), Canary.made("stray")
        self.secret = self.owner
        self.hidden = [self.owner]  # all that is searched for
        folder = tempfile.TemporaryDirectory(prefix="outrigger-notify-")
        self.addCleanup(folder.cleanup)
        notify = os.path.join(folder.name, "notify")
        receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        receiver.bind(notify)
        self.addCleanup(receiver.close)
        # Soon done with who does not finish a header.
        options = ["--terminal-limit", "1", "--header-timeout", "2s", *more]
        self.access_log = knows("--access-log")
        if self.access_log:
            options.append("--access-log")
        self.daemon = Daemon(*options, env={
            "OUTRIGGER_LOG_LEVEL": "trace",
            "OUTRIGGER_LOG_FORMAT": self.log_format,
            "NOTIFY_SOCKET": notify,
            "LISTEN_PID": "1", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "x",
        }, preexec=lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)))
        self.addCleanup(self.daemon.close)
        path = os.path.join(self.daemon.state, "token")
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write(self.owner.text)
        self.daemon.start()
        self.seen = []  # (what, bytes) of everything that was answered

    def send(self, name, data, expected=None):
        answer = raw(self.daemon.port, data)
        self.seen.append((name, answer))
        status = status_of(answer)
        if status == 100:
            status = status_of(answer.partition(b"\r\n\r\n")[2])
        if expected is not None:
            self.assertIn(status, expected, f"{name}: {answer[:300]!r}")
        return status

    def note(self, name, client):
        self.seen.append((name, json.dumps([
            client.texts, client.close_reason,
            list(client.response.headers.raw_items())]).encode()))

    # -- driving ------------------------------------------------------------

    def drive_requests(self):
        token = self.secret.text
        for carrier, (query, headers) in carriers(token).items():
            for name, (data, status) in answers(query, headers).items():
                self.send(f"{carrier}: {name}", data, (status,))
        for wrong in (token + "0", "0" + token, token[:-1]):
            for carrier, (query, headers) in carriers(wrong).items():
                for name, (data, _) in answers(query, headers).items():
                    if name in ("ok", "no route", "computer"):
                        self.send(f"wrong {carrier}: {name}", data,
                                  (401, 429))
        for name, data in malformed(token).items():
            status = self.send(name, data)
            self.assertNotIn(status, (101, 200, 201, 500), name)
        for name, data in elsewhere(token).items():
            self.send(name, data)
        bearer = f"Authorization: Bearer {token}"
        for data in strays(self.stray.text, bearer):
            status = status_of(raw(self.daemon.port, data))
            self.assertNotEqual(status, 500, data[:100])

    def socket(self, query="", headers=(), subprotocols=None):
        client = WebSocket(
            self.daemon.port, "/ws" + ("?" + query if query else ""),
            [line.split(": ", 1) for line in headers],
            subprotocols=subprotocols)
        self.addCleanup(client.close)
        return client

    def drive_sockets(self):
        token = self.secret.text
        for carrier, (query, headers) in carriers(token).items():
            offered = None
            if carrier == "subprotocol":
                headers, offered = [], ["Bearer", token]
            query = "&".join(filter(None, (query, "dialect=oblien")))
            client = self.socket(query, headers, offered)
            self.refresh(client)
            client.send_text({"channel": "auth", "type": token})
            client.send_text({"channel": "auth", "type": "refresh",
                              "token": {"is": token}})
            client.send_text('{"channel":"auth","token":"' + token)
            client.send_text({"channel": "terminal", "type": "resize",
                              "id": "1", "cols": 0, "token": token})
            client.ping()
            client.send_raw(b"\x83\x80\0\0\0\0")  # a reserved opcode
            client.wait_closed()
            self.note(f"socket by {carrier}", client)
        for shown in (token, token + "1", {"no": token}):
            client = self.socket()
            client.send_text({"command": "authenticate", "params": {
                "container_name": "c", "api_key": shown}})
            client.wait_closed()
            self.note("first frame", client)
        client = self.socket()
        client.send_text({"command": token, "params": [token]})
        client.wait_closed()
        self.note("odd first frame", client)
        for query in (f"token={token}x", f"token={token}&api_key=x{token}"):
            with self.assertRaises(Refused) as refused:
                self.socket(query)
            self.seen.append(("refused upgrade", refused.exception.body + repr(
                refused.exception.headers).encode()))

    def ticket(self, path):
        answer = self.http.request("POST", "/ticket", {"path": path})
        self.assertEqual(answer.status, 201, answer)
        self.hidden.append(Canary.halved(answer.json["ticket"]))
        return answer.json["ticket"]

    def drive_tickets(self):
        """Each is shown twice; the second time it is used up, where the
        first came as far as the credential."""
        for carrier in carriers(""):
            for name, (data, status) in answers("", []).items():
                if name == "no route":
                    continue  # there is no ticket for it
                path = data.split(b" ", 2)[1].partition(b"?")[0].decode()
                shown = carriers(self.ticket(path))[carrier]
                data, status = answers(*shown)[name]
                self.send(f"ticket, {carrier}: {name}", data, (status,))
                self.send(f"used ticket, {carrier}: {name}", data,
                          (status, 401, 429))
            self.send(f"ticket elsewhere, {carrier}", request(
                "GET", "/terminals", *carriers(self.ticket("/runtime"))[
                    carrier]), (401, 429))
        for name, data in malformed(self.ticket("/terminals")).items():
            self.assertNotIn(self.send(name, data), (101, 200, 201, 500), name)
        for name, data in elsewhere(self.ticket("/terminals")).items():
            self.send(name, data)

    def drive_ticket_sockets(self):
        for carrier in carriers(""):
            query, headers = carriers(self.ticket("/ws"))[carrier]
            offered = None
            if carrier == "subprotocol":
                offered = ["Bearer", headers.pop().rpartition(" ")[2]]
            client = self.socket(
                "&".join(filter(None, (query, "dialect=oblien"))), headers,
                offered)
            client.send_text({"channel": "auth", "type": "refresh",
                              "token": self.ticket("/ws")})
            client.until(lambda: [text for text in client.texts
                                  if text.get("type") == "error"], "refusal")
            client.send_raw(b"\x83\x80\0\0\0\0")  # a reserved opcode
            client.wait_closed()
            self.note(f"socket by a ticket, {carrier}", client)
        client = self.socket()
        client.send_text({"command": "authenticate", "params": {
            "container_name": "c", "api_key": self.ticket("/ws")}})
        client.wait_closed()
        self.note("a ticket in the first frame", client)

    def refresh(self, client):
        """In-band: a good token, then a wrong one."""
        def kinds():
            return [text.get("type") for text in client.texts
                    if text.get("channel") == "auth"]
        for shown, kind in ((self.secret.text, "auth_refreshed"),
                            (self.secret.text + "2", "error")):
            client.send_text({"channel": "auth", "type": "refresh",
                              "token": shown})
            client.until(lambda: kind in kinds(), f"{kind} in {client.texts}")

    def create_terminal(self):
        """One that tells what a program is given, and stays."""
        self.http = self.daemon.http()
        self.addCleanup(self.http.close)
        return self.http.create(
            "sh", "-c", "env; tr '\\0' '\\n' </proc/self/environ;"
            "echo; echo the holder:; cat /proc/$PPID/cmdline;"
            "tr '\\0' '\\n' </proc/$PPID/environ;"
            "echo; echo told; exec sleep 1000",
            scrollback_size=1 << 20)["id"]

    # -- searching ----------------------------------------------------------

    def check_absent(self, what, data):
        self.assertEqual(sum(one.count(data) for one in self.hidden), 0,
                         f"a secret is in {what}")

    def check_processes(self):
        daemon = self.daemon.process.pid
        found = [daemon, *processes.descendants(daemon)]
        for holder in self.daemon.holder_pids():
            found += [holder, *processes.descendants(holder)]
        self.assertGreaterEqual(len(set(found)), 3, "with a holder, a program")
        for pid in set(found):
            for name in ("cmdline", "environ"):
                data = processes.read(f"/proc/{pid}/{name}")
                self.check_absent(f"/proc/{pid}/{name}", data)
                self.assertEqual(self.stray.count(data), 0)

    def check_terminal(self, terminal):
        output = self.http.wait_output(terminal, b"told")
        self.check_absent("a terminal's output", output)
        own, separator, _ = output.partition(b"the holder:")
        self.assertTrue(separator)
        self.assertIn(b"TERM=xterm-256color", own)
        # The one it is to have: which session it is in.
        own = own.replace(b"OUTRIGGER_SESSION=", b"")
        for name in (b"OUTRIGGER_", b"NOTIFY_SOCKET", b"LISTEN_PID",
                     b"LISTEN_FDS", b"LISTEN_FDNAMES", b"WATCHDOG_"):
            self.assertNotIn(name, own)

    def check_pages(self):
        """Where the daemon tells about itself."""
        for path in ("/metrics", "/health", "/runtime", "/terminals"):
            answer = self.http.get(path)
            self.assertEqual(answer.status, 200)
            self.check_absent(path, answer.body)
            self.assertEqual(self.stray.count(answer.body), 0)

    def check_log(self):
        log = self.daemon.log()
        self.assertIn("started pid", log)
        for line in log.splitlines():
            self.check_absent(f"the log: {line[:300]}", line)
            if self.stray.count(line):
                self.assertIn(f"/terminals/{self.stray.text}", line)
                self.assertEqual(line.count(self.stray.text),
                                 line.count(f"/terminals/{self.stray.text}"))
        if self.log_format == "json":
            for line in filter(None, log.splitlines()):
                json.loads(line)
        return log

    def check_everything(self, terminal):
        for name, data in self.seen:
            self.check_absent(f"the answer to {name}: {data[:400]!r}", data)
        self.assertGreater(len(self.seen), 250)
        self.check_terminal(terminal)
        self.check_processes()
        self.check_pages()
        self.check_log()
        self.check_crash()

    def test_the_token_is_nowhere(self):
        self.start()
        terminal = self.create_terminal()
        self.drive_requests()
        self.drive_sockets()
        self.check_everything(terminal)

    def test_a_jwt_and_its_key_are_nowhere(self):
        with tempfile.TemporaryDirectory(prefix="outrigger-key-") as folder:
            text = secrets.token_hex(32)
            key = SecretKey("e2e", folder, text.encode())
            self.start(*key.option, "--workspace-id", "nest")
            terminal = self.create_terminal()
            self.secret = signed(key, "nest")
            self.hidden += [Canary.halved(text), self.secret]
            self.drive_requests()
            self.drive_sockets()
            # Good in itself, and signed by somebody else.
            key.secret = secrets.token_bytes(32)
            other = signed(key, "nest")
            self.hidden.append(other)
            for carrier, (query, headers) in carriers(other.text).items():
                self.send(f"forged {carrier}", request(
                    "GET", "/terminals", query, headers), (401, 429))
            self.check_everything(terminal)

    def test_tickets_are_nowhere(self):
        self.start()
        terminal = self.create_terminal()
        self.drive_tickets()
        self.drive_ticket_sockets()
        self.assertGreater(len(self.hidden), 200)
        self.check_everything(terminal)

    def check_crash(self):
        """Ends it as a failed assertion would, without a core."""
        self.daemon.process.send_signal(signal.SIGABRT)
        self.daemon.process.wait(wait.scaled(20))
        console = "\n".join(self.daemon.lines)
        self.assertEqual(console.count(self.owner.text), 1)
        self.assertIn(f"#token={self.owner.text}", self.daemon.lines[-1])
        self.check_absent("stdout", self.daemon.process.stdout.read())
        self.daemon.process.stdout.close()
        self.check_log()

    def test_the_access_log_has_every_request_and_no_query(self):
        self.start()
        if not self.access_log:
            self.skipTest("this daemon has no --access-log")
        token = self.secret.text
        for carrier, (query, headers) in carriers(token).items():
            self.send(carrier, request("GET", "/runtime", query, headers),
                      (200,))
        client = self.socket(f"token={token}&ext=1&attach=none")
        client.close()

        def lines():
            return [line for line in self.daemon.log().splitlines()
                    if " access " in line or '"logger":"access"' in line]
        eventually(lambda: any("/ws" in line for line in lines()),
                   "the socket's line")
        wanted = len(carriers(token))
        self.assertEqual(
            sum("GET /runtime 200" in line for line in lines()), wanted)
        for line in lines():
            self.check_absent("the access log", line)
            self.assertNotIn("?", line)
            self.assertNotIn("token=", line)
        self.check_fields(lines())

    def check_fields(self, lines):
        ids = set()
        for line in lines:
            if self.log_format == "json":
                fields = json.loads(line)
                self.assertEqual((fields["level"], fields["logger"]),
                                 ("info", "access"))
                self.assertEqual(fields["remote"], "127.0.0.1")
                self.assertEqual(fields["who"], "owner")
                self.assertGreaterEqual(fields["duration_ms"], 0)
                if fields["protocol"] == "websocket":
                    self.assertEqual(fields["close_code"], 1006)
                ids.add(fields["request_id"])
            else:
                self.assertRegex(
                    line, r"^\S+Z access   GET /\S+ \d{3} \d+\.\d ms \d+ B "
                          r"from 127\.0\.0\.1 as owner(, closed 1006)?"
                          r", id [0-9a-f]{12}$")
                ids.add(line[-12:])
        sockets = sum("101" in line for line in lines) > 1
        self.assertGreaterEqual(len(ids), len(lines) - int(sockets))


class TextTest(CanaryCase, unittest.TestCase):
    log_format = "text"


class JsonTest(CanaryCase, unittest.TestCase):
    log_format = "json"


if __name__ == "__main__":
    unittest.main()
