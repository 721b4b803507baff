"""Search in the terminals dialect, twice: with ripgrep, and where there is no
ripgrep."""
import json
import os
import shutil
import time
import unittest

from support import wait
from support.files_case import FilesCase


class SearchCase:
    """What must not depend on who searches."""

    def search(self, q, path=None, **parameters):
        return self.check(self.get("/files/search", q=q, path=path,
                                   **parameters))

    def hits(self, q, path=None, **parameters):
        """(file, line) of every match, context left out."""
        body = self.search(q, path, **parameters)
        return [(name, row["line"])
                for name, rows in sorted(body["results"].items())
                for row in rows if "column" in row]

    def sample(self):
        self.make("src/server.go", "package main\n\nfunc handleRequest() {}\n"
                  "// calls HandleRequest\n")
        self.make("src/app.ts", "const handler = request;\n\thandle(1);\n")
        self.make("docs/guide.md", "How to handle it.\nNothing here.\n")
        self.make(".hidden/x.txt", "handle in hidden\n")
        self.make("ignored/y.txt", "handle in ignored\n")
        self.make(".gitignore", "ignored/\n")

    def test_the_documented_shape(self):
        self.sample()
        body = self.search("handleRequest", "src")
        self.assertEqual(body["query"], "handleRequest")
        self.assertEqual(body["path"], self.at("src"))
        self.assertEqual(list(body["results"]), ["server.go"])
        first = body["results"]["server.go"][0]
        self.assertEqual((first["line"], first["column"], first["text"]),
                         (3, 6, "func handleRequest() {}"))
        self.assertEqual((body["total_matches"], body["total_files"],
                          body["capped"]), (2, 1, False))

    def test_the_whole_workspace_by_every_name(self):
        self.sample()
        for path in (None, "/", "", self.root):
            body = self.search("handle", path)
            self.assertEqual(set(body["results"]),
                             {"src/server.go", "src/app.ts",
                              "docs/guide.md"})

    def test_one_file(self):
        self.sample()
        for path in ("src/app.ts", self.at("src/app.ts")):
            body = self.search("handle", path)
            name, = body["results"]
            self.assertTrue(name.endswith("app.ts"))
            self.assertEqual(body["total_matches"], 2)

    def test_case(self):
        self.sample()
        self.assertEqual(len(self.hits("HANDLEREQUEST")), 2)
        self.assertEqual(self.hits("HandleRequest", case_sensitive=True),
                         [("src/server.go", 4)])
        self.make("u.txt", "\u00c4PFEL\n")
        self.assertEqual(self.hits("\u00c4PFEL", case_sensitive=True),
                         [("u.txt", 1)])

    def test_words(self):
        self.sample()
        self.assertEqual(self.hits("handle", whole_word=True),
                         [("docs/guide.md", 1), ("src/app.ts", 2)])

    def test_text_is_not_a_pattern_unless_told(self):
        self.make("a.txt", "a.b\naxb\n(x\n[y\n\\d\n$1 ^2 *3 +4 ?5 |6\n")
        self.assertEqual(self.hits("a.b"), [("a.txt", 1)])
        self.assertEqual(self.hits("a.b", regex=True),
                         [("a.txt", 1), ("a.txt", 2)])
        for text, line in (("(x", 3), ("[y", 4), ("\\d", 5), ("$1", 6),
                           ("*3", 6), ("+4 ?", 6), ("|6", 6)):
            self.assertEqual(self.hits(text), [("a.txt", line)], text)

    def test_patterns(self):
        self.make("a.txt", "foo123\nbar\nfoobar baz\n")
        for pattern, lines in ((r"foo\d+", [1]), (r"^bar$", [2]),
                               (r"(foo|ba)[a-z0-9]*\b", [1, 2, 3]),
                               (r"ba[rz]$", [2, 3])):
            self.assertEqual([line for _, line in self.hits(
                pattern, regex=True)], lines, pattern)
        for bad in ("(", "[a", "a{2", "*"):
            answer = self.get("/files/search", q=bad, regex=True)
            if answer.status != 200:
                self.refused(answer, 400)

    def test_words_that_look_like_options(self):
        for text in ("--files", "-e", "--pre=touch /tmp/x", "-", "--",
                     "--no-ignore", "-f/etc/passwd"):
            self.make("a.txt", f"here is {text} told\n")
            self.assertEqual(self.hits(text), [("a.txt", 1)], text)

    def test_lines_and_columns_begin_at_one(self):
        self.make("a.txt", "x\n\n  x x\n")
        body = self.search("x")
        rows = [(row["line"], row["column"], row["text"])
                for row in body["results"]["a.txt"]]
        self.assertEqual(rows[0], (1, 1, "x"))
        self.assertEqual(rows[1], (3, 3, "  x x"))

    def test_tabs_stay_and_ends_of_lines_go(self):
        self.make("a.txt", "\tindented\tx\r\nlast x")
        texts = [row["text"] for row in
                 self.search("x")["results"]["a.txt"]]
        self.assertEqual([text.rstrip("\r") for text in texts],
                         ["\tindented\tx", "last x"])

    def test_hidden_and_ignored(self):
        self.sample()
        self.assertIn((".hidden/x.txt", 1),
                      self.hits("handle", include_hidden=True))
        self.assertIn(("ignored/y.txt", 1),
                      self.hits("handle", no_gitignore=True))
        for parameters in ({}, {"include_hidden": True}):
            self.assertNotIn(("ignored/y.txt", 1),
                             self.hits("handle", **parameters))

    def test_types_and_patterns_of_files(self):
        self.sample()
        self.assertEqual({name for name, _ in
                          self.hits("handle", file_types="ts,md")},
                         {"src/app.ts", "docs/guide.md"})
        self.assertEqual({name for name, _ in
                          self.hits("handle", ignore_patterns="*.go,docs")},
                         {"src/app.ts"})

    def test_context(self):
        self.make("a.txt", "".join(f"line {n}\n" for n in range(1, 21)))
        rows = self.search("line 10", context_lines=2)["results"]["a.txt"]
        self.assertEqual([row["line"] for row in rows], [8, 9, 10, 11, 12])
        self.assertEqual([row["text"] for row in rows if "column" in row],
                         ["line 10"])
        self.assertEqual(self.search("line 10",
                                     context_lines=2)["total_matches"], 1)
        for bad in (-1, 11, "x"):
            self.refused(self.get("/files/search", q="x",
                                  context_lines=bad), 400)

    def test_no_more_than_asked_for(self):
        for number in range(30):
            self.make(f"{number}.txt", "match\n" * 10)
        for parameters, count in (({}, 100), ({"max_results": 7}, 7),
                                  ({"max_results": 300}, 300)):
            body = self.search("match", **parameters)
            self.assertEqual(sum(map(len, body["results"].values())), count)
            self.assertEqual(body["capped"], count < 300, count)
            self.assertGreaterEqual(body["total_matches"], count)

    def test_nothing_found(self):
        body = self.search("nowhere")
        self.assertEqual((body["results"], body["total_matches"],
                          body["total_files"], body["capped"]),
                         ({}, 0, 0, False))

    def test_binary_files_and_strange_bytes_break_nothing(self):
        self.make("a.bin", b"needle\0\1\2needle" * 100)
        self.make("latin.txt", b"caf\xe9 needle\n")
        self.make("long.txt", b"x" * 3_000_000 + b" needle\n")
        with open(os.path.join(self.root.encode(), b"n\xff.txt"), "w") as file:
            file.write("needle\n")
        answer = self.get("/files/search", q="needle")
        body = json.loads(answer.body.decode("utf-8"))
        self.assertIs(body["success"], True)
        self.assertIn("latin.txt", body["results"])
        self.assertLess(len(answer.body), 20_000_000)

    def test_links_are_not_followed(self):
        outside = os.path.join(self.daemon.folder, "outside")
        os.makedirs(outside, exist_ok=True)
        with open(os.path.join(outside, "a.txt"), "w") as file:
            file.write("needle outside\n")
        self.link("out", outside)
        self.link("out.txt", os.path.join(outside, "a.txt"))
        self.assertEqual(self.hits("needle"), [])

    def test_errors(self):
        self.make("a.txt", "x")
        self.refused(self.get("/files/search"), 400, "validation_error")
        self.refused(self.get("/files/search", q=""), 400)
        self.refused(self.get("/files/search", q="x" * 1001), 400)
        self.assertEqual(self.get("/files/search", q="x" * 1000).status, 200)
        self.refused(self.get("/files/search", q="x", path="missing"), 404)
        for parameters in ({"timeout": 61}, {"timeout": "x"},
                           {"max_results": -1}, {"max_results": "x"}):
            answer = self.get("/files/search", q="x", **parameters)
            if answer.status != 200:  # it may be clamped instead
                self.refused(answer, 400)

    def test_a_pattern_made_to_take_for_ever(self):
        self.make("a.txt", ("a" * 5000 + "!\n") * 200)
        begun = time.monotonic()
        answer = self.get("/files/search", q="(a+)+(a+)+(a+)+$", regex=True,
                          timeout=2)
        self.assertIn(answer.status, (200, 400, 504), answer)
        self.assertLess(time.monotonic() - begun, wait.scaled(6))
        self.assertEqual(self.get("/health").status, 200)

    def test_many_at_a_time(self):
        self.sample()
        clients = [self.daemon.http() for _ in range(8)]
        for client in clients:
            client.get("/health")
            client.connection.request("GET", "/files/search?q=handle", None, {
                "Authorization": f"Bearer {self.daemon.token}"})
        for client in clients:
            response = client.connection.getresponse()
            self.assertEqual(json.load(response)["total_files"], 3)

    def test_names_of_files(self):
        self.sample()
        body = self.check(self.get("/files/search/files", q="SERV",
                                   path="src"))
        self.assertEqual((body["query"], body["path"], body["files"],
                          body["total_files"]),
                         ("SERV", self.at("src"), ["server.go"], 1))
        for parameters, files in (
                ({"q": "src/a"}, ["src/app.ts"]),
                ({"q": "SERV", "case_sensitive": True}, []),
                ({"q": "x.txt"}, []),
                ({"q": "x.txt", "include_hidden": True}, [".hidden/x.txt"]),
                ({"q": "s", "ignore_patterns": "*.go,docs"}, ["src/app.ts"])):
            found = self.check(self.get("/files/search/files",
                                        **parameters))["files"]
            self.assertEqual(found, files, parameters)

    def test_no_more_names_than_asked_for(self):
        for number in range(300):
            self.make(f"f{number}")
        for parameters, count in (({}, 200), ({"max_results": 5}, 5)):
            body = self.check(self.get("/files/search/files", q="f",
                                       **parameters))
            self.assertEqual(len(body["files"]), count)

    def test_errors_of_names(self):
        self.make("file")
        self.refused(self.get("/files/search/files"), 400)
        self.refused(self.get("/files/search/files", q="x" * 1001), 400)
        self.refused(self.get("/files/search/files", q="x", path="missing"),
                     404)
        self.refused(self.get("/files/search/files", q="x", path="file"), 400)


