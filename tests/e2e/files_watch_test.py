"""Watchers: by REST, and what they tell on the terminals' socket."""
import os
import shutil
import unittest

from support.watch_case import WatchCase
from support.ws_client import pump

DEFAULT_EXCLUDES = ("node_modules", ".git", ".svn", ".hg", "__pycache__",
                    ".pytest_cache", ".mypy_cache", ".next", ".nuxt", "dist",
                    "build", ".DS_Store", "*.swp", "*.swo", "*~")


class RestTest(WatchCase):
    def test_both_shapes_at_once(self):
        self.folder("a/b")
        self.folder("node_modules/x")
        body = self.watch("/")
        inner = body["watcher"]
        for one in (body, inner):
            self.assertEqual(one["root"], self.root)
            self.assertEqual(one["id"], body["id"])
            self.assertIn("dirs", one)
            self.assertLessEqual(set(DEFAULT_EXCLUDES), set(one["excludes"]))
        self.assertIn("dir_count", inner)
        client = self.socket(body["id"])
        ready = self.events(client, body["id"], "ready")[0]
        self.assertEqual((ready["root"], ready["dirs"]), (self.root, 3))

    def test_every_name_of_the_fields(self):
        self.folder("sub")
        for fields in ({"path": "sub", "excludes": ["*.log"]},
                       {"root": "sub", "exclude": ["*.log"]},
                       {"path": "sub", "root": "sub", "excludes": ["*.log"],
                        "exclude": ["*.log"]}):
            body = self.check_created(self.post("/watchers", fields))
            self.assertEqual(body["root"], self.at("sub"))
            self.assertIn("*.log", body["excludes"])
            self.assertIn("node_modules", body["excludes"])
            self.check(self.delete("/watchers/" + body["id"]))

    def test_listed_shown_and_ended(self):
        self.folder("a")
        self.folder("b")
        made = [self.watch("a"), self.watch("b")]
        self.assertNotEqual(made[0]["id"], made[1]["id"])
        listed = self.check(self.get("/watchers"))["watchers"]
        self.assertEqual([one["id"] for one in listed],
                         [one["id"] for one in made])
        for one in listed:
            self.assertIn("dirs", one)
            self.assertIn("dir_count", one)
        shown = self.check(self.get("/watchers/" + made[0]["id"]))
        self.assertEqual((shown["watcher"]["root"], shown["root"]),
                         (self.at("a"), self.at("a")))
        self.check(self.delete("/watchers/" + made[0]["id"]))
        self.refused(self.get("/watchers/" + made[0]["id"]), 404,
                     "not_found")
        self.refused(self.delete("/watchers/" + made[0]["id"]), 404)
        listed = self.check(self.get("/watchers"))["watchers"]
        self.assertEqual([one["id"] for one in listed], [made[1]["id"]])

    def test_five_at_a_time(self):
        made = [self.watch("/")["id"] for _ in range(5)]
        self.refused(self.post("/watchers", {"path": "/"}), 409)
        self.check(self.delete("/watchers/" + made[2]))
        self.watch("/")

    def test_errors(self):
        self.make("file")
        self.refused(self.post("/watchers", {"path": "missing"}), (400, 404))
        self.refused(self.post("/watchers", {"path": "file"}), 400)
        for path in ("/etc", self.root + "/.."):
            self.refused(self.post("/watchers", {"path": path}), 403)
        for body in ({}, {"path": ""}, {"path": 7},
                     {"path": "/", "excludes": [7]},
                     {"path": "/", "excludes": 7}):
            self.refused(self.post("/watchers", body), 400)
        for number in ("0", "99", "x", "-1"):
            self.refused(self.get("/watchers/" + number), (400, 404))
        self.assertEqual(self.get("/watchers").json["watchers"], [])


