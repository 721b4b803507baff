"""Trees, removal, copies and moves in the workspace runtime API."""
import os
import unittest

from support.files_case import V1, FilesCase, moment, snapshot

SKIPPED = (".git", "node_modules", "__pycache__", ".venv", "venv", "dist",
           "build", ".next", ".nuxt", "coverage", ".pytest_cache", "target",
           "out", "bin", "obj", ".gradle", ".idea", ".vscode")
NODE = {"id", "name", "path", "type", "size", "updatedAt", "depth",
        "children", "hasChildren"}


class TreeTest(FilesCase):
    def tree(self, path=None, route="/tree", **parameters):
        return self.check(self.get(V1 + route, path=path, **parameters))

    def paths(self, nodes):
        for node in nodes:
            yield node["path"]
            yield from self.paths(node["children"])

    def test_every_route_has_the_same_body(self):
        self.make("src/a.py", "x")
        self.make("b.txt", "y")
        wanted = self.tree("/")
        self.assertEqual(wanted["path"], "/")
        self.assertIsNone(wanted["scope"])
        self.assertEqual(self.tree(), wanted)
        self.assertEqual(self.tree("/", ""), wanted)
        self.assertEqual(self.tree(None, ""), wanted)
        self.assertEqual(self.tree("/", "/tree/children"), wanted)
        self.assertIn(self.get(V1 + "/tree/children").status,
                      (200, 400, 422))

    def test_the_fields_of_a_node(self):
        self.make("src/a.py", "12345")
        folder, = self.tree()["nodes"]
        self.assertLessEqual(NODE, set(folder))
        self.assertEqual(
            {name: folder[name] for name in NODE - {"updatedAt",
                                                    "children"}},
            {"id": "/src", "name": "src", "path": "/src",
             "type": "directory", "size": 0, "depth": 0,
             "hasChildren": True})
        file, = folder["children"]
        self.assertEqual(
            {name: file[name] for name in NODE - {"updatedAt"}},
            {"id": "/src/a.py", "name": "a.py", "path": "/src/a.py",
             "type": "file", "size": 5, "depth": 1, "children": [],
             "hasChildren": False})
        self.assertAlmostEqual(moment(file["updatedAt"]), os.stat(
            self.at("src/a.py")).st_mtime, delta=0.01)
        self.assertEqual(file["lastModified"], file["updatedAt"])

    def test_total_counts_the_top_only(self):
        for path in ("a/1", "a/2", "b/c/3", "d"):
            self.make(path)
        self.assertEqual(self.tree()["total"], 3)

    def test_folders_first_then_names_whatever_their_case(self):
        for name in ("b.txt", "A.txt", "C.txt", "a2.txt"):
            self.make(name)
        for name in ("Zeta", "alpha", "Beta"):
            self.folder(name)
        self.assertEqual([node["name"] for node in self.tree()["nodes"]],
                         ["alpha", "Beta", "Zeta", "A.txt", "a2.txt",
                          "b.txt", "C.txt"])

    def test_hidden_ones_only_when_asked(self):
        self.make(".env", "A=1")
        self.make(".config/x", "y")
        self.make("shown")
        self.assertEqual(list(self.paths(self.tree()["nodes"])), ["/shown"])
        found = list(self.paths(self.tree(includeHidden=True)["nodes"]))
        self.assertEqual(found, ["/.config", "/.config/x", "/.env",
                                 "/shown"])

    def test_what_is_always_passed_over(self):
        for name in SKIPPED:
            self.make(f"{name}/inside")
            self.make(f"sub/{name}")  # files of that name, too
        for hidden in (False, True):
            self.assertEqual(
                list(self.paths(self.tree(includeHidden=hidden)["nodes"])),
                ["/sub"])

    def test_depth_begins_at_the_folder_asked_for(self):
        self.make("a/b/c/d/e/leaf")
        for depth, names in ((1, ["/a", "/a/b"]), (2, ["/a", "/a/b",
                                                        "/a/b/c"])):
            self.assertEqual(list(self.paths(
                self.tree(maxDepth=depth)["nodes"])), names)
        body = self.tree("/a/b", "/tree/children", maxDepth=1)
        self.assertEqual([(node["path"], node["depth"])
                          for node in body["nodes"]], [("/a/b/c", 0)])
        last = body["nodes"][0]["children"][0]
        self.assertEqual((last["path"], last["depth"], last["children"],
                          last["hasChildren"]), ("/a/b/c/d", 1, [], True))
        for bad in (0, -1, "x", "1.5"):
            self.assertIn(self.get(V1 + "/tree", maxDepth=bad).status,
                          (400, 422))

    def test_depth_is_limited(self):
        self.make("/".join(str(level) for level in range(30)) + "/leaf")
        everything = list(self.paths(self.tree(maxDepth=1000)["nodes"]))
        self.assertGreaterEqual(len(everything), 10)
        self.assertLess(len(everything), 30)
        self.assertEqual(list(self.paths(self.tree()["nodes"])), everything)

    def test_spellings_of_a_folder(self):
        self.make("src/sub/x", "x")
        for spelling in ("src", "/src", "src/", "/src//", "./src",
                         "src/sub/.."):
            nodes = self.tree(spelling)["nodes"]
            self.assertEqual([node["path"] for node in nodes],
                             ["/src/sub"], spelling)

    def test_an_empty_folder(self):
        self.folder("empty")
        node, = self.tree()["nodes"]
        self.assertEqual((node["hasChildren"], node["children"]),
                         (False, []))
        body = self.tree("empty")
        self.assertEqual((body["nodes"], body["total"]), ([], 0))

    def test_links_are_not_entered(self):
        self.make("sub/a", "x")
        self.link("loop", ".")
        self.link("out", "/etc")
        found = list(self.paths(self.tree()["nodes"]))
        self.assertIn("/sub/a", found)
        self.assertFalse([path for path in found
                          if path.startswith(("/loop/", "/out/"))])

    def test_errors(self):
        self.make("file")
        for route in ("", "/tree", "/tree/children"):
            self.refused_v1(self.get(V1 + route, path="missing"), 404,
                            "FILE_NOT_FOUND")
            self.refused_v1(self.get(V1 + route, path="file"), 400,
                            "INVALID_PATH")


