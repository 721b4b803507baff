"""Who gets in: every token carrier, Host and Origin, before every upgrade."""
import base64
import unittest

from support.case import DaemonCase, fresh
from support.http_client import HttpClient, raw, status_of
from support.ws_client import Refused, WebSocket

EVIL_ORIGINS = ("https://evil.example", "null",
                "http://localhost.evil.example",
                "http://127.0.0.1:3000@evil", "file://", "")


class AccessTest(DaemonCase):
    def bare(self, method="GET", path="/terminals", **headers):
        headers = {name.replace("_", "-"): value
                   for name, value in headers.items()}
        client = HttpClient(self.daemon.port)
        self.addCleanup(client.close)
        return client.request(method, path, headers=headers)

    def upgrade(self, path="/ws", headers=(), **options):
        socket = WebSocket(self.daemon.port, path, headers, **options)
        self.addCleanup(socket.close)
        return socket

    def refused(self, path="/ws", headers=(), **options):
        with self.assertRaises(Refused) as caught:
            self.upgrade(path, headers, **options)
        return caught.exception

    # -- tokens -------------------------------------------------------------

    def test_http_carriers(self):
        token = self.daemon.token
        carriers = {
            "bearer": ("/terminals", {"Authorization": f"Bearer {token}"}),
            "any case": ("/terminals", {"Authorization": f"bearer {token}"}),
            "query": (f"/terminals?token={token}", {}),
        }
        for name, (path, headers) in carriers.items():
            with self.subTest(name):
                self.assertEqual(self.bare("GET", path, **headers).status, 200)

    def test_upgrade_carriers(self):
        token = self.daemon.token
        self.upgrade(f"/ws?token={token}")
        self.upgrade("/ws", [("Authorization", f"Bearer {token}")])

    def test_the_subprotocol_carries_a_token_and_only_bearer_comes_back(self):
        socket = self.upgrade(
            "/ws", subprotocols=["Bearer", self.daemon.token])
        self.assertEqual(socket.subprotocol, "Bearer")
        for _, value in socket.response.headers.raw_items():
            self.assertNotIn(self.daemon.token, value)

    def test_wrong_tokens_are_401(self):
        token = self.daemon.token
        for wrong in ("x", token[:-1], token + "0", token.upper() + "!",
                      "", " ", "a" * 3000):
            with self.subTest(wrong[:20]):
                answer = self.bare(Authorization=f"Bearer {wrong}")
                self.assertIn(answer.status, (401, 429), answer)
                answer = self.bare("GET", f"/terminals?token={wrong.strip()}")
                self.assertIn(answer.status, (401, 429), answer)
        self.assertEqual(
            self.bare(Authorization=f"Basic {token}").status, 401)

    def test_wrong_tokens_are_refused_before_the_upgrade(self):
        for path, headers, subprotocols in (
                ("/ws?token=wrong", [], None),
                ("/ws?token=", [], None),
                ("/ws", [("Authorization", "Bearer wrong")], None),
                ("/ws", [], ["Bearer", "wrong"]),
                ("/oblien/ws?token=wrong", [], None),
                ("/runtimes/default/ws?token=wrong", [], None)):
            with self.subTest(path=path, headers=headers):
                error = self.refused(path, headers, subprotocols=subprotocols)
                self.assertIn(error.status, (401, 429))

    def test_prefixed_and_forced_sockets_need_a_token(self):
        for path in ("/oblien/ws", "/runtimes/default/ws",
                     "/runtimes/local/ws", "/ws?dialect=oblien"):
            with self.subTest(path):
                self.assertEqual(self.refused(path).status, 401)

    # -- Host ---------------------------------------------------------------

    def hosts(self, name):
        bearer = self.daemon.token
        return status_of(raw(
            self.daemon.port,
            f"GET /terminals HTTP/1.1\r\nHost: {name}\r\n"
            f"Authorization: Bearer {bearer}\r\n"
            "Connection: close\r\n\r\n".encode()))

    def test_local_names_are_accepted_as_host(self):
        port = self.daemon.port
        for name in ("localhost", f"localhost:{port}", f"127.0.0.1:{port}",
                     "127.0.0.1", f"[::1]:{port}", f"LOCALHOST:{port}"):
            with self.subTest(name):
                self.assertEqual(self.hosts(name), 200)

    def test_other_names_are_refused_as_host(self):
        for name in ("evil.example", f"evil.example:{self.daemon.port}",
                     "localhost.evil.example", "127.0.0.1.evil.example",
                     "localhost@evil", "", "localhost:99999", "a b"):
            with self.subTest(name):
                self.assertIn(self.hosts(name), (400, 403, 421))

    def test_a_rebound_name_is_refused_before_the_upgrade(self):
        error = self.refused(
            f"/ws?token={self.daemon.token}",
            [("Host", "evil.example"), ("Origin", "http://evil.example")])
        self.assertIn(error.status, (403, 421))

    def test_health_and_the_page_check_the_host_too(self):
        for path in ("/health", "/"):
            with self.subTest(path):
                self.assertIn(
                    self.bare("GET", path, Host="evil.example").status,
                    (403, 421))

    # -- Origin -------------------------------------------------------------

    def test_own_origin_is_accepted(self):
        port = self.daemon.port
        path = f"/ws?token={self.daemon.token}"
        for origin in (f"http://127.0.0.1:{port}", f"http://localhost:{port}"):
            with self.subTest(origin):
                self.upgrade(path, [("Origin", origin)])
                answer = self.bare(Origin=origin,
                                   Authorization=f"Bearer {self.daemon.token}")
                self.assertEqual(answer.status, 200)

    def test_other_origins_are_refused_before_the_upgrade(self):
        for origin in EVIL_ORIGINS:
            for path in (f"/ws?token={self.daemon.token}", "/ws",
                         f"/oblien/ws?token={self.daemon.token}"):
                with self.subTest(origin=origin, path=path[:12]):
                    error = self.refused(path, [("Origin", origin)])
                    self.assertEqual(error.status, 403)

    def test_other_origins_are_refused_on_every_route(self):
        bearer = f"Bearer {self.daemon.token}"
        for method, path in (("GET", "/terminals"), ("POST", "/terminals"),
                             ("GET", "/health"), ("GET", "/runtime"),
                             ("DELETE", "/terminals/1"), ("GET", "/nothing")):
            with self.subTest(path=path):
                answer = self.bare(method, path, Authorization=bearer,
                                   Origin="https://evil.example")
                self.assertEqual(answer.status, 403)
        self.assertEqual(self.http.terminals(), {})

    def test_two_origins_are_refused(self):
        own = f"http://127.0.0.1:{self.daemon.port}"
        error = self.refused(f"/ws?token={self.daemon.token}",
                             [("Origin", own),
                              ("Origin", "https://evil.example")])
        self.assertIn(error.status, (400, 403))

    def test_a_cross_site_fetch_is_refused(self):
        answer = self.bare(Authorization=f"Bearer {self.daemon.token}",
                           Sec_Fetch_Site="cross-site")
        self.assertEqual(answer.status, 403)


