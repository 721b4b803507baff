"""GET /files and GET /files/stream: what is listed, how, and what every
parameter leaves out."""
import hashlib
import json
import os
import time
import unittest

from support.files_case import MODIFIED, FilesCase


def flat(entries):
    """Every entry of a nested listing, in order."""
    for entry in entries:
        yield entry
        yield from flat(entry.get("children") or [])


class ListingCase(FilesCase):
    def list(self, path=None, **parameters):
        return self.check(self.get("/files", path=path, **parameters))

    def names(self, path=None, **parameters):
        """Paths below the workspace, in the order of a flat listing."""
        parameters.setdefault("flatten", True)
        parameters.setdefault("nested", True)
        body = self.list(path, **parameters)
        return [os.path.relpath(entry["path"], self.root)
                for entry in flat(body["entries"])]

    def fill(self, folders):
        """A thousand files in each."""
        first = self.make("0/0")
        for folder in range(folders):
            self.folder(f"{folder}")
            for number in range(folder == 0, 1000):
                os.link(first, f"{self.root}/{folder}/{number}")

    def sample(self):
        self.make("src/server.go", "package main\n")
        self.make("src/app.test.ts", "test()\n")
        self.make("src/deep/deeper/leaf.js", "leaf()\n")
        self.make("README.md", "# title\n")
        self.make("photo.png", b"\x89PNG\r\n\x1a\n\0\0")
        self.make("Zebra.txt", "z")
        self.make(".env", "A=1\n")
        self.folder("empty")