class DeleteTest(FilesCase):
    def ways(self):
        return (lambda path, **more: self.delete(V1, path=path, **more),
                lambda path, **more: self.delete(f"{V1}/{path}", **more))

    def test_files_and_empty_folders(self):
        for way in self.ways():
            self.make("keep/a.txt", "x")
            self.make("keep/b.txt", "x")
            self.folder("keep/empty")
            for path, kind in (("keep/a.txt", "file"),
                               ("keep/empty", "directory")):
                data = self.check(way(path))["data"]
                self.assertEqual((data["path"], data["type"]),
                                 ("/" + path, kind))
                self.assertFalse(self.exists(path))
            self.assertTrue(self.exists("keep/b.txt"))

    def test_a_full_folder_needs_recursive(self):
        for way in self.ways():
            self.make("sub/deep/a.txt", "x")
            self.refused_v1(way("sub"), 400, "DIRECTORY_NOT_EMPTY")
            self.assertTrue(self.exists("sub/deep/a.txt"))
            self.check(way("sub", recursive=True))
            self.assertFalse(self.exists("sub"))

    def test_the_workspace_itself_stays(self):
        self.make("a.txt", "kept")
        for path in ("/", "", ".", "x/..", "//", "/."):
            answer = self.delete(V1, path=path, recursive=True)
            self.assertIn(answer.status, (400, 403, 422), path)
        answer = self.delete(V1 + "/", recursive=True)
        self.assertIn(answer.status, (400, 403, 404, 405))
        self.assertEqual(self.content("a.txt"), b"kept")

    def test_what_is_not_there(self):
        for way in self.ways():
            self.refused_v1(way("missing"), 404, "FILE_NOT_FOUND")
        self.assertIn(self.delete(V1).status, (400, 422))

    def test_a_batch_says_each_fate(self):
        self.make("a", "x")
        self.make("sub/b", "x")
        self.make("c", "x")
        body = self.check(self.post(V1 + "/batch-delete", {
            "paths": ["/a", "/missing", "/sub", "c", "/", "/../x"]}))
        self.assertEqual((body["total"], body["succeeded"], body["failed"]),
                         (6, 2, 4))
        self.assertEqual([(one["path"].strip("/"), one["status"])
                          for one in body["results"]][:4],
                         [("a", "success"), ("missing", "failed"),
                          ("sub", "failed"), ("c", "success")])
        for one in body["results"]:
            self.assertEqual(bool(one.get("error")),
                             one["status"] == "failed")
        self.check(self.post(V1 + "/batch-delete", {"paths": ["/sub"],
                                                    "recursive": True}))
        self.assertEqual(os.listdir(self.root), [])
        for bad in ({}, {"paths": "a"}, {"paths": [7]}):
            self.assertIn(self.post(V1 + "/batch-delete", bad).status,
                          (400, 422))


