"""Files in the workspace runtime API: content, creation, versions, and what
each error is called. Trees, copies and the like have a topic of their own."""
import base64
import hashlib
import json
import os
import threading
import unittest

from support.files_case import V1, FilesCase, as_json, escaped, moment

CONTENT = V1 + "/content"


class RuntimeCase(FilesCase):
    def read(self, path, **parameters):
        return self.check(self.get(CONTENT, path=path, **parameters))

    def write(self, path, content, **more):
        return self.put(CONTENT, {"path": path, "content": content, **more})

    def version(self, path):
        return self.read(path)["versionId"]


class ContentTest(RuntimeCase):
    def check_content(self, body, path, text):
        self.assertEqual(body["path"], path)
        self.assertEqual(body["content"], text)
        self.assertEqual(body["encoding"], "utf-8")
        self.assertEqual(body["size"], len(text.encode()))
        self.assertEqual(body["contentHash"], "sha256:" + hashlib.sha256(
            text.encode()).hexdigest())
        self.assertTrue(body["versionId"])
        self.assertNotIn('"', body["versionId"])
        self.assertEqual(body["lastModified"], body["updatedAt"])
        self.assertAlmostEqual(moment(body["updatedAt"]),
                               os.stat(self.at(path)).st_mtime, delta=0.01)

    def test_text_by_every_route_and_spelling(self):
        self.make("docs/a.md", "# title\r\n\u00e4\n")
        for spelling in ("docs/a.md", "/docs/a.md", "docs//a.md",
                         "/docs/./a.md", "docs/x/../a.md"):
            with self.subTest(spelling):
                self.check_content(self.read(spelling), "/docs/a.md",
                                   "# title\r\n\u00e4\n")
        for spelling in ("docs/a.md", "docs%2Fa.md"):
            answer = self.get(f"{V1}/{spelling}")
            if "%" in spelling:  # the gate may refuse it
                self.assertIn(answer.status, (200, 400))
            else:
                self.check_content(self.check(answer), "/docs/a.md",
                                   "# title\r\n\u00e4\n")

    def test_scope_is_echoed(self):
        self.make("a.txt", "x")
        self.assertIsNone(self.read("a.txt")["scope"])
        self.assertEqual(self.read("a.txt", scope="project")["scope"],
                         "project")

    def test_binary_content_is_base64_of_all_of_it(self):
        for data in (b"\0\1\2", bytes(range(256)) * 4000, b"latin \xe9"):
            self.make("a.bin", data)
            body = self.read("a.bin")
            self.assertEqual(body["encoding"], "base64")
            self.assertEqual(base64.b64decode(body["content"]), data)
            self.assertEqual(body["contentHash"], "sha256:" +
                             hashlib.sha256(data).hexdigest())
            self.assertEqual(body["size"], len(data))

    def test_text_is_never_cut(self):
        text = "".join(f"line {number}\n" for number in range(200_000))
        self.make("long.txt", text)
        self.check_content(self.read("long.txt"), "/long.txt", text)

    def test_up_to_10_MiB(self):
        path = self.make("large.txt", "a" * (10 << 20))
        self.assertEqual(len(self.read("large.txt")["content"]), 10 << 20)
        with open(path, "ab") as file:
            file.write(b"a")
        for answer in (self.get(CONTENT, path="large.txt"),
                       self.get(V1 + "/large.txt")):
            detail = self.refused_v1(answer, 413, "FILE_TOO_LARGE")
            self.assertIn("large.txt", str(detail["details"]["path"]))
        raw = self.get_raw("large.txt")
        self.assertEqual((raw.status, len(raw.body)), (200, (10 << 20) + 1))

    def test_names_of_every_kind(self):
        for name in ("with blank", "\u00fc-\U0001f600", "a%20b", "a+b&c=d",
                     "#?;:", "quote\"'", "tree.txt", "...", "..a", "a..b",
                     "n" * 255, "[x]", "a~"):
            with self.subTest(name):
                self.check(self.write(name, "content of " + name))
                self.assertEqual(self.content(name).decode(),
                                 "content of " + name)
                self.assertEqual(self.read(name)["path"], "/" + name)
                one = self.check(self.get(f"{V1}/{escaped(name)}"))
                self.assertEqual(one["content"], "content of " + name)

    def test_errors(self):
        self.folder("sub")
        self.make("file", "x")
        for route in (lambda path: self.get(CONTENT, path=path),
                      lambda path: self.get(f"{V1}/{path}"),
                      lambda path: self.get(CONTENT, path=path, raw=True),
                      lambda path: self.get(f"{V1}/{path}", raw=True)):
            detail = self.refused_v1(route("missing"), 404, "FILE_NOT_FOUND")
            self.assertIn("missing", detail["message"])
            self.assertIn("missing", detail["details"]["path"])
            self.refused_v1(route("sub"), 400, "INVALID_PATH")
            self.refused_v1(route("file/below"), (400, 404))
        self.assertIn(self.get(CONTENT).status, (400, 422))