class ListTest(ListingCase):
    def test_the_workspace_by_every_name(self):
        self.make("a.txt", "x")
        for path in (None, "/", "", ".", self.root, self.root + "/"):
            with self.subTest(path):
                body = self.list(path)
                self.assertEqual(body["path"], self.root)
                self.assertEqual([entry["path"] for entry in
                                  body["entries"]], [self.at("a.txt")])
                self.assertEqual(body["count"], 1)

    def test_the_fields_of_a_file_and_of_a_folder(self):
        self.make("a.txt", "12345")
        self.folder("sub")
        folder, file = self.list()["entries"]
        self.assertEqual(
            {name: file[name] for name in ("name", "path", "type", "size")},
            {"name": "a.txt", "path": self.at("a.txt"), "type": "file",
             "size": 5})
        self.assertRegex(file["modified"], MODIFIED)
        self.check_time(file["modified"], "a.txt")
        self.assertEqual((folder["name"], folder["type"], folder["path"]),
                         ("sub", "directory", self.at("sub")))

    def test_folders_come_first_then_names(self):
        for name in ("b", "a", "C", "10", "9", ".h", "\u00e4"):
            self.make("file-" + name)
            self.folder("sub-" + name)
        for parameters in ({}, {"light": True}):
            entries = self.list(**parameters)["entries"]
            kinds = [entry["type"] for entry in entries]
            self.assertEqual(kinds, ["directory"] * 7 + ["file"] * 7)
            for part in (entries[:7], entries[7:]):
                names = [entry["name"] for entry in part]
                self.assertIn(names, (sorted(names, key=str.encode),
                                      sorted(names, key=str.lower)))

    def test_only_the_folder_itself_unless_asked(self):
        self.sample()
        body = self.list()
        self.assertEqual({entry["name"] for entry in body["entries"]},
                         {"empty", "src", ".env", "README.md", "Zebra.txt",
                          "photo.png"})
        self.assertEqual(body["count"], 6)
        for entry in body["entries"]:
            self.assertFalse(entry.get("children"))

    def test_nested(self):
        self.sample()
        body = self.list(nested=True)
        source, = (entry for entry in body["entries"]
                   if entry["name"] == "src")
        deep = source["children"][0]
        self.assertEqual(deep["name"], "deep")
        leaf = deep["children"][0]["children"][0]
        self.assertEqual(leaf["path"], self.at("src/deep/deeper/leaf.js"))
        self.assertEqual([entry["name"] for entry in source["children"]],
                         ["deep", "app.test.ts", "server.go"])
        self.assertEqual(body["count"], len(list(flat(body["entries"]))))

    def test_flat(self):
        self.sample()
        body = self.list(nested=True, flatten=True)
        self.assertEqual(body["count"], len(body["entries"]))
        self.assertFalse(any(entry.get("children")
                             for entry in body["entries"]))
        self.assertEqual(
            {os.path.relpath(entry["path"], self.root)
             for entry in body["entries"]} - {"empty", "src", "src/deep",
                                              "src/deep/deeper"},
            {".env", "README.md", "Zebra.txt", "photo.png", "src/server.go",
             "src/app.test.ts", "src/deep/deeper/leaf.js"})

    def test_light_leaves_out_size_and_time(self):
        self.sample()
        for entry in self.list(light=True)["entries"]:
            self.assertNotIn("size", entry)
            self.assertNotIn("modified", entry)
            self.assertIn(entry["type"], ("file", "directory"))

    def test_hashes_are_bare_sha256(self):
        self.make("a.txt", "content")
        self.make("b.bin", bytes(range(256)) * 999)
        self.folder("sub")
        for entry in self.list(include_hash=True)["entries"]:
            if entry["type"] == "file":
                self.assertEqual(entry["hash"], hashlib.sha256(
                    self.content(entry["name"])).hexdigest())

    def test_content_within_a_budget(self):
        for number in range(10):
            self.make(f"{number}.txt", f"{number}" * 100)
        entries = self.list(include_content=True)["entries"]
        self.assertEqual([entry["content"] for entry in entries],
                         [f"{number}" * 100 for number in range(10)])
        entries = self.list(include_content=True,
                            max_content_budget=350)["entries"]
        given = [entry["content"] for entry in entries
                 if entry.get("content")]
        self.assertEqual(len(entries), 10)
        self.assertGreater(len(given), 0)
        self.assertLessEqual(sum(map(len, given)), 350)

    def test_content_that_is_no_text_breaks_nothing(self):
        self.make("a.bin", b"\0\xff\xfe")
        self.make("latin.txt", b"\xe9t\xe9\n")
        self.assertEqual(len(self.list(include_content=True)["entries"]), 2)

    def test_extensions_have_their_dot(self):
        self.sample()
        by_name = {entry["name"]: entry.get("extension") for entry in
                   self.list("src", include_extensions=True)["entries"]}
        self.assertEqual(by_name["server.go"], ".go")
        self.assertEqual(by_name["app.test.ts"], ".ts")

    def test_code_files_only(self):
        self.sample()
        found = self.names(code_files_only=True)
        self.assertIn("src/server.go", found)
        self.assertIn("src/deep/deeper/leaf.js", found)
        self.assertNotIn("photo.png", found)

    def test_gitignore_counts_unless_told_otherwise(self):
        self.make(".gitignore", "*.log\n/build/\n!kept.log\n")
        self.make("sub/.gitignore", "secret*\n")
        for path in ("a.log", "kept.log", "build/x.o", "sub/build/y.o",
                     "sub/secret.txt", "sub/b.log", "secret.txt"):
            self.make(path)
        files = {"a.log", "kept.log", "build/x.o", "sub/build/y.o",
                 "sub/secret.txt", "sub/b.log", "secret.txt"}
        hidden = {"a.log", "build/x.o", "sub/secret.txt", "sub/b.log"}
        self.assertEqual(set(self.names()) & files, files - hidden)
        self.assertEqual(set(self.names(use_gitignore=False)) & files, files)
        # The rules of the folders above hold below them as well.
        self.assertEqual(set(self.names("sub")) & files, {"sub/build/y.o"})

    def test_depth(self):
        self.make("1/2/3/4/leaf")
        for depth, count in ((1, 1), (2, 2), (4, 4), (5, 5), (20, 5)):
            self.assertEqual(len(self.names(max_depth=depth)), count, depth)

    def test_filters(self):
        self.sample()
        self.assertEqual(self.only_files(path_filter="DEEP"),
                         {"src/deep/deeper/leaf.js"})
        self.assertEqual(self.only_files(include_ext="js,go"),
                         {"src/deep/deeper/leaf.js", "src/server.go"})
        found = self.only_files(ignore_patterns="*.md,deep")
        self.assertNotIn("README.md", found)
        self.assertNotIn("src/deep/deeper/leaf.js", found)
        self.assertIn("src/server.go", found)

    def only_files(self, **parameters):
        return {path for path in self.names(**parameters)
                if os.path.isfile(self.at(path))}

    def test_links_are_named_and_not_entered(self):
        self.make("sub/a.txt", "x")
        self.link("in", "sub")
        self.link("out", "/etc")
        self.link("gone", "missing")
        self.link("loop", ".")
        kinds = {os.path.relpath(entry["path"], self.root): entry["type"]
                 for entry in flat(self.list(nested=True)["entries"])}
        self.assertEqual(kinds, {
            "sub": "directory", "sub/a.txt": "file", "in": "symlink",
            "out": "symlink", "gone": "symlink", "loop": "symlink"})

    def test_special_files_are_no_trouble(self):
        os.mkfifo(self.at("fifo"))
        self.make("a.txt", "x")
        for parameters in ({}, {"include_hash": True, "include_content": True}):
            names = {entry["name"] for entry in
                     self.list(**parameters)["entries"]}
            self.assertIn("a.txt", names)

    def test_names_that_are_not_utf8_break_nothing(self):
        with open(os.path.join(self.root.encode(), b"bad-\xff-name"), "wb"):
            pass
        self.make("good")
        answer = self.get("/files")
        names = [entry["name"] for entry in json.loads(
            answer.body.decode("utf-8"))["entries"]]
        self.assertIn("good", names)

    def test_errors(self):
        self.make("file")
        self.refused(self.get("/files", path="missing"), 404, "not_found")
        self.refused(self.get("/files", path="file"), 400, "validation_error")
        for parameters in ({"max_depth": "x"}, {"max_depth": -1},
                           {"max_content_budget": "lots"}):
            self.refused(self.get("/files", **parameters), 400,
                         "validation_error")

    def test_at_most_50_000_entries(self):
        self.fill(51)
        body = self.list(nested=True, flatten=True, light=True)
        self.assertLessEqual(body["count"], 50_000)
        self.assertGreater(body["count"], 49_000)
        self.assertEqual(body["count"], len(body["entries"]))


