"""Options, the two lines on stdout, exit codes."""
import fcntl
import json
import os
import re
import signal
import stat
import time
import unittest

from support import processes
from support.canary import Canary
from support.case import eventually, fresh, scaled
from support.daemon import HOLDER, OUTRIGGER, Daemon
from support.terminal_client import PlainClient
from support.ws_client import WebSocket


class CommandLineTest(unittest.TestCase):
    def run_with(self, *arguments, env=None):
        daemon = Daemon(env=env)  # for its folders and environment
        self.addCleanup(daemon.close)
        places = ["--state-dir", daemon.state, "--runtime-dir", daemon.run,
                  "--root", daemon.root, "--holder", HOLDER]
        return daemon.run_to_end(arguments=[OUTRIGGER, *arguments, *places])

    def check_refused(self, result, code):
        self.assertEqual(result.returncode, code,
                         result.stdout + result.stderr)
        self.assertEqual(result.stdout, "")
        self.assertTrue(result.stderr.strip())

    def test_help(self):
        result = self.run_with("--help")
        self.assertEqual(result.returncode, 0, result.stderr)
        for option in ("--listen", "--root", "--workspace-id", "--state-dir",
                       "--runtime-dir", "--token-file", "--config",
                       "--print-config", "--tls-cert", "--tls-key",
                       "--no-auth", "--insecure", "--log-level",
                       "--log-format", "--stop-sessions", "--header-timeout",
                       "--max-header", "--memory-budget", "--jwt-key",
                       "--compression", "--no-sandbox", "--access-log"):
            self.assertIn(option, result.stdout)
        self.assertIn("outrigger token --help", result.stdout)

    def test_version(self):
        result = self.run_with("--version")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stdout, r"^outrigger \d+\.\d+\.\d+\S*\n$")

    def test_bad_options_exit_2(self):
        for arguments in (["--nonsense"], ["dance"],
                          ["--listen", "nowhere"],
                          ["--listen", "127.0.0.1:70000"],
                          ["--log-level", "loud"],
                          ["--terminal-limit", "0"],
                          ["--terminal-limit", "many"],
                          ["--tls-cert", "/tmp/only-one"],
                          ["--header-timeout", "10"],
                          ["--max-header", "8k"],
                          ["--ping-interval", "1m", "--pong-timeout", "1m"],
                          ["--jwt-key", "k:none:/f"],
                          ["--config", "/no/such/file.toml"]):
            with self.subTest(arguments):
                result = self.run_with(
                    "serve", *arguments,
                    *([] if "--listen" in arguments
                      else ["--listen", "127.0.0.1:0"]))
                self.check_refused(result, 2)

    def test_a_root_that_is_not_there_is_an_error(self):
        result = self.run_with(
            "serve", "--listen", "127.0.0.1:0", "--workspace-id", "x/../y")
        self.check_refused(result, 2)

    def test_unsafe_configurations_exit_78(self):
        for arguments in (["--listen", "0.0.0.0:0"],
                          ["--listen", "[::]:0"],
                          ["--listen", ":0"],
                          ["--listen", "0.0.0.0:0", "--no-auth"],
                          ["--listen", "0.0.0.0:0", "--no-auth",
                           "--insecure"]):
            with self.subTest(arguments):
                result = self.run_with("serve", *arguments)
                self.check_refused(result, 78)
                self.assertEqual(len(result.stderr.splitlines()), 1,
                                 "one line says why")

    def test_an_unsafe_token_file_exits_78(self):
        daemon = Daemon()
        self.addCleanup(daemon.close)
        path = os.path.join(daemon.folder, "token")
        for content, mode in (("a" * 64, 0o644), ("short", 0o600),
                              ("", 0o600)):
            with self.subTest(content=content[:8], mode=oct(mode)):
                with open(path, "w") as file:
                    file.write(content)
                os.chmod(path, mode)
                result = daemon.run_to_end("--token-file", path)
                self.check_refused(result, 78)
                if content:
                    self.assertNotIn(content, result.stderr)

    def test_print_config_shows_values_and_their_origin(self):
        daemon = Daemon()
        self.addCleanup(daemon.close)
        path = os.path.join(daemon.folder, "outrigger.toml")
        with open(path, "w") as file:
            file.write('terminal_limit = 7\nlog_level = "debug"\n'
                       'log_format = "json"\n')
        result = self.run_with(
            "--config", path, "--print-config", "--log-level", "warn",
            env={"OUTRIGGER_LOG_FORMAT": "text",
                 "OUTRIGGER_LOG_LEVEL": "trace"})
        self.assertEqual(result.returncode, 0, result.stderr)
        lines = {line.split(" = ")[0]: line
                 for line in result.stdout.splitlines() if " = " in line}
        self.assertIn("7", lines["terminal_limit"])
        self.assertIn("warn", lines["log_level"])  # command line first
        self.assertIn("text", lines["log_format"])  # then the environment
        origins = {lines[name].partition("#")[2]
                   for name in ("terminal_limit", "log_level", "log_format",
                                "workspace_id")}
        self.assertEqual(len(origins), 4, result.stdout)


    def test_a_bad_limit_is_explained(self):
        for arguments, part in (
                (["--max-header", "8k"], "1KiB to 256KiB"),
                (["--header-timeout", "10"], "whole number with its unit"),
                (["--pong-timeout", "30s"], "ping-interval of 45s")):
            with self.subTest(arguments):
                result = self.run_with("serve", *arguments)
                self.check_refused(result, 2)
                self.assertIn(part, result.stderr)
                self.assertIn(arguments[0][2:], result.stderr)

    def test_the_printed_limits_are_a_configuration(self):
        daemon = Daemon()
        self.addCleanup(daemon.close)
        path = os.path.join(daemon.folder, "outrigger.toml")
        first = self.run_with(
            "--print-config", "--idle-timeout", "90s", "--max-body", "2048",
            "--memory-budget", "64MiB", "--jwt-key", "k:ES256:/k.pem",
            "--compression", "on")
        self.assertEqual(first.returncode, 0, first.stderr)
        with open(path, "w") as file:
            file.write("".join(
                line + "\n" for line in first.stdout.splitlines()
                if not line.startswith(("state_dir", "runtime_dir", "root"))))
        second = self.run_with("--config", path, "--print-config")
        self.assertEqual(second.returncode, 0, second.stderr)

        def values(result):
            return {line.partition(" # ")[0]
                    for line in result.stdout.splitlines()
                    if not line.startswith(("state_dir", "runtime_dir",
                                            "root"))}
        self.assertEqual(values(second), values(first))
        for expected in ('idle_timeout = "90s"', 'max_body = "2KiB"',
                         'memory_budget = "64MiB"', 'compression = "on"',
                         'jwt_key = ["k:ES256:/k.pem"]'):
            self.assertIn(expected, values(second))


