"""Bytes as they are: ranges, conditions, versions and HEAD; raw writing,
appending, and writing in the middle of a file."""
import email.utils
import os
import time
import unittest

from support import wait
from support.files_case import ETAG, RAW, V1, FilesCase, escaped, query
from support.raw_http import RawConnection, request

CONTENT = V1 + "/content"
DATA = bytes(range(256)) * 40  # 10,240 bytes
PNG = (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\2\0\0\0"
       + bytes(20))


class RawCase(FilesCase):
    def routes(self, path):
        """Both targets that stream a file."""
        return (query(CONTENT, path=path, raw=True),
                query(f"{V1}/{escaped(path)}", raw=True))

    def fetch(self, target, method="GET", **headers):
        return self.http.request(method, target, None, {
            name.replace("_", "-"): value for name, value in headers.items()})

    def one(self, path, **headers):
        return self.fetch(self.routes(path)[0], **headers)


class GetTest(RawCase):
    def test_bytes_and_what_is_said_of_them(self):
        where = self.make("sub/data.bin", DATA)
        for target in self.routes("sub/data.bin"):
            answer = self.fetch(target)
            self.assertEqual((answer.status, answer.body), (200, DATA))
            fields = answer.headers
            self.assertEqual(fields["Content-Length"], str(len(DATA)))
            self.assertEqual(fields["Accept-Ranges"], "bytes")
            self.assertRegex(fields["ETag"], ETAG)
            self.assertEqual(
                int(email.utils.parsedate_to_datetime(
                    fields["Last-Modified"]).timestamp()),
                int(os.stat(where).st_mtime))
            self.assertEqual(fields["X-Content-Type-Options"], "nosniff")
            self.assertIn("sandbox", fields["Content-Security-Policy"])

    def test_types_by_name_and_content(self):
        for name, data, wanted in (
                ("a.txt", b"text\n", "text/plain"),
                ("a.html", b"<p>hello</p>", "text/html"),
                ("a.css", b"p {}", "text/css"),
                ("a.json", b"{}", "application/json"),
                ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>",
                 "image/svg+xml"),
                ("a.png", PNG, "image/png"), ("noname", PNG, "image/png"),
                ("a.pdf", b"%PDF-1.4\n", "application/pdf"),
                ("bytes", b"\xde\xad\xbe\x00" * 64, "application/octet-stream")):
            with self.subTest(name):
                self.make(name, data)
                answer = self.one(name)
                kind = answer.headers["Content-Type"].split(";")[0]
                self.assertEqual(kind, wanted)
                self.assertIn("sandbox",
                              answer.headers["Content-Security-Policy"])

    def test_disposition(self):
        self.make("a.txt", "x")
        inline = self.one("a.txt").headers["Content-Disposition"]
        self.assertTrue(inline.startswith("inline"))
        self.assertIn('filename="a.txt"', inline)
        for name in ("a.txt", "\u00fc \U0001f600.txt", 'q"uo\\te;.txt',
                     "new\r\nX-Evil: 1.txt"):
            self.make(name, "x")
            answer = self.fetch(self.routes(name)[0] + "&download=true")
            field = answer.headers["Content-Disposition"]
            self.assertTrue(field.startswith("attachment"), field)
            self.assertIsNone(answer.headers["X-Evil"])
            if not name.isascii():
                self.assertIn("filename*=UTF-8''", field)
                self.assertIn("%C3%BC%20%F0%9F%98%80.txt", field)
            field.encode("ascii")

    def test_an_empty_file(self):
        self.make("empty", b"")
        answer = self.one("empty")
        self.assertEqual((answer.status, answer.body), (200, b""))
        self.assertEqual(self.one("empty", Range="bytes=0-").status, 416)

    def test_head_is_get_without_the_body(self):
        self.make("a.bin", DATA)
        for target in self.routes("a.bin"):
            head, get = self.fetch(target, "HEAD"), self.fetch(target)
            self.assertEqual((head.status, head.body), (200, b""))
            for name in ("Content-Length", "Content-Type", "ETag",
                         "Last-Modified", "Accept-Ranges"):
                self.assertEqual(head.headers[name], get.headers[name], name)
            # "A server MUST ignore a Range header field received with" it.
            whole = self.fetch(target, "HEAD", Range="bytes=5-9")
            self.assertEqual((whole.status, whole.headers["Content-Length"]),
                             (200, str(len(DATA))))
            self.assertEqual(self.fetch(self.routes("no")[0], "HEAD").status,
                             404)

    def test_ranges(self):
        self.make("a.bin", DATA)
        size = len(DATA)
        for field, first, last in (
                ("0-0", 0, 0), ("0-9", 0, 9), ("100-199", 100, 199),
                ("10000-", 10000, size - 1), ("-1", size - 1, size - 1),
                ("-100", size - 100, size - 1), ("-99999999", 0, size - 1),
                ("5-99999999", 5, size - 1),
                (f"0-{2 ** 63}", 0, size - 1),
                (f"{size - 1}-", size - 1, size - 1)):
            for target in self.routes("a.bin"):
                with self.subTest(field):
                    answer = self.fetch(target, Range="bytes=" + field)
                    self.assertEqual(answer.status, 206, answer)
                    self.assertEqual(answer.body, DATA[first:last + 1])
                    self.assertEqual(answer.headers["Content-Range"],
                                     f"bytes {first}-{last}/{size}")
                    self.assertRegex(answer.headers["ETag"], ETAG)

    def test_ranges_that_cannot_be_met(self):
        self.make("a.bin", DATA)
        for field in ("10240-", "99999-100000", "-0", f"{2 ** 63}-"):
            answer = self.one("a.bin", Range="bytes=" + field)
            self.assertEqual(answer.status, 416, field)
            self.assertEqual(answer.headers["Content-Range"],
                             "bytes */10240")
            self.assertEqual(answer.json["error"], "HTTP Error")

    def test_ranges_that_do_not_count(self):
        self.make("a.bin", DATA)
        for field in ("bytes=9-5", "bytes=x-y", "bytes=", "bytes", "lines=1-2",
                      "bytes=1-2-3", "bytes=0x1-2", "bytes=+1-2",
                      "bytes=0-1,5-9", f"bytes={2 ** 65}-5"):
            with self.subTest(field):
                answer = self.one("a.bin", Range=field)
                self.assertIn(answer.status, (200, 206, 416))
                if answer.status == 200:
                    self.assertEqual(answer.body, DATA)
                else:
                    self.assertIn(",", field)  # multipart, were it done

    def test_if_range(self):
        self.make("a.bin", DATA)
        whole = self.one("a.bin").headers
        for value, status in ((whole["ETag"], 206), ('"other"', 200),
                              ("W/" + whole["ETag"], 200),
                              ("Mon, 01 Jan 2001 00:00:00 GMT", 200)):
            answer = self.one("a.bin", Range="bytes=0-9", If_Range=value)
            self.assertEqual(answer.status, status, value)

    def test_conditions(self):
        where = self.make("a.bin", DATA)
        os.utime(where, (1_700_000_000, 1_700_000_000))
        tag = self.one("a.bin").headers["ETag"]
        now = "Tue, 14 Nov 2023 22:13:20 GMT"
        before = "Tue, 14 Nov 2023 22:13:19 GMT"
        for headers, status in (
                ({"If_None_Match": tag}, 304),
                ({"If_None_Match": "W/" + tag}, 304),
                ({"If_None_Match": f'"x", {tag}'}, 304),
                ({"If_None_Match": "*"}, 304),
                ({"If_None_Match": '"x"'}, 200),
                ({"If_Modified_Since": now}, 304),
                ({"If_Modified_Since": before}, 200),
                ({"If_Modified_Since": "yesterday"}, 200),
                ({"If_None_Match": '"x"', "If_Modified_Since": now}, 200),
                ({"If_None_Match": tag, "If_Modified_Since": before}, 304),
                ({"If_Match": tag}, 200), ({"If_Match": "*"}, 200),
                ({"If_Match": '"x"'}, 412), ({"If_Match": "W/" + tag}, 412),
                ({"If_Unmodified_Since": now}, 200),
                ({"If_Unmodified_Since": before}, 412),
                ({"If_Match": tag, "If_Unmodified_Since": before}, 200),
                ({"If_Match": '"x"', "If_None_Match": tag}, 412),
                ({"If_None_Match": tag, "Range": "bytes=0-1"}, 304)):
            for target in self.routes("a.bin"):
                with self.subTest(headers):
                    answer = self.fetch(target, **headers)
                    self.assertEqual(answer.status, status)
                    if status == 304:
                        self.assertEqual(answer.body, b"")
                        self.assertEqual(answer.headers["ETag"], tag)
                    if status == 412:
                        self.assertEqual(answer.json["error"], "HTTP Error")
                    self.assertEqual(self.fetch(target, "HEAD", **headers)
                                     .status, status)

    def test_the_tag_changes_with_the_content(self):
        self.make("a.bin", b"1")
        seen = set()
        for text in (b"2", b"22", b"2", b"3"):
            self.make("a.bin", text)
            seen.add(self.one("a.bin").headers["ETag"])
            time.sleep(0.02)  # a file system's clock has a tick
        self.assertEqual(len(seen), 4)

    def test_requests_behind_a_download_on_one_connection(self):
        self.make("a.bin", DATA)
        target = self.routes("a.bin")[1]
        lines = [f"GET {target} HTTP/1.1", f"HEAD {target} HTTP/1.1",
                 f"GET {target} HTTP/1.1"]
        with RawConnection(self.daemon.port) as connection:
            connection.send(b"".join(
                request(line, "Range: bytes=1-5" if index == 2 else "X-A: 1",
                        token=self.daemon.token)
                for index, line in enumerate(lines))
                + request("GET /health HTTP/1.1"))
            self.assertEqual(connection.answer().body, DATA)
            self.assertEqual(connection.answer(head=True).status, 200)
            self.assertEqual(connection.answer().body, DATA[1:6])
            self.assertEqual(connection.answer().json["status"], "ok")

    def test_a_client_that_leaves_in_the_middle(self):
        self.make("large", bytes(1 << 20) * 64)
        target = self.routes("large")[0]
        for _ in range(10):
            with RawConnection(self.daemon.port) as connection:
                connection.send(request(f"GET {target} HTTP/1.1",
                                        token=self.daemon.token))
                connection.socket.recv(100_000)
        self.assertEqual(len(self.one("large").body), 64 << 20)