class PutTest(RuntimeCase):
    def put_json(self, path, **fields):
        return self.put(f"{V1}/{path}", fields)

    def test_both_routes_make_and_replace(self):
        for route in (lambda text: self.write("new/deep/a.txt", text),
                      lambda text: self.put_json("new/deep/a.txt",
                                                 content=text)):
            for text in ("one", "", "\u00e4 and more"):
                answer = route(text)
                self.assertIn(answer.status, (200, 201))
                body = answer.json
                self.assertIs(body["success"], True)
                data = body["data"]
                self.assertEqual(data["path"], "/new/deep/a.txt")
                self.assertEqual(data["size"], len(text.encode()))
                self.assertEqual(data["versionId"], body["versionId"])
                self.assertEqual(self.version("new/deep/a.txt"),
                                 data["versionId"])
                self.assertAlmostEqual(
                    moment(data["updatedAt"]),
                    os.stat(self.at("new/deep/a.txt")).st_mtime, delta=0.01)
                self.assertEqual(self.content("new/deep/a.txt"),
                                 text.encode())
        self.check_nothing_temporary()

    def test_base64(self):
        data = bytes(range(256))
        text = base64.b64encode(data).decode()
        self.assertIn(self.put_json("b", content=text, encoding="base64")
                      .status, (200, 201))
        self.assertEqual(self.content("b"), data)
        self.refused_v1(self.put_json("c", content="?", encoding="base64"),
                        (400, 422))
        self.assertFalse(self.exists("c"))

    def test_the_version_says_whether_it_changed(self):
        self.make("a.txt", "1")
        first = self.version("a.txt")
        self.assertEqual(self.version("a.txt"), first)
        second = self.write("a.txt", "2").json["versionId"]
        self.assertNotEqual(second, first)
        with open(self.at("a.txt"), "w") as file:  # by somebody else
            file.write("3")
        self.assertNotIn(self.version("a.txt"), (first, second))

    def test_the_version_is_the_etag_without_quotes(self):
        self.make("a.txt", "1")
        tag = self.get_raw("a.txt").headers["ETag"]
        self.assertEqual(tag.strip('"'), self.version("a.txt"))

    def test_expected_version(self):
        self.make("a.txt", "1")
        version = self.version("a.txt")
        for route in (
                lambda **more: self.write("a.txt", "2", **more),
                lambda **more: self.put_json("a.txt", content="2", **more)):
            detail = self.refused_v1(route(expectedVersionId="v1"), 409,
                                     "CONTENT_CONFLICT")
            self.assertIn("a.txt", str(detail))
            self.assertEqual(self.content("a.txt"), b"1")
        body = self.write("a.txt", "2", expectedVersionId=version).json
        self.assertIs(body["success"], True)
        self.refused_v1(self.write("a.txt", "3", expectedVersionId=version),
                        409, "CONTENT_CONFLICT")
        self.check(self.write("a.txt", "3",
                              expectedVersionId=body["versionId"]))
        self.refused_v1(self.write("gone", "x", expectedVersionId=version),
                        409, "CONTENT_CONFLICT")
        self.assertFalse(self.exists("gone"))

    def test_a_null_version_asks_for_none(self):
        self.make("a.txt", "1")
        self.check(self.write("a.txt", "2", expectedVersionId=None))

    def test_if_match_and_if_none_match(self):
        self.make("a.txt", "1")
        tag = f'"{self.version("a.txt")}"'
        for route, body in ((CONTENT, {"path": "a.txt", "content": "2"}),
                            (V1 + "/a.txt", {"content": "2"})):
            self.refused_v1(self.put(route, body, {"If-Match": '"no"'}), 412)
            self.refused_v1(self.put(route, body, {"If-None-Match": "*"}),
                            412)
            self.assertEqual(self.content("a.txt"), b"1")
        self.check(self.put(CONTENT, {"path": "a.txt", "content": "2"},
                            {"If-Match": tag}))

    def test_of_many_writers_of_one_version_one_wins(self):
        self.make("a.txt", "start")
        clients = [self.daemon.http() for _ in range(4)]
        for turn in range(40):
            version, answers = self.version("a.txt"), [None] * len(clients)

            def write(index):
                answers[index] = clients[index].request("PUT", CONTENT, {
                    "path": "a.txt", "content": f"{turn} by {index}",
                    "expectedVersionId": version}).status
            threads = [threading.Thread(target=write, args=(index,))
                       for index in range(len(clients))]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(sorted(answers), [200, 409, 409, 409])
            self.assertEqual(self.content("a.txt").decode(),
                             f"{turn} by {answers.index(200)}")

    def test_10_MiB_are_taken_and_a_limit_there_is(self):
        self.assertIn(self.write("a", "a" * (10 << 20)).status, (200, 201))
        try:
            self.refused_v1(self.write("b", "a" * (17 << 20)), 413)
        except (BrokenPipeError, ConnectionResetError):
            pass  # said, and closed, before all of it was sent
        self.assertFalse(self.exists("b"))

    def test_what_cannot_be_a_file(self):
        self.folder("sub")
        self.make("file", "x")
        for path, status in (("sub", 400), ("/", 400), ("", (400, 422)),
                             ("file/below", (400, 404, 409)),
                             ("n" * 256, 400)):
            self.refused_v1(self.write(path, "x"), status)
        self.refused_v1(self.put_json("sub", content="x"), 400)
        self.assertEqual(self.content("file"), b"x")

    def test_wrong_fields(self):
        for body in (b"{", b"[]", b"", b'{"path":"a"}', b'{"content":"x"}',
                     b'{"path":7,"content":"x"}', b'{"path":"a","content":7}',
                     b'{"path":"a","content":"\\udc00"}'):
            answer = self.put(CONTENT, body,
                              {"Content-Type": "application/json"})
            self.assertIn(answer.status, (400, 422), body)
            self.assertIn("detail", answer.json)
        self.assertEqual(os.listdir(self.root), [])

    def test_a_batch_says_each_fate(self):
        self.folder("sub")
        body = self.check(self.post(CONTENT + "/batch", {"files": [
            {"path": "/a.txt", "content": "A"},
            {"path": "/sub", "content": "no"},
            {"path": "/../outside", "content": "no"},
            {"path": "/c.txt"},
            {"path": "deep/d.txt", "content": "D"}]}))
        self.assertEqual((body["total"], body["succeeded"], body["failed"]),
                         (5, 2, 3))
        results = body["results"]
        self.assertEqual([one["status"] for one in results],
                         ["success", "failed", "failed", "failed",
                          "success"])
        self.assertEqual(results[0], {**results[0], "path": "/a.txt",
                                      "size": 1})
        for one in results[1:4]:
            self.assertTrue(one["error"])
        self.assertEqual(self.content("a.txt"), b"A")
        self.assertEqual(self.content("deep/d.txt"), b"D")


