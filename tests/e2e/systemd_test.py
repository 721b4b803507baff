"""Under a service manager: the units of packaging/, what the daemon says on a
notify socket, and listening sockets it is passed."""
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from support import wait
from support.case import fresh
from support.daemon import OUTRIGGER, Daemon
from support.service_manager import ActivatedDaemon, NotifySocket, listening

REPOSITORY = os.path.normpath(
    os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
PACKAGED = os.path.join(REPOSITORY, "packaging", "systemd")
OPERATIONS = os.path.join(REPOSITORY, "docs", "operations.md")

needs_analyze = unittest.skipUnless(
    shutil.which("systemd-analyze"), "systemd-analyze is not installed")


NOBODY = 65534
# The status of GET /terminals on a unix socket, without a credential and with
# one; and of what is for everybody.
ASK = """
import http.client, socket, sys
for path, token in (("/terminals", None), ("/terminals", sys.argv[2]),
                    ("/health", None)):
    connection = http.client.HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.settimeout(20)
    connection.sock.connect(sys.argv[1])
    connection.request("GET", path, headers={
        "Authorization": "Bearer " + token} if token else {})
    print(connection.getresponse().status)
"""


def free_port():
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def health(connection):
    connection.request("GET", "/health")
    return json.loads(connection.getresponse().read())["status"]


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=wait.scaled(20))
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


@needs_analyze
class UnitTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="outrigger-units-")
        self.addCleanup(shutil.rmtree, self.folder)
        for name in ("outrigger.service", "outrigger.socket"):
            with open(os.path.join(PACKAGED, name), encoding="utf-8") as file:
                # The program must be there to be verified.
                text = file.read().replace("/usr/local/bin/outrigger",
                                           OUTRIGGER)
            with open(os.path.join(self.folder, name), "w",
                      encoding="utf-8") as file:
                file.write(text)

    def harden(self):
        drop_in = os.path.join(self.folder, "outrigger.service.d")
        os.mkdir(drop_in)
        shutil.copy(os.path.join(PACKAGED, "hardened.conf"), drop_in)

    def analyze(self, *arguments):
        return subprocess.run(
            ["systemd-analyze", "--no-pager", *arguments], cwd=self.folder,
            capture_output=True, text=True, timeout=wait.scaled(60))

    def verify(self):
        result = self.analyze("verify", "./outrigger.service",
                              "./outrigger.socket")
        # Other units of this machine may have faults of their own.
        about_us = [line for line in result.stderr.splitlines()
                    if "outrigger" in line]
        self.assertEqual(about_us, [])
        self.assertEqual(result.returncode, 0, result.stderr)

    def score(self):
        result = self.analyze("security", "--offline=true",
                              "./outrigger.service")
        found = re.search(r"exposure level for outrigger\.service: ([\d.]+)",
                          result.stdout)
        self.assertTrue(found, result.stdout + result.stderr)
        return float(found.group(1))

    def documented(self, what):
        """The score in the table of docs/operations.md."""
        with open(OPERATIONS, encoding="utf-8") as file:
            found = re.search(rf"^\| {re.escape(what)} \| ([\d.]+) ",
                              file.read(), re.MULTILINE)
        self.assertTrue(found, what)
        return float(found.group(1))

    def test_the_units_are_correct(self):
        self.verify()

    def test_the_units_are_correct_with_the_drop_in(self):
        self.harden()
        self.verify()

    def test_a_mistake_in_a_unit_would_be_seen(self):
        with open(os.path.join(self.folder, "outrigger.service"), "a",
                  encoding="utf-8") as file:
            file.write("\n[Service]\nNoSuchDirective=yes\n")
        with self.assertRaises(AssertionError):
            self.verify()

    def test_the_score_is_not_worse_than_documented(self):
        self.assertLessEqual(self.score(),
                             self.documented("`outrigger.service`"))

    def test_the_hardened_score_is_not_worse_than_documented(self):
        self.harden()
        self.assertLessEqual(self.score(),
                             self.documented("with `hardened.conf`"))


