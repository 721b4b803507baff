"""JSON Web Tokens on the wire: whose are taken, by which carriers, how large
and for how much; and their end, all at once."""
import itertools
import signal
import subprocess
import time
import unittest

from support.carriers import CARRIERS
from support.case import eventually, scaled
from support.daemon import OUTRIGGER
from support.jwt_case import SOURCES, WORKSPACE, JwtCase
from support.raw_http import RawConnection, exchange, request
from support.raw_ws import MIB
from support.terminal_client import PlainClient
from support.ws_client import WebSocket

DAY = 24 * 3600
LARGEST = 8 << 10  # of a token


class GoodTest(JwtCase):
    def test_each_algorithm_opens_requests_and_sockets(self):
        terminal = self.http.create("sh", "-c", "echo hello; cat")["id"]
        for algorithm in self.keys:
            with self.subTest(algorithm):
                token = self.token(algorithm)
                answer = self.ask(token)
                self.assertEqual(answer.status, 200, answer)
                client = PlainClient(self.daemon, token=False, headers=[
                    ("Authorization", f"Bearer {token}")])
                self.addCleanup(client.close)
                client.wait_output(terminal, "hello")
                client.send_input(terminal, f"by {algorithm}\n")
                client.wait_output(terminal, f"by {algorithm}")

    def test_what_the_rules_leave_open_is_taken(self):
        now = int(time.time())
        for name, token in {
                "an audience of several": self.token(
                    aud=["elsewhere", WORKSPACE]),
                "scopes as an array": self.token(scope=["read", "port:80"]),
                "scopes with a comma": self.token(scope="read,port:80"),
                "no typ": self.token(header={"typ": None}),
                "no kid, which means the key without one": self.token(
                    "none", header={"kid": None}),
                "no iat": self.token(iat=None),
                "no sub": self.token(sub=None),
                "claims nobody reads": self.token(
                    jti="1", iss="x", azp=[{}], name={"a": None}),
                "clocks that differ a little": self.token(
                    nbf=now + 20, iat=now + 20),
                "a whole day": self.token(iat=now, exp=now + DAY)}.items():
            with self.subTest(name):
                answer = self.ask(token)
                self.assertEqual(answer.status, 200, answer)

    def test_every_carrier_brings_one(self):
        for algorithm, carrier in itertools.product(self.keys, CARRIERS):
            with self.subTest(algorithm=algorithm, carrier=carrier):
                token = self.token(algorithm)
                answer = self.ask(token, carrier)
                self.assertEqual(answer.status, 200, answer)
                answer = self.ask(token, carrier, path="/ws")
                # X-API-Key means the dialect that is not served here.
                self.assertEqual(answer.status, 501 if carrier == "X-API-Key"
                                 else 101, answer)
                if carrier == "subprotocol":
                    self.assertEqual(
                        answer.field("sec-websocket-protocol"), "Bearer")

    def test_a_wrong_one_is_401_by_every_carrier(self):
        for carrier, path in itertools.product(CARRIERS, ("/terminals",
                                                          "/ws")):
            with self.subTest(carrier=carrier, path=path):
                token = self.token(aud="elsewhere")
                answer = self.ask(token, carrier, path=path)
                self.assertEqual(answer.status, 401, answer)
                self.assertIn("audience", answer.json["error"])

    def first_frame(self, token):
        """What the other dialect's authentication in a frame is told."""
        socket = WebSocket(self.daemon.port)
        self.addCleanup(socket.close)
        socket.send_text({"command": "authenticate", "params": {
            "container_name": "any", "api_key": token}})
        self.assertEqual(socket.wait_closed(), 1008)
        answer, = socket.texts
        self.assertIs(answer["success"], False)
        return answer["error"]

    def test_a_first_frame_brings_one(self):
        # That dialect is not served, but who may come in is told so.
        for algorithm in self.keys:
            with self.subTest(algorithm):
                self.assertIn("not served",
                              self.first_frame(self.token(algorithm)))
                self.assertEqual(
                    self.first_frame(self.token(algorithm, exp=1)),
                    "Authentication failed")

    def test_a_static_token_and_a_jwt_are_two_credentials(self):
        answer, _ = exchange(self.daemon.port, request(
            "GET /terminals HTTP/1.1", f"X-API-Key: {self.token()}",
            token=self.daemon.token), next(SOURCES))
        self.assertEqual(answer.status, 400, answer)

    def test_a_scope_it_does_not_have_is_403(self):
        mine = self.http.create("cat")["id"]
        other = self.http.create("cat")["id"]
        made = b'{"cmd":["true"]}'
        for scope, method, path, body, status in (
                ("read", "GET", "/metrics", None, 200),
                ("read", "GET", "/ws", None, 101),
                ("read", "POST", "/terminals", made, 403),
                ("read", "DELETE", f"/terminals/{mine}", None, 403),
                ("files", "GET", "/terminals", None, 403),
                ("files", "GET", "/ws", None, 101),
                ("ports", "GET", "/ws", None, 403),
                (f"terminal:{mine}", "GET", f"/terminals/{mine}", None, 200),
                (f"terminal:{mine}", "GET", f"/terminals/{other}", None, 403),
                (f"terminal:{mine}", "POST", "/terminals", made, 403),
                (f"terminal:{mine}:view", "GET", "/ws", None, 101),
                (f"terminal:{mine}:view", "DELETE", f"/terminals/{mine}",
                 None, 403),
                ("terminal", "GET", "/metrics", None, 403)):
            for algorithm in self.keys:
                with self.subTest(f"{scope} {method} {path} {algorithm}"):
                    answer = self.ask(self.token(algorithm, scope=scope),
                                      method=method, path=path, body=body)
                    self.assertEqual(answer.status, status, answer)
                    if status == 403:
                        self.assertEqual(answer.json["code"], "forbidden")
        self.assertEqual(set(self.http.terminals()), {mine, other})


