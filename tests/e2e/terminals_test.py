"""Terminals by REST: every documented field and status."""
import base64
import os
import unittest

from support import processes
from support.case import DaemonCase, eventually, fresh


class CreateTest(DaemonCase):
    def output_of(self, *cmd, **fields):
        terminal = self.http.create(*cmd, **fields)["id"]
        self.http.wait_exit(terminal)
        return self.http.scrollback(terminal)[0].decode()

    def refused(self, fields, status=400):
        answer = self.http.request("POST", "/terminals", fields)
        self.assertEqual(answer.status, status, answer)
        self.assertIs(answer.json["success"], False)
        return answer.json

    def test_the_documented_fields_come_back(self):
        answer = self.http.request("POST", "/terminals", {
            "cmd": ["/bin/cat"], "cols": 120, "rows": 40,
            "scrollback_size": 131072})
        self.assertEqual(answer.status, 201)
        body = answer.json
        self.assertIs(body["success"], True)
        self.assertEqual(body["command"], ["/bin/cat"])
        self.assertEqual((body["cols"], body["rows"]), (120, 40))
        self.assertRegex(body["id"], r"^[1-9]\d{0,2}$")
        self.assertLessEqual(int(body["id"]), 255)
        self.assertTrue(body["session"])

    def test_list_has_every_documented_field(self):
        made = self.http.create("/bin/cat", scrollback_size=131072)
        entry = self.http.terminals()[made["id"]]
        self.assertEqual(entry["command"], ["/bin/cat"])
        self.assertEqual((entry["cols"], entry["rows"]), (80, 24))
        self.assertIs(entry["alive"], True)
        self.assertIsNone(entry["exit_code"])
        self.assertRegex(entry["created_at"], r"^\d{4}-\d\d-\d\dT[\d:.]+Z$")
        self.assertEqual(entry["scrollback_size"], 131072)
        one = self.http.get(f"/terminals/{made['id']}").json
        self.assertEqual(one["terminal"], entry)

    def test_without_a_command_the_shell_is_started(self):
        self.assertEqual(self.http.create()["command"], ["/bin/bash"])

    def test_an_empty_body_starts_a_shell(self):
        for headers in ({}, {"Content-Type": "application/json"}):
            answer = self.http.request("POST", "/terminals", None, headers)
            self.assertEqual(answer.status, 201, answer)

    def test_command_is_another_name_of_cmd(self):
        body = self.http.create(command=["echo", "by command"])
        self.assertEqual(body["command"], ["echo", "by command"])

    def test_the_size_reaches_the_program(self):
        self.assertEqual(
            self.output_of("stty", "size", cols=133, rows=47), "47 133\r\n")

    def test_strange_sizes_are_clamped_or_refused(self):
        for cols, rows in ((0, 0), (65535, 65535), (-1, 24), (80, -5),
                           ("80", 24), (1e400, 24), (80.5, 24), (None, 24),
                           (2 ** 40, 24)):
            with self.subTest(cols=cols, rows=rows):
                text = '{"cmd":["stty","size"],"cols":%s,"rows":%s}' % (
                    '"80"' if cols == "80" else
                    "1e400" if cols == 1e400 else
                    "null" if cols is None else cols, rows)
                answer = self.http.request(
                    "POST", "/terminals", text,
                    {"Content-Type": "application/json"})
                self.assertIn(answer.status, (201, 400), answer)
                if answer.status == 201:
                    body = answer.json
                    self.http.wait_exit(body["id"])
                    seen = self.http.scrollback(body["id"])[0].split()
                    self.assertEqual([int(n) for n in seen],
                                     [body["rows"], body["cols"]])
                    self.assertGreater(body["rows"], 0)
                    self.assertGreater(body["cols"], 0)
                    self.http.delete(body["id"])
        self.assertEqual(self.http.terminals(), {})

    def test_cwd(self):
        self.assertEqual(self.output_of("pwd").strip(), self.daemon.root)
        os.makedirs(os.path.join(self.daemon.root, "sub"), exist_ok=True)
        for cwd in (os.path.join(self.daemon.root, "sub"), "sub"):
            with self.subTest(cwd):
                self.assertEqual(
                    self.output_of("pwd", cwd=cwd).strip(),
                    os.path.join(self.daemon.root, "sub"))

    def test_a_cwd_that_is_not_there_is_400(self):
        self.refused({"cmd": ["pwd"], "cwd": "/no/such/folder"})
        self.refused({"cmd": ["pwd"], "cwd": "/etc/passwd"})
        self.assertEqual(self.http.terminals(), {})

    def test_env(self):
        self.assertEqual(
            self.output_of("sh", "-c", "echo $GREETING,$TERM",
                           env={"GREETING": "hello", "TERM": "dumb"}),
            "hello,dumb\r\n")

    def test_the_daemons_own_secrets_are_not_in_the_environment(self):
        text = self.output_of("env", cols=500)
        self.assertNotIn(self.daemon.token, text)

    def test_a_bad_command_is_400_and_leaves_nothing(self):
        holder = self.daemon.holder_pids()[0]
        files = processes.open_files(holder)
        folder = self.daemon.root
        plain = os.path.join(folder, "not-executable")
        with open(plain, "w") as file:
            file.write("#!/bin/sh\n")
        for cmd in (["/no/such/shell"], ["no-such-program-anywhere"],
                    [plain], [folder], [""]):
            with self.subTest(cmd):
                body = self.refused({"cmd": cmd})
                self.assertIn(" ", body["error"])
        for _ in range(100):
            self.refused({"cmd": ["/no/such/shell"]})
        self.assertEqual(self.http.terminals(), {})
        eventually(lambda: not processes.descendants(holder),
                   "children of the holder gone")
        eventually(lambda: processes.open_files(holder) <= files,
                   "descriptors of the holder back to the start")

    def test_ids_are_not_reused_while_a_dead_session_is_listed(self):
        first = self.http.create("true")["id"]
        self.http.wait_exit(first)
        seen = {first}
        for _ in range(5):
            made = self.http.create("true")["id"]
            self.assertNotIn(made, seen)
            seen.add(made)

    def test_a_freed_id_is_the_last_to_come_back(self):
        first = self.http.create("true")["id"]
        self.http.delete(first)
        self.assertNotEqual(self.http.create("true")["id"], first)

    def test_a_dead_session_stays_listed_with_its_exit_code(self):
        for command, code in (("exit 0", 0), ("exit 7", 7),
                              ("exit 255", 255)):
            terminal = self.http.create("sh", "-c", command)["id"]
            entry = self.http.wait_exit(terminal)
            self.assertEqual(entry["exit_code"], code)
            self.assertEqual(
                self.http.delete(terminal).json,
                {"success": True, "terminal_id": terminal})

    def test_a_session_killed_by_a_signal_says_so(self):
        terminal = self.http.create("sh", "-c", "kill -9 $$")["id"]
        entry = self.http.wait_exit(terminal)
        self.assertNotEqual(entry["exit_code"], 0)
        self.assertIsNotNone(entry["exit_code"])