class NotifyTest(unittest.TestCase):
    def watched(self, **variables):
        """A daemon that tells a manager, not yet started."""
        daemon = Daemon(env=variables)
        self.addCleanup(daemon.close)
        self.manager = NotifySocket(os.path.join(daemon.folder, "notify"))
        self.addCleanup(self.manager.close)
        daemon.env["NOTIFY_SOCKET"] = self.manager.path
        return daemon

    def test_ready_is_said_when_it_serves(self):
        daemon = self.watched()
        daemon.listen = f"127.0.0.1:{free_port()}"
        port = int(daemon.listen.rpartition(":")[2])
        daemon.spawn()
        ready = self.manager.wait_for("READY")
        self.assertEqual(ready["READY"], "1")
        self.assertTrue(ready["STATUS"])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        self.assertEqual(health(connection), "ok")
        connection.close()
        daemon.await_lines()

    def test_stopping_is_said_before_it_stops(self):
        daemon = self.watched().start()
        self.manager.wait_for("READY")
        self.assertEqual(daemon.terminate(), 0)
        self.assertEqual(self.manager.wait_for("STOPPING", 0.5)["STOPPING"],
                         "1")

    def test_a_reload_has_a_beginning_and_an_end(self):
        daemon = self.watched().start()
        self.manager.wait_for("READY")
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        daemon.process.send_signal(signal.SIGHUP)
        reloading = self.manager.wait_for("RELOADING")
        self.assertEqual(reloading["RELOADING"], "1")
        self.assertGreaterEqual(int(reloading["MONOTONIC_USEC"]), before)
        self.manager.wait_for("READY")
        self.assertEqual(daemon.http().get("/health").json["status"], "ok")

    def test_the_watchdog_is_served_while_the_holder_answers(self):
        interval = 0.2
        daemon = self.watched(WATCHDOG_USEC=str(int(2e6 * interval))).start()
        for _ in range(3):
            self.manager.wait_for("WATCHDOG", 5 * interval)
        holder, = daemon.holder_pids()
        os.kill(holder, signal.SIGSTOP)
        try:
            wait.eventually(lambda: self.manager.heard(5 * interval) is None,
                            "silence", pause=0)
        finally:
            os.kill(holder, signal.SIGCONT)
        self.manager.wait_for("WATCHDOG")

    def test_no_watchdog_is_served_where_none_is_asked_for(self):
        daemon = self.watched(WATCHDOG_USEC="100000", WATCHDOG_PID="1")
        daemon.start()
        self.manager.wait_for("READY")
        self.assertIsNone(self.manager.heard(0.5))

    def test_programs_in_terminals_inherit_none_of_it(self):
        passed = listening(("127.0.0.1", 0))
        self.addCleanup(passed.close)
        daemon = ActivatedDaemon(passed, env={
            "NOTIFY_SOCKET": "/nowhere/notify", "WATCHDOG_USEC": "30000000",
            "LISTEN_FDNAMES": "http", "INVOCATION_ID": "0123",
            "JOURNAL_STREAM": "1:2", "KEPT": "yes"})
        self.addCleanup(daemon.close)
        daemon.start()
        client = daemon.http()
        terminal = client.create("/bin/sh", "-c", "env; echo all")["id"]
        shown = client.wait_output(terminal, b"all\r\n")
        self.assertIn(b"KEPT=yes", shown)
        self.assertNotRegex(
            shown, rb"NOTIFY_|WATCHDOG_|LISTEN_|INVOCATION_|JOURNAL_")