class StreamTest(ListingCase):
    def stream(self, path=None, **parameters):
        answer = self.get("/files/stream", path=path, **parameters)
        self.assertEqual(answer.status, 200, answer)
        self.assertTrue(answer.headers["Content-Type"]
                        .startswith("application/x-ndjson"))
        self.assertTrue(answer.body.endswith(b"\n"))
        lines = [json.loads(line) for line in answer.body.splitlines()]
        first, *entries, last = lines
        self.assertEqual(first["event"], "start")
        self.assertEqual(last, {**last, "event": "done",
                                "count": len(entries)})
        self.assertFalse([entry for entry in entries if "event" in entry])
        return first, entries

    def test_lines_are_the_entries_of_the_flat_listing(self):
        self.sample()
        first, entries = self.stream("/")
        self.assertEqual(first["path"], self.root)
        key = lambda entry: entry["path"]
        self.assertEqual(
            sorted(entries, key=key),
            sorted(self.list(nested=True, flatten=True)["entries"], key=key))

    def test_parameters_count(self):
        self.sample()
        for parameters in ({"light": True}, {"include_ext": "go"},
                           {"max_depth": 1}, {"include_hash": True},
                           {"code_files_only": True}):
            with self.subTest(parameters):
                _, entries = self.stream(**parameters)
                listed = self.list(nested=True, flatten=True, **parameters)
                self.assertEqual({entry["path"] for entry in entries},
                                 {entry["path"]
                                  for entry in listed["entries"]})

    def test_an_empty_folder(self):
        self.assertEqual(self.stream()[1], [])

    def test_errors_come_before_the_first_line(self):
        self.make("file")
        self.refused(self.get("/files/stream", path="missing"), 404,
                     "not_found")
        self.refused(self.get("/files/stream", path="file"), 400,
                     "validation_error")

    def test_a_client_that_leaves_in_the_middle(self):
        self.fill(20)
        http = self.daemon.http()
        for _ in range(20):
            http.get("/health")
            http.connection.putrequest("GET", "/files/stream")
            http.connection.putheader("Authorization",
                                      f"Bearer {self.daemon.token}")
            http.connection.endheaders()
            http.connection.sock.recv(1000)
            http.close()
        self.assertEqual(len(self.stream()[1]), 20_020)

    def test_digests_that_nobody_waits_for_are_not_made(self):
        for number in range(4):  # each takes seconds
            with open(self.make(f"large/{number}"), "wb") as file:
                file.truncate(4 << 30)
        self.make("small", "x")
        for target in ("/files/stream", "/files"):
            clients = [self.daemon.http() for _ in range(4)]
            for http in clients:
                http.get("/health")
                http.connection.putrequest(
                    "GET", target + "?path=large&include_hash=true")
                http.connection.putheader("Authorization",
                                          f"Bearer {self.daemon.token}")
                http.connection.endheaders()
            begun = time.monotonic()
            self.check(self.get("/files/stat", path="small"))
            self.assertLess(time.monotonic() - begun, 2)
            for http in clients:
                http.close()
            self.list("large")  # runs where digests are made
            self.assertLess(time.monotonic() - begun, 8)


if __name__ == "__main__":
    unittest.main()
