"""The daemon is killed, over and over, at random moments, while a program
writes numbered, checksummed lines as fast as it can and a client follows with
`after`. Nothing may be lost, doubled or wrong but what an announced gap says;
programs that end while no daemon runs must keep their exit code.

    kill_test.py [--kills N] [--seed N] [--scrollback BYTES]

prints a JSON summary."""
import argparse
import json
import os
import random
import sys
import time
import unittest

from support import numbered_lines, processes, wait
from support.daemon import Daemon
from support.terminal_client import ExtClient
from support.ws_client import pump

OUTPUT_BETWEEN_KILLS = 0.25  # seconds, at most
START = 0.03  # seconds: about what a start takes
SHORT_LIVED = 2  # programs that end while no daemon runs, per kill


def quantile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def milliseconds(values):
    return {"p50": round(quantile(values, 0.5) * 1000, 1),
            "p99": round(quantile(values, 0.99) * 1000, 1),
            "max": round(max(values) * 1000, 1)}


class KillTest:
    def __init__(self, kills, seed, scrollback):
        self.kills, self.seed, self.scrollback = kills, seed, scrollback
        self.random = random.Random(seed)
        self.daemon = Daemon("--terminal-limit", "50")
        self.check = numbered_lines.Checker()
        self.problems = []
        self.first_answer, self.adopted, self.resumed = [], [], []
        self.gaps, self.exit_codes, self.bytes = [], 0, 0
        self.killed_starting = 0

    def problem(self, kill, text):
        self.problems.append(f"kill {kill}: {text}")

    # -- one life of the daemon ---------------------------------------------

    def start(self, expected):
        """Starts the daemon; measures the first answer and when every
        expected terminal is listed."""
        daemon = self.daemon
        daemon.start()
        http = daemon.http()
        health = http.get("/health")
        self.first_answer.append(time.monotonic() - daemon.started_at)
        if health.json["status"] != "ok":
            raise AssertionError(f"health: {health}")
        while not expected <= set(http.terminals()):
            if time.monotonic() > daemon.started_at + wait.scaled(10):
                raise AssertionError(
                    f"{expected - set(http.terminals())} not adopted:\n"
                    + daemon.log()[-2000:])
        self.adopted.append(time.monotonic() - daemon.started_at)
        return http

    def connect(self, terminal, offset):
        return ExtClient(self.daemon, after={terminal: offset},
                         sinks={terminal: self.check})

    def follow(self, client, terminal, seconds):
        """Reads for a while; at least one byte. Some clients acknowledge."""
        stream = client.stream(terminal)
        end = time.monotonic() + seconds
        pump([client], lambda: stream.bytes and time.monotonic() > end,
             "output of the program", 20)

    def collect(self, client, terminal, kill, session):
        """What the connection had when the daemon died."""
        stream = client.stream(terminal)
        pump([client], lambda: client.closed, "end of the connection")
        for error in stream.errors:
            self.problem(kill, error)
        if len(stream.attached) != 1:
            self.problem(kill, f"attached {len(stream.attached)} times")
        for message in stream.attached:
            if message["session"] != session:
                self.problem(kill, "another session under the same id")
        self.gaps += [(kill, *gap, stream.attached[0]) for gap in stream.gaps]
        self.bytes += stream.bytes
        return stream.next

    def kill_while_starting(self):
        """A third of the time the next daemon does not live long enough to
        say anything, or only just."""
        if self.random.random() > 1 / 3:
            return
        self.daemon.spawn()
        life = self.random.random() * START
        end = time.monotonic() + life
        while time.monotonic() < end:
            pass  # a sleep is not exact enough
        self.daemon.kill()
        self.killed_starting += 1

    # -- programs that end in between ---------------------------------------

    def plant(self, http, kill):
        """Programs that wait for a FIFO to be opened for writing."""
        planted = []
        for index in range(SHORT_LIVED):
            fifo = os.path.join(self.daemon.root, f"fifo-{kill}-{index}")
            os.mkfifo(fifo)
            made = http.create("sh", "-c", 'read code < "$0"; '
                               'echo "leaving with $code"; exit $code', fifo)
            planted.append((made, fifo, self.random.randrange(256)))
        return planted

    def harvest(self, planted):
        """With no daemon running: each gets its exit code and ends."""
        for made, fifo, code in planted:
            with open(fifo, "w") as file:
                file.write(f"{code}\n")
        for made, _, _ in planted:
            wait.eventually(lambda: processes.gone(made["pid"]),
                            f"end of program {made['pid']}", pause=0.001)

    def check_exits(self, http, planted, kill):
        listed = http.terminals()
        for made, fifo, code in planted:
            entry = listed[made["id"]]
            text = http.scrollback(made["id"])[0]
            if (entry["alive"], entry["exit_code"], entry["session"]) != (
                    False, code, made["session"]):
                self.problem(kill, f"expected exit code {code}: {entry}")
            if text != b"leaving with %d\r\n" % code:
                self.problem(kill, f"last words: {text!r}")
            self.exit_codes += 1
            http.delete(made["id"])
            os.unlink(fifo)

    # -- all of it ----------------------------------------------------------

    def run(self):
        began = time.monotonic()
        try:
            http = self.start(set())
            self.first_answer.clear()  # the first start makes a holder too
            self.adopted.clear()
            made = http.create(*numbered_lines.program(),
                               scrollback_size=self.scrollback)
            terminal, session = made["id"], made["session"]
            http.wait_output(terminal, b"\r\n")
            offset, planted = 0, []
            for kill in range(self.kills):
                client = self.connect(terminal, offset)
                first = client.until(
                    lambda: client.stream(terminal).bytes
                    and time.monotonic(), "the first byte")
                if kill:
                    self.resumed.append(first - self.daemon.started_at)
                    self.check_exits(http, planted, kill)
                planted = self.plant(http, kill)
                client.acks = self.random.random() < 0.5
                self.follow(client, terminal,
                            self.random.random() * OUTPUT_BETWEEN_KILLS)
                self.daemon.kill()
                self.harvest(planted)
                offset = self.collect(client, terminal, kill, session)
                client.close()
                http.close()
                self.kill_while_starting()
                http = self.start(
                    {terminal} | {one["id"] for one, _, _ in planted})
            self.check_exits(http, planted, self.kills)
            if not http.terminals()[terminal]["alive"]:
                self.problem(self.kills, "the program is dead")
        finally:
            self.daemon.close()
        self.problems += self.check.bad
        self.check_gaps()
        return self.summary(time.monotonic() - began)

    def check_gaps(self):
        """A gap is right when the ring had lost those bytes: it ends within
        a line of the tail that `attached` names, which leaves at least the
        scrollback asked for."""
        slack = 2 * numbered_lines.WIDTH
        for kill, start, end, attached in self.gaps:
            tail, head = attached["tail"], attached["head"]
            if end > tail + slack:
                self.problem(kill, f"gap [{start}, {end}) ends {end - tail} "
                                   f"bytes beyond the ring's tail {tail}")
            if head - end < self.scrollback - slack:
                self.problem(kill, f"gap [{start}, {end}) leaves only "
                                   f"{head - end} bytes of scrollback")

    def summary(self, seconds):
        return {
            "kills": self.kills + self.killed_starting,
            "kills_while_starting": self.killed_starting, "seed": self.seed,
            "scrollback": self.scrollback,
            "seconds": round(seconds, 1),
            "bytes_followed": self.bytes,
            "bytes_in_gaps": sum(end - start
                                 for _, start, end, *_ in self.gaps),
            "gaps": len(self.gaps),
            "exit_codes_checked": self.exit_codes,
            "start_to_first_answer_ms": milliseconds(self.first_answer),
            "start_to_readopted_ms": milliseconds(self.adopted),
            "start_to_resumed_output_ms": milliseconds(self.resumed or [0]),
            "problems": self.problems[:20],
            "problem_count": len(self.problems),
        }


class Test(unittest.TestCase):
    def test_kills(self):
        kills = int(os.environ.get("OUTRIGGER_KILLS", "100"))
        seed = int(os.environ.get("OUTRIGGER_SEED",
                                  random.randrange(1 << 30)))
        print(f"seed {seed}", flush=True)
        summary = KillTest(kills, seed, 65536).run()
        print(json.dumps(summary, indent=1))
        self.assertEqual(summary["problems"], [])
        self.assertGreater(summary["bytes_followed"], 0)


def main():
    parser = argparse.ArgumentParser(
        description="Kills the daemon, over and over.")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int,
                        default=random.randrange(1 << 30))
    parser.add_argument("--scrollback", type=int, default=65536)
    options = parser.parse_args()
    print(f"seed {options.seed}", file=sys.stderr, flush=True)
    summary = KillTest(options.kills, options.seed, options.scrollback).run()
    print(json.dumps(summary, indent=1))
    return 1 if summary["problems"] else 0


if __name__ == "__main__":
    sys.exit(main())