class AllowedTest(DaemonCase):
    options = ("--allow-host", "ide.example",
               "--allow-origin", "https://ide.example")

    def test_an_allowed_origin_and_host_get_in(self):
        path = f"/ws?token={self.daemon.token}"
        WebSocket(self.daemon.port, path,
                  [("Origin", "https://ide.example")]).close()
        WebSocket(self.daemon.port, path, [("Host", "ide.example")]).close()
        with self.assertRaises(Refused):
            WebSocket(self.daemon.port, path,
                      [("Origin", "http://ide.example")])


class NoAuthTest(unittest.TestCase):
    def test_without_auth_nothing_is_asked(self):
        daemon = fresh(self, "--no-auth", auth=False)
        answer = raw(daemon.port, b"GET /terminals HTTP/1.1\r\n"
                     b"Host: localhost\r\nConnection: close\r\n\r\n")
        self.assertEqual(status_of(answer), 200, answer)
        self.assertEqual(daemon.lines[1].partition("#")[0],
                         f"console {daemon.url}/")

    def test_without_auth_a_foreign_page_is_still_refused(self):
        daemon = fresh(self, "--no-auth", auth=False)
        for headers in ([("Origin", "https://evil.example")],
                        [("Host", "evil.example")]):
            with self.subTest(headers=headers):
                with self.assertRaises(Refused) as caught:
                    WebSocket(daemon.port, "/ws", headers)
                self.assertIn(caught.exception.status, (403, 421))


class WebSocketKeyTest(DaemonCase):
    def test_a_broken_upgrade_is_400(self):
        token = self.daemon.token
        key = base64.b64encode(b"0" * 16).decode()
        for name, lines in {
                "no key": "Sec-WebSocket-Version: 13\r\n",
                "old version": f"Sec-WebSocket-Key: {key}\r\n"
                               "Sec-WebSocket-Version: 8\r\n"}.items():
            with self.subTest(name):
                answer = raw(
                    self.daemon.port,
                    f"GET /ws?token={token} HTTP/1.1\r\nHost: localhost\r\n"
                    "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                    f"{lines}\r\n".encode(), until_close=False)
                self.assertIn(status_of(answer), (400, 426), answer)

    def test_a_plain_get_of_the_socket_is_not_a_hang(self):
        answer = self.http.get("/ws")
        self.assertIn(answer.status, (400, 426), answer)


if __name__ == "__main__":
    unittest.main()