class ScrollbackTest(DaemonCase):
    def test_scrollback_has_the_documented_fields(self):
        made = self.http.create("printf", "0123456789")
        self.http.wait_exit(made["id"])
        data, body = self.http.scrollback(made["id"])
        self.assertEqual(data, b"0123456789")
        self.assertIs(body["success"], True)
        self.assertEqual(body["size"], 10)
        self.assertIs(body["alive"], False)
        self.assertEqual(body["exit_code"], 0)
        self.assertEqual((body["offset"], body["head"]), (0, 10))
        self.assertEqual(body["session"], made["session"])

    def test_bytes_limits_to_the_tail(self):
        terminal = self.http.create("printf", "0123456789")["id"]
        self.http.wait_exit(terminal)
        for query, wanted in (("?bytes=4", b"6789"), ("?bytes=10", None),
                              ("?bytes=99999999", None)):
            with self.subTest(query):
                data, body = self.http.scrollback(terminal, query)
                self.assertEqual(data, wanted or b"0123456789")
                self.assertEqual(body["size"], len(data))
                self.assertEqual(body["offset"], 10 - len(data))

    def test_a_bad_bytes_is_400(self):
        terminal = self.http.create("true")["id"]
        for value in ("x", "-1", "1.5", "1e3", "99999999999999999999999"):
            with self.subTest(value):
                answer = self.http.get(
                    f"/terminals/{terminal}/scrollback?bytes={value}")
                self.assertEqual(answer.status, 400, answer)

    def test_64_kib_are_kept_by_default(self):
        terminal = self.http.create(
            "sh", "-c", "head -c 400000 /dev/zero | tr '\\0' x; printf END"
        )["id"]
        self.http.wait_exit(terminal)
        data, body = self.http.scrollback(terminal)
        self.assertGreaterEqual(len(data), 65536)
        self.assertTrue(data.endswith(b"xEND"))
        self.assertEqual(body["head"], 400003)
        self.assertEqual(body["offset"] + len(data), 400003)

    def test_scrollback_size_is_honoured(self):
        terminal = self.http.create(
            "sh", "-c", "head -c 1500000 /dev/zero | tr '\\0' x; printf END",
            scrollback_size=1 << 20)["id"]
        self.http.wait_exit(terminal)
        data = self.http.scrollback(terminal)[0]
        self.assertGreaterEqual(len(data), 1 << 20)

    def test_a_scrollback_size_out_of_range_is_clamped_or_refused(self):
        for size in (0, 1, -1, 1 << 40, "big"):
            with self.subTest(size):
                answer = self.http.request(
                    "POST", "/terminals",
                    {"cmd": ["true"], "scrollback_size": size})
                self.assertIn(answer.status, (201, 400), answer)
                if answer.status == 201:
                    self.assertLessEqual(answer.json["scrollback_size"],
                                         16 << 20)
                    self.http.delete(answer.json["id"])

    def test_scrollback_of_binary_output_is_exact(self):
        everything = bytes(range(256)) * 16
        path = os.path.join(self.daemon.root, "bytes")
        with open(path, "wb") as file:
            file.write(everything)
        terminal = self.http.create(
            "sh", "-c", "stty raw; cat bytes")["id"]
        self.http.wait_exit(terminal)
        body = self.http.get(f"/terminals/{terminal}/scrollback").json
        self.assertEqual(base64.b64decode(body["scrollback"]), everything)


