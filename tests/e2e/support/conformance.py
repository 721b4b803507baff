"""What the conformance tests share: a daemon with one terminal that sends
every byte back, connections by hand, and a count of the cases that ran.

A case is one thing the RFC says. What must work is seen by its effect (bytes
that come back, an error that names what was understood, a pong); what must
not, by a Close frame with its code and the end of the TCP connection."""
import contextlib
import sys
import unittest

from . import deflate, processes
from .case import DaemonCase
from .daemon import is_sanitized
from .raw_ws import BINARY, PING, TEXT, RawWs, frame, request

# Cases each file has at least, so that none is lost unnoticed.
AT_LEAST = {"handshake": 110, "framing": 380, "utf8": 130, "close": 140,
            "limits": 60, "deflate": 12}
assert sum(AT_LEAST.values()) >= 170

RAW = ("sh", "-c", "stty raw -echo; echo on; exec cat")


class ConformanceCase(DaemonCase):
    ran = 0  # cases of the whole file

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        http = cls.daemon.http()
        cls.echo = int(http.create(*RAW)["id"])
        http.wait_output(str(cls.echo), b"on")

    def setUp(self):
        super().setUp()
        self.opened = []
        self.addCleanup(self._close_all)

    def _tidy(self):
        self.assertTrue(self.daemon.running(), "the daemon is gone")

    def _close_all(self):
        while self.opened:
            self.opened.pop().close()

    @contextlib.contextmanager
    def case(self, name):
        """One counted case; its connections are closed with it."""
        ConformanceCase.ran += 1
        with self.subTest(name):
            try:
                yield
            finally:
                self._close_all()

    # -- connections --------------------------------------------------------

    def authorized(self, *headers):
        return [("Authorization", f"Bearer {self.daemon.token}"), *headers]

    def open(self, upgrade=None):
        connection = RawWs(self.daemon.port, upgrade)
        self.opened.append(connection)
        return connection

    def connect(self, headers=(), echo=None):
        """A connection that sees the echoing terminal from here on."""
        echo = echo or self.echo
        head = self.http.get(
            f"/terminals/{echo}/scrollback?bytes=1").json["head"]
        ws = self.open(request(
            f"/ws?ext=1&attach=none&after={echo}:{head}",
            headers=self.authorized(*headers)))
        if ws.answer.all("Sec-WebSocket-Extensions"):
            ws.codec = deflate.Codec(ws.answer)
            ws.inflate = ws.codec.inflater
        ws.until(lambda: ws.texts, "attached")
        ws.texts.clear()
        ws.log.clear()
        return ws

    def typed(self, data=b""):
        """The payload of a binary message for the echoing terminal."""
        return bytes([self.echo]) + data

    # -- what must work -----------------------------------------------------

    def answered(self, ws, data, output=b"", errors=(), pongs=()):
        """Sends `data` (bytes, or pieces) and holds what comes back against
        what should: echoed bytes, the ids that errors name, pongs."""
        before = len(ws.output[self.echo])
        ws.texts.clear()
        ws.pongs.clear()
        for piece in [data] if isinstance(data, bytes) else data:
            ws.send(piece)
        ws.send(frame(PING, b"that was all"))
        size = before + len(output)
        # A pong may overtake messages.
        ws.until(lambda: b"that was all" in ws.pongs
                 and len(ws.texts) >= len(errors)
                 and len(ws.output[self.echo]) >= size, "what was sent")
        seen = bytes(ws.output[self.echo][before:])
        self.assertEqual(len(seen), len(output), "bytes sent back")
        self.assertTrue(seen == output, "they are others")
        self.assertEqual([text.get("id") for text in ws.texts], list(errors))
        self.assertEqual({text["type"] for text in ws.texts} - {"error"},
                         set())
        self.assertEqual(ws.pongs, [*pongs, b"that was all"])

    def works(self, data, output=b"", errors=(), pongs=()):
        """`answered` on a connection of its own, which is whole after it."""
        ws = self.connect()
        self.answered(ws, data, output, errors, pongs)
        self.answered(ws, frame(BINARY, self.typed(b"!")), b"!")
        return ws

    # -- what must not ------------------------------------------------------

    def fails(self, data, *codes, output=b"", errors=(), ends=("fin",),
              answers=False):
        """Sends `data` on a connection of its own: it is closed with one of
        the codes, and the server ends the TCP connection, first. `answers`
        is whether its Close frame is answered."""
        ws = self.connect()
        ws.answers_close = answers
        for piece in [data] if isinstance(data, bytes) else data:
            ws.send(piece)
        self.assertIn(ws.wait_end(), codes, ws.state())
        self.assertIn(ws.end, ends)
        self.assertEqual(bytes(ws.output[self.echo]), output)
        self.assertEqual([text.get("id") for text in ws.texts], list(errors))
        return ws

    @contextlib.contextmanager
    def memory(self, limit_kib):
        """The daemon's memory never grows by as much as this meanwhile."""
        pid = self.daemon.process.pid
        processes.forget_peak(pid)
        before = processes.resident_kib(pid)
        yield
        if not is_sanitized():
            self.assertLess(processes.peak_kib(pid) - before, limit_kib,
                            "KiB grown")


def text(number, more=b""):
    """A text message that is answered with an error naming `number`, an id
    no terminal has. `more` goes into a string of it."""
    return (b'{"channel":"terminal","type":"resize","id":"%d","cols":80,'
            b'"rows":24,"note":"%s"}' % (number, more))


def text_frame(number, more=b"", **options):
    return frame(TEXT, text(number, more), **options)


def counting(topic, more=0):
    """The load_tests of a file: the last test says how many cases ran, and
    fails when some are missing. Not when single tests were asked for.
    `more` are those that only some builds can run."""
    class Count(unittest.TestCase):
        def test_enough_cases_ran(self):
            print(f"{topic}: {ConformanceCase.ran} cases", file=sys.stderr)
            self.assertGreaterEqual(ConformanceCase.ran,
                                    AT_LEAST[topic] + more)

    def load_tests(loader, tests, pattern):
        if loader.testNamePatterns is None:
            tests.addTest(Count("test_enough_cases_ran"))
        return tests
    return load_tests