class EventTest(WatchCase):
    def test_each_kind_of_change(self):
        self.folder("sub")
        watcher = self.watch("/")["id"]
        client = self.socket(watcher)
        os.mknod(self.at("sub/a"))
        self.until_change(client, watcher, "sub/a", "create")
        with open(self.at("sub/a"), "a") as file:
            file.write("x")
        self.until_change(client, watcher, "sub/a", "write")
        os.rename(self.at("sub/a"), self.at("sub/b"))
        self.until_change(client, watcher, "sub/a", "rename")
        self.until_change(client, watcher, "sub/b", "create")
        os.remove(self.at("sub/b"))
        self.until_change(client, watcher, "sub/b", "remove")
        os.mkdir(self.at("sub/new"))
        self.until_change(client, watcher, "sub/new", "create")
        os.rmdir(self.at("sub/new"))
        self.until_change(client, watcher, "sub/new", "remove")
        for text in client.texts:
            self.assertIn(text["op"] if text["type"] == "change" else
                          "create", ("create", "write", "remove", "rename"))

    def test_moved_in_and_out(self):
        outside = os.path.join(self.daemon.folder, "elsewhere")
        self.addCleanup(lambda: os.path.exists(outside)
                        and os.remove(outside))
        watcher = self.watch("/")["id"]
        client = self.socket(watcher)
        self.make("a", "x")
        self.until_change(client, watcher, "a", "create", "write")
        count = len(self.changes(client, watcher))
        os.rename(self.at("a"), outside)
        self.until_change(client, watcher, "a", "rename", "remove",
                          after=count)
        count = len(self.changes(client, watcher))
        os.rename(outside, self.at("a"))
        self.until_change(client, watcher, "a", "create", after=count)

    def test_what_the_daemon_writes_itself(self):
        watcher = self.watch("/")["id"]
        client = self.socket(watcher)
        for text in (b"one", b"two"):
            count = len(self.changes(client, watcher))
            self.put_raw("a", text)
            self.until_change(client, watcher, "a", "create", "write",
                              after=count)
        self.delete("/files/delete", path="a")
        self.until_change(client, watcher, "a", "remove")
        self.check_nothing_temporary_told(client)

    def test_ready_is_said_on_every_socket(self):
        self.folder("a/b/c")
        watcher = self.watch("/")["id"]
        first = self.socket(watcher)
        second = self.socket(watcher)
        for client in (first, second):
            self.assertEqual(self.events(client, watcher, "ready")[0]["dirs"],
                             4)
        os.mknod(self.at("a/b/c/x"))
        for client in (first, second):
            pump([first, second], lambda: ("a/b/c/x", "create") in
                 self.changes(client, watcher), "the change")

    def test_many_writes_are_told_a_few_times(self):
        self.make("log")
        watcher = self.watch("/")["id"]
        client = self.socket(watcher)
        with open(self.at("log"), "a", buffering=1) as file:
            for number in range(5000):
                file.write(f"{number}\n")
        os.mknod(self.at("end"))
        self.until_change(client, watcher, "end", "create")
        self.quiet(client)
        told = [op for path, op in self.changes(client, watcher)
                if path == "log"]
        self.assertEqual(set(told), {"write"})
        self.assertLess(len(told), 50)

    def test_the_last_of_several_counts(self):
        watcher = self.watch("/")["id"]
        client = self.socket(watcher)
        for _ in range(20):
            self.make("brief", "x")
            os.remove(self.at("brief"))
        os.mknod(self.at("end"))
        self.until_change(client, watcher, "end", "create")
        self.quiet(client)
        told = [op for path, op in self.changes(client, watcher)
                if path == "brief"]
        self.assertLess(len(told), 20)
        self.assertEqual(told[-1:] or ["remove"], ["remove"])

    def test_new_folders_are_watched_and_nothing_in_them_is_missed(self):
        watcher = self.watch("/")["id"]
        client = self.socket(watcher)
        wanted = set()
        for number in range(100):
            path = f"new-{number}/a/b/c/file"
            self.make(path, "x")
            wanted.add(path)
        client.until(lambda: wanted <= {
            path for path, op in self.changes(client, watcher)
            if op in ("create", "write")}, "every file", 30)
        for path in sorted(wanted)[:5]:
            count = len(self.changes(client, watcher))
            self.make(path, "changed")
            self.until_change(client, watcher, path, "write", after=count)

    def test_a_folder_moved_in_is_watched(self):
        outside = os.path.join(self.daemon.folder, "moved")
        os.makedirs(os.path.join(outside, "deep"))
        watcher = self.watch("/")["id"]
        client = self.socket(watcher)
        os.rename(outside, self.at("moved"))
        self.until_change(client, watcher, "moved", "create")
        os.mknod(self.at("moved/deep/x"))
        self.until_change(client, watcher, "moved/deep/x", "create")

    def test_a_moved_folder_is_told_by_its_new_name(self):
        self.folder("old/deep")
        watcher = self.watch("/")["id"]
        client = self.socket(watcher)
        os.rename(self.at("old"), self.at("new"))
        self.until_change(client, watcher, "new", "create")
        self.quiet(client)
        os.mknod(self.at("new/deep/x"))
        self.until_change(client, watcher, "new/deep/x", "create")
        self.assertNotIn("old/deep/x", [path for path, _ in
                                        self.changes(client, watcher)])

    def test_a_folder_moved_out_is_watched_no_more(self):
        self.folder("sub/deep")
        outside = os.path.join(self.daemon.folder, "gone")
        self.addCleanup(shutil.rmtree, outside, True)
        watcher = self.watch("/")["id"]
        client = self.socket(watcher)
        os.rename(self.at("sub"), outside)
        self.until_change(client, watcher, "sub", "rename", "remove")
        self.quiet(client)
        os.mknod(os.path.join(outside, "deep/secret"))
        os.mknod(self.at("end"))
        self.until_change(client, watcher, "end", "create")
        self.quiet(client)
        self.assertNotIn("secret", str(client.texts))

    def test_excludes(self):
        for name in ("node_modules/lib", ".git/objects", "skipped/deep",
                     "src/build"):
            self.folder(name)
        watcher = self.watch("/", excludes=["skipped", "*.log"])["id"]
        client = self.socket(watcher)
        self.assertEqual(self.events(client, watcher, "ready")[0]["dirs"], 2)
        for path in ("node_modules/lib/a", ".git/objects/b", "skipped/deep/c",
                     "src/build/d", "src/e.log", "src/f.swp", "src/g~",
                     "src/.DS_Store", "dist/h", "src/deeper/node_modules/i"):
            self.make(path, "x")
        self.make("src/told", "x")
        self.until_change(client, watcher, "src/told", "create", "write")
        self.quiet(client)
        told = {path for path, _ in self.changes(client, watcher)}
        self.assertEqual(told - {"src/told", "src/deeper"}, set())

    def test_only_what_is_below_its_folder(self):
        self.folder("a")
        self.folder("ab")
        watcher = self.watch("a")["id"]
        client = self.socket(watcher)
        os.mknod(self.at("ab/no"))
        os.mknod(self.at("no"))
        os.mknod(self.at("a/yes"))
        self.until_change(client, watcher, "a/yes", "create")
        self.quiet(client)
        self.assertEqual([path for path, _ in self.changes(client, watcher)],
                         ["a/yes"])

    def test_an_ended_one_says_nothing_more(self):
        kept, ended = (self.watch("/")["id"] for _ in range(2))
        client = self.socket(ended)
        self.check(self.delete("/watchers/" + ended))
        os.mknod(self.at("a"))
        self.until_change(client, kept, "a", "create")
        self.quiet(client)
        self.assertEqual(self.changes(client, ended), [])

    def test_links_are_not_followed(self):
        outside = os.path.join(self.daemon.folder, "linked")
        os.makedirs(outside)
        self.addCleanup(shutil.rmtree, outside, True)
        self.link("out", outside)
        self.folder("in")
        self.link("loop", "in")
        watcher = self.watch("/")["id"]
        client = self.socket(watcher)
        self.assertEqual(self.events(client, watcher, "ready")[0]["dirs"], 2)
        with open(os.path.join(outside, "secret"), "w"):
            pass
        os.mknod(self.at("in/x"))
        self.until_change(client, watcher, "in/x", "create")
        self.quiet(client)
        self.assertNotIn("secret", str(client.texts))

    def test_a_client_without_watchers_hears_nothing(self):
        client = self.plain()
        self.make("a", "x")
        self.quiet(client)
        self.assertEqual(client.texts, [])

    def test_terminals_go_on_beside_them(self):
        watcher = self.watch("/")["id"]
        client = self.socket(watcher)
        terminal = self.http.create("cat")["id"]
        for number in range(200):
            self.make(f"f{number}")
        client.send_input(terminal, "still here\n")
        client.wait_output(terminal, "still here")
        self.until_change(client, watcher, "f199", "create", "write")