class SizeTest(JwtCase):
    def padded(self, size):
        """A good one of exactly that many bytes."""
        for typ in ("JWT", "JWTx", "JWTxx", "JWTxxx"):
            short = len(self.token(header={"typ": typ}, pad=""))
            pad = max(0, (size - short) * 3 // 4)
            for more in range(pad, pad + 3):
                token = self.token(header={"typ": typ}, pad="x" * more)
                if len(token) == size:
                    return token
        raise AssertionError(f"no token of {size} bytes")

    def large(self, token, carrier):
        """Says its answer's status and how long it took; the daemon serves
        on meanwhile."""
        fields, query = CARRIERS[carrier](token)
        with RawConnection(self.daemon.port, next(SOURCES)) as connection:
            start = time.monotonic()
            connection.send(request(
                f"GET /terminals?{query} HTTP/1.1", *fields))
            answer = connection.answer()
            self.assertLess(time.monotonic() - start, scaled(1))
        self.assertEqual(self.ask(self.token()).status, 200)
        return answer

    def test_one_that_no_header_holds_is_413(self):
        for size in (LARGEST + 1, 4 * LARGEST, MIB):
            token = self.padded(size)
            for carrier in CARRIERS:
                with self.subTest(size=size, carrier=carrier):
                    answer = self.large(token, carrier)
                    self.assertEqual(answer.status, 413, answer)
                    self.assertEqual(answer.json["code"],
                                     "payload_too_large")
                    self.assertTrue(answer.closes)

    def test_a_large_one_in_a_frame_is_refused_and_the_socket_lives(self):
        socket = self.socket(self.token())
        for size in (LARGEST + 1, 4 * LARGEST, MIB - 100):
            count = len(socket.texts)
            socket.send_text({"channel": "auth", "type": "refresh",
                              "token": self.padded(size)})
            socket.until(lambda: len(socket.texts) > count, "a refusal")
            self.assertEqual(socket.texts[-1]["type"], "error")
        socket.send_text({"channel": "auth", "type": "refresh",
                          "token": self.padded(LARGEST)})
        socket.until(lambda: socket.texts[-1]["type"] == "auth_refreshed",
                     "a renewal")


class LargeHeaderTest(SizeTest):
    """The header may be larger than any token."""
    options = (*JwtCase.options, "--max-header", "64KiB")

    def test_one_that_no_header_holds_is_413(self):
        answer = self.large(self.padded(MIB), "Authorization")
        self.assertEqual(answer.status, 413, answer)

    def test_eight_kibibytes_are_taken_and_not_a_byte_more(self):
        for carrier in ("Authorization", "X-API-Key", "X-Internal-Token",
                        "subprotocol"):
            with self.subTest(carrier):
                answer = self.large(self.padded(LARGEST), carrier)
                self.assertEqual(answer.status, 200, answer)
                for size in (LARGEST + 1, 6 * LARGEST):
                    answer = self.large(self.padded(size), carrier)
                    self.assertEqual(answer.status, 401, answer)
                    self.assertIn("too long", answer.json["error"])


class RevocationTest(JwtCase):
    def revoke(self):
        subprocess.run(
            [OUTRIGGER, "token", "revoke", "--all-jwt", "--state-dir",
             self.daemon.state], check=True, capture_output=True,
            env=self.daemon.environment())
        self.hang_up()

    def hang_up(self):
        """SIGHUP; returns when the daemon has read everything again."""
        before = self.daemon.log().count("reload: ")
        self.daemon.process.send_signal(signal.SIGHUP)
        eventually(lambda: self.daemon.log().count("reload: ") > before,
                   "the daemon reads again")

    def test_all_that_were_issued_before_end_and_newer_ones_work(self):
        terminal = self.http.create("cat")["id"]
        now = int(time.time())
        old = {algorithm: self.token(algorithm, iat=now - 2)
               for algorithm in self.keys}
        old["without iat"] = self.token(iat=None)
        sockets = [self.socket(token) for token in old.values()]
        other = self.socket(self.daemon.token)
        self.revoke()
        for socket in sockets:
            self.assertEqual(socket.wait_closed(), 4401)
        for name, token in old.items():
            with self.subTest(name):
                for path in ("/terminals", "/ws"):
                    answer = self.ask(token, path=path)
                    self.assertEqual(answer.status, 401, answer)
                    self.assertRegex(answer.json["error"],
                                     "revoked|when it was issued")
        for algorithm in self.keys:
            newer = self.token(algorithm, iat=int(time.time()) + 1)
            self.assertEqual(self.ask(newer).status, 200, algorithm)
            self.assertTrue(self.socket(newer).is_open())
        other.send_input(terminal, "still here\n")
        other.until(lambda: any(b"still here" in data
                                for data in other.binaries), "an echo")
        self.assertTrue(self.http.terminals()[terminal]["alive"])

    def test_a_key_that_was_replaced_opens_nothing_more(self):
        for key in (self.keys["HS256"], self.keys["EdDSA"]):
            with self.subTest(key.algorithm):
                token = self.token(key.algorithm, iat=int(time.time()) + 1)
                self.assertEqual(self.ask(token).status, 200)
                before = key.content()
                key.write(type(key)("new", *(
                    [key.algorithm] if key.algorithm == "EdDSA" else []),
                    self.daemon.folder).content())
                self.addCleanup(self.hang_up)
                self.addCleanup(key.write, before)
                self.hang_up()
                answer = self.ask(token)
                self.assertEqual(answer.status, 401, answer)
                self.assertIn("signature is wrong", answer.json["error"])

    def test_a_key_that_was_replaced_ends_its_sockets_and_tickets(self):
        key = self.keys["HS256"]
        token = self.token(iat=int(time.time()) + 1)
        socket = self.socket(token)
        ticket = self.ask(token, method="POST", path="/ticket",
                          body=b'{"path":"/ws"}').json["ticket"]
        self.addCleanup(self.hang_up)
        self.addCleanup(key.write, key.content())
        key.write(b"n" * 32)
        self.hang_up()
        self.assertEqual(self.ask(token).status, 401)
        self.assertEqual(
            self.ask(ticket, "?ticket", path="/ws").status, 401)
        self.assertEqual(socket.wait_closed(), 4401)


if __name__ == "__main__":
    unittest.main()
