"""A gibibyte up and down, by every way that streams, while the daemon's memory
stays what it was.

    files_big_test.py [--mib N]"""
import argparse
import hashlib
import os
import sys
import time
import unittest

from support import multipart, processes, wait
from support.daemon import is_sanitized
from support.files_case import RAW, V1, FilesCase
from support.http_client import HttpClient

MIB = 1024
GROWTH = 8 * 1024  # KiB
PIECE = os.urandom((1 << 20) - 8)


def pieces():
    """MIB different mebibytes."""
    for number in range(MIB):
        yield number.to_bytes(8, "big") + PIECE


class Sized:
    """A body of known length for http.client, made while it is sent."""

    def __init__(self, head=b"", tail=b""):
        self.rest = self.parts(head, tail)
        self.size = len(head) + (MIB << 20) + len(tail)

    def parts(self, head, tail):
        if head:
            yield head
        yield from pieces()
        if tail:
            yield tail

    def __iter__(self):
        return self.rest


class BigTest(FilesCase):
    options = ("--write-timeout", "2m", "--body-timeout", "2m")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        digest = hashlib.sha256()
        for piece in pieces():
            digest.update(piece)
        cls.digest = digest.hexdigest()

    def setUp(self):
        super().setUp()
        free = os.statvfs(self.root)
        if free.f_bavail * free.f_frsize < 3 * (MIB << 20):
            self.skipTest("not enough room on the disk")
        # What the first request of each kind takes is no growth.
        self.put_raw("warm", os.urandom(3 << 20))
        self.get_raw("warm")
        self.post(V1 + "/upload", multipart.form(
            {"targetPath": "/"}, [("warm2", os.urandom(3 << 20))]),
            multipart.content_type())
        self.post("/files/transfer/download", {"paths": ["warm"]})
        self.empty_workspace()

    def measured(self, what, act):
        """Runs it; the daemon's memory may not have grown meanwhile."""
        pid = self.daemon.process.pid
        processes.forget_peak(pid)
        before = processes.resident_kib(pid)
        begun = time.monotonic()
        act()
        seconds = time.monotonic() - begun
        grown = processes.peak_kib(pid) - before
        print(f"{what}: {MIB / seconds:.0f} MiB/s, daemon +{grown} KiB",
              file=sys.stderr)
        if not is_sanitized():
            self.assertLess(grown, GROWTH, what)

    def send(self, method, target, body, headers, length=True):
        http = HttpClient(self.daemon.port)
        self.addCleanup(http.close)
        http.get("/health")
        connection = http.connection
        connection.sock.settimeout(wait.scaled(120))
        headers = {**headers, "Authorization": f"Bearer {self.daemon.token}"}
        if length:
            headers["Content-Length"] = str(body.size)
        connection.request(method, target, body, headers)
        response = connection.getresponse()
        text = response.read()
        self.assertIn(response.status, (200, 201), text)

    def check_disk(self, path):
        digest = hashlib.sha256()
        with open(self.at(path), "rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
        self.assertEqual(os.path.getsize(self.at(path)), MIB << 20)
        self.assertEqual(digest.hexdigest(), self.digest)
        self.check_nothing_temporary()

    def check_download(self, target, headers=None):
        http = HttpClient(self.daemon.port)
        self.addCleanup(http.close)
        http.get("/health")
        connection = http.connection
        connection.sock.settimeout(wait.scaled(120))
        connection.request("GET", target, None, {
            "Authorization": f"Bearer {self.daemon.token}",
            **(headers or {})})
        response = connection.getresponse()
        self.assertIn(response.status, (200, 206))
        digest, size = hashlib.sha256(), 0
        while piece := response.read(1 << 20):
            digest.update(piece)
            size += len(piece)
        return size, digest.hexdigest()

    def test_raw(self):
        self.measured("raw PUT", lambda: self.send(
            "PUT", V1 + "/big", Sized(), RAW))
        self.check_disk("big")
        for target in (V1 + "/big?raw=true",
                       V1 + "/content?path=big&raw=true"):
            self.measured("raw GET", lambda: self.assertEqual(
                self.check_download(target), (MIB << 20, self.digest)))

    def test_chunked_and_durable(self):
        self.measured("chunked PUT", lambda: self.send(
            "PUT", V1 + "/big?fsync=true", pieces(), RAW, length=False))
        self.check_disk("big")

    def test_appended(self):
        self.make("big", b"")
        self.measured("append", lambda: self.send(
            "PUT", V1 + "/big?append=true", Sized(), RAW))
        self.check_disk("big")

    def test_multipart(self):
        head = (multipart.header("targetPath") + b"/up\r\n"
                + multipart.header("files", "big"))
        self.measured("multipart", lambda: self.send(
            "POST", V1 + "/upload",
            Sized(head, b"\r\n" + multipart.end()), multipart.content_type()))
        self.check_disk("up/big")

    def test_a_part_far_behind(self):
        with open(self.at("sparse"), "wb") as file:
            file.truncate(1 << 40)
            file.seek((1 << 40) - 5)
            file.write(b"12345")
        answer = self.get_raw("sparse", {"Range": "bytes=-5"})
        self.assertEqual((answer.status, answer.body), (206, b"12345"))
        first = (1 << 40) - (MIB << 20)
        self.measured("range of a sparse file", lambda: self.assertEqual(
            self.check_download(V1 + "/sparse?raw=true", {
                "Range": f"bytes={first}-"})[0], MIB << 20))

    def test_a_folder_down_and_up_again(self):
        """As tar.gz: of random bytes and so as large."""
        self.folder("app")
        with open(self.at("app/big"), "wb") as file:
            for piece in pieces():
                file.write(piece)
        kept = os.path.join(self.daemon.folder, "kept.tar.gz")

        def down():
            http = HttpClient(self.daemon.port, self.daemon.token)
            self.addCleanup(http.close)
            http.get("/health")
            connection = http.connection
            connection.sock.settimeout(wait.scaled(120))
            connection.request("POST", "/files/transfer/download",
                               b'{"paths":["app/."]}', {
                                   "Authorization":
                                   f"Bearer {self.daemon.token}",
                                   "Content-Type": "application/json"})
            response = connection.getresponse()
            self.assertEqual(response.status, 200)
            with open(kept, "wb") as file:
                while piece := response.read(1 << 20):
                    file.write(piece)
        self.measured("transfer down", down)
        self.addCleanup(os.remove, kept)

        def up():
            with open(kept, "rb") as file:
                self.send("POST", "/files/transfer/upload?dest=back",
                          iter(lambda: file.read(1 << 20), b""),
                          {"Content-Type": "application/gzip"}, length=False)
        self.measured("transfer up", up)
        self.check_disk("back/big")

    def test_a_slow_reader_costs_nothing(self):
        with open(self.at("big"), "wb") as file:
            file.truncate(MIB << 20)
        clients = []

        def begin():
            for _ in range(20):
                http = HttpClient(self.daemon.port)
                self.addCleanup(http.close)
                http.get("/health")
                http.connection.request("GET", V1 + "/big?raw=true", None, {
                    "Authorization": f"Bearer {self.daemon.token}"})
                response = http.connection.getresponse()
                response.read(100_000)
                clients.append((http, response))
            self.assertEqual(self.get("/health").status, 200)
        self.measured("20 that stopped reading", begin)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--mib", type=int, default=MIB)
    MIB = parser.parse_args().mib
    unittest.main(argv=sys.argv[:1])
