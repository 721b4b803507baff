"""Uploads as multipart/form-data, what becomes of names that are taken, and
zip archives, uploaded or on the disk already."""
import os
import unittest

from support import archives, multipart, wait
from support.files_case import V1, FilesCase, moment, snapshot
from support.raw_http import RawConnection, request


class UploadCase(FilesCase):
    def upload(self, fields, files=(), body=None):
        fields = {"targetPath": "/uploads", **fields}
        fields = {name: value for name, value in fields.items()
                  if value is not None}
        return self.post(V1 + "/upload",
                         multipart.form(fields, files) if body is None
                         else body, multipart.content_type())

    def uploaded(self, fields, *files):
        """A good answer's body; its three lists are always there."""
        body = self.check(self.upload(fields, files), 201)
        for name in ("uploaded", "extracted", "skipped"):
            self.assertIsInstance(body[name], list)
        return body

    def paths(self, rows):
        return ["/" + row["path"].lstrip("/") for row in rows]


class UploadTest(UploadCase):
    def test_files_are_stored_and_described(self):
        data = os.urandom(300_000)
        body = self.uploaded({}, ("a.txt", b"text"), ("b.bin", data),
                             ("empty", b""))
        self.assertEqual(self.paths(body["uploaded"]),
                         ["/uploads/a.txt", "/uploads/b.bin",
                          "/uploads/empty"])
        self.assertEqual((body["extracted"], body["skipped"]), ([], []))
        row = body["uploaded"][1]
        self.assertEqual((row["size"], row["type"]), (len(data), "file"))
        self.assertAlmostEqual(moment(row["lastModified"]), os.stat(
            self.at("uploads/b.bin")).st_mtime, delta=0.01)
        self.assertEqual(self.content("uploads/a.txt"), b"text")
        self.assertEqual(self.content("uploads/b.bin"), data)
        self.assertEqual(self.content("uploads/empty"), b"")
        self.check_nothing_temporary()

    def test_every_spelling_of_the_target(self):
        for target in ("uploads", "/uploads", "uploads/", "/uploads/",
                       "./uploads"):
            self.uploaded({"targetPath": target, "conflictStrategy":
                           "overwrite"}, ("a", target.encode()))
            self.assertEqual(self.content("uploads/a"), target.encode())
        for target in ("/", ""):
            body = self.uploaded({"targetPath": target, "conflictStrategy":
                                  "overwrite"}, ("top", b"x"))
            self.assertEqual(self.paths(body["uploaded"]), ["/top"])
        self.assertEqual(sorted(os.listdir(self.root)), ["top", "uploads"])

    def test_only_the_last_part_of_a_filename_counts(self):
        for filename, name in (("dir/sub/a.txt", "a.txt"),
                               ("../../b.txt", "b.txt"),
                               ("/etc/c.txt", "c.txt")):
            body = self.uploaded({}, (filename, b"x"))
            self.assertEqual(self.paths(body["uploaded"]),
                             ["/uploads/" + name])
        self.assertEqual(sorted(os.listdir(self.at("uploads"))),
                         ["a.txt", "b.txt", "c.txt"])

    def test_filenames_that_are_none(self):
        for filename in ("", "/", "..", ".", "dir/", "dir/..", "n" * 300,
                         "a\0b"):
            with self.subTest(filename):
                answer = self.upload({}, [(filename, b"x")])
                self.assertIn(answer.status, (400, 422), answer)
        self.assertFalse(self.exists("uploads")
                         and os.listdir(self.at("uploads")))

    def test_filenames_of_every_kind(self):
        for name in ("with blank.txt", "\u00fc \U0001f600.txt", "-rf",
                     "%41.txt", "a;b.txt", "n" * 255, ".hidden"):
            with self.subTest(name):
                self.uploaded({}, (name, name.encode()))
                self.assertEqual(self.content("uploads/" + name),
                                 name.encode())

    def test_the_wire_s_own_bytes_within_a_file(self):
        marker = multipart.BOUNDARY.encode()
        for data in (b"--" + marker[:-1], b"\r\n--" + marker[:-1] + b"\r\n",
                     b"\r\n" * 50_000, b"\r", b"\r\n", b"--\r\n",
                     b"\r\n--" + marker[:5] + b"\r\n--"):
            self.uploaded({"conflictStrategy": "overwrite"}, ("a", data))
            self.assertEqual(self.content("uploads/a"), data)

    def test_a_taken_name_gets_a_number(self):
        for number in range(4):
            body = self.uploaded({"conflictStrategy": "rename"} if number
                                 else {}, ("a.tar.gz", b"%d" % number),
                                 ("noext", b"%d" % number))
            self.assertEqual(self.paths(body["uploaded"]), [
                "/uploads/a.tar.gz" if not number else
                f"/uploads/a.tar_{number}.gz",
                "/uploads/noext" if not number else
                f"/uploads/noext_{number}"])
        self.assertEqual(self.content("uploads/a.tar.gz"), b"0")
        self.assertEqual(self.content("uploads/a.tar_3.gz"), b"3")

    def test_overwrite(self):
        for text in (b"one", b"two"):
            body = self.uploaded({"conflictStrategy": "overwrite"},
                                 ("a.txt", text))
            self.assertEqual(self.paths(body["uploaded"]),
                             ["/uploads/a.txt"])
            self.assertEqual(self.content("uploads/a.txt"), text)
        self.assertEqual(os.listdir(self.at("uploads")), ["a.txt"])

    def test_reject(self):
        self.make("uploads/a.txt", "kept")
        detail = self.refused_v1(self.upload({"conflictStrategy": "reject"},
                                             [("a.txt", b"x")]), 409,
                                 "FILE_ALREADY_EXISTS")
        self.assertIn("a.txt", detail["message"])
        self.assertEqual(self.content("uploads/a.txt"), b"kept")
        self.uploaded({"conflictStrategy": "reject"}, ("b.txt", b"x"))

    def test_a_folder_of_that_name_is_never_replaced(self):
        self.make("uploads/sub/kept", "x")
        for strategy in ("overwrite", "reject"):
            answer = self.upload({"conflictStrategy": strategy},
                                 [("sub", b"x")])
            self.assertIn(answer.status, (201, 400, 409))
            if answer.status == 201:
                self.assertEqual(answer.json["skipped"], ["sub"])
        self.assertEqual(self.content("uploads/sub/kept"), b"x")

    def test_wrong_fields(self):
        for fields, code in (
                ({"conflictStrategy": "merge"}, "INVALID_CONFLICT_STRATEGY"),
                ({"archiveAction": "explode"}, "INVALID_ARCHIVE_ACTION")):
            answer = self.upload(fields, [("a", b"x")])
            self.refused_v1(answer, 400, code)
        self.assertIn(self.upload({"targetPath": None}, [("a", b"x")])
                      .status, (400, 422))
        self.assertIn(self.upload({}).status, (400, 422))
        self.make("file", "x")
        self.assertIn(self.upload({"targetPath": "file"}, [("a", b"x")])
                      .status, (400, 409))
        self.assertEqual(os.listdir(self.root), ["file"])

    def test_unknown_fields_are_ignored(self):
        self.uploaded({"useSystemTmp": "true", "another": "x"}, ("a", b"1"))

    def test_a_part_without_a_name_belongs_to_no_file(self):
        body = (multipart.header("targetPath") + b"/uploads\r\n"
                + multipart.header("files", "a") + b"content\r\n"
                + multipart.header("") + b"nobody's\r\n" + multipart.end())
        self.check(self.upload({}, body=body), 201)
        self.assertEqual(self.content("uploads/a"), b"content")

    def test_fields_may_come_behind_files_unless_there_are_many(self):
        def body(count, *fields):
            return b"".join(
                [multipart.header("files", f"f{number}") + b"x\r\n"
                 for number in range(count)]
                + [multipart.header(name) + value + b"\r\n"
                   for name, value in fields] + [multipart.end()])
        target, other = ("targetPath", b"/uploads"), ("useSystemTmp", b"true")
        self.check(self.upload({}, body=body(64, target, other)), 201)
        self.assertEqual(len(os.listdir(self.at("uploads"))), 64)
        self.empty_workspace()
        for fields in ((target,), ()):
            self.refused_v1(self.upload({}, body=body(65, *fields)), 400)
            self.assertEqual(os.listdir(self.root), [])
        before = multipart.header("targetPath") + b"/uploads\r\n"
        self.check(self.upload({}, body=before + body(65, other)), 201)
        self.refused_v1(self.upload({}, body=before + body(
            65, ("conflictStrategy", b"overwrite"))), 400)

    def test_no_field_comes_twice(self):
        body = b"".join(multipart.header("targetPath") + target + b"\r\n"
                        + multipart.header("files", "a") + b"x\r\n"
                        for target in (b"/one", b"/two")) + multipart.end()
        self.refused_v1(self.upload({}, body=body), 400)
        self.assertFalse(self.exists("one/a") or self.exists("two/a"))

    def test_bodies_that_are_no_form(self):
        good = multipart.form({"targetPath": "/uploads"}, [("a", b"x" * 999)])
        end = len(multipart.end())
        for body in (b"", b"nonsense", good[:-end], good[:-end - 500],
                     good[:len(good) // 3],
                     good.replace(b"form-data", b"something-else"),
                     good.replace(b"; name=", b"; nome=")):
            answer = self.upload({}, body=body)
            self.assertIn(answer.status, (400, 422), body[:200])
        for kind in ("multipart/form-data", "application/json",
                     "multipart/form-data; boundary=",
                     "multipart/form-data; boundary=" + "b" * 71):
            answer = self.post(V1 + "/upload", good, {"Content-Type": kind})
            self.assertIn(answer.status, (400, 415, 422), kind)
        self.assertEqual(snapshot(self.root).keys() - {"uploads"}, set())

    def test_too_many_parts_and_too_large_heads(self):
        fields = {f"field-{number}": "x" for number in range(3000)}
        answer = self.upload(fields, [("a", b"x")])
        self.assertIn(answer.status, (400, 413), answer)
        body = (multipart.header("targetPath") + b"/uploads\r\n"
                + multipart.header("n" * 20_000, "a") + b"x\r\n"
                + multipart.end())
        self.assertIn(self.upload({}, body=body).status, (400, 413))
        body = multipart.header("targetPath") + b"/" * 3_000_000
        answer = self.upload({}, body=body + b"\r\n" + multipart.end())
        self.assertIn(answer.status, (400, 413))

    def test_a_client_that_leaves_in_the_middle(self):
        body = (multipart.header("targetPath") + b"/uploads\r\n"
                + multipart.header("files", "a.bin") + b"x" * 200_000)
        kind = multipart.content_type()["Content-Type"]
        for _ in range(5):
            with RawConnection(self.daemon.port) as connection:
                connection.send(request(
                    f"POST {V1}/upload HTTP/1.1", "Content-Length: 1000000",
                    f"Content-Type: {kind}", token=self.daemon.token) + body)
        wait.eventually(lambda: not snapshot(self.root).keys() - {"uploads"},
                        "nothing is left")
        self.check_nothing_temporary()


class ArchiveTest(UploadCase):
    ZIP = archives.zip_file([("hello.txt", b"hello"),
                             ("sub/deep/data.bin", bytes(range(256)))])

    def test_stored_unless_told_to_extract(self):
        for action in ({}, {"archiveAction": "store"}):
            body = self.uploaded({**action, "conflictStrategy": "overwrite"},
                                 ("demo.zip", self.ZIP))
            self.assertEqual(self.paths(body["uploaded"]),
                             ["/uploads/demo.zip"])
            self.assertEqual(body["extracted"], [])
        self.assertEqual(os.listdir(self.at("uploads")), ["demo.zip"])

    def test_extracted_and_kept(self):
        for keep in ("false", "true"):
            self.empty_workspace()
            body = self.uploaded({"archiveAction": "extract",
                                  "keepArchive": keep},
                                 ("demo.ZIP", self.ZIP), ("plain", b"x"))
            self.assertEqual(set(self.paths(body["extracted"])),
                             {"/uploads/hello.txt",
                              "/uploads/sub/deep/data.bin"})
            self.assertEqual({row["type"] for row in body["extracted"]},
                             {"file"})
            self.assertEqual(
                set(self.paths(body["uploaded"])),
                {"/uploads/plain"} | ({"/uploads/demo.ZIP"}
                                      if keep == "true" else set()))
            self.assertEqual(self.exists("uploads/demo.ZIP"), keep == "true")
            self.assertEqual(self.content("uploads/sub/deep/data.bin"),
                             bytes(range(256)))
        self.check_nothing_temporary()

    def test_conflicts_while_extracting(self):
        fields = {"archiveAction": "extract"}
        self.make("uploads/hello.txt", "mine")
        body = self.uploaded({**fields, "conflictStrategy": "rename"},
                             ("demo.zip", self.ZIP))
        self.assertIn("/uploads/hello_1.txt", self.paths(body["extracted"]))
        self.assertEqual(self.content("uploads/hello.txt"), b"mine")
        before = snapshot(self.root)
        self.refused_v1(self.upload({**fields, "conflictStrategy": "reject"},
                                    [("demo.zip", self.ZIP)]), 409,
                        "FILE_ALREADY_EXISTS")
        self.assertEqual(snapshot(self.root), before)
        self.uploaded({**fields, "conflictStrategy": "overwrite"},
                      ("demo.zip", self.ZIP))
        self.assertEqual(self.content("uploads/hello.txt"), b"hello")

    def test_hostile_ones_are_refused_whole(self):
        outside = os.path.join(self.daemon.folder, "outside")
        os.makedirs(outside, exist_ok=True)
        self.make("uploads/kept", "x")
        before = snapshot(self.daemon.root), snapshot(outside)
        for name, data in archives.hostile_zips().items():
            with self.subTest(name):
                answer = self.upload({"archiveAction": "extract"},
                                     [("evil.zip", data)])
                detail = self.refused_v1(answer, (400, 413))
                self.assertRegex(detail["message"], r"\w+ \w+")
                self.assertEqual((snapshot(self.daemon.root),
                                  snapshot(outside)), before)
        self.assertFalse(os.path.exists("/tmp/outrigger-evil"))

    def test_codes(self):
        rows = archives.hostile_zips()
        for name, codes in (
                ("parent", ("INVALID_ARCHIVE_ENTRY", "INVALID_ARCHIVE")),
                ("absolute", ("INVALID_ARCHIVE_ENTRY", "INVALID_ARCHIVE")),
                ("no archive", ("INVALID_ARCHIVE",)),
                ("120,000 entries", ("ARCHIVE_LIMIT_EXCEEDED",
                                     "FILE_TOO_LARGE"))):
            self.refused_v1(self.upload({"archiveAction": "extract"},
                                        [("evil.zip", rows[name])]),
                            (400, 413), codes)


class ExtractTest(UploadCase):
    def extract(self, **fields):
        return self.post(V1 + "/extract", fields)

    def done(self, answer):
        """Waits for the end of an operation; its last state."""
        self.assertEqual(answer.status, 202, answer)
        body = answer.json
        self.assertTrue(body["message"])
        self.assertTrue(moment(body["startedAt"]))
        self.assertIn(body["status"], ("pending", "running"))
        seen = [0.0]

        def over():
            state = self.check(self.get(
                f"{V1}/extract/{body['operationId']}"))
            self.assertEqual(state["operationId"], body["operationId"])
            self.assertGreaterEqual(state["progress"], seen[-1])
            self.assertLessEqual(state["progress"], 1)
            seen.append(state["progress"])
            return state["status"] in ("completed", "failed") and state
        state = wait.eventually(over, "the end of the operation")
        self.assertTrue(moment(state["completedAt"]))
        return state

    def test_beside_the_archive_unless_told_where(self):
        self.make("uploads/demo.zip", ArchiveTest.ZIP)
        state = self.done(self.extract(archivePath="/uploads/demo.zip"))
        self.assertEqual((state["status"], state["progress"],
                          state["error"]), ("completed", 1.0, None))
        self.assertEqual(self.content("uploads/hello.txt"), b"hello")
        found = state["result"]
        self.assertEqual({"/" + path.lstrip("/")
                          for path in found["extractedPaths"]},
                         {"/uploads/hello.txt",
                          "/uploads/sub/deep/data.bin"})
        self.assertEqual(len(found["extracted"]), 2)
        self.assertTrue(self.exists("uploads/demo.zip"))
        self.done(self.extract(archivePath="uploads/demo.zip",
                               targetPath="/else/where"))
        self.assertEqual(self.content("else/where/sub/deep/data.bin"),
                         bytes(range(256)))

    def test_conflicts(self):
        self.make("demo.zip", ArchiveTest.ZIP)
        self.make("hello.txt", "mine")
        self.done(self.extract(archivePath="/demo.zip"))
        self.assertEqual((self.content("hello.txt"),
                          self.content("hello_1.txt")), (b"mine", b"hello"))
        state = self.done(self.extract(archivePath="/demo.zip",
                                       conflictStrategy="reject"))
        self.assertEqual(state["status"], "failed")
        # Whichever of those that are there already it came upon first.
        self.assertRegex(state["error"], "hello.txt|data.bin")
        self.done(self.extract(archivePath="/demo.zip",
                               conflictStrategy="overwrite"))
        self.assertEqual(self.content("hello.txt"), b"hello")
        answer = self.extract(archivePath="/demo.zip", conflictStrategy="x")
        self.assertIn(answer.status, (400, 422))

    def test_failures_are_told_by_the_operation(self):
        self.make("bad.zip", b"no archive at all")
        for name in ("missing.zip", "bad.zip"):
            answer = self.extract(archivePath="/" + name)
            if answer.status == 202:
                state = self.done(answer)
                self.assertEqual(state["status"], "failed")
                self.assertTrue(state["error"])
                self.assertIsNone(state["result"])
            else:
                self.assertIn(answer.status, (400, 404))
        self.refused_v1(self.get(V1 + "/extract/extract-000000000000"), 404,
                        "EXTRACT_OPERATION_NOT_FOUND")
        self.assertIn(self.extract().status, (400, 422))
        self.assertEqual(os.listdir(self.root), ["bad.zip"])

    def test_hostile_ones_leave_the_target_untouched(self):
        self.make("kept/x", "x")
        for name, data in archives.hostile_zips().items():
            with self.subTest(name):
                self.make("evil.zip", data)
                before = snapshot(self.daemon.folder + "/root")
                answer = self.extract(archivePath="/evil.zip",
                                      targetPath="/kept")
                if answer.status == 202:
                    self.assertEqual(self.done(answer)["status"], "failed")
                else:
                    self.refused_v1(answer, (400, 413))
                self.assertEqual(snapshot(self.daemon.folder + "/root"),
                                 before)


if __name__ == "__main__":
    unittest.main()
