"""HTTP: the documented answers, the error shape, keep-alive, limits."""
import json
import unittest

from support.case import DaemonCase
from support.http_client import raw, status_of


class HttpTest(DaemonCase):
    def bearer(self):
        return f"Authorization: Bearer {self.daemon.token}\r\n".encode()

    def check_error(self, answer, status):
        """The superset error body, which every known client can read."""
        self.assertEqual(answer.status, status, answer)
        self.assertIn("application/json", answer.headers["Content-Type"])
        body = answer.json
        self.assertIs(body["success"], False)
        self.assertEqual(body["status_code"], status)
        self.assertTrue(body["error"])
        self.assertTrue(body["message"])
        self.assertIn("detail", body)
        self.assertRegex(body["code"], r"^[A-Za-z_]+$")
        self.assertTrue(body["request_id"])
        # The vendor's SDK takes one word of snake_case for a code.
        self.assertRegex(body["error"], r"[ :]")
        return body

    def test_health_is_ok_without_a_token(self):
        answer = self.http.request("GET", "/health",
                                   headers={"Authorization": ""})
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.json["status"], "ok")
        for field in ("version", "workspace", "uptime_seconds", "limits"):
            self.assertIn(field, answer.json)
        self.assertEqual(answer.json["limits"]["terminals"], 10)

    def test_runtime_describes_the_machine(self):
        body = self.http.get("/runtime").json
        self.assertEqual(body["os"], "linux")
        for field in ("arch", "home", "shell"):
            self.assertIsInstance(body[field], str)
        self.assertGreaterEqual(body["cpus"], 1)

    def test_runtimes_lists_this_one(self):
        body = self.http.get("/runtimes").json
        self.assertIsInstance(body["version"], str)
        ids = [target["id"] for target in body["targets"]]
        self.assertIn(body["default_target"], ids)
        for target in body["targets"]:
            self.assertIsInstance(target["local"], bool)
            self.assertIsInstance(target["available"], bool)

    def test_every_route_answers_under_its_prefixes(self):
        for prefix in ("", "/oblien", "/runtimes/default"):
            with self.subTest(prefix=prefix):
                self.assertEqual(
                    self.http.get(prefix + "/health").json["status"], "ok")
                made = self.http.request(
                    "POST", prefix + "/terminals", {"cmd": ["cat"]})
                self.assertEqual(made.status, 201, made)
                path = f"{prefix}/terminals/{made.json['id']}"
                self.assertEqual(
                    self.http.get(path + "/scrollback").status, 200)
                self.assertEqual(
                    self.http.request("DELETE", path).status, 200)

    def test_an_unknown_target_is_404(self):
        self.check_error(self.http.get("/runtimes/nowhere/terminals"), 404)

    def test_an_unknown_path_is_404(self):
        for path in ("/nothing", "/terminals/1/nothing", "/terminalsx",
                     "/oblien/oblien/nothing"):
            with self.subTest(path=path):
                body = self.check_error(self.http.get(path), 404)
                self.assertEqual(body["code"], "not_found")

    def test_a_wrong_method_is_405_with_allow(self):
        for method, path, allowed in (
                ("PATCH", "/terminals", {"GET", "POST"}),
                ("POST", "/health", {"GET"}),
                ("POST", "/terminals/1/scrollback", {"GET"}),
                ("GET", "/terminals/1/resize", {"POST"})):
            with self.subTest(path=path):
                answer = self.http.request(method, path)
                self.check_error(answer, 405)
                allow = {name.strip()
                         for name in answer.headers["Allow"].split(",")}
                self.assertLessEqual(allowed, allow)

    def test_no_token_is_401(self):
        answer = self.http.request("GET", "/terminals",
                                   headers={"Authorization": ""})
        body = self.check_error(answer, 401)
        self.assertEqual(body["code"], "authentication_error")
        self.assertIn("Bearer", answer.headers["WWW-Authenticate"])

    def test_a_401_does_not_tell_whether_a_terminal_exists(self):
        terminal = self.http.create("cat")["id"]
        bodies = []
        for path in (f"/terminals/{terminal}", "/terminals/200"):
            answer = self.http.request("GET", path,
                                       headers={"Authorization": ""})
            body = self.check_error(answer, 401)
            del body["request_id"]
            bodies.append(body)
        self.assertEqual(bodies[0], bodies[1])

    def test_a_missing_terminal_id_is_400(self):
        self.check_error(self.http.request("DELETE", "/terminals"), 400)
        self.check_error(self.http.request("DELETE", "/terminals/"), 400)

    def test_an_unknown_terminal_is_404(self):
        for method, path, body in (
                ("GET", "/terminals/77", None),
                ("DELETE", "/terminals/77", None),
                ("GET", "/terminals/77/scrollback", None),
                ("POST", "/terminals/77/resize", {"cols": 80, "rows": 24}),
                ("DELETE", "/terminals/0", None),
                ("DELETE", "/terminals/256", None),
                ("DELETE", "/terminals/abc", None),
                ("DELETE", "/terminals/01", None)):
            with self.subTest(method=method, path=path):
                answer = self.http.request(method, path, body)
                self.assertIn(answer.status, (400, 404), answer)
                self.check_error(answer, answer.status)
                if path.startswith("/terminals/77"):
                    self.assertEqual(answer.status, 404)

    def test_a_malformed_body_is_400(self):
        for body in ("{", "[]", "3", '{"cols":"wide"}', '{"cmd":"ls"}',
                     '{"cmd":[1]}', '{"cmd":[]}x', '{"env":[1]}',
                     "[" * 100000):
            with self.subTest(body=body[:30]):
                answer = self.http.request(
                    "POST", "/terminals", body,
                    {"Content-Type": "application/json"})
                self.check_error(answer, 400)
        self.assertEqual(self.http.terminals(), {})

    def test_a_get_with_the_json_content_type_and_no_body_works(self):
        answer = self.http.get(
            "/terminals", headers={"Content-Type": "application/json"})
        self.assertEqual(answer.status, 200)

    def test_one_connection_serves_many_requests(self):
        self.http.get("/health")
        before = self.http.connection.sock
        for _ in range(5):
            self.assertEqual(self.http.get("/terminals").status, 200)
        self.assertIs(self.http.connection.sock, before)

    def test_pipelined_requests_are_answered_in_order(self):
        request = (b"GET /runtime HTTP/1.1\r\nHost: localhost\r\n"
                   + self.bearer() + b"\r\n"
                   b"GET /health HTTP/1.1\r\nHost: localhost\r\n"
                   b"Connection: close\r\n\r\n")
        answer = raw(self.daemon.port, request)
        self.assertEqual(answer.count(b"HTTP/1.1 200"), 2, answer)
        self.assertLess(answer.index(b'"os":'), answer.index(b'"status":'))

    def test_head_has_headers_and_no_body(self):
        answer = raw(self.daemon.port,
                     b"HEAD /health HTTP/1.1\r\nHost: localhost\r\n"
                     b"Connection: close\r\n\r\n")
        self.assertEqual(status_of(answer), 200, answer)
        headers, _, body = answer.partition(b"\r\n\r\n")
        self.assertEqual(body, b"")
        self.assertRegex(headers, rb"(?i)content-length: [1-9]")

    def test_a_body_over_the_limit_is_413(self):
        answer = raw(self.daemon.port,
                     b"POST /terminals HTTP/1.1\r\nHost: localhost\r\n"
                     + self.bearer() + b"Content-Length: 104857600\r\n\r\n")
        self.assertEqual(status_of(answer), 413, answer)
        body = json.loads(answer.partition(b"\r\n\r\n")[2])
        self.assertEqual(body["status_code"], 413)
        self.assertIs(body["success"], False)

    def test_a_chunked_body_over_the_limit_is_413(self):
        chunk = b"40000\r\n" + b" " * 0x40000 + b"\r\n"
        answer = raw(self.daemon.port,
                     b"POST /terminals HTTP/1.1\r\nHost: localhost\r\n"
                     + self.bearer() + b"Transfer-Encoding: chunked\r\n\r\n"
                     + chunk * 5)
        # The connection may be reset under our still arriving bytes.
        self.assertIn(status_of(answer), (0, 413), answer)
        self.assertEqual(self.http.get("/health").status, 200)

    def test_requests_a_proxy_would_read_differently_are_refused(self):
        lines = {
            "no host": b"GET /health HTTP/1.1\r\n\r\n",
            "two hosts": b"GET /health HTTP/1.1\r\nHost: localhost\r\n"
                         b"Host: localhost\r\n\r\n",
            "chunked in disguise":
                b"POST /terminals HTTP/1.1\r\nHost: localhost\r\n"
                + self.bearer() + b"Transfer-Encoding: xchunked\r\n\r\n"
                b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "chunked, identity":
                b"POST /terminals HTTP/1.1\r\nHost: localhost\r\n"
                + self.bearer()
                + b"Transfer-Encoding: chunked, identity\r\n\r\n"
                b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "length and chunks":
                b"POST /terminals HTTP/1.1\r\nHost: localhost\r\n"
                + self.bearer() + b"Content-Length: 5\r\n"
                b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "not HTTP": b"hello\r\n\r\n",
        }
        for name, request in lines.items():
            with self.subTest(name):
                answer = raw(self.daemon.port, request, deadline=2)
                self.assertIn(status_of(answer), (400, 411, 501), answer)
                self.assertLessEqual(answer.count(b"HTTP/1.1"), 1, answer)

    def test_the_console_page_is_served(self):
        answer = self.http.request("GET", "/", headers={"Authorization": ""})
        self.assertEqual(answer.status, 200)
        self.assertIn("text/html", answer.headers["Content-Type"])
        etag = answer.headers["ETag"]
        self.assertTrue(etag)
        again = self.http.request(
            "GET", "/", headers={"Authorization": "", "If-None-Match": etag})
        self.assertEqual(again.status, 304)
        self.assertEqual(again.body, b"")

    def test_the_token_is_never_logged(self):
        self.http.get(f"/health?token={self.daemon.token}")
        self.http.get(f"/nothing?token={self.daemon.token}")
        self.http.get("/terminals?token=" + "wrong" * 10,
                      headers={"Authorization": ""})
        self.assertNotIn(self.daemon.token, self.daemon.log())
        self.assertNotIn("wrong" * 10, self.daemon.log())


if __name__ == "__main__":
    unittest.main()