@unittest.skipUnless(shutil.which("rg"), "ripgrep is not installed")
class RipgrepTest(SearchCase, FilesCase):
    def test_what_is_installed(self):
        body = self.check(self.get("/files/search/init"))
        self.assertIs(body["installed"], True)
        self.assertEqual(os.path.basename(body["path"]), "rg")
        self.assertRegex(body["version"], r"^ripgrep \d+\.\d+")
        again = self.check(self.post("/files/search/init"))
        self.assertEqual((again["path"], again["version"]),
                         (body["path"], body["version"]))

    def test_no_search_is_left_running(self):
        for number in range(300):
            self.make(f"{number}.txt", "x" * 200_000)
        for _ in range(10):
            http = self.daemon.http()
            http.get("/health")
            http.connection.request("GET", "/files/search?q=y", None, {
                "Authorization": f"Bearer {self.daemon.token}"})
            http.close()
        terminals = self.http.terminals()
        self.assertEqual(terminals, {})
        self.assertEqual(self.search("y")["total_matches"], 0)

    def test_settings_of_the_user_do_not_count(self):
        """A workspace's own .ripgreprc would run a program of its choice."""
        self.make("pre.sh", f"#!/bin/sh\ntouch {self.root}/ran\ncat\n", 0o755)
        self.make(".ripgreprc", f"--pre={self.root}/pre.sh\n")
        self.make("a.txt", "needle\n")
        self.assertEqual(len(self.hits("needle")), 1)
        self.assertFalse(self.exists("ran"))


class OwnSearchTest(SearchCase, FilesCase):
    """No ripgrep on the daemon's PATH: it searches itself, never 503."""
    env = {"PATH": "/nowhere"}

    def test_what_is_installed(self):
        body = self.check(self.get("/files/search/init"))
        self.assertIs(body["installed"], False)
        self.assertIn("not installed", body["message"])
        self.assertNotEqual(self.post("/files/search/init").json.get(
            "installed"), True)


if __name__ == "__main__":
    unittest.main()