class RootTest(WatchCase):
    def check_alive(self, client, watcher, path):
        """Changes below the folder are told, sooner or later."""
        for number in range(60):
            self.make(f"{path}/again-{number}", "x")
            try:
                client.until(lambda: [at for at, _ in self.changes(
                    client, watcher) if "again-" in at], "", 0.3)
                return
            except AssertionError:
                pass
        self.fail("nothing is told of the folder that came back")

    def test_a_root_that_is_removed_and_comes_back(self):
        self.make("sub/deep/a", "x")
        watcher = self.watch("sub")["id"]
        client = self.socket(watcher)
        shutil.rmtree(self.at("sub"))
        self.until_change(client, watcher, "sub/deep/a", "remove")
        self.quiet(client)
        self.assertEqual(self.check(self.get("/watchers/" + watcher))["root"],
                         self.at("sub"))
        self.folder("sub/deep")
        self.check_alive(client, watcher, "sub")

    def test_a_root_that_is_renamed(self):
        self.folder("sub")
        watcher = self.watch("sub")["id"]
        client = self.socket(watcher)
        os.rename(self.at("sub"), self.at("other"))
        self.folder("sub")
        self.check_alive(client, watcher, "sub")
        self.quiet(client)
        count = len(self.changes(client, watcher))
        self.make("other/not-mine", "x")
        self.quiet(client)
        self.assertNotIn("not-mine", str(self.changes(client,
                                                      watcher)[count:]))


if __name__ == "__main__":
    unittest.main()
