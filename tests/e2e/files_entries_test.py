"""Folders, stat and removal in the terminals dialect; and --fs-root, which
opens the whole machine."""
import itertools
import os
import re
import stat
import unittest

from support.files_case import ETAG, MODIFIED, FilesCase, query

PROTECTED = ("/", "/bin", "/sbin", "/usr", "/lib", "/lib64", "/etc", "/dev",
             "/proc", "/sys", "/boot", "/run")


class FolderTest(FilesCase):
    def test_mkdir_makes_parents(self):
        body = self.check(self.post("/files/mkdir",
                                    {"path": self.at("a/b/c")}), 201)
        self.assertEqual(body["path"], self.at("a/b/c"))
        self.assertTrue(os.path.isdir(self.at("a/b/c")))
        self.check(self.post("/files/mkdir", {"path": self.at("a/b")}), 201)

    def test_mkdir_mode(self):
        self.check(self.post("/files/mkdir", {"path": self.at("p"),
                                              "mode": "0700"}), 201)
        self.assertEqual(stat.S_IMODE(os.stat(self.at("p")).st_mode), 0o700)
        self.refused(self.post("/files/mkdir", {"path": self.at("q"),
                                                "mode": "x"}), 400)

    def test_mkdir_where_a_file_is(self):
        self.make("file", "kept")
        self.refused(self.post("/files/mkdir", {"path": self.at("file")}),
                     (400, 409))
        self.refused(self.post("/files/mkdir", {"path": self.at("file/x")}),
                     (400, 404, 409))
        self.refused(self.post("/files/mkdir", {}), 400)
        self.assertEqual(self.content("file"), b"kept")

    def stat(self, path):
        return self.check(self.get("/files/stat", path=path))

    def test_stat_of_a_file(self):
        path = self.make("src/main.py", "print()\n", 0o640)
        body = self.stat(path)
        self.assertEqual(
            {name: body[name] for name in ("path", "name", "type", "size",
                                           "permissions", "is_code",
                                           "extension")},
            {"path": path, "name": "main.py", "type": "file", "size": 8,
             "permissions": "0640", "is_code": True, "extension": ".py"})
        self.assertRegex(body["modified"], MODIFIED)
        self.check_time(body["modified"], "src/main.py")
        self.assertRegex(body["etag"], ETAG)
        self.assertIs(self.stat(self.make("photo.jpg", b"\xff\xd8\xff"))
                      ["is_code"], False)

    def test_stat_of_a_folder(self):
        path = self.folder("sub")
        os.chmod(path, 0o755)
        body = self.stat(path)
        self.assertEqual((body["type"], body["name"], body["permissions"]),
                         ("directory", "sub", "0755"))
        for spelling in ("/", "", ".", self.root):
            body = self.stat(spelling)
            self.assertEqual((body["path"], body["type"]),
                             (self.root, "directory"))

    def test_stat_of_a_link_is_about_the_link(self):
        self.make("real", "content")
        for name, target in (("link", "real"), ("broken", "missing"),
                             ("outward", "/etc/passwd")):
            self.link(name, target)
            body = self.stat(self.at(name))
            self.assertEqual((body["type"], body["symlink_target"]),
                             ("symlink", target))
            self.assertEqual(body["name"], name)

    def test_stat_errors(self):
        self.refused(self.get("/files/stat", path=self.at("missing")), 404,
                     "not_found")
        self.refused(self.get("/files/stat"), 400)


class DeleteTest(FilesCase):
    def ways(self):
        """The SDK's, and the two of the documentation."""
        return (lambda path: self.post("/files/delete", {"path": path}),
                lambda path: self.delete("/files/delete", path=path),
                lambda path: self.delete("/files/delete", {"path": path}))

    def test_every_way(self):
        for way in self.ways():
            self.make("sub/deep/a.txt", "x")
            path = self.make("a.txt", "x")
            self.assertEqual(self.check(way(path))["path"], path)
            self.check(way(self.at("sub")))
            self.assertEqual(os.listdir(self.root), [])
            self.refused(way(path), 404, "not_found")

    def test_a_link_goes_and_not_what_it_leads_to(self):
        self.make("sub/a.txt", "kept")
        self.make("f.txt", "kept")
        for way, name in itertools.product(self.ways(), ("sub", "f.txt")):
            self.link("link", name)
            self.check(way(self.at("link")))
            self.assertFalse(self.exists("link"))
        self.assertEqual(self.content("sub/a.txt"), b"kept")
        self.assertEqual(self.content("f.txt"), b"kept")

    def test_the_workspace_itself_is_protected(self):
        self.make("a.txt", "kept")
        for way, path in itertools.product(
                self.ways(), ("/", "", ".", "./", self.root, self.root + "/",
                              self.root + "/.", "x/..")):
            with self.subTest(path):
                self.refused(way(path), (400, 403))
        self.assertEqual(self.content("a.txt"), b"kept")

    def test_a_path_is_needed(self):
        self.refused(self.delete("/files/delete"), 400)
        self.refused(self.post("/files/delete", {}), 400)

    def test_a_deep_tree(self):
        made = self.at("deep")
        os.mkdir(made)
        handle = os.open(made, os.O_RDONLY)
        for _ in range(1000):
            os.mkdir("d", dir_fd=handle)
            deeper = os.open("d", os.O_RDONLY, dir_fd=handle)
            os.close(handle)
            handle = deeper
        os.close(handle)
        self.check(self.post("/files/delete", {"path": made}))
        self.assertFalse(self.exists("deep"))


