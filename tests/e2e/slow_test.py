"""Many that are slow, silent or wrong: a working client beside them does not
notice, and what they held is free again afterwards. (Needs slowhttptest for
the slow ones.)"""
import re
import resource
import shutil
import socket
import subprocess
import sys
import time
import unittest

from support import processes
from support.case import DaemonCase, eventually, fresh, scaled
from support.raw_http import RawConnection, exchange, request
from support.wait import Timeout
from support.working_client import ECHO, WorkingClients, percentile

STRANGERS = 64  # connections without a credential that are kept
SECONDS = 12
SPARE_FILES = 2  # what the daemon may have opened for itself meanwhile
HEADER_TIMEOUT = 10


def established(port):
    """Connections of this server, as the kernel counts them."""
    with open("/proc/net/tcp", encoding="ascii") as file:
        rows = [line.split() for line in file.readlines()[1:]]
    return sum(1 for row in rows if row[3] == "01"
               and int(row[1].rpartition(":")[2], 16) == port)


class WorkingCase(DaemonCase):
    """A daemon with a terminal for the working clients."""

    def setUp(self):
        super().setUp()
        self.terminal = self.http.create(*ECHO)["id"]
        self.http.wait_output(self.terminal, b"ready")
        self.baseline = self.open_files()

    def open_files(self):
        return processes.open_files(self.daemon.process.pid)

    def working(self):
        return WorkingClients(self.daemon, self.terminal)

    def check_freed(self):
        eventually(lambda: self.open_files() <= self.baseline + SPARE_FILES,
                   f"{self.baseline} open files as before", HEADER_TIMEOUT)


@unittest.skipUnless(shutil.which("slowhttptest"),
                     "slowhttptest is not installed")
class SlowTest(WorkingCase):
    def attack(self, what, *arguments):
        """500 of them for twelve seconds; again when the daemon got rid of
        all of them before."""
        self.baseline = self.open_files()  # with the test's own terminals
        end = time.monotonic() + SECONDS
        runs = 0
        with self.working() as clients:
            while (left := end - time.monotonic()) > 1:
                result = subprocess.run(
                    ["slowhttptest", "-c", "500", "-r", "200", "-i", "2",
                     "-x", "10", "-p", "3", "-l", str(int(left)), *arguments],
                    capture_output=True, text=True, timeout=60, check=False)
                self.assertIn("Exit status", result.stdout, result)
                runs += 1
        clients.check(self, f"{what} ({runs} runs)",
                      least=SECONDS / scaled(1))
        self.check_freed()

    def url(self, path, token=False):
        return self.daemon.url + path + (
            f"?token={self.daemon.token}" if token else "")

    def test_slow_headers(self):
        self.attack("slow headers", "-H", "-u", self.url("/"))

    def test_slow_bodies(self):
        self.attack("slow bodies", "-B", "-f", "application/json",
                    "-u", self.url("/terminals"))

    def test_slow_bodies_with_a_token(self):
        self.attack("slow bodies with a token", "-B",
                    "-f", "application/json",
                    "-u", self.url("/terminals", token=True))

    def test_slow_readers(self):
        self.attack("slow readers", "-X", "-k", "3", "-w", "64", "-y", "128",
                    "-z", "16", "-n", "2", "-u", self.url("/"))

    def test_slow_readers_with_a_token(self):
        terminal = self.http.create("sh", "-c", "seq 1 20000")["id"]
        self.http.wait_exit(terminal)
        self.attack("slow readers with a token", "-X", "-k", "3", "-w", "64",
                    "-y", "128", "-z", "16", "-n", "2", "-u",
                    self.url(f"/terminals/{terminal}/scrollback", token=True))