class PutTest(RawCase):
    def test_bytes_made_and_replaced(self):
        for data, status in ((DATA, 201), (b"shorter", 200), (b"", 200)):
            answer = self.put_raw("new/deep/a.bin", data)
            body = self.check(answer, status)
            self.assertEqual(self.content("new/deep/a.bin"), data)
            self.assertEqual(body["data"]["size"], len(data))
            self.assertEqual(body["data"]["path"], "/new/deep/a.bin")
            tag = answer.headers["ETag"]
            self.assertEqual(tag.strip('"'), body["versionId"])
            self.assertEqual(self.one("new/deep/a.bin").headers["ETag"], tag)
        self.check_nothing_temporary()

    def test_any_type_but_json_is_raw(self):
        for kind in ("application/octet-stream", "text/plain", "image/png",
                     "text/plain; charset=utf-8"):
            self.put(V1 + "/a", b'{"content":"x"}', {"Content-Type": kind})
            self.assertEqual(self.content("a"), b'{"content":"x"}')
        for kind in ("application/json", "application/json; charset=utf-8"):
            self.put(V1 + "/a", b'{"content":"x"}', {"Content-Type": kind})
            self.assertEqual(self.content("a"), b"x")

    def test_a_body_over_every_json_limit(self):
        data = os.urandom(1 << 20) * 40
        self.check(self.put_raw("large", data), 201)
        self.assertEqual(self.content("large"), data)

    def test_chunked(self):
        pieces = [os.urandom(size) for size in (1, 300_000, 7, 65_536)]
        self.check(self.put_raw("a", iter(pieces)), 201)
        self.assertEqual(self.content("a"), b"".join(pieces))

    def test_continue_is_said_once_the_body_is_wanted(self):
        head = (f"PUT {V1}/%s HTTP/1.1", "Expect: 100-continue",
                "Content-Length: 5", "Content-Type: text/plain")
        for path, fields, status in (
                ("a", (), 201), ("sub", (), 400),
                ("b", ('If-Match: "x"',), 412),
                ("c", ("Authorization: Bearer no",), 401)):
            with self.subTest(path), \
                    RawConnection(self.daemon.port) as connection:
                self.folder("sub")
                token = None if status == 401 else self.daemon.token
                connection.send(request(head[0] % path, *head[1:], *fields,
                                        token=token))
                if status == 201:
                    first = connection._line()
                    self.assertIn(b"100", first)
                    connection._line()
                    connection.send(b"12345")
                self.assertEqual(connection.answer().status, status)
        self.assertEqual(self.content("a"), b"12345")

    def test_append(self):
        where = self.make("log", "one\n", 0o640)
        inode = os.stat(where).st_ino
        for text in (b"two\n", b"", b"three\n" * 100_000):
            before = self.content("log")
            body = self.check(self.put_raw("log", text, append=True))
            self.assertEqual(self.content("log"), before + text)
            self.assertEqual(body["data"]["size"], len(before + text))
        self.assertEqual(os.stat(where).st_ino, inode)
        self.assertEqual(self.put_raw("new", b"x", append=True).status, 201)
        self.assertEqual(self.content("new"), b"x")

    def test_in_place(self):
        where = self.make("a", b"0123456789")
        inode = os.stat(where).st_ino
        for offset, data, wanted in (
                (2, b"ab", b"01ab456789"), (9, b"xyz", b"01ab45678xyz"),
                (15, b"!", b"01ab45678xyz\0\0\0!"), (0, b"", None)):
            before = self.content("a")
            self.check(self.put_raw("a", data, offset=offset))
            self.assertEqual(self.content("a"),
                             before if wanted is None else wanted)
        self.assertEqual(os.stat(where).st_ino, inode)
        for bad in ("-1", "x", "1.5", str(2 ** 63), str(2 ** 70), ""):
            self.assertIn(self.put_raw("a", b"x", offset=bad).status,
                          (400, 413, 422), bad)
        self.assertEqual(os.path.getsize(where), 16)

    def test_large_pieces_in_place(self):
        self.make("a", b"head")
        data = os.urandom(1 << 20) * 20
        self.check(self.put_raw("a", data, offset=1 << 20))
        self.assertEqual(self.content("a"),
                         b"head" + bytes((1 << 20) - 4) + data)

    def test_durable(self):
        self.check(self.put_raw("a", b"kept", fsync=True), 201)
        self.check(self.put_raw("a", b"+", fsync=True, append=True))
        self.assertEqual(self.content("a"), b"kept+")

    def test_conditions(self):
        self.make("a", b"1")
        tag = self.one("a").headers["ETag"]
        ways = ({}, {"append": True}, {"offset": 0})
        for more in ways:
            for headers, status in (
                    ({"If-Match": '"no"'}, 412), ({"If-None-Match": "*"}, 412),
                    ({"If-Match": "W/" + tag}, 412),
                    ({"If-None-Match": tag}, 412)):
                answer = self.put_raw("a", b"2", headers, **more)
                self.refused_v1(answer, status)
            answer = self.put_raw("a", b"2", expectedVersionId="no", **more)
            self.refused_v1(answer, 409, "CONTENT_CONFLICT")
            self.refused_v1(self.put_raw("new", b"2", {"If-Match": "*"},
                                         **more), 412)
        self.assertEqual((self.content("a"), self.exists("new")),
                         (b"1", False))
        for more in ways:
            tag = self.one("a").headers["ETag"]
            answer = self.put_raw("a", b"22", {"If-Match": tag}, **more)
            self.check(answer)
            self.refused_v1(self.put_raw("a", b"3", {"If-Match": tag},
                                         **more), 412)
        self.check(self.put_raw("new", b"2", {"If-None-Match": "*"}), 201)

    def test_a_condition_that_fails_during_the_upload(self):
        self.make("a", b"1")
        tag = self.one("a").headers["ETag"]
        with RawConnection(self.daemon.port) as connection:
            connection.send(request(
                f"PUT {V1}/a HTTP/1.1", "Content-Length: 300000",
                "Content-Type: text/plain", f"If-Match: {tag}",
                token=self.daemon.token) + b"x" * 200_000)
            self.check(self.put_raw("a", b"meanwhile"))
            connection.send(b"x" * 100_000)
            self.assertEqual(connection.answer().status, 412)
        self.assertEqual(self.content("a"), b"meanwhile")
        self.check_nothing_temporary()

    def test_a_client_that_leaves_in_the_middle(self):
        self.make("a", b"old")
        for target in ("a", "new"):
            for chunked in (False, True):
                with RawConnection(self.daemon.port) as connection:
                    connection.send(request(
                        f"PUT {V1}/{target} HTTP/1.1",
                        "Transfer-Encoding: chunked" if chunked else
                        "Content-Length: 1000000",
                        "Content-Type: text/plain", token=self.daemon.token)
                        + b"2710\r\n" * chunked + b"x" * 10_000)
        wait.eventually(lambda: not self.exists("new"), "nothing new")
        self.assertEqual(self.content("a"), b"old")
        self.assertEqual(sorted(os.listdir(self.root)), ["a"])

    def test_a_chunk_that_is_none(self):
        self.make("a", b"old")
        with RawConnection(self.daemon.port) as connection:
            connection.send(request(
                f"PUT {V1}/a HTTP/1.1", "Transfer-Encoding: chunked",
                "Content-Type: text/plain", token=self.daemon.token)
                + b"5\r\nhello\r\nzz\r\n")
            answer = connection.answer()
            self.assertTrue(answer is None or answer.status == 400)
        self.assertEqual(self.content("a"), b"old")

    def test_nobody_sees_a_part(self):
        self.make("a", b"old")
        with RawConnection(self.daemon.port) as connection:
            connection.send(request(
                f"PUT {V1}/a HTTP/1.1", "Content-Length: 600000",
                "Content-Type: text/plain", token=self.daemon.token)
                + b"x" * 500_000)
            for _ in range(20):
                self.assertEqual(self.one("a").body, b"old")
                names = [entry["name"] for entry in
                         self.get("/files").json["entries"]]
                self.assertEqual(names, ["a"])
            connection.send(b"x" * 100_000)
            self.assertEqual(connection.answer().status, 200)
        self.assertEqual(self.content("a"), b"x" * 600_000)

    def test_what_cannot_be_a_file(self):
        self.folder("sub")
        self.make("file", b"kept")
        self.refused_v1(self.put_raw("sub", b"x"), 400, "INVALID_PATH")
        self.refused_v1(self.put_raw("file/below", b"x"), (400, 404, 409))
        self.assertIn(self.put(V1 + "/", b"x", RAW).status, (400, 404, 405))
        self.assertEqual(self.content("file"), b"kept")


if __name__ == "__main__":
    unittest.main()