class WholeMachineTest(FilesCase):
    """--fs-root /. Shielded, or not at all: it is asked to remove /etc."""
    options = ("--fs-root", "/")

    def setUp(self):
        super().setUp()
        if self.daemon.preexec is None:
            self.skipTest("no mount namespace to protect this machine in")
        made = self.http.create("/bin/sh", "-c", "touch /etc/outrigger-e2e; "
                                "touch /tmp/outrigger-e2e; echo =end=")
        shown = self.http.wait_output(made["id"], b"=end=\r\n")
        self.assertEqual(shown.count(b"Read-only file system"), 2, shown)

    def test_absolute_paths_are_the_machine_s(self):
        with open("/etc/passwd") as file:
            text = file.read()
        body = self.check(self.get("/files/read", path="/etc/passwd"))
        self.assertEqual((body["path"], body["content"]),
                         ("/etc/passwd", text))
        names = {entry["name"] for entry in self.check(self.get(
            "/files", path="/"))["entries"]}
        self.assertLessEqual({"etc", "tmp", "usr"}, names)

    def test_relative_paths_begin_at_the_workspace(self):
        self.make("a.txt", "here")
        self.assertEqual(self.check(self.get(
            "/files/read", path="a.txt"))["path"], self.at("a.txt"))

    def test_the_protected_list(self):
        for path in PROTECTED:
            for spelling in {path, path + "/", "/." + path, "/" + path,
                             "/tmp/.." + path}:
                with self.subTest(spelling):
                    for answer in (
                            self.post("/files/delete", {"path": spelling}),
                            self.delete("/files/delete", path=spelling)):
                        self.refused(answer, 403)
        self.assertTrue(os.path.exists("/etc/passwd"))

    def test_roots_and_what_they_are_in_stay(self):
        for path in (self.root, self.daemon.folder, "/tmp"):
            for spelling in (path, path + "/", path + "/."):
                self.refused(self.post("/files/delete", {"path": spelling}),
                             403)
        self.assertTrue(os.path.isdir(self.root))

    def test_the_daemon_s_own_files_are_nobody_s(self):
        """Not even when all of the machine is served, nor by a link."""
        daemon = self.daemon
        self.link("state", os.path.relpath(daemon.state, self.root))
        for path in (daemon.state + "/token", daemon.state, daemon.run,
                     self.root + "/state/token", self.root + "/state",
                     daemon.folder + "/root/../state/token"):
            for method, target, body in (
                    ("GET", query("/files/read", path=path), None),
                    ("GET", query("/files", path=path), None),
                    ("GET", query("/files/search", path=path, q="a"), None),
                    ("POST", "/files/write", {"path": path, "content": "x"}),
                    ("POST", "/files/mkdir", {"path": path + "/sub"}),
                    ("POST", "/files/transfer/download",
                     {"paths": [path + "/."]})):
                with self.subTest(path, target=target):
                    answer = self.ask(method, target, body)
                    self.refused(answer, (400, 403, 404))
                    self.assertNotIn(daemon.token.encode(), answer.body)
        for path in (daemon.state + "/token", daemon.state, daemon.run):
            self.refused(self.post("/files/delete", {"path": path}), 403)
        for parameters in ({"nested": True, "include_content": True},
                           {"nested": True, "include_hash": True}):
            answer = self.get("/files", path=daemon.folder, **parameters)
            self.assertNotIn(daemon.token.encode(), answer.body)
        found = self.get("/files/search", path=daemon.folder,
                         q=daemon.token, no_gitignore=True,
                         include_hidden=True)
        self.assertEqual(found.json["results"], {})

    def test_a_read_only_file_system_is_said(self):
        answer = self.put("/files/write", {"path": "/tmp/outrigger-e2e",
                                           "content": "x"})
        self.refused(answer, 403)


class SecondRootTest(FilesCase):
    """--root given twice: the first is the workspace."""

    @classmethod
    def new_daemon(cls, *options, **more):
        daemon = super().new_daemon(*options, **more)
        cls.second = os.path.realpath(os.path.join(daemon.folder, "second"))
        os.mkdir(cls.second)
        daemon.options += ["--root", cls.second]
        return daemon

    def test_both_are_served_by_their_absolute_paths(self):
        path = os.path.join(self.second, "a.txt")
        self.check(self.post("/files/write", {"path": path, "content":
                                              "there"}), 201)
        body = self.check(self.get("/files/read", path=path))
        self.assertEqual((body["path"], body["content"]), (path, "there"))
        self.assertEqual(self.check(self.get(
            "/files", path=self.second))["path"], self.second)
        self.assertEqual(self.check(self.get("/files"))["path"], self.root)
        self.check(self.post("/files/write", {"path": "b.txt", "content":
                                              "here"}), 201)
        self.assertEqual(self.content("b.txt"), b"here")

    def test_neither_leads_out(self):
        for path in (self.daemon.folder, self.second + "/..",
                     self.second + "/../state", self.second + "x",
                     self.second + "/../state/token"):
            self.refused(self.get("/files", path=path), 403)
        self.refused(self.post("/files/delete", {"path": self.second}), 403)


class MethodTest(FilesCase):
    def test_the_wrong_method_is_405(self):
        for method, path in (("POST", "/files/read"), ("GET", "/files/write"),
                             ("GET", "/files/mkdir"), ("PUT", "/files/stat"),
                             ("GET", "/files/delete"),
                             ("POST", "/files/search"),
                             ("GET", "/files/transfer/download")):
            answer = self.http.request(method, path)
            self.refused(answer, 405, "method_not_allowed")
            self.assertTrue(re.match(r"[A-Z]+(, [A-Z]+)*$",
                                     answer.headers["Allow"]))

    def test_unknown_routes_are_404(self):
        for path in ("/files/nothing", "/files/read/more", "/filesystem"):
            self.refused(self.get(query(path, path="/")), 404, "not_found")


if __name__ == "__main__":
    unittest.main()