class ServeTest(unittest.TestCase):
    def test_prints_exactly_two_lines(self):
        daemon = fresh(self)
        self.assertEqual(daemon.http().get("/health").status, 200)
        self.assertRegex(daemon.lines[0],
                         r"^listening http://127\.0\.0\.1:\d+$")
        self.assertEqual(daemon.lines[1],
                         f"console {daemon.url}/#token={daemon.token}")
        stdout = daemon.process.stdout
        daemon.process.send_signal(15)
        self.assertEqual(stdout.read(), b"", "nothing else on stdout")
        self.assertEqual(daemon.reap(5), 0)

    def test_the_first_start_makes_a_private_token(self):
        daemon = fresh(self)
        path = os.path.join(daemon.state, "token")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.assertRegex(daemon.token, r"^[0-9a-f]{64}$")
        first = daemon.token
        self.assertEqual(daemon.terminate(), 0)
        daemon.start()
        self.assertEqual(daemon.token, first)

    def test_one_line_per_listener(self):
        daemon = fresh(self, "--listen", "127.0.0.1:0")
        listening = [line for line in daemon.lines
                     if line.startswith("listening ")]
        self.assertEqual(len(set(listening)), 2)
        self.assertEqual(len(daemon.lines), 3)

    def test_a_second_daemon_on_one_state_directory_exits_1(self):
        daemon = fresh(self)
        result = daemon.run_to_end()
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertEqual(result.stdout, "")
        self.assertTrue(result.stderr.strip())
        self.assertEqual(daemon.http().get("/health").status, 200)

    def test_same_state_directory_with_another_runtime_directory(self):
        daemon = fresh(self)
        other = os.path.join(daemon.folder, "run2")
        os.mkdir(other, 0o700)
        arguments = daemon.arguments()
        arguments[arguments.index("--runtime-dir") + 1] = other
        result = daemon.run_to_end(arguments=arguments)
        self.assertEqual(result.returncode, 1, result.stderr)

    def test_a_port_in_use_exits_1(self):
        daemon = fresh(self)
        second = Daemon(listen=f"127.0.0.1:{daemon.port}")
        self.addCleanup(second.close)
        result = second.run_to_end()
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertEqual(second.holder_pids(), [], "nothing is left behind")
        self.assertIn("in use", result.stderr)

    def test_a_folder_that_does_not_exist_is_made_private(self):
        daemon = Daemon()
        self.addCleanup(daemon.close)
        os.rmdir(daemon.state)
        os.rmdir(daemon.run)
        daemon.start()
        for path in (daemon.state, daemon.run):
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o700)

    def test_log_lines_can_be_json(self):
        daemon = fresh(self, "--log-format", "json")

        daemon.http().create("true")

        def messages():
            """Of the daemon and of its holder."""
            records = [json.loads(line)
                       for line in daemon.log().splitlines(True)
                       if line.endswith("\n")]
            for record in records:
                self.assertEqual(set(record), {"time", "level", "message"})
            return [record["message"] for record in records]
        for start in ("daemon: ", "outrigger-holder: session "):
            eventually(lambda: any(message.startswith(start)
                                   for message in messages()), start)

    def test_the_most_detailed_log_has_nothing_of_a_terminal(self):
        typed, printed, value, junk = (
            Canary.made(kind) for kind in ("typed", "printed", "env", "junk"))
        for log_format in ("text", "json"):
            daemon = fresh(self, "--log-level", "trace", "--access-log",
                           "--log-format", log_format)
            http = daemon.http()
            terminal = http.create(
                "sh", "-c", f"echo {printed.text}; read line; exec cat",
                env={"VALUE": value.text})["id"]
            client = PlainClient(daemon)
            self.addCleanup(client.close)
            client.wait_output(terminal, printed.text)
            client.send_input(terminal, f"{typed.text}\n{typed.text}\n")
            client.wait_output(terminal, f"{typed.text}\r\n" * 2)
            # What is not understood is not shown either.
            client.send_input(int(terminal) + 1, junk.text)
            client.send_text('{"channel":"terminal","type":"' + junk.text)
            client.resize(terminal, 90, 30)
            client.ping(junk.text.encode())
            http.wait_output(terminal, typed.text.encode())
            eventually(lambda: http.terminals()[terminal]["cols"] == 90)
            client.send_raw(b"\x83\x80\0\0\0\0" + junk.text.encode())
            client.wait_closed()
            # Adopted, and ended by the next one.
            self.assertEqual(daemon.terminate(), 0)
            daemon.start()
            http = daemon.http()
            http.wait_output(terminal, typed.text.encode())
            http.delete(terminal)
            self.assertEqual(daemon.terminate(), 0)
            log = daemon.log()
            self.assertIn(f"terminal {terminal}", log)
            self.assertIn(f"/terminals/{terminal}/scrollback 200", log)
            for canary in (typed, printed, value, junk):
                for line in log.splitlines():
                    self.assertEqual(canary.count(line), 0, line)

    def test_sigint_stops_it_too(self):
        daemon = fresh(self)
        daemon.process.send_signal(2)
        self.assertEqual(daemon.reap(5), 0)

    def test_the_idle_holder_outlives_the_daemon_and_then_ends(self):
        # The holder waits 60 s for another daemon; here it only has to be
        # there, without sessions, and not to be a zombie of anybody.
        daemon = fresh(self)
        holders = daemon.holder_pids()
        self.assertEqual(len(holders), 1)
        self.assertEqual(daemon.terminate(), 0)
        self.assertTrue(processes.alive(holders[0]))

    def test_stop_sessions_ends_every_terminal(self):
        daemon = fresh(self, "--stop-sessions")
        http = daemon.http()
        pid = http.create("sleep", "1000")["pid"]
        stubborn = http.create(
            "sh", "-c", "trap '' HUP TERM; while :; do sleep 1; done")["pid"]
        self.assertTrue(processes.alive(pid))
        self.assertEqual(daemon.terminate(8), 0)
        for one in (pid, stubborn):
            eventually(lambda: processes.gone(one), f"end of {one}", 7)

    def test_stop_sessions_takes_five_seconds_at_most(self):
        daemon = fresh(self, "--stop-sessions")
        daemon.http().create("sh", "-c",
                             "trap '' HUP TERM; while :; do sleep 1; done")
        silent = WebSocket(daemon.port, f"/ws?token={daemon.token}")
        self.addCleanup(silent.close)
        begin = time.monotonic()
        daemon.process.send_signal(signal.SIGTERM)
        self.assertEqual(daemon.reap(8), 0)
        self.assertLess(time.monotonic() - begin, scaled(5))

    def unread(self, *options):
        """A daemon whose stderr nobody reads, with little room; and a
        function for what is in it."""
        read, write = os.pipe()
        self.addCleanup(os.close, read)
        fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, 4096)
        os.set_blocking(read, False)
        daemon = Daemon(*options)
        self.addCleanup(daemon.close)
        daemon.start(stderr=write)
        os.close(write)
        text = bytearray()

        def seen():
            try:
                while part := os.read(read, 65536):
                    text.extend(part)
            except BlockingIOError:
                pass
            return bytes(text)
        return daemon, seen

    def test_a_stderr_that_nobody_reads_does_not_keep_it(self):
        count = 3000  # lines; some 40 fit into the pipe, 512 may wait
        daemon, seen = self.unread("--log-level", "debug", "--access-log")
        http = daemon.http()

        def ask(path):
            start = time.monotonic()
            answer = http.get(path)
            self.assertLess(time.monotonic() - start, scaled(1), path)
            return answer.status
        for _ in range(count):
            self.assertEqual(ask("/health"), 200)
        self.assertEqual(ask("/terminals/250"), 404)
        start = time.monotonic()
        terminal = http.create("echo", "written")["id"]
        http.wait_output(terminal, b"written")
        self.assertLess(time.monotonic() - start, scaled(2))
        # Now somebody reads: the newest lines are there, old ones are not.
        eventually(lambda: b"GET /terminals/250 404" in seen(), "its line")
        self.assertEqual(ask("/terminals/251"), 404)
        eventually(lambda: b"GET /terminals/251 404" in seen(), "its line")
        written = seen().count(b"GET /health 200")
        self.assertLess(written, count // 2)
        dropped = re.search(r"^outrigger_log_lines_dropped_total (\d+)$",
                            http.get("/metrics").body.decode(), re.M)
        self.assertGreaterEqual(int(dropped.group(1)), count - written - 10)

    def test_a_stderr_that_nobody_reads_does_not_keep_it_from_its_end(self):
        daemon, _ = self.unread("--log-level", "debug", "--access-log")
        http = daemon.http()
        for _ in range(1000):
            http.get("/health")
        http.close()
        daemon.process.send_signal(signal.SIGTERM)
        self.assertEqual(daemon.reap(5), 0)

    def test_sigterm_leaves_sessions_alive(self):
        daemon = fresh(self)
        pid = daemon.http().create("sleep", "1000")["pid"]
        self.assertEqual(daemon.terminate(), 0)
        self.assertTrue(processes.alive(pid))

    def test_the_console_line_is_a_url_with_the_token_in_the_fragment(self):
        daemon = fresh(self)
        self.assertTrue(re.match(
            r"console http://127\.0\.0\.1:\d+/#token=\w+$", daemon.lines[-1]))


if __name__ == "__main__":
    unittest.main()