class CreateTest(RuntimeCase):
    def create(self, path, **fields):
        return self.post(V1, {"path": path, **fields})

    def test_a_file(self):
        body = self.check(self.create("new/a.txt", type="file",
                                      content="x\n"), 201)
        data = body["data"]
        self.assertEqual((data["path"], data["type"], data["size"]),
                         ("/new/a.txt", "file", 2))
        self.assertAlmostEqual(moment(data["createdAt"]),
                               os.stat(self.at("new/a.txt")).st_mtime,
                               delta=2)
        self.assertEqual(self.content("new/a.txt"), b"x\n")

    def test_an_empty_file_and_base64(self):
        self.check(self.create("e", type="file"), 201)
        self.assertEqual(self.content("e"), b"")
        self.check(self.create("b", type="file", encoding="base64",
                               content="AAH/"), 201)
        self.assertEqual(self.content("b"), b"\0\1\xff")
        self.assertIn(self.create("c", type="file", encoding="base64",
                                  content="!").status, (400, 422))
        self.assertFalse(self.exists("c"))

    def test_a_folder(self):
        data = self.check(self.create("/a/b", type="directory"),
                          201)["data"]
        self.assertEqual((data["path"], data["type"]), ("/a/b", "directory"))
        self.assertTrue(os.path.isdir(self.at("a/b")))

    def test_what_exists_is_409(self):
        self.make("file", "kept")
        self.folder("sub")
        for path in ("file", "sub"):
            for kind in ("file", "directory"):
                self.refused_v1(self.create(path, type=kind, content="x"),
                                409, "FILE_ALREADY_EXISTS")
        self.assertEqual(self.content("file"), b"kept")

    def test_wrong_fields(self):
        for fields in ({"type": "link"}, {}, {"type": 7},
                       {"type": "file", "encoding": "rot13"},
                       {"type": "file", "content": 7}):
            self.assertIn(self.create("bad", **fields).status, (400, 422))
        self.assertIn(self.post(V1, {"type": "file"}).status, (400, 422))
        self.assertFalse(self.exists("bad"))


