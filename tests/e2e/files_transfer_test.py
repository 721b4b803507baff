"""Folders as tar.gz, both ways: against real tar, and against archives made
to do harm."""
import io
import os
import shutil
import subprocess
import tarfile
import tempfile
import unittest

from support import archives, wait
from support.files_case import FilesCase, escaped, snapshot
from support.raw_http import RawConnection, request

DOWNLOAD, UPLOAD = "/files/transfer/download", "/files/transfer/upload"
GZIP = {"Content-Type": "application/gzip"}


class TransferCase(FilesCase):
    def download(self, *paths, **more):
        answer = self.post(DOWNLOAD, {"paths": list(paths), **more},
                           {"Accept": "application/gzip"})
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.headers["Content-Type"], "application/gzip")
        return answer.body

    def names(self, data):
        """Entries of an archive, by their normalised names."""
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            return {os.path.normpath(one.name): one
                    for one in archive.getmembers()}

    def upload(self, data, dest=None):
        return self.post(UPLOAD, data, GZIP, dest=dest)

    def unpacked(self, data):
        """What real tar makes of an archive, as a snapshot."""
        with tempfile.TemporaryDirectory() as where:
            subprocess.run(["tar", "xzpf", "-", "-C", where], input=data,
                           check=True, timeout=wait.scaled(60))
            return snapshot(where)

    def sample(self):
        self.make("app/src/main.py", "print()\n", 0o644)
        self.make("app/run.sh", "#!/bin/sh\n", 0o755)
        self.make("app/data.bin", os.urandom(300_000))
        self.make("app/\u00fc \U0001f600/a", "umlaut")
        self.make("app/" + "/".join(["long" * 20] * 4), "long name")
        self.folder("app/empty")
        self.link("app/link", "src/main.py")
        return snapshot(self.at("app"))


class DownloadTest(TransferCase):
    def test_a_folder_is_rooted_at_its_name(self):
        wanted = self.sample()
        found = self.unpacked(self.download(self.at("app")))
        self.assertEqual({os.path.relpath(path, "app"): value
                          for path, value in found.items() if path != "app"},
                         wanted)

    def test_a_dot_gives_the_content(self):
        wanted = self.sample()
        self.assertEqual(self.unpacked(self.download(self.at("app") + "/.")),
                         wanted)

    def test_files_and_several_paths(self):
        self.sample()
        self.make("other/x", "y")
        found = self.names(self.download(self.at("app/run.sh"), "other",
                                         self.at("app/src")))
        self.assertEqual({name for name, one in found.items()
                          if one.isfile()},
                         {"run.sh", "other/x", "src/main.py"})

    def test_excluded_names(self):
        self.sample()
        found = self.names(self.download(
            self.at("app"), exclude_patterns=["*.py", "empty", "data.*"]))
        self.assertIn("app/run.sh", found)
        for name in ("app/src/main.py", "app/empty", "app/data.bin"):
            self.assertNotIn(name, found)

    def test_times_and_modes_are_kept(self):
        where = self.make("app/tool", "x", 0o751)
        os.utime(where, (1_700_000_000, 1_700_000_000))
        one = self.names(self.download(self.at("app")))["app/tool"]
        self.assertEqual((one.mode & 0o7777, int(one.mtime)),
                         (0o751, 1_700_000_000))

    def test_no_name_is_absolute_and_no_link_is_followed(self):
        self.sample()
        self.link("app/out", "/etc")
        self.link("app/loop", ".")
        with tarfile.open(fileobj=io.BytesIO(
                self.download(self.at("app")))) as archive:
            for one in archive.getmembers():
                self.assertFalse(one.name.startswith("/"))
                self.assertNotIn("..", one.name.split("/"))
                self.assertFalse(one.name.startswith(("app/out/",
                                                      "app/loop/")))

    def test_special_files_are_passed_over(self):
        self.make("app/a", "x")
        os.mkfifo(self.at("app/fifo"))
        found = self.names(self.download(self.at("app")))
        self.assertIn("app/a", found)
        self.assertNotIn("app/fifo", found)

    def test_a_file_that_grows_meanwhile(self):
        where = self.make("app/log", b"x" * (32 << 20))
        self.make("app/z", "behind it")
        with RawConnection(self.daemon.port, deadline=30) as connection:
            body = b'{"paths":["app"]}'
            connection.send(request(
                f"POST {DOWNLOAD} HTTP/1.1", "Content-Type: application/json",
                f"Content-Length: {len(body)}", body=body,
                token=self.daemon.token))
            with open(where, "ab") as file:
                file.write(b"y" * (8 << 20))
            found = self.names(connection.answer().body)
        self.assertEqual(set(found), {"app", "app/log", "app/z"})

    def test_errors(self):
        self.make("a", "x")
        for paths, status in ((["missing"], 404), (["a", "missing"], 404),
                              ([], 400), ("a", 400), ([7], 400),
                              ([""], (200, 400))):
            answer = self.post(DOWNLOAD, {"paths": paths})
            if answer.status != 200:
                self.refused(answer, status)
            else:
                self.assertEqual(status, (200, 400))
        self.refused(self.post(DOWNLOAD, {}), 400)
        os.mkfifo(self.at("fifo"))
        answer = self.post(DOWNLOAD, {"paths": [self.at("fifo")]})
        self.refused(answer, 400)

    def test_ten_thousand_files(self):
        for number in range(10_000):
            self.make(f"app/{number % 100}/{number}", f"{number}")
        found = self.names(self.download(self.at("app")))
        self.assertEqual(sum(one.isfile() for one in found.values()), 10_000)


