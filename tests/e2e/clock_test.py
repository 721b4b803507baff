"""The wall clock jumps by a year, both ways: timers go by the monotonic one,
so nobody is cut off and nothing is forgotten. (Needs faketime.)"""
import glob
import os
import time
import unittest
from datetime import datetime

from support.case import DaemonCase, eventually
from support.daemon import Daemon, is_sanitized
from support.raw_http import RawConnection, exchange, request
from support.ws_client import WebSocket, pump_for

YEAR = 365 * 24 * 3600
HOUR = 3600
# The variant for programs with threads.
LIBRARY = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")


@unittest.skipUnless(LIBRARY, "faketime is not installed")
@unittest.skipIf(is_sanitized(), "the sanitizer's runtime must be loaded "
                 "before any other library, and so must faketime's")
class ClockTest(DaemonCase):
    @classmethod
    def setUpClass(cls):
        # Not started by the parent class: the library reads a file that is
        # in a folder of the daemon's.
        cls.daemon = Daemon()
        cls.faked = []  # pids
        cls.addClassCleanup(cls.remove_shared_memory)
        cls.addClassCleanup(cls.daemon.close)
        cls.clock = os.path.join(cls.daemon.root, "clock")
        cls.set_clock(0)
        cls.daemon.env.update(
            LD_PRELOAD=LIBRARY[0], FAKETIME_TIMESTAMP_FILE=cls.clock,
            FAKETIME_NO_CACHE="1", FAKETIME_DONT_FAKE_MONOTONIC="1")
        cls.daemon.start()
        cls.faked += [cls.daemon.process.pid, *cls.daemon.holder_pids()]

    @classmethod
    def remove_shared_memory(cls):
        """The library's own; it stays when a process is killed."""
        for pid in cls.faked:
            for name in (f"faketime_shm_{pid}", f"sem.faketime_sem_{pid}"):
                try:
                    os.remove("/dev/shm/" + name)
                except FileNotFoundError:
                    pass

    @classmethod
    def set_clock(cls, offset):
        """Replaced whole: it is read at every look at the clock."""
        with open(cls.clock + ".new", "w", encoding="ascii") as file:
            file.write(f"{offset:+d}\n")
        os.rename(cls.clock + ".new", cls.clock)

    def setUp(self):
        super().setUp()
        self.addCleanup(self.set_clock, 0)

    def jump(self, offset):
        self.set_clock(offset)

        def jumped():
            seen = datetime.fromisoformat(
                self.http.get("/health").json["timestamp"]).timestamp()
            return abs(seen - (time.time() + offset)) < HOUR
        eventually(jumped, "the daemon's clock jumps")

    def each_jump(self):
        for offset in (YEAR, -YEAR, 0):
            with self.subTest(offset=offset):
                self.jump(offset)
            yield offset

    def echo(self, client, terminal, text):
        client.send_input(terminal, text)
        client.wait_output(terminal, text)

    def test_open_sockets_stay_and_terminals_too(self):
        terminal = self.http.create(
            "sh", "-c", "stty raw -echo; echo ready; exec cat")["id"]
        ended = self.http.create("sh", "-c", "echo over; exit 3")["id"]
        self.http.wait_exit(ended)
        clients = [self.plain(), self.ext()]
        for client in clients:
            client.wait_output(terminal, "ready")
        kept = RawConnection(self.daemon.port)
        self.addCleanup(kept.close)
        connection = self.http.connection.sock
        for offset in self.each_jump():
            # Nothing is closed at the jump or at the next tick of a timer.
            pump_for(clients, 2)
            for client in clients:
                self.assertTrue(client.is_open() and not client.closed)
                self.echo(client, terminal, f"<{offset}>")
            listed = self.http.terminals()
            self.assertIs(listed[terminal]["alive"], True)
            self.assertEqual(listed[ended]["exit_code"], 3)
            self.assertIn(b"over", self.http.scrollback(ended)[0])
            self.assertIs(self.http.connection.sock, connection,
                          "the kept connection was closed")
            # One that connected before the first jump and says nothing
            # until now has not run out of time either.
            if offset == YEAR:
                kept.send(request("GET /health HTTP/1.1"))
                self.assertEqual(kept.answer().status, 200)

    def test_the_token_works_whatever_the_time(self):
        for offset in self.each_jump():
            for fields in ((f"Authorization: Bearer {self.daemon.token}",),
                           (f"X-API-Key: {self.daemon.token}",)):
                answer, _ = exchange(self.daemon.port, request(
                    "GET /terminals HTTP/1.1", *fields))
                self.assertEqual(answer.status, 200, (offset, answer))
            self.plain().close()
            answer, _ = exchange(self.daemon.port, request(
                "GET /terminals HTTP/1.1", token="0" * 64))
            self.assertEqual(answer.status, 401, (offset, answer))

    def test_new_terminals_and_connections_work(self):
        for offset in self.each_jump():
            made = self.http.create("echo", f"at {offset}")
            self.http.wait_output(made["id"], f"at {offset}".encode())
            self.http.wait_exit(made["id"])
            self.assertEqual(self.http.delete(made["id"]).status, 200)
            eventually(lambda: made["id"] not in self.http.terminals())

    def test_a_stranger_has_its_ten_seconds(self):
        """Not fewer when the clock goes forward, nor more when it goes
        back."""
        for offset in (YEAR, -YEAR):
            with self.subTest(offset=offset):
                self.jump(0)
                stranger = WebSocket(self.daemon.port)
                self.addCleanup(stranger.close)
                start = time.monotonic()
                self.jump(offset)
                pump_for([stranger], 2)
                self.assertFalse(stranger.closed)
                stranger.wait_closed(14)
                self.assertGreater(time.monotonic() - start, 8)


if __name__ == "__main__":
    unittest.main()
