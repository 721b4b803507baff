"""One whole version or the other: readers during ten thousand overwrites, and
disks that are full or fail in the middle of a write."""
import collections
import os
import subprocess
import threading
import time
import unittest

from support import archives, multipart, strace, wait
from support.case import fresh
from support.files_case import RAW, V1, FilesCase, brief, snapshot
from support.http_client import HttpClient

OVERWRITES = 10_000
SIZE = 1 << 20
WRITING = "write,pwrite64,writev,pwritev,pwritev2,copy_file_range,sendfile," \
    "splice"
SYNCING = "fsync,fdatasync,sync_file_range,syncfs"
PUTTING = "linkat,renameat,renameat2,rename,link"
ATTEMPTS = 40  # of one kind of call, at most


class ReadersTest(FilesCase):
    options = ("--max-requests", "1000000")

    def versions(self):
        """Contents that differ in every block."""
        return [(b"%02d" % number) * (SIZE // 2) for number in range(8)]

    def test_readers_during_overwrites_see_whole_versions(self):
        versions = self.versions()
        known = set(versions)
        self.make("a", versions[0])
        seen, problems, over = collections.Counter(), [], threading.Event()

        def read(target):
            http = self.daemon.http()
            while not over.is_set() and not problems:
                answer = http.get(target)
                if answer.status != 200:
                    problems.append(f"{target}: {answer}")
                elif answer.body not in known:
                    problems.append(f"{target}: {len(answer.body)} bytes of "
                                    f"{set(answer.body)}")
                else:
                    seen[target] += 1

        def read_disk():
            while not over.is_set() and not problems:
                with open(self.at("a"), "rb") as file:
                    if file.read() not in known:
                        problems.append("a part of it on the disk")
                seen["disk"] += 1
        threads = [threading.Thread(target=read, args=(target,)) for target in
                   (V1 + "/a?raw=true", V1 + "/content?path=a&raw=true")]
        threads.append(threading.Thread(target=read_disk))
        for thread in threads:
            thread.start()
        try:
            for number in range(OVERWRITES):
                answer = self.put_raw("a", versions[number % 8])
                if answer.status != 200 or problems:
                    break
        finally:
            over.set()
            for thread in threads:
                thread.join()
        self.assertEqual(problems, [])
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(len(seen), 3)
        self.assertGreater(min(seen.values()), 100)
        self.check_nothing_temporary()

    def test_a_download_goes_on_with_the_version_it_began_with(self):
        versions = [bytes([number]) * (16 << 20) for number in range(3)]
        self.make("a", versions[0])
        http = HttpClient(self.daemon.port)
        self.addCleanup(http.close)
        http.get("/health")
        http.connection.request("GET", V1 + "/a?raw=true", None, {
            "Authorization": f"Bearer {self.daemon.token}"})
        response = http.connection.getresponse()
        first = response.read(1 << 20)
        for version in versions[1:]:
            self.check(self.put_raw("a", version))
        self.assertEqual(first + response.read(), versions[0])


class Changes:
    """Ways to change `target`, by name; each answers or loses its
    connection."""

    def __init__(self, case, http, size):
        self.case, self.http = case, http
        data = os.urandom(size)
        form = multipart.form({"targetPath": "/", "conflictStrategy":
                               "overwrite"}, [("target", data)])
        packed = archives.tar([("target", data), ("other", data)])
        self.new = data
        self.text = data.hex()[:size].encode()
        self.ways = {
            "put": ("PUT", V1 + "/target", data, RAW),
            "durable put": ("PUT", V1 + "/target?fsync=true", data, RAW),
            "write": ("POST", "/files/write", {
                "path": "target", "content": self.text.decode(),
                "fsync": True}, {}),
            "append": ("PUT", V1 + "/target?append=true&fsync=true", data,
                       RAW),
            "upload": ("POST", V1 + "/upload", form,
                       multipart.content_type()),
            "copy": ("POST", V1 + "/copy", {
                "sourcePath": "source", "destPath": "target",
                "overwrite": True}, {}),
            "transfer": ("POST", "/files/transfer/upload?dest="
                         + case.root, packed,
                         {"Content-Type": "application/gzip"}),
        }

    def run(self, name):
        method, target, body, headers = self.ways[name]
        return self.http.request(method, target, body, headers)


class DiskCase(FilesCase):
    """The workspace is a file system of its own, of `DISK`."""
    shielded = False
    DISK = "64m"

    @classmethod
    def before_start(cls):
        if os.geteuid() != 0:
            raise unittest.SkipTest("mounting needs root")
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size="
                               + cls.DISK, "none", cls.root],
                              capture_output=True)
        if made.returncode:
            raise unittest.SkipTest("no mounts here")
        cls.addClassCleanup(subprocess.run, ["umount", "-l", cls.root])


