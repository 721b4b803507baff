"""Clients that go about their work on a thread of their own while a test does
something hostile beside them: a request on a connection of its own, one on a
kept connection, and an echo through a terminal's WebSocket, again and again.

    with WorkingClients(daemon, terminal) as clients:
        ...something hostile...
    clients.check(self, "slow headers")
"""
import sys
import threading
import time

from . import wait
from .raw_http import RawConnection, request
from .terminal_client import PlainClient

# A program for the terminal they use: what goes in comes out.
ECHO = ("sh", "-c", "stty raw -echo; echo ready; exec cat")
KINDS = ("new", "kept", "echo")
LONGEST = 1.0  # seconds until an answer, whatever happens beside
PER_CONNECTION = 900  # the daemon ends a connection after 1,000 requests


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class WorkingClients:
    def __init__(self, daemon, terminal, pause=0.05):
        self.daemon = daemon
        self.terminal = terminal
        self.pause = pause
        self.times = {kind: [] for kind in KINDS}
        self.wrong = []
        self.dropped = 0  # new connections closed before they said anything
        self.stopping = threading.Event()
        self.kept = None
        self.kept_count = 0
        self._kept()  # from here on it is no stranger
        self.socket = PlainClient(daemon)
        self.socket.wait_output(terminal, "ready")
        self.thread = threading.Thread(target=self._run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join()
        self.kept.close()
        self.socket.close()

    # -- what they do -------------------------------------------------------

    def _run(self):
        due = time.monotonic()
        while not self.stopping.wait(max(0, due - time.monotonic())):
            due = max(due + self.pause, time.monotonic())
            for kind in KINDS:
                start = time.monotonic()
                try:
                    getattr(self, "_" + kind)()
                except Exception as error:  # told by check()
                    self.wrong.append(f"{kind}: {type(error).__name__}: "
                                      f"{error}")
                    if len(self.wrong) > 20:
                        return
                self.times[kind].append(time.monotonic() - start)

    def _ask(self, connection):
        connection.send(request("GET /terminals HTTP/1.1",
                                token=self.daemon.token))
        answer = connection.answer()
        if answer is None:
            return False
        listed = [one["id"] for one in answer.json.get("terminals", ())]
        if answer.status != 200 or self.terminal not in listed:
            raise AssertionError(f"answered with {answer}")
        return True

    def _new(self):
        # Until its request is read it is a stranger like the others, and a
        # random one of them has to go when there are too many: it may have
        # to try again, but not for longer than a second.
        end = time.monotonic() + wait.scaled(LONGEST)
        while time.monotonic() < end:
            with RawConnection(self.daemon.port) as connection:
                if self._ask(connection):
                    return
            self.dropped += 1
        raise AssertionError("closed without an answer, again and again")

    def _kept(self):
        if self.kept_count == PER_CONNECTION:
            self.kept.close()
            self.kept = None
            self.kept_count = 0
        if self.kept is None:
            self.kept = RawConnection(self.daemon.port)
        self.kept_count += 1
        if not self._ask(self.kept):
            self.kept_count = PER_CONNECTION  # a new one the next time
            raise AssertionError("the kept connection was closed")

    def _echo(self):
        if self.socket.closed:
            self.socket = PlainClient(self.daemon)
            raise AssertionError("the WebSocket was closed")
        self.socket.output.clear()
        text = f"<{time.monotonic_ns()}>"
        self.socket.send_input(self.terminal, text)
        self.socket.wait_output(self.terminal, text)

    # -- what came of it ----------------------------------------------------

    def figures(self):
        return ", ".join(
            "{} p50 {:.1f} p99 {:.1f} max {:.1f}".format(
                kind, *(1000 * value for value in (
                    percentile(times, 0.5), percentile(times, 0.99),
                    max(times))))
            for kind, times in self.times.items()) + " ms"

    def check(self, case, what, least=10, dropped=0.05):
        """Every answer was right and came within a second, and nobody was
        cut off, but for that share of the new ones; the figures go to
        stderr."""
        rounds = len(self.times["echo"])
        print(f"{what}: {rounds} rounds, {self.dropped} dropped as "
              f"strangers, {self.figures()}", file=sys.stderr)
        case.assertEqual(self.wrong, [])
        case.assertGreaterEqual(rounds, least)
        for kind, times in self.times.items():
            case.assertLess(max(times), wait.scaled(LONGEST), kind)
        case.assertLessEqual(self.dropped, rounds * dropped)