class ErrorTest(RuntimeCase):
    def test_without_a_credential(self):
        http = self.daemon.http(token=None)
        for path in (V1, CONTENT + "?path=a", V1 + "/tree", V1 + "/a"):
            answer = http.get(path)
            self.assertEqual(answer.status, 401)
            self.assertTrue(answer.headers["WWW-Authenticate"]
                            .startswith("Bearer"))
            body = answer.json
            self.assertEqual(body["error_code"], "MISSING_AUTH_HEADER")
            self.assertTrue(body["detail"])
            self.assertTrue(moment(body["timestamp"]))

    def test_unknown_routes_and_methods(self):
        answer = self.get("/api/v1/nothing")
        self.assertEqual(answer.status, 404)
        self.assertEqual(answer.json["error"], "HTTP Error")
        answer = self.http.request("PATCH", V1 + "/tree")
        self.assertEqual(answer.status, 405)
        self.assertTrue(answer.headers["Allow"])

    def test_every_error_is_whole_json(self):
        for path in ("%", "\u00e4", "a/" * 300, "x" * 300, "..", "../..",
                     "a/../..", "a\0b"):
            answer = self.get(CONTENT, path=path)
            self.assertGreaterEqual(answer.status, 400)
            self.assertLess(answer.status, 500)
            json.loads(answer.body.decode("utf-8"))

    def test_a_body_that_is_not_said_to_be_json(self):
        for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
            answer = self.post(V1, as_json({"path": "a", "type": "file"}),
                               {"Content-Type": kind})
            self.assertIn(answer.status, (400, 415, 422))
        self.assertFalse(self.exists("a"))


if __name__ == "__main__":
    unittest.main()