class SilentTest(WorkingCase):
    """Connections that say nothing."""

    def connect(self, count, port=None):
        """That many connections; closed after the test."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard < count + 200:
            self.skipTest(f"at most {hard} open files here")
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE,
                        (soft, hard))
        made = []
        for _ in range(count):
            made.append(RawConnection(port or self.daemon.port))
            self.addCleanup(made[-1].close)
        return made

    def test_ten_thousand_of_them(self):
        with self.working() as clients:
            self.connect(10000)
            # The kept connections: self.http and the working clients', of
            # which a new one may be open just now.
            eventually(lambda: established(self.daemon.port) <= STRANGERS + 4,
                       f"{STRANGERS} strangers left", 1.0)
            self.assertLess(self.open_files() - self.baseline, STRANGERS + 6)
            times = []
            for _ in range(50):
                start = time.monotonic()
                answer, _ = exchange(self.daemon.port, request(
                    "GET /terminals HTTP/1.1", token=self.daemon.token))
                times.append(time.monotonic() - start)
                self.assertEqual(answer.status, 200)
            self.assertLess(max(times), scaled(1.0))
            print(f"10,000 silent ones: a new client p50 "
                  f"{1000 * percentile(times, 0.5):.1f} p99 "
                  f"{1000 * percentile(times, 0.99):.1f} ms", file=sys.stderr)
            # One without a credential is heard as well.
            answer, _ = exchange(self.daemon.port,
                                 request("GET /health HTTP/1.1"))
            self.assertEqual(answer.status, 200)
        # While they pour in at ten thousand a second, a new client may need
        # several attempts.
        clients.check(self, "10,000 silent ones", least=3, dropped=50)

    def test_after_them_everything_is_free_again(self):
        for connection in self.connect(300):
            connection.close()
        self.check_freed()

    def test_a_credential_is_what_keeps_a_connection(self):
        daemon = fresh(self, "--max-unauthenticated", "8")
        ask = request("GET /runtime HTTP/1.1", token=daemon.token)
        known = []
        for _ in range(50):  # one by one: until it asks it is a stranger
            known += self.connect(1, daemon.port)
            known[-1].send(ask)
            self.assertEqual(known[-1].answer().status, 200)
        self.connect(500, daemon.port)
        eventually(lambda: established(daemon.port) <= len(known) + 8,
                   "8 strangers left", 1.0)
        for connection in known:
            connection.send(ask)
            answer = connection.answer()
            self.assertIsNotNone(answer, "closed in spite of its credential")
            self.assertEqual(answer.status, 200)

    def test_the_public_routes_are_no_credential(self):
        daemon = fresh(self, "--max-unauthenticated", "8")
        for connection in self.connect(100, daemon.port):
            connection.send(request("GET /health HTTP/1.1"))
            connection.answer()
        eventually(lambda: established(daemon.port) <= 8,
                   "8 strangers left", 1.0)


class HeldTest(WorkingCase):
    """Slow ones that the daemon has reason to keep: who they are is known,
    and what they send comes, only slowly."""

    COUNT = 500
    BODY_TIMEOUT = 5
    options = ("--body-timeout", f"{BODY_TIMEOUT}s")

    def health(self):
        """A new client asks; seconds until it has its answer."""
        start = time.monotonic()
        answer, _ = exchange(self.daemon.port,
                             request("GET /health HTTP/1.1"))
        self.assertEqual(answer.status, 200)
        return time.monotonic() - start

    def begin(self):
        """One who has begun to send a body."""
        connection = RawConnection(self.daemon.port)
        self.addCleanup(connection.close)
        connection.send(request(
            "POST /terminals HTTP/1.1", "Content-Type: application/json",
            "Content-Length: 100000", token=self.daemon.token, body=b"["))
        return connection

    def ended(self, connection):
        """Whether it was told 408 and the daemon has closed it."""
        try:
            connection.socket.setblocking(False)
            if connection._more():
                return False
        except BlockingIOError:
            return False
        if connection.seen:
            self.assertTrue(connection.seen.startswith(b"HTTP/1.1 408 "),
                            connection.seen)
        return True

    def test_five_hundred_are_held_and_then_closed(self):
        took = []
        with self.working() as clients:
            slow = [self.begin() for _ in range(self.COUNT)]
            rounds = len(clients.times["echo"])
            while len(clients.times["echo"]) < rounds + 40:
                self.assertEqual(clients.wrong, [])
                for connection in slow:
                    connection.send(b" ")
                last = time.monotonic()
                took.append(self.health())
            self.assertEqual(sum(map(self.ended, slow)), 0)
            self.assertGreaterEqual(established(self.daemon.port), self.COUNT)

            # They stop, and never close.
            def remaining():
                nonlocal slow
                slow = [one for one in slow if not self.ended(one)]
                took.append(self.health())
                return len(slow)
            eventually(lambda: remaining() < self.COUNT, "the first goes", 10)
            self.assertGreater(time.monotonic() - last,
                               0.5 * self.BODY_TIMEOUT)
            eventually(lambda: remaining() == 0, "the last goes",
                       2 * self.BODY_TIMEOUT)
        clients.check(self, f"{self.COUNT} slow bodies", least=40)
        self.assertLess(percentile(took, 0.95), scaled(0.25),
                        "seconds until /health")
        self.assertLess(max(took), scaled(1.0))
        self.check_freed()


class TimeoutTest(DaemonCase):
    """How long somebody may take, shortened from 10, 30, 60 and 30
    seconds. The daemon closes; the client does not."""

    options = ("--header-timeout", "1s", "--body-timeout", "1s",
               "--idle-timeout", "1s", "--write-timeout", "1s")

    def closed_after(self, start, every=0.0, piece=b""):
        """Seconds until the daemon closes one that has sent `start` and goes
        on sending `piece`s; with 408 or without a word."""
        with RawConnection(self.daemon.port, deadline=5.0) as connection:
            connection.send(start)
            begin = time.monotonic()
            if start.endswith(b"\r\n\r\n") and not piece:
                self.assertEqual(connection.answer().status, 200)
            connection.socket.settimeout(every or scaled(5.0))
            while time.monotonic() - begin < scaled(5.0):
                try:
                    answer = connection.answer()
                except Timeout:
                    connection.send(piece)
                    continue
                if answer is not None:
                    self.assertEqual(answer.status, 408, answer)
                    self.assertTrue(answer.closes, answer)
                    connection.socket.settimeout(scaled(5.0))
                    self.assertEqual(connection.rest(), b"", "and then closed")
                return time.monotonic() - begin
            self.fail("never closed")

    def check(self, seconds):
        self.assertGreater(seconds, 0.5)
        self.assertLess(seconds, scaled(3.0))

    def test_nothing(self):
        self.check(self.closed_after(b""))

    def test_half_a_header(self):
        self.check(self.closed_after(b"GET / HTTP/1.1\r\nHost: loc"))

    def test_a_header_in_drops(self):
        self.check(self.closed_after(
            b"GET / HTTP/1.1\r\nHost: localhost\r\n", 0.2, b"A: 1\r\n"))

    def test_nothing_further(self):
        self.check(self.closed_after(request("GET /health HTTP/1.1")))

    def test_half_a_body(self):
        self.check(self.closed_after(request(
            "POST /terminals HTTP/1.1", "Content-Type: application/json",
            "Content-Length: 20", token=self.daemon.token, body=b"{")))

    def test_half_a_chunk(self):
        self.check(self.closed_after(request(
            "POST /terminals HTTP/1.1", "Content-Type: application/json",
            "Transfer-Encoding: chunked", token=self.daemon.token,
            body=b"5\r\n{")))

    def test_an_answer_that_nobody_takes(self):
        terminal = self.http.create(
            "sh", "-c", "seq 1 200000", scrollback_size=1 << 20)["id"]
        self.http.wait_exit(terminal)
        self.http.close()

        def clients():
            return established(self.daemon.port)
        eventually(lambda: not clients(), "nobody else is there")
        with RawConnection(self.daemon.port) as connection:
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF,
                                         4096)
            connection.send(4 * request(
                f"GET /terminals/{terminal}/scrollback?bytes=1048576 HTTP/1.1",
                token=self.daemon.token))
            begin = time.monotonic()
            eventually(lambda: not clients(), "it is closed")
            self.check(time.monotonic() - begin)

    def test_a_body_in_drops_is_slow_but_fine(self):
        body = b'{"cmd":["true"]}'
        with RawConnection(self.daemon.port) as connection:
            connection.send(request(
                "POST /terminals HTTP/1.1", "Content-Type: application/json",
                f"Content-Length: {len(body)}", token=self.daemon.token))
            for byte in body:
                time.sleep(0.1)
                connection.send(bytes([byte]))
            answer = connection.answer()
            self.assertIsNotNone(answer, "closed, though it was never idle")
            self.assertEqual(answer.status, 201)


class WrongTokensTest(WorkingCase):
    """A thousand wrong tokens in ten seconds from one address."""

    def attempt(self, path="/terminals", source=None):
        answer, _ = exchange(self.daemon.port, request(
            f"GET {path} HTTP/1.1", token="0" * 64), source)
        self.assertIsNotNone(answer, "closed without an answer")
        return answer

    def check_penalty(self, answer):
        self.assertEqual(answer.status, 429, answer)
        self.assertTrue(answer.closes, answer)
        self.assertRegex(answer.field("retry-after") or "", r"^[1-9]\d?$")
        self.assertLessEqual(int(answer.field("retry-after")), 60)
        self.assertEqual(answer.json["status_code"], 429)
        self.assertIs(answer.json["success"], False)

    def wait_until(self, moment):
        eventually(lambda: time.monotonic() >= moment, "the time",
                   moment - time.monotonic() + 5)

    def test_they_meet_a_penalty_and_nobody_else_does(self):
        start = time.monotonic()
        answers = []
        with self.working() as clients:
            for number in range(1000):
                time.sleep(max(0, start + number / 100 - time.monotonic()))
                path = "/health" if number % 2 else "/terminals"
                answers.append(self.attempt(path))
            last = time.monotonic()
            guarded = answers[0::2]
            public = answers[1::2]
            self.assertEqual(guarded[0].status, 401)
            for answer in guarded:
                self.assertIn(answer.status, (401, 429), answer)
            for answer in public:
                self.assertIn(answer.status, (200, 401, 429), answer)
            # Some twenty are let through at first, and later those that
            # fit the rate of an honest mistake.
            refused = [one for one in guarded if one.status == 429]
            self.assertGreater(len(refused), 400)
            for answer in refused:
                self.check_penalty(answer)
            # Another address is another client; so is one without any token.
            self.assertEqual(self.attempt(source="127.9.9.9").status, 401)
            answer, _ = exchange(self.daemon.port,
                                 request("GET /health HTTP/1.1"))
            self.assertEqual(answer.status, 200)
        clients.check(self, "1,000 wrong tokens")

        # As soon as it says, and no later than a second attempt needs.
        after = int(refused[-1].field("retry-after"))
        self.wait_until(last + after + 0.5)
        answer = self.attempt()
        if answer.status == 429:
            self.wait_until(time.monotonic() + 0.5
                            + int(answer.field("retry-after")))
            answer = self.attempt()
        self.assertEqual(answer.status, 401, answer)
        self.assertNotRegex(self.daemon.log(), re.escape("0" * 64))

    def test_a_few_mistakes_are_forgiven(self):
        for _ in range(5):
            self.assertEqual(self.attempt(source="127.8.8.8").status, 401)


if __name__ == "__main__":
    unittest.main()