class FullDiskTest(DiskCase):
    """So small that it is full after any number of pages."""
    DISK = "2m"
    SIZE, PAGE = 160 * 1024, 4096

    def fill(self, free):
        """Leaves so many bytes free, by a file that is in the way."""
        space = os.statvfs(self.root)
        handle = os.open(self.at("ballast"), os.O_WRONLY | os.O_CREAT)
        os.posix_fallocate(handle, 0,
                           space.f_bavail * space.f_frsize - free)
        os.close(handle)

    def test_every_way_at_every_page(self):
        changes = Changes(self, self.http, self.SIZE)
        for name in changes.ways:
            fates, wrong = collections.Counter(), []
            for free in range(0, 8 * self.SIZE, self.PAGE):
                self.empty_workspace()
                self.make("target", b"old content")
                self.make("source", changes.new)
                self.fill(free)
                before = snapshot(self.root)
                answer = changes.run(name)
                fates[answer.status] += 1
                if answer.status < 300:
                    break
                if answer.status != 507:
                    wrong.append(f"{free} bytes free: {answer}")
                if (now := snapshot(self.root)) != before:
                    wrong.append(f"{free} bytes free, and left: {now}")
            with self.subTest(name):
                self.assertEqual(wrong[:3], [], f"{len(wrong)} times")
                self.assertGreater(fates[507], 0)
                self.assertEqual(fates[200] + fates[201], 1)
            self.check_nothing_temporary()
            self.assertEqual(self.get("/health").status, 200)

    def test_it_goes_on_when_there_is_room_again(self):
        self.fill(0)
        self.assertEqual(self.put_raw("a", b"x" * 9000).status, 507)
        os.remove(self.at("ballast"))
        self.check(self.put_raw("a", b"x" * 9000), 201)