class CopyMoveTest(FilesCase):
    def act(self, what, source, destination, **more):
        return self.post(f"{V1}/{what}", {
            "sourcePath": source, "destPath": destination, **more})

    def test_a_file(self):
        for what in ("copy", "move"):
            self.make("a.txt", "content", 0o640)
            data = self.check(self.act(what, "/a.txt",
                                       f"new/{what}.txt"))["data"]
            self.assertEqual(
                (data["sourcePath"], data["destPath"], data["type"]),
                ("/a.txt", f"/new/{what}.txt", "file"))
            self.assertEqual(self.content(f"new/{what}.txt"), b"content")
            self.assertEqual(os.stat(self.at(f"new/{what}.txt")).st_mode
                             & 0o777, 0o640)
            self.assertEqual(self.exists("a.txt"), what == "copy")

    def test_a_folder_with_all_that_is_in_it(self):
        self.make("src/deep/a.txt", "A")
        self.make("src/b.sh", "B", 0o755)
        self.link("src/link", "b.sh")
        self.folder("src/empty")
        before = snapshot(self.at("src"))
        self.assertEqual(self.check(self.act("copy", "src", "copied"))
                         ["data"]["type"], "directory")
        self.assertEqual(snapshot(self.at("copied")), before)
        self.check(self.act("move", "src", "moved"))
        self.assertEqual(snapshot(self.at("moved")), before)
        self.assertFalse(self.exists("src"))
        self.check_nothing_temporary()

    def test_into_a_folder_that_exists(self):
        for what in ("copy", "move"):
            self.make("a.txt", "x")
            self.folder(what)
            data = self.check(self.act(what, "a.txt", what))["data"]
            self.assertEqual(data["destPath"], f"/{what}/a.txt")
            self.assertEqual(self.content(f"{what}/a.txt"), b"x")

    def test_what_is_there_stays_unless_told(self):
        for what in ("copy", "move"):
            self.make("a.txt", "new")
            self.make("b.txt", "old")
            detail = self.refused_v1(self.act(what, "a.txt", "b.txt"), 409,
                                     "FILE_ALREADY_EXISTS")
            self.assertIn("b.txt", detail["details"]["path"])
            self.assertEqual(self.content("b.txt"), b"old")
            self.assertTrue(self.exists("a.txt"))
            self.check(self.act(what, "a.txt", "b.txt", overwrite=True))
            self.assertEqual(self.content("b.txt"), b"new")

    def test_errors(self):
        self.folder("sub/inner")
        self.make("sub/a", "x")
        before = snapshot(self.root)
        for what in ("copy", "move"):
            self.refused_v1(self.act(what, "missing", "x"), 404,
                            "FILE_NOT_FOUND")
            for destination in ("sub/inner", "sub/inner/deeper"):
                answer = self.act(what, "sub", destination)
                self.assertIn(answer.status, (400, 409), answer)
            for bad in ({"sourcePath": "sub"}, {"destPath": "x"},
                        {"sourcePath": 1, "destPath": "x"}):
                self.assertIn(self.post(f"{V1}/{what}", bad).status,
                              (400, 422))
            answer = self.act(what, "/", "sub/inner")
            self.assertIn(answer.status, (400, 403, 409))
            self.assertEqual(snapshot(self.root), before)

    def test_a_link_itself_is_moved_and_copied(self):
        self.make("real", "x")
        for what in ("copy", "move"):
            self.link("link", "real")
            self.check(self.act(what, "link", what + "-link"))
            self.assertEqual(os.readlink(self.at(what + "-link")), "real")
            if what == "copy":
                os.remove(self.at("link"))
        self.assertEqual(self.content("real"), b"x")


if __name__ == "__main__":
    unittest.main()