class UploadTest(TransferCase):
    def packed(self, folder, *names):
        """What the command-line client sends: tar czf - -C dir ."""
        return subprocess.run(["tar", "czf", "-", "-C", folder,
                               *(names or ("."))], check=True,
                              capture_output=True).stdout

    def test_what_real_tar_makes_is_taken(self):
        wanted = self.sample()
        data = self.packed(self.at("app"))
        body = self.check(self.upload(data, self.at("new/place")))
        self.assertEqual(body["dest"], self.at("new/place"))
        self.assertIn(body["files_extracted"], (5, 6))  # with the link or not
        self.assertEqual(snapshot(self.at("new/place")), wanted)
        self.check_nothing_temporary()

    def test_in_chunks_without_a_length(self):
        self.sample()
        data = self.packed(self.at("app"))
        pieces = iter([data[at:at + 10_007]
                       for at in range(0, len(data), 10_007)])
        self.check(self.upload(pieces, self.at("new")))
        self.assertEqual(snapshot(self.at("new")), snapshot(self.at("app")))

    def test_the_default_destination_is_the_workspace(self):
        for dest in (None, "/", self.root):
            self.empty_workspace()
            body = self.check(self.upload(archives.tar([("a/b", b"x")]),
                                          dest))
            self.assertEqual(body["dest"], self.root)
            self.assertEqual(self.content("a/b"), b"x")

    def test_there_and_back(self):
        wanted = self.sample()
        data = self.download(self.at("app") + "/.")
        self.check(self.upload(data, self.at("copy")))
        self.assertEqual(snapshot(self.at("copy")), wanted)

    def test_into_a_folder_that_has_something(self):
        self.make("app/kept", "mine")
        self.make("app/sub/kept", "mine")
        self.make("app/a", "old")
        self.check(self.upload(archives.tar([("a", b"new"), ("sub/b", b"B")]),
                               self.at("app")))
        self.assertEqual(
            [self.content("app/" + name) for name in
             ("kept", "sub/kept", "a", "sub/b")],
            [b"mine", b"mine", b"new", b"B"])

    def test_a_link_in_the_way_is_never_written_through(self):
        outside = os.path.join(self.daemon.folder, "outside")
        os.makedirs(outside, exist_ok=True)
        self.link("app/sub", outside)
        self.link("app/file", os.path.join(outside, "f"))
        for name in ("sub/evil", "file"):
            answer = self.upload(archives.tar([(name, b"x")]),
                                 self.at("app"))
            self.assertIn(answer.status, (200, 400, 403, 409))
            self.assertEqual(os.listdir(outside), [])

    def test_what_is_in_the_way(self):
        self.make("app/file", "kept")
        self.make("app/sub/x", "kept")
        before = snapshot(self.at("app"))
        for name in ("file/below", "sub"):
            answer = self.upload(archives.tar([("first", b"x"),
                                               (name, b"x")]),
                                 self.at("app"))
            self.refused(answer, (400, 409))
            self.assertEqual(snapshot(self.at("app")), before)
        self.refused(self.upload(archives.tar([("a", b"x")]),
                                 self.at("app/file")), (400, 409))

    def test_set_user_id_bits_do_not_come_along(self):
        info = archives.member("tool", mode=0o6755)
        answer = self.upload(archives.tar([info]), self.at("app"))
        self.assertIn(answer.status, (200, 400))
        if answer.status == 200:
            self.assertEqual(os.stat(self.at("app/tool")).st_mode & 0o7000,
                             0)

    def test_hostile_ones_are_refused_whole(self):
        outside = os.path.join(self.daemon.folder, "root", "..", "outside")
        os.makedirs(outside, exist_ok=True)
        with open(os.path.join(outside, "kept"), "w") as file:
            file.write("kept")
        self.make("app/kept", "mine")
        before = snapshot(self.root), snapshot(outside)
        for name, (data, statuses) in archives.hostile_tars().items():
            for dest in (self.at("app"), self.at("new")):
                with self.subTest(name, dest=dest):
                    body = self.refused(self.upload(data, dest), statuses)
                    self.assertRegex(body["error"], r"\w+ \w+")
                    self.assertEqual((snapshot(self.root),
                                      snapshot(outside)), before)
        self.assertFalse(os.path.exists("/tmp/outrigger-evil"))

    def test_a_client_that_leaves_in_the_middle(self):
        data = archives.tar([(f"f{number}", os.urandom(50_000))
                             for number in range(20)])
        for dest in ("new", "there"):
            self.folder("there")
            with RawConnection(self.daemon.port) as connection:
                connection.send(request(
                    f"POST {UPLOAD}?dest={escaped(self.at(dest))} HTTP/1.1",
                    f"Content-Length: {len(data)}",
                    "Content-Type: application/gzip",
                    token=self.daemon.token) + data[:len(data) // 2])
        wait.eventually(lambda: list(snapshot(self.root)) == ["there"],
                        "nothing is left")


class ClientTest(TransferCase):
    def test_curl_and_tar_in_a_pipe(self):
        if not shutil.which("curl"):
            self.skipTest("curl is not installed")
        wanted = self.sample()
        base = f"http://127.0.0.1:{self.daemon.port}"
        curl = (f"curl -sf -H 'Authorization: Bearer {self.daemon.token}' "
                "-H 'Content-Type: ")
        with tempfile.TemporaryDirectory() as where:
            subprocess.run(["sh", "-ec", f"""
                {curl}application/json' -d '{{"paths":["app/."]}}' \
                    {base}{DOWNLOAD} | tar xzpf - -C {where}
                tar czf - -C {where} . | {curl}application/gzip' -T - \
                    -X POST '{base}{UPLOAD}?dest={self.root}/back'
                """], check=True, stdout=subprocess.DEVNULL,
                timeout=wait.scaled(60))
        self.assertEqual(snapshot(self.at("back")), wanted)


if __name__ == "__main__":
    unittest.main()
