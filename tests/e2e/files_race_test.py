"""A folder that is a link out of the workspace the next moment, and back, and
so on at full speed, under a hundred thousand requests. None of them may touch
or tell what is outside.

    files_race_test.py [--operations N]"""
import argparse
import collections
import itertools
import os
import sys
import threading
import time
import unittest

from support import file_routes, wait
from support.files_case import FilesCase, snapshot
from support.flipper import Flipper
from support.raw_http import RawConnection, request

OPERATIONS = 100_000
CONNECTIONS = 6
BATCH = 16
CANARY = b"CANARY-of-what-is-outside"
SLOW_ONES = 20  # of the rest one in so many


class RaceTest(FilesCase):
    options = ("--max-requests", "1000000")

    def outside(self):
        """What the links lead to; its content never changes."""
        where = os.path.join(self.daemon.folder, "outside")
        os.makedirs(os.path.join(where, "sub"), exist_ok=True)
        for name in ("f", "sub/g"):
            with open(os.path.join(where, name), "wb") as file:
                file.write(CANARY)
        return where

    def marks(self, where):
        return snapshot(where), [
            (info.st_ino, info.st_mtime_ns, info.st_ctime_ns, info.st_nlink)
            for info in (os.lstat(os.path.join(where, name))
                         for name in ("", "f", "sub", "sub/g"))]

    def arrange(self, where):
        """The pairs to exchange, and what `a` is called in each."""
        rows = (("a", where, ""), ("b", "../outside", ""),
                ("c", "/", where.lstrip("/")), ("d", "..", "outside"))
        for name, target, below in rows:
            self.folder(os.path.join(name, below, "sub"))
            self.make(os.path.join(name, below, "f"), b"inside")
            self.link(name + "-link", target)
        self.make("plain", b"inside")
        return [(name, name + "-link") for name, _, _ in rows], \
            [os.path.join(name, below).rstrip("/") for name, _, below in rows]

    def requests(self, places):
        """(name, bytes) of every kind of request, on every place: mostly
        PUT, GET and DELETE of `f`."""
        quick, slow = [], []
        token = self.daemon.token

        def add(kind, method, target, body=b"", headers=()):
            into = slow if kind.startswith("slow") else quick
            into.append((kind, request(
                f"{method} {target} HTTP/1.1", *headers,
                *([f"Content-Length: {len(body)}"] if body or
                  method in ("PUT", "POST") else []),
                body=body, token=token)))
        for place in places:
            target = f"{file_routes.V1}/{place}"
            raw = ("Content-Type: application/octet-stream",)
            add("put", "PUT", target + "/f", b"written", raw)
            for _ in range(3):  # a refused one without a body closes nothing
                add("put", "PUT", target + "/f", b"", raw)
                add("get", "GET", target + "/f?raw=true")
                add("delete", "DELETE", target + "/f")
            add("put new", "PUT", target + "/sub/new", b"written", raw)
            add("append", "PUT", target + "/f?append=true", b"+", raw)
            add("offset", "PUT", target + "/f?offset=1", b"+", raw)
            for route in file_routes.routes():
                if route.name in ("watch", "watch root", "extract",
                                  "extract to"):
                    continue  # at most five at a time; tested elsewhere
                for name in ("", "/f", "/sub", "/sub/g"):
                    method, path, body, headers = route.request(
                        (place + name).encode())
                    if route.name.startswith(("delete", "batch delete",
                                              "move")) and name in (
                                                  "", "/sub"):
                        continue  # the place itself has to stay
                    add("slow " + repr(route), method, path, body or b"",
                        [f"{field}: {value}" for field, value
                         in headers.items()])
        return quick, slow

    def run_connection(self, number, quick, slow, count, seen, problems):
        mixed = []
        turns = itertools.cycle(slow[number::CONNECTIONS])
        for index, one in enumerate(itertools.cycle(
                quick[number:] + quick[:number])):
            mixed.append(next(turns) if index % SLOW_ONES == 0 else one)
            if len(mixed) == max(len(quick), len(slow)) * 2:
                break
        rounds = itertools.cycle(mixed)
        while seen["all"] < count and not problems:
            with RawConnection(self.daemon.port, deadline=30) as connection:
                self.run_batches(connection, rounds, count, seen, problems)
            seen["connections"] += 1

    def run_batches(self, connection, rounds, count, seen, problems):
        """Until the daemon closes, as it does behind an upload that it
        refuses before its end."""
        while seen["all"] < count and not problems:
            batch = list(itertools.islice(rounds, BATCH))
            connection.send(b"".join(data for _, data in batch))
            for kind, data in batch:
                answer = connection.answer(data.startswith(b"HEAD"))
                if answer is None:
                    problems.append(f"no answer to {data[:200]!r}")
                    return
                if CANARY in answer.body or answer.status >= 500:
                    problems.append(f"{data[:200]!r}: {answer}")
                seen[kind.split()[0], answer.status] += 1
                seen["all"] += 1
                if answer.closes:
                    return

    def race(self, count):
        where = self.outside()
        pairs, places = self.arrange(where)
        before = self.marks(where)
        quick, slow = self.requests(places)
        seen, problems = collections.Counter(), []
        started = time.monotonic()
        flipper = Flipper(self.root, *pairs)
        threads = [threading.Thread(target=self.run_connection, args=(
            number, quick, slow, count, seen, problems))
            for number in range(CONNECTIONS)]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        finally:
            flips = flipper.stop()
        return seen, problems, flips, time.monotonic() - started, \
            self.marks(where) == before

    def test_nothing_outside_is_touched(self):
        seen, problems, flips, seconds, same = self.race(OPERATIONS)
        print(f"race: {seen['all']} operations, {flips} exchanges, "
              f"{seconds:.0f} s; {dict(seen)}", file=sys.stderr)
        self.assertEqual(problems[:10], [])
        self.assertTrue(same, "what is outside has changed")
        self.assertGreaterEqual(seen["all"], OPERATIONS)
        self.assertGreater(flips, OPERATIONS)
        # It was a race: each kind was let in sometimes, and refused sometimes.
        for kind, good in (("put", (200, 201)), ("get", (200,)),
                           ("delete", (200,))):
            self.assertGreater(sum(seen[kind, one] for one in good),
                               OPERATIONS // 1000)
            self.assertGreater(seen[kind, 403], OPERATIONS // 1000)
        wait.eventually(lambda: self.get("/health").status == 200)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--operations", type=int, default=OPERATIONS)
    OPERATIONS = parser.parse_args().operations
    unittest.main(argv=sys.argv[:1])
