"""What has a name in the workspace and is no file one can write: pipes,
sockets, devices, folders, immutable files, read-only mounts. Every request
about them is answered within a second, and everybody else's meanwhile."""
import os
import shutil
import socket
import stat
import subprocess
import threading
import time
import unittest

from support import archives, file_routes, wait
from support.files_case import FilesCase

HEARTBEAT_LIMIT = 0.25  # seconds: "answers in < 250 ms"
ANSWER_LIMIT = 1.0


class Heartbeat:
    """Asks for /health all the time, on a connection of its own."""

    def __init__(self, daemon):
        self.http = daemon.http()
        self.worst, self.beats, self.failed = 0.0, 0, None
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        try:
            while not self.over.wait(0.005):
                begun = time.monotonic()
                if self.http.get("/health").json["status"] != "ok":
                    raise AssertionError("not well")
                self.worst = max(self.worst, time.monotonic() - begun)
                self.beats += 1
        except Exception as error:  # told by the test
            self.failed = error

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        # What it accompanies may be over before the first beat.
        try:
            wait.eventually(lambda: self.beats or self.failed, "a heartbeat")
        finally:
            self.over.set()
        self.thread.join()


class SpecialCase(FilesCase):
    shielded = False  # mounts are made while the daemon runs
    statuses = {}

    def judge(self, path, statuses, spare=()):
        """Every route on `path`, under a heartbeat."""
        problems = []
        with Heartbeat(self.daemon) as heart:
            for route in file_routes.routes():
                if route.name in spare or route.itself:
                    continue
                wanted = statuses(route)
                method, target, body, headers = route.request(path.encode())
                begun = time.monotonic()
                answer = self.http.request(method, target, body, headers)
                took = time.monotonic() - begun
                if took > wait.scaled(ANSWER_LIMIT):
                    problems.append(f"{route}: {took:.1f} s")
                if route.always and answer.status < 300:
                    continue
                if answer.status not in wanted:
                    problems.append(f"{route} not in {wanted}: {answer}")
        self.assertIsNone(heart.failed)
        if problems:
            self.fail("\n".join(problems))
        self.assertGreater(heart.beats, 0)
        self.assertLess(heart.worst, wait.scaled(HEARTBEAT_LIMIT))

    def refusals(self, route):
        """For something that is neither file nor folder."""
        if route.only_name or route.name in ("stat", "search files"):
            return 200, 201, 400
        if route.name.startswith(("create", "mkdir")):
            return 400, 409
        return (400, 409) if "upload" in route.name else (400,)


