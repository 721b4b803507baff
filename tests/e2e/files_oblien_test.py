"""Files in the terminals dialect: reading and writing, as its pages say."""
import base64
import json
import os
import stat
import threading
import unittest

from support.files_case import ETAG, FilesCase, as_json


class ReadTest(FilesCase):
    def read(self, path, **parameters):
        return self.get("/files/read", path=path, **parameters)

    def test_a_file_comes_whole(self):
        path = self.make("src/server.go", "package main\n\nfunc main() {}\n")
        body = self.check(self.read(path))
        self.assertEqual(body["path"], path)
        self.assertEqual(body["content"], "package main\n\nfunc main() {}\n")
        self.assertEqual(body["size"], 29)
        self.assertEqual(body["lines"], 3)
        self.assertEqual(body["extension"], ".go")
        self.assertNotIn("start_line", body)
        self.assertNotIn("end_line", body)
        self.assertRegex(body["etag"], ETAG)

    def test_a_range_of_lines_is_inclusive_from_one(self):
        path = self.make("a.txt", "".join(f"line {n}\n"
                                          for n in range(1, 101)))
        size = os.path.getsize(path)
        for first, last, lines in ((1, 1, [1]), (10, 12, [10, 11, 12]),
                                   (99, 100, [99, 100]),
                                   (99, 500, [99, 100])):
            with self.subTest(first=first, last=last):
                body = self.check(self.read(path, start_line=first,
                                            end_line=last))
                self.assertEqual(body["content"].splitlines(),
                                 [f"line {n}" for n in lines])
                self.assertEqual(body["lines"], len(lines))
                self.assertEqual(body["size"], size)
                self.assertEqual(body["start_line"], first)
                self.assertIn(body["end_line"], (last, lines[-1]))

    def test_one_end_of_the_range_is_enough(self):
        path = self.make("a.txt", "one\ntwo\nthree\n")
        self.assertEqual(self.check(self.read(path, start_line=2))["content"]
                         .split(), ["two", "three"])
        self.assertEqual(self.check(self.read(path, end_line=2))["content"]
                         .split(), ["one", "two"])

    def test_a_range_beyond_the_end_is_empty(self):
        path = self.make("a.txt", "one\ntwo\n")
        body = self.check(self.read(path, start_line=7, end_line=9))
        self.assertEqual((body["content"], body["lines"]), ("", 0))

    def test_bad_ranges_are_refused(self):
        path = self.make("a.txt", "one\ntwo\n")
        for parameters in ({"start_line": 2, "end_line": 1},
                           {"start_line": 0}, {"start_line": -1},
                           {"start_line": "x"}, {"end_line": "1.5"},
                           {"end_line": 2 ** 70}):
            with self.subTest(parameters):
                self.refused(self.read(path, **parameters), 400,
                             "validation_error")

    def test_line_numbers(self):
        path = self.make("a.txt", "alpha\nbeta\ngamma\n")
        body = self.check(self.read(path, start_line=2,
                                    with_line_numbers=True))
        self.assertRegex(body["content"], r"^\s*2\W+beta\n\s*3\W+gamma\n?$")

    def test_bytes_are_not_changed(self):
        for text in ("a\r\nb\r\n", "no end of line", "", "\ufeffmark\n",
                     "tab\tquote\"back\\slash\u2028\U0001f600\x7f\x01\n"):
            with self.subTest(text):
                path = self.make("a.txt", text)
                self.assertEqual(self.check(self.read(path))["content"], text)

    def test_lines_without_a_final_newline_count(self):
        path = self.make("a.txt", "one\ntwo")
        self.assertEqual(self.check(self.read(path))["lines"], 2)

    def test_what_is_no_text_never_breaks_the_answer(self):
        for data in (b"\0\1\2\xff" * 64, b"latin \xe9\n", b"\xed\xa0\x80\n"):
            path = self.make("a.bin", data)
            answer = self.read(path)
            self.assertIn(answer.status, (200, 400, 415), answer)
            body = json.loads(answer.body.decode("utf-8"))
            if answer.status == 200 and body.get("encoding") == "base64":
                self.assertEqual(base64.b64decode(body["content"]), data)

    def test_errors(self):
        self.folder("sub")
        self.make("file")
        self.refused(self.read(self.at("missing")), 404, "not_found")
        self.refused(self.read(self.at("sub")), 400, "validation_error")
        self.refused(self.read(self.root), 400, "validation_error")
        self.refused(self.read(self.at("file/below")), (400, 404))
        self.refused(self.get("/files/read"), 400, "validation_error")

    def test_too_large_to_read_is_said_at_once(self):
        path = self.make("large.txt", "begins as text\n")
        os.truncate(path, 1 << 33)
        with open(path, "r+b") as file:
            file.write(b"line\n" * 200_000)
        self.refused(self.read(path), (400, 413, 415))

    def test_relative_paths_begin_at_the_workspace(self):
        path = self.make("sub/a.txt", "here")
        for spelling in ("sub/a.txt", "./sub/a.txt", "sub//a.txt",
                         "sub/../sub/a.txt", path,
                         self.root + "/./sub/../sub//a.txt"):
            with self.subTest(spelling):
                body = self.check(self.read(spelling))
                self.assertEqual(body["content"], "here")
                self.assertEqual(body["path"], path)

    def test_every_prefix_and_a_json_type_without_a_body(self):
        path = self.make("a.txt", "x")
        for prefix in ("", "/oblien", "/runtimes/default", "/runtimes/local"):
            answer = self.get(prefix + "/files/read",
                              {"Content-Type": "application/json"}, path=path)
            self.assertEqual(self.check(answer)["content"], "x")

    def test_names_of_every_kind(self):
        for name in ("with blank", "ünï-\U0001f600", "-rf", "a%20b", "a+b&c=d",
                     "#?;:", "quote\"'", "back\\slash", "new\nline", "tab\t",
                     "~", "...", "..a", "n" * 255):
            with self.subTest(name):
                path = self.make(name, "content of " + name)
                body = self.check(self.read(path))
                self.assertEqual(body["content"], "content of " + name)
                self.assertEqual(body["path"], path)

    def test_links_within_the_workspace_are_followed(self):
        self.make("sub/a.txt", "behind")
        self.link("direct", "sub/a.txt")
        self.link("folder", "sub")
        for path in ("direct", "folder/a.txt"):
            self.assertEqual(self.check(self.read(path))["content"], "behind")