class ActivationTest(unittest.TestCase):
    def tcp(self, host="127.0.0.1"):
        made = listening((host, 0))
        self.addCleanup(made.close)
        return made

    def activated(self, *sockets, **kwargs):
        daemon = ActivatedDaemon(*sockets, **kwargs)
        self.addCleanup(daemon.close)
        return daemon

    def test_a_passed_socket_is_served_instead_of_our_own(self):
        passed = self.tcp()
        daemon = self.activated(passed).start()
        port = passed.getsockname()[1]
        self.assertEqual(daemon.lines[0], f"listening http://127.0.0.1:{port}")
        self.assertEqual(len(daemon.lines), 2)  # that one and the console's
        self.assertEqual(daemon.http().get("/health").json["status"], "ok")

    def test_a_passed_unix_socket_needs_no_token_and_stays(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "s")
            passed = listening(path)
            self.addCleanup(passed.close)
            daemon = self.activated(self.tcp(), passed).start()
            self.assertIn(f"listening unix:{path}", daemon.lines)
            connection = UnixConnection(path)
            connection.request("GET", "/terminals")
            self.assertEqual(connection.getresponse().status, 200)
            connection.close()
            self.assertEqual(daemon.terminate(), 0)
            self.assertTrue(os.path.exists(path))

    @unittest.skipUnless(os.geteuid() == 0, "to be somebody else needs root")
    def test_on_an_open_unix_socket_another_user_needs_a_token(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "s")
            passed = listening(path)
            self.addCleanup(passed.close)
            os.chmod(path, 0o666)
            os.chmod(folder, 0o711)
            daemon = self.activated(self.tcp(), passed).start()

            def statuses(**user):
                asked = subprocess.run(
                    [sys.executable, "-B", "-c", ASK, path, daemon.token],
                    stdout=subprocess.PIPE, text=True, check=True, cwd="/",
                    timeout=wait.scaled(30), **user)
                return [int(line) for line in asked.stdout.split()]
            self.assertEqual(statuses(), [200, 200, 200])
            self.assertEqual(
                statuses(user=NOBODY, group=NOBODY, extra_groups=[]),
                [401, 200, 200])

    def test_clients_wait_in_the_socket_while_the_daemon_restarts(self):
        passed = self.tcp()
        daemon = self.activated(passed).start()
        for _ in range(3):
            self.assertEqual(daemon.terminate(), 0)
            client = http.client.HTTPConnection(
                "127.0.0.1", passed.getsockname()[1], timeout=wait.scaled(20))
            client.connect()  # nobody is there
            client.request("GET", "/health")
            daemon.start()
            answer = json.loads(client.getresponse().read())
            self.assertEqual(answer["status"], "ok")
            client.close()

    def test_sockets_passed_to_another_process_are_not_touched(self):
        daemon = self.activated(self.tcp(), env={"LISTEN_PID": "1"}).start()
        self.assertNotEqual(daemon.port, 0)
        self.assertEqual(daemon.http().get("/health").json["status"], "ok")

    def test_a_socket_that_does_not_listen_is_refused_by_name(self):
        bound = socket.socket()
        self.addCleanup(bound.close)
        bound.bind(("127.0.0.1", 0))
        daemon = self.activated(bound, env={"LISTEN_FDNAMES": "http"})
        result = daemon.run_to_end()
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn("passed socket 3 (http): not a listening socket",
                      result.stderr)

    def test_a_passed_socket_beyond_loopback_is_refused_without_tls(self):
        daemon = self.activated(self.tcp("0.0.0.0"))
        for more in ([], ["--no-auth"], ["--no-auth", "--insecure"]):
            result = daemon.run_to_end(*more)
            self.assertEqual(result.returncode, 78, result.stderr)

    @unittest.skipUnless(shutil.which("systemd-socket-activate"),
                         "systemd-socket-activate is not installed")
    def test_systemd_starts_it_with_the_first_client(self):
        daemon = fresh(self, start=False)
        port = free_port()
        ours = daemon.arguments()
        kept = [f"--setenv={name}={value}"
                for name, value in daemon.environment().items()]
        daemon.arguments = lambda: [
            "systemd-socket-activate", f"--listen=127.0.0.1:{port}",
            "--fdname=http", *kept, *ours]
        daemon.spawn()
        wait.eventually(lambda: "Listening on" in daemon.log(),
                        "systemd-socket-activate listens")
        client = http.client.HTTPConnection("127.0.0.1", port,
                                            timeout=wait.scaled(20))
        self.assertEqual(health(client), "ok")
        client.close()
        daemon.await_lines()
        self.assertEqual(daemon.lines[0], f"listening http://127.0.0.1:{port}")
        self.assertEqual(daemon.terminate(), 0)


if __name__ == "__main__":
    unittest.main()