class ResizeTest(DaemonCase):
    def test_resize_by_rest(self):
        terminal = self.shell()
        for method, cols, rows in (("POST", 101, 31), ("PUT", 77, 22)):
            answer = self.http.request(
                method, f"/terminals/{terminal}/resize",
                {"cols": cols, "rows": rows})
            self.assertEqual(answer.status, 200, answer)
            self.assertIs(answer.json["success"], True)
            entry = self.http.terminals()[terminal]
            self.assertEqual((entry["cols"], entry["rows"]), (cols, rows))
        client = self.plain()
        client.send_input(terminal, "stty size\n")
        client.wait_output(terminal, "22 77\r\n")

    def test_the_program_is_told(self):
        terminal = self.http.create(
            "sh", "-c", "trap 'stty size; exit' WINCH; echo on; "
            "while :; do sleep 0.05; done")["id"]
        self.http.wait_output(terminal, b"on")
        self.http.request("POST", f"/terminals/{terminal}/resize",
                          {"cols": 90, "rows": 30})
        self.http.wait_output(terminal, b"30 90")

    def test_bad_sizes_are_clamped_or_400(self):
        terminal = self.shell()
        for fields in ({"cols": 0, "rows": 0}, {"cols": 65535, "rows": 65535},
                       {"cols": -1, "rows": 24}, {"cols": "a", "rows": 1},
                       {}, {"cols": 80}):
            with self.subTest(fields):
                answer = self.http.request(
                    "POST", f"/terminals/{terminal}/resize", fields)
                self.assertIn(answer.status, (200, 400), answer)
        client = self.plain()
        client.send_input(terminal, "stty size | tr ' ' :\n")
        client.wait_output(terminal, ":")
        entry = self.http.terminals()[terminal]
        self.assertGreater(entry["cols"], 0)
        self.assertGreater(entry["rows"], 0)


class LimitTest(DaemonCase):
    def test_the_eleventh_is_409(self):
        for _ in range(10):
            self.http.create("cat")
        answer = self.http.request("POST", "/terminals", {"cmd": ["cat"]})
        self.assertEqual(answer.status, 409, answer)
        self.assertEqual(answer.json["code"], "TERMINAL_LIMIT_REACHED")
        self.assertIs(answer.json["success"], False)
        self.assertEqual(len(self.http.terminals()), 10)
        self.http.delete(next(iter(self.http.terminals())))
        self.http.create("cat")

    def test_dead_sessions_do_not_use_up_the_limit(self):
        for _ in range(12):
            self.http.wait_exit(self.http.create("true")["id"])
        self.http.create("cat")

    def test_the_limit_is_configurable(self):
        daemon = fresh(self, "--terminal-limit", "2")
        http = daemon.http()
        for _ in range(2):
            http.create("cat")
        answer = http.request("POST", "/terminals", {"cmd": ["cat"]})
        self.assertEqual(answer.status, 409, answer)
        self.assertEqual(http.get("/health").json["limits"]["terminals"], 2)


if __name__ == "__main__":
    unittest.main()