class SpecialTest(SpecialCase):
    def test_a_pipe(self):
        os.mkfifo(self.at("fifo"))
        self.judge("fifo", self.refusals)
        self.assertTrue(stat.S_ISFIFO(os.stat(self.at("fifo")).st_mode))

    def test_a_pipe_somebody_reads_gets_nothing(self):
        os.mkfifo(self.at("fifo"))
        reader = os.open(self.at("fifo"), os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        self.judge("fifo", self.refusals)
        self.assertEqual(os.read(reader, 100), b"")

    def test_a_socket(self):
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self.at("socket"))
            listener.listen()
            self.judge("socket", self.refusals)

    def test_devices(self):
        if os.geteuid() != 0:
            self.skipTest("making devices needs root")
        for name, number in (("null", (1, 3)), ("zero", (1, 5)),
                             ("full", (1, 7)), ("tty", (5, 0))):
            try:
                os.mknod(self.at(name), stat.S_IFCHR | 0o666,
                         os.makedev(*number))
            except PermissionError:
                self.skipTest("no devices can be made here")
            self.judge(name, self.refusals)

    def test_below_a_pipe(self):
        os.mkfifo(self.at("fifo"))
        for path in ("fifo/below", "fifo/"):
            for target in ("/files/read", "/files/stat", "/files"):
                answer = self.get(target, path=path)
                self.assertIn(answer.status, (200, 400, 404))

    def test_folders_with_them_are_listed_searched_and_packed(self):
        os.mkfifo(self.at("fifo"))
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self.at("socket"))
        self.make("a.txt", "word\n")
        begun = time.monotonic()
        for answer in (
                self.get("/files", include_hash=True, include_content=True),
                self.get("/files/stream", include_content=True),
                self.get(file_routes.V1 + "/tree"),
                self.get("/files/search", q="word"),
                self.post("/files/transfer/download", {"paths": ["."]})):
            self.assertEqual(answer.status, 200, answer)
        self.assertLess(time.monotonic() - begun, wait.scaled(5))

    def test_they_can_be_removed_and_moved(self):
        for act in (
                lambda: self.post("/files/delete", {"path": "fifo"}),
                lambda: self.delete(file_routes.V1, path="fifo"),
                lambda: self.post(file_routes.V1 + "/move", {
                    "sourcePath": "fifo", "destPath": "moved"})):
            os.mkfifo(self.at("fifo"))
            self.check(act())
            self.assertFalse(self.exists("fifo"))

    def test_a_folder_where_a_file_should_be(self):
        self.make("sub/kept", "x")

        def statuses(route):
            if route.only_name or route.looks and "read" not in route.name:
                return 200, 201, 400
            if route.name in ("mkdir", "upload"):
                return (201, 200)
            if route.name.startswith("create"):
                return (409,)
            return (400,)
        self.judge("sub", statuses, spare=("watch", "watch root"))
        self.assertEqual(self.content("sub/kept"), b"x")

    def test_immutable_files_and_folders(self):
        if os.geteuid() != 0 or not shutil.which("chattr"):
            self.skipTest("needs root and chattr")
        path, sub = self.make("fixed", "kept"), self.folder("sub")
        self.make("sub/a", "kept")
        for one in (path, sub):
            if subprocess.run(["chattr", "+i", one],
                              capture_output=True).returncode:
                self.skipTest("no immutable files on this file system")
            self.addCleanup(subprocess.run, ["chattr", "-i", one])
        changes = [
            self.put_raw("fixed", b"x"), self.put_raw("sub/new", b"x"),
            self.put_raw("fixed", b"x", append=True),
            self.put_raw("fixed", b"x", offset=0),
            self.put_raw("sub/a", b"x"),
            self.delete(file_routes.V1, path="fixed"),
            self.delete(file_routes.V1, path="sub", recursive=True),
            self.post(file_routes.V1 + "/move", {"sourcePath": "fixed",
                                                 "destPath": "b"}),
            self.post(file_routes.V1, {"path": "sub/n", "type": "file"})]
        for answer in changes:
            self.refused_v1(answer, 403, "PERMISSION_DENIED")
        for answer in (
                self.put("/files/write", {"path": "fixed", "content": "x"}),
                self.post("/files/mkdir", {"path": "sub/new"}),
                self.post("/files/delete", {"path": "fixed"}),
                self.post("/files/transfer/upload",
                          archives.tar([("a", b"x")]),
                          {"Content-Type": "application/gzip"}, dest="sub")):
            self.refused(answer, 403)
        self.assertEqual(self.content("fixed"), b"kept")
        self.assertEqual(os.listdir(self.at("sub")), ["a"])

    def test_a_read_only_mount(self):
        if os.geteuid() != 0:
            self.skipTest("mounting needs root")
        mounted = self.folder("mounted")
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m",
                               "none", mounted], capture_output=True)
        if made.returncode:
            self.skipTest("no mounts here")
        self.addCleanup(subprocess.run, ["umount", "-l", mounted])
        self.make("mounted/f", "kept")
        subprocess.run(["mount", "-o", "remount,ro", mounted], check=True)

        def statuses(route):
            if route.looks or route.only_name:
                return 200, 201
            if route.name.startswith(("create", "mkdir", "upload")):
                return 400, 403, 409  # it is there, and it is no folder
            return (403,)
        self.judge("mounted/f", statuses, spare=(
            "list", "list all", "stream", "files", "tree", "children",
            "search files", "watch", "watch root", "download content"))
        for path in ("mounted/new", "mounted/sub/new"):
            self.refused_v1(self.put_raw(path, b"x"), 403)
        self.refused_v1(self.delete(file_routes.V1, path="mounted/f"), 403)
        self.assertEqual(self.content("mounted/f"), b"kept")


if __name__ == "__main__":
    unittest.main()