class FailingDiskTest(DiskCase):
    """Calls that fail because strace says so, one after another."""
    SIZE = 600_000

    def setUp(self):
        super().setUp()
        reason = strace.unavailable(self.daemon.process.pid)
        if reason:
            self.skipTest(reason)

    def paths(self):
        """The workspace's folder and files, and what files without a name
        are shown as: by their inodes, which are counted up here."""
        handle = os.open(self.root, os.O_TMPFILE | os.O_RDWR)
        number = os.fstat(handle).st_ino
        os.close(handle)
        return [self.root, self.at("target"), self.at("source"),
                *(f"{self.root}/#{number + ahead}"
                  for ahead in range(60))]

    def attempt(self, changes, name, calls, error, when):
        """One change with one failing call: whether it did fail."""
        self.empty_workspace()
        self.make("target", b"old content")
        self.make("source", changes.new)
        before = snapshot(self.root)
        trace = strace.Strace(
            self.daemon.process.pid, "-e", "trace=" + calls, "-e",
            f"inject={calls}:error={error}:when={when}", paths=self.paths())
        with trace:
            answer = changes.run(name)
        failed = [call for call in trace.calls() if call.injected]
        with self.subTest(name, call=failed, error=error, when=when):
            if failed:
                self.judge(answer, before, failed, error)
            else:
                self.assertLess(answer.status, 300, answer)
        self.check_nothing_temporary()
        self.assertEqual(self.get("/health").status, 200)
        return bool(failed)

    def judge(self, answer, before, failed, error):
        self.assertEqual(answer.status, 507 if error == "ENOSPC" else 500,
                         answer)
        if any(call.name in SYNCING.split(",") for call in failed):
            # Not acknowledged; the new content may be there all the same,
            # when it was the folder that failed, or it was an append.
            old = b"old content"
            self.assertIn(brief(self.content("target")), [
                brief(one) for one in (old, self.changes.new,
                                       self.changes.text,
                                       old + self.changes.new)])
        else:
            self.assertEqual(snapshot(self.root), before)

    def each(self, calls, error, ways):
        """Every such call of every way, until it has no more of them."""
        self.changes = changes = Changes(self, self.http, self.SIZE)
        for name in ways:
            count = 0
            while count < ATTEMPTS and self.attempt(
                    changes, name, calls, error, count + 1):
                count += 1
            self.assertGreater(count, 0, f"{name}: no {calls} was seen")

    def test_no_space_at_each_write(self):
        self.each(WRITING, "ENOSPC",
                  ("put", "write", "append", "upload", "copy"))

    def test_an_error_of_the_disk_at_each_write(self):
        self.each(WRITING, "EIO", ("put", "append", "upload"))

    def test_a_failed_sync_is_not_acknowledged(self):
        self.each(SYNCING, "EIO", ("durable put", "write", "append"))

    def test_a_failed_sync_for_want_of_space(self):
        self.each(SYNCING, "ENOSPC", ("durable put",))

    def test_a_name_that_cannot_be_had(self):
        changes = Changes(self, self.http, self.SIZE)
        for name in ("put", "upload"):
            for error in ("EIO", "ENOSPC"):
                count = 1
                while count <= ATTEMPTS and self.attempt_name(
                        changes, name, error, count):
                    count += 1
                self.assertGreater(count, 1, "no name was given")

    def attempt_name(self, changes, name, error, when):
        """As attempt(), for calls whose paths nobody can know."""
        self.empty_workspace()
        self.make("target", b"old content")
        self.make("source", changes.new)
        before = snapshot(self.root)
        trace = strace.Strace(
            self.daemon.process.pid, "-e", "trace=" + PUTTING, "-e",
            f"inject={PUTTING}:error={error}:when={when}")
        with trace:
            answer = changes.run(name)
        failed = [call for call in trace.calls() if call.injected]
        with self.subTest(name, call=failed):
            if answer.status >= 300:
                self.assertEqual(
                    answer.status, 507 if error == "ENOSPC" else 500, answer)
                self.assertEqual(snapshot(self.root), before)
            elif not failed:
                self.assertNotEqual(snapshot(self.root), before)
        self.check_nothing_temporary()
        return bool(failed)

    def test_interrupted_calls_are_repeated(self):
        data = os.urandom(self.SIZE)
        self.make("target", b"old")
        trace = strace.Strace(
            self.daemon.process.pid, "-e", "trace=" + WRITING, "-e",
            f"inject={WRITING}:error=EINTR:when=1..3", paths=self.paths())
        with trace:
            answer = self.put_raw("target", data)
        self.check(answer)
        self.assertEqual(brief(self.content("target")), brief(data))


class TimeTest(FilesCase):
    def test_a_disk_that_takes_its_time_holds_nobody_up(self):
        """A worker that waits is not the loop."""
        daemon = self.daemon
        reason = strace.unavailable(daemon.process.pid)
        if reason:
            self.skipTest(reason)
        with strace.Strace(
                daemon.process.pid, "-e", "trace=" + SYNCING, "-e",
                f"inject={SYNCING}:delay_enter=1s"):
            done = []
            http = daemon.http()
            thread = threading.Thread(target=lambda: done.append(
                http.request("PUT", V1 + "/a?fsync=true", b"x", RAW)))
            thread.start()
            worst = 0.0
            while not done:
                begun = time.monotonic()
                self.assertEqual(self.get("/health").status, 200)
                worst = max(worst, time.monotonic() - begun)
            thread.join()
        self.assertEqual(done[0].status, 201, done[0])
        self.assertLess(worst, wait.scaled(0.5))


class EmptyHandedTest(unittest.TestCase):
    def test_leftovers_of_others_are_not_touched(self):
        """Only what the daemon itself made is ever removed."""
        daemon = fresh(self, start=False)
        names = [".outrigger-0123456789abcdef.tmp", ".outrigger-x.tmp",
                 "a.tmp", ".tmp"]
        for name in names:
            with open(os.path.join(daemon.root, name), "w") as file:
                file.write("somebody's")
        for _ in range(2):
            daemon.start()
            self.assertEqual(sorted(os.listdir(daemon.root)), sorted(names))
            daemon.kill()


if __name__ == "__main__":
    unittest.main()
