"""A daemon that may open 64 files: too many connections are turned away, not
left waiting; it does not spin; and it recovers as soon as there is room."""
import os
import resource
import threading
import time
import unittest

from support import processes
from support.case import DaemonCase, eventually, scaled
from support.daemon import Daemon
from support.raw_http import RawConnection, request
from support.wait import Timeout

FILES = 64
REFUSED = 10  # as many in a row, and it is full
SECONDS = 3
BUSY = 0.10  # of one processor


def limit_files():
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))


def processor_seconds(pid):
    fields = processes.read(f"/proc/{pid}/stat").decode()
    fields = fields.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class DescriptorsTest(DaemonCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon(preexec=limit_files)
        cls.addClassCleanup(cls.daemon.close)
        cls.daemon.start()

    def setUp(self):
        super().setUp()
        self.pid = self.daemon.process.pid
        # The test before may have left the daemon short of files, and it
        # looks once a second whether it still is.
        self.terminal = eventually(self.create, "a terminal", 3.0)["id"]
        self.client = self.plain()
        self.client.wait_output(self.terminal, "ready")
        self.fillers = []
        self.addCleanup(self.let_go)

    def create(self):
        """A terminal that says what it is told; None when it is refused."""
        answer = self.http.request("POST", "/terminals", {
            "cmd": ["sh", "-c", "stty raw -echo; echo ready; exec cat"]})
        self.assertIn(answer.status, (201, 503), answer)
        return answer.json if answer.status == 201 else None

    def let_go(self):
        for connection in self.fillers:
            connection.close()
        self.fillers.clear()

    def connect(self, token=True, silent=False):
        """A further connection: kept when the daemon serves it. Whether it
        did; and it has to say so at once, one way or the other."""
        start = time.monotonic()
        connection = RawConnection(self.daemon.port, deadline=2.0)
        served = False
        try:
            if not silent:
                connection.send(request(
                    "GET /terminals HTTP/1.1",
                    token=self.daemon.token if token else None))
                answer = connection.answer()
                served = (answer is not None
                          and answer.status in (200, 401)
                          and not answer.closes)
                if answer is not None and not served:
                    self.assertEqual(answer.status, 503, answer)
                    self.assertIsNotNone(answer.field("retry-after"))
            self.assertLess(time.monotonic() - start, scaled(1.0))
        finally:
            if served or silent:
                self.fillers.append(connection)
            else:
                connection.close()
        return served

    def fill(self):
        """Until it serves no more."""
        refused = 0
        for number in range(FILES + REFUSED):
            served = self.connect()
            self.assertTrue(served or number, "not even the first was served")
            refused = 0 if served else refused + 1
            if refused == REFUSED:
                return
        self.fail("there was room for all of them")

    def echo(self):
        start = time.monotonic()
        text = f"<{time.monotonic_ns()}>"
        self.client.send_input(self.terminal, text)
        self.client.wait_output(self.terminal, text)
        self.assertLess(time.monotonic() - start, scaled(1.0))

    def test_those_over_are_turned_away_at_once(self):
        self.fill()
        self.assertLessEqual(processes.open_files(self.pid), FILES)
        # Those that are in are served on.
        for connection in self.fillers:
            connection.send(request("GET /terminals HTTP/1.1",
                                    token=self.daemon.token))
            answer = connection.answer()
            self.assertIsNotNone(answer, "one that was in was closed")
            self.assertEqual(answer.status, 200)
        self.echo()

    def test_silent_ones_are_not_left_waiting(self):
        self.fill()
        for _ in range(20):
            connection = RawConnection(self.daemon.port, deadline=2.0)
            self.addCleanup(connection.close)
            self.assertIsNone(connection.answer())
        self.echo()

    def test_many_at_once_are_turned_away_at_once(self):
        self.fill()
        start = time.monotonic()
        crowd = []
        for _ in range(60):
            crowd.append(RawConnection(self.daemon.port))
            self.addCleanup(crowd[-1].close)
        for connection in crowd:
            self.assertIsNone(connection.answer())
        self.assertLess(time.monotonic() - start, scaled(1.0))
        self.echo()

    def test_it_does_not_spin(self):
        self.fill()
        stop = threading.Event()
        failures = []

        def knock():
            while not stop.wait(0.1):
                try:
                    with RawConnection(self.daemon.port, deadline=2.0) as one:
                        one.answer()
                except Timeout:
                    pass  # there was room for it just then
                except Exception as error:  # told below
                    failures.append(error)
        # Some that the daemon has not got rid of wait in the kernel's queue,
        # if it is one that leaves them there; more come all the time.
        waiting = []
        for _ in range(10):
            waiting.append(RawConnection(self.daemon.port))
            self.addCleanup(waiting[-1].close)
        thread = threading.Thread(target=knock)
        before, start = processor_seconds(self.pid), time.monotonic()
        thread.start()
        try:
            while time.monotonic() - start < SECONDS:
                self.echo()
                time.sleep(0.1)
        finally:
            stop.set()
            thread.join()
        used = processor_seconds(self.pid) - before
        share = used / (time.monotonic() - start)
        self.assertLess(share, scaled(BUSY))
        self.assertEqual(failures, [])

    def test_when_there_is_room_again_a_new_client_is_served(self):
        for _ in range(3):
            self.fill()
            self.let_go()
            eventually(self.connect, "a served client", 1.0)
            self.let_go()
            self.echo()
            # As many as before fit in.
            eventually(lambda: processes.open_files(self.pid) < FILES / 2,
                       "files closed", 2.0)

    def test_a_terminal_that_cannot_be_had_is_an_error(self):
        self.fill()
        self.create()
        self.echo()
        self.let_go()
        eventually(self.create, "a terminal", 3.0)


if __name__ == "__main__":
    unittest.main()
