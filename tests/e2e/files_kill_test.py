"""The daemon is killed in the middle of writing, two hundred times and more at
random moments, and started again. A file is the old one or the new one, and
nothing else is left.

    files_kill_test.py [--kills N] [--seed N]"""
import argparse
import hashlib
import os
import random
import shutil
import sys
import threading
import time
import unittest

from support import archives, multipart
from support.daemon import Daemon
from support.files_case import RAW, V1, brief, snapshot, temporary_files
from support.http_client import HttpClient

KILLS = 200
MORE_KILLS = 30  # of each other way to write
SEED = 20260
SIZE = 3 << 20
MARGIN = 2.0  # of the time a request takes: some are over before the kill


def version(number):
    """Content that says which one it is, in every block."""
    block = hashlib.sha256(b"%d" % number).digest() * 128
    return (b"%08d" % number + block * (SIZE // len(block) + 1))[:SIZE]


class KillTest(unittest.TestCase):
    def setUp(self):
        self.random = random.Random(SEED)
        self.daemon = Daemon()
        self.addCleanup(self.daemon.close)
        self.root = os.path.realpath(self.daemon.root)
        self.acknowledged = self.overtaken = 0

    def file(self, name):
        with open(os.path.join(self.root, name), "rb") as file:
            return file.read()

    def duration(self, method, target, body, headers, times_over=3):
        """How long the request takes when nobody is killed."""
        http = self.daemon.http()
        times = []
        for _ in range(times_over):
            begun = time.monotonic()
            answer = http.request(method, target, body, headers)
            times.append(time.monotonic() - begun)
            self.assertLess(answer.status, 300, answer)
        http.close()
        return sorted(times)[len(times) // 2]

    def killed_during(self, method, target, body, headers, longest):
        """A request, and the kill. Whether it was acknowledged before."""
        http = HttpClient(self.daemon.port, self.daemon.token)
        http.get("/health")
        answers = []

        def send():
            try:
                answers.append(http.request(method, target, body,
                                            headers).status)
            except Exception:  # however the connection ended
                pass
        thread = threading.Thread(target=send)
        moment = time.monotonic() + self.random.random() * longest
        thread.start()
        while time.monotonic() < moment:
            pass  # a sleep is not exact enough
        self.daemon.kill()
        thread.join()
        http.close()
        if answers:
            self.assertLess(answers[0], 300)
            self.acknowledged += 1
        else:
            self.overtaken += 1
        return bool(answers)

    def test_a_put_is_all_or_nothing(self):
        self.daemon.start()
        with open(os.path.join(self.root, "target"), "wb") as file:
            file.write(version(0))
        now = version(0)
        longest = {query: MARGIN * self.duration(
            "PUT", f"{V1}/target{query}", now, RAW)
            for query in ("", "?fsync=true")}
        for kill in range(1, KILLS + 1):
            query = "?fsync=true" if kill % 2 else ""
            new = version(kill)
            name = "target" if kill % 4 else f"new-{kill}"
            old = now if name == "target" else None
            done = self.killed_during("PUT", f"{V1}/{name}{query}", new, RAW,
                                      longest[query])
            # On a busy machine requests become slower, and quicker again.
            longest[query] *= 0.97 if done else 1.03
            there = self.file(name) if os.path.exists(
                os.path.join(self.root, name)) else None
            self.assertTrue(there == new or not done and there == old,
                            f"kill {kill}: {brief(there or b'')}")
            self.daemon.start()
            self.assertEqual(temporary_files(self.root), [], f"kill {kill}")
            self.assertTrue(self.file("target") in (now, new))
            if name == "target":
                now = there
            elif there is not None:
                os.remove(os.path.join(self.root, name))
            self.assertEqual(os.listdir(self.root), ["target"])
        print(f"{KILLS} kills: {self.acknowledged} after the answer, "
              f"{self.overtaken} before", file=sys.stderr)
        self.assertGreater(self.acknowledged, KILLS // 20)
        self.assertGreater(self.overtaken, KILLS // 5)

    def check_other(self, prepare, request, is_whole, kills=MORE_KILLS):
        """As above for requests that make more than one file."""
        self.daemon.start()
        prepare()
        before = snapshot(self.root)
        longest = MARGIN * self.duration(*request, times_over=1)
        for kill in range(kills):
            for name in os.listdir(self.root):
                shutil.rmtree(os.path.join(self.root, name))
            prepare()
            self.killed_during(*request, longest)
            self.daemon.start()
            self.assertEqual(temporary_files(self.root), [], f"kill {kill}")
            is_whole(before, kill)

    def test_an_upload(self):
        rows = [(f"f{number}", version(number)) for number in range(3)]
        body = multipart.form({"targetPath": "/up",
                               "conflictStrategy": "overwrite"}, rows)

        def is_whole(_, kill):
            for name, data in rows:
                path = os.path.join(self.root, "up", name)
                if os.path.exists(path):
                    self.assertTrue(self.file("up/" + name) == data, kill)
        self.check_other(lambda: None, (
            "POST", V1 + "/upload", body, multipart.content_type()), is_whole)

    def test_an_archive(self):
        rows = [(f"d/f{number}", version(number)[:100_000])
                for number in range(60)]
        data = archives.tar(rows)

        def is_whole(_, kill):
            """Into a new folder: all of it, or no such folder."""
            if os.path.exists(os.path.join(self.root, "new")):
                for name, wanted in rows:
                    self.assertTrue(self.file("new/" + name) == wanted, kill)
        self.check_other(lambda: None, (
            "POST", f"/files/transfer/upload?dest={self.root}/new", data,
            {"Content-Type": "application/gzip"}), is_whole)

    def test_a_copy_of_a_folder(self):
        def prepare():
            for number in range(40):
                os.makedirs(os.path.join(self.root, "source"), exist_ok=True)
                with open(os.path.join(self.root, f"source/{number}"),
                          "wb") as file:
                    file.write(version(number)[:200_000])

        def is_whole(before, kill):
            now = snapshot(self.root)
            copied = {path: value for path, value in now.items()
                      if path.startswith("copied")}
            rest = {path: value for path, value in now.items()
                    if path not in copied}
            self.assertEqual(rest, before, kill)
            if copied:
                self.assertEqual(len(copied), len(rest), kill)
        self.check_other(prepare, ("POST", V1 + "/copy", {
            "sourcePath": "source", "destPath": "copied",
            "overwrite": True}, {}), is_whole)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--seed", type=int, default=SEED)
    chosen = parser.parse_args()
    KILLS, SEED = chosen.kills, chosen.seed
    unittest.main(argv=sys.argv[:1])