class WriteTest(FilesCase):
    def write(self, path, content="", method="POST", headers=None, **more):
        return self.http.request(method, "/files/write", {
            "path": path, "content": content, **more}, headers)

    def test_both_methods_make_and_replace(self):
        for method in ("POST", "PUT"):
            path = self.at(f"by-{method}.txt")
            for text in ("first", "and the second, longer", "", "\u00e4"):
                answer = self.write(path, text, method)
                body = self.check(answer, 201)
                self.assertEqual(body["path"], path)
                self.assertEqual(body["size"], len(text.encode()))
                self.assertEqual(self.content(path[len(self.root):]),
                                 text.encode())
        self.check_nothing_temporary()

    def test_folders_are_made_only_when_asked(self):
        path = self.at("new/deep/a.txt")
        self.refused(self.write(path, "x"), 404, "not_found")
        self.assertFalse(self.exists("new"))
        self.check(self.write(path, "x", create_dirs=True), 201)
        self.assertEqual(self.content("new/deep/a.txt"), b"x")

    def test_append(self):
        path = self.at("log")
        for count, text in enumerate(("one\n", "two\n", "three\n"), 1):
            body = self.check(self.write(path, text, append=True), 201)
            self.assertEqual(body["size"], os.path.getsize(path), count)
        self.assertEqual(self.content("log"), b"one\ntwo\nthree\n")

    def test_modes(self):
        old = os.umask(0)
        os.umask(old)
        for mode in ("0644", "0600", "0755", "600"):
            path = self.at("m" + mode)
            self.check(self.write(path, "x", mode=mode), 201)
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode),
                             int(mode, 8) & ~old)
        for mode in ("rw-r--r--", "9999", "", "-1", 420.5, [], "07777777"):
            self.refused(self.write(self.at("bad"), "x", mode=mode), 400)
        self.assertFalse(self.exists("bad"))

    def test_a_replaced_file_keeps_its_mode(self):
        path = self.make("tool.sh", "#!/bin/sh\n", 0o750)
        self.check(self.write(path, "#!/bin/sh\ntrue\n"), 201)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o750)

    def test_a_write_replaces_and_never_changes_in_place(self):
        path = self.make("a.txt", "old content")
        with open(path, "rb") as reader:
            before = os.stat(path).st_ino
            self.check(self.write(path, "new"), 201)
            self.assertEqual(reader.read(), b"old content")
        self.assertNotEqual(os.stat(path).st_ino, before)

    def test_a_link_stays_and_its_file_is_replaced(self):
        self.make("sub/real", "old")
        self.link("link", "sub/real")
        self.check(self.write(self.at("link"), "new"), 201)
        self.assertTrue(os.path.islink(self.at("link")))
        self.assertEqual(self.content("sub/real"), b"new")

    def test_base64(self):
        data = bytes(range(256)) * 5
        body = self.check(self.write(
            self.at("b"), base64.b64encode(data).decode(), encoding="base64"),
            201)
        self.assertEqual(body["size"], len(data))
        self.assertEqual(self.content("b"), data)
        for bad in ("?", "a", "YQ=x=", "ÿ"):
            self.refused(self.write(self.at("bad"), bad, encoding="base64"),
                         400)
        self.refused(self.write(self.at("bad"), "x", encoding="utf-17"), 400)
        self.assertFalse(self.exists("bad"))

    def test_durable(self):
        self.check(self.write(self.at("d"), "kept", fsync=True), 201)
        self.assertEqual(self.content("d"), b"kept")

    def test_wrong_fields_are_named(self):
        good = {"path": self.at("bad"), "content": "x"}
        for change in ({"path": None}, {"path": 7}, {"path": ""},
                       {"content": 7}, {"content": ["x"]},
                       {"create_dirs": "yes"}, {"append": "no"},
                       {"mode": {}}):
            with self.subTest(change):
                body = self.refused(self.post("/files/write",
                                              {**good, **change}), 400)
                self.assertIn(next(iter(change)), body["error"])
        for missing in good:
            rest = {name: good[name] for name in good if name != missing}
            self.refused(self.post("/files/write", rest), 400)
        for text in (b"", b"[]", b"{", b'{"path":"a","content":"\\ud800"}',
                     b'{"path":"a\\u0000b","content":"x"}', b"\xff"):
            self.refused(self.post("/files/write", text, {
                "Content-Type": "application/json"}), 400)
        self.assertEqual(os.listdir(self.root), [])

    def test_up_to_16_MiB(self):
        for size in (1_100_000, 15 << 20):
            path = self.at("large")
            self.check(self.write(path, "a" * size), 201)
            self.assertEqual(os.path.getsize(path), size)
        text = as_json({"path": self.at("larger"), "content": "a" * (17 << 20)})
        try:
            self.refused(self.post("/files/write", text, {
                "Content-Type": "application/json"}), 413)
        except (BrokenPipeError, ConnectionResetError):
            pass  # said, and closed, before all of it was sent
        self.assertFalse(self.exists("larger"))

    def test_what_cannot_be_a_file(self):
        self.folder("sub")
        self.make("file")
        self.refused(self.write(self.at("sub"), "x"), 400)
        self.refused(self.write(self.root, "x"), 400)
        self.refused(self.write(self.at("file/below"), "x"), (400, 404))
        self.refused(self.write(self.at("file/below"), "x",
                                create_dirs=True), (400, 404, 409))
        self.refused(self.write(self.at("n" * 256), "x"), 400)
        self.assertEqual(self.content("file"), b"")

    def etag(self, path):
        return self.check(self.get("/files/stat", path=path))["etag"]

    def test_answers_tell_the_version(self):
        path = self.at("v")
        written = self.check(self.write(path, "1"), 201)["etag"]
        self.assertRegex(written, ETAG)
        self.assertEqual(written, self.etag(path))
        self.assertEqual(written, self.check(self.get(
            "/files/read", path=path))["etag"])
        again = self.check(self.write(path, "1"), 201)["etag"]
        self.assertNotEqual(again, written)

    def test_if_match(self):
        path = self.make("v", "1")
        tag = self.etag(path)
        self.refused(self.write(path, "2", headers={"If-Match": '"no"'}), 412)
        self.refused(self.write(path, "2", headers={"If-Match": "W/" + tag}),
                     412)
        self.assertEqual(self.content("v"), b"1")
        self.check(self.write(path, "2", headers={
            "If-Match": f'"no", {tag}'}), 201)
        self.refused(self.write(path, "3", headers={"If-Match": tag}), 412)
        self.check(self.write(path, "3", headers={"If-Match": "*"}), 201)
        self.refused(self.write(self.at("w"), "x", headers={"If-Match": "*"}),
                     412)
        self.refused(self.write(path, "4", headers={"If-Match": "no quotes"}),
                     (400, 412))
        self.assertEqual(self.content("v"), b"3")

    def test_if_none_match(self):
        path = self.at("new")
        for status in (201, 412):
            answer = self.write(path, "x" * status,
                                headers={"If-None-Match": "*"})
            self.assertEqual(answer.status, status, answer)
        self.assertEqual(len(self.content("new")), 201)

    def test_expected_version(self):
        path = self.make("v", "1")
        version = self.etag(path).strip('"')
        self.check(self.write(path, "2", expectedVersionId=version), 201)
        self.refused(self.write(path, "3", expectedVersionId=version), 409)
        self.assertEqual(self.content("v"), b"2")

    def test_of_many_writers_of_one_version_one_wins(self):
        path = self.make("v", "start")
        clients = [self.daemon.http() for _ in range(4)]
        for turn in range(40):
            tag = self.etag(path)
            answers = [None] * len(clients)

            def write(index):
                answers[index] = clients[index].request(
                    "PUT", "/files/write",
                    {"path": path, "content": f"{turn} by {index}"},
                    {"If-Match": tag}).status
            threads = [threading.Thread(target=write, args=(index,))
                       for index in range(len(clients))]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(sorted(answers), [201, 412, 412, 412])
            self.assertEqual(self.content("v").decode(),
                             f"{turn} by {answers.index(201)}")


if __name__ == "__main__":
    unittest.main()
