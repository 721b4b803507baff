"""RFC 6455, section 4: the opening handshake."""
import base64
import hashlib
import unittest

from support.conformance import ConformanceCase, counting
from support.raw_ws import BINARY, NONCE, PING, Refused, frame, request

load_tests = counting("handshake")

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def accept_of(key):
    return base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()
                            ).decode()


def key_of(size):
    return base64.b64encode(bytes(range(size))).decode()


class HandshakeCase(ConformanceCase):
    def upgrade(self, *headers, **changed):
        return request("/ws?ext=1&attach=none",
                       headers=self.authorized(*headers), **changed)

    def accepted(self, data):
        """It is upgraded, by a whole answer, and frames are answered."""
        ws = self.open()
        answer = ws.upgrade([data] if isinstance(data, bytes) else data)
        self.assertEqual(answer.line[:13], "HTTP/1.1 101 ")
        self.assertEqual(answer.get("Upgrade").lower(), "websocket")
        self.assertEqual(answer.get("Connection").lower(), "upgrade")
        self.assertEqual(answer.all("Content-Length"), [])
        self.assertEqual(answer.all("Transfer-Encoding"), [])
        ws.send(frame(BINARY, b"\xfa?") + frame(PING, b"open"))
        ws.until(lambda: ws.pongs, "a pong")
        self.assertEqual([text["id"] for text in ws.texts], ["250"])
        return answer

    def refused(self, data, *statuses):
        """It is answered with one of the statuses, in a way that HTTP
        clients understand."""
        ws = self.open()
        with self.assertRaises(Refused) as caught:
            ws.upgrade([data])
        answer = caught.exception.answer
        self.assertIn(answer.status, statuses, answer.line)
        self.assertEqual(answer.all("Sec-WebSocket-Accept"), [])
        self.assertIsNotNone(answer.get("Content-Length"))
        return answer


class AnswerTest(HandshakeCase):
    """4.2.2: what the server answers."""

    def test_the_accept_value_belongs_to_the_key(self):
        with self.case("the key of the RFC"):
            answer = self.accepted(self.upgrade())
            self.assertEqual(answer.get("Sec-WebSocket-Accept"),
                             "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        for name, key in (("zeros", "A" * 22 + "=="), ("others", key_of(16)),
                          ("slashes", "/" * 21 + "w=="),
                          ("signs", "+/" * 10 + "+w==")):
            with self.case(f"a key of {name}"):
                answer = self.accepted(self.upgrade(key=key))
                self.assertEqual(answer.get("Sec-WebSocket-Accept"),
                                 accept_of(key))

    def test_nothing_is_agreed_that_was_not_offered(self):
        for name in ("Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"):
            with self.case(name):
                self.assertEqual(self.accepted(self.upgrade()).all(name), [])

    def test_a_subprotocol_is_one_of_those_offered(self):
        for offer in ("chat", "chat, superchat", "superchat,chat", "a.b-c_1"):
            with self.case(offer):
                answer = self.accepted(self.upgrade(
                    ("Sec-WebSocket-Protocol", offer)))
                self.assertIn(answer.get("Sec-WebSocket-Protocol"),
                              [None, *(one.strip()
                                       for one in offer.split(","))])

    def test_what_is_no_token_is_never_agreed(self):
        # 11.3.4: the value in the answer is a token.
        for offer in ("a b", "chat;v=1", "\"chat\"", "a/b", "{}", ",,,"):
            with self.case(offer):
                ws = self.open()
                try:
                    answer = ws.upgrade([self.upgrade(
                        ("Sec-WebSocket-Protocol", offer))])
                except Refused as error:
                    self.assertEqual(error.answer.status, 400)
                else:
                    self.assertEqual(answer.all("Sec-WebSocket-Protocol"),
                                     [])

    def test_unknown_extensions_are_not_agreed(self):
        for offer in ("x-unknown", "x-unknown; a; b=c", "mux; max-channels=4",
                      "x-webkit-deflate-frame", "bbf-usp-protocol",
                      "permessage-bzip2, x-unknown; a=\"b\""):
            with self.case(offer):
                answer = self.accepted(self.upgrade(
                    ("Sec-WebSocket-Extensions", offer)))
                self.assertEqual(answer.all("Sec-WebSocket-Extensions"), [])

    def test_malformed_extensions_are_never_agreed(self):
        # 9.1 would have them fail the connection; most servers, Beast's
        # among them, overlook them instead. Both are safe.
        for offer in ("", ",,,", ";;", "a b", "=", "a;=", "a; b=\"c",
                      "permessage-deflate; =", "permessage-deflate=1"):
            with self.case(repr(offer)):
                data = self.upgrade(("Sec-WebSocket-Extensions", offer))
                ws = self.open()
                try:
                    answer = ws.upgrade([data])
                except Refused as error:
                    self.assertEqual(error.answer.status, 400)
                else:
                    self.assertEqual(
                        answer.all("Sec-WebSocket-Extensions"), [])


class RequestTest(HandshakeCase):
    """4.1, 4.2.1: what the server reads."""

    def test_names_and_tokens_have_no_case(self):
        for name, data in (
                ("Upgrade: WebSocket", self.upgrade(upgrade="WebSocket")),
                ("Upgrade: WEBSOCKET", self.upgrade(upgrade="WEBSOCKET")),
                ("Connection: upgrade", self.upgrade(connection="upgrade")),
                ("Connection: UPGRADE", self.upgrade(connection="UPGRADE")),
                ("names in lower case", self.upgrade().replace(
                    b"Sec-WebSocket-", b"sec-websocket-").replace(
                    b"Upgrade: ", b"upgrade: ").replace(
                    b"Connection: ", b"connection: ").replace(
                    b"Host: ", b"host: ")),
                ("names in upper case", self.upgrade().replace(
                    b"Sec-WebSocket-", b"SEC-WEBSOCKET-").replace(
                    b"Upgrade: ", b"UPGRADE: "))):
            with self.case(name):
                self.accepted(data)

    def test_upgrade_may_be_one_of_several_tokens(self):
        for field, value in (
                ("connection", "keep-alive, Upgrade"),
                ("connection", "Upgrade,keep-alive"),
                ("connection", "keep-alive,,  upgrade")):
            with self.case(f"{field}: {value}"):
                self.accepted(self.upgrade(**{field: value}))

    def test_another_protocol_beside_it_may_be_refused(self):
        # The RFC asks that Upgrade includes websocket; the gate that nothing
        # else is in it, because what is between might take the other.
        for value in ("websocket, h2c", "h2c, websocket"):
            with self.case(f"upgrade: {value}"):
                try:
                    self.accepted(self.upgrade(upgrade=value))
                except Refused as error:
                    self.assertEqual(error.answer.status, 400)

    def test_blanks_around_a_value_do_not_belong_to_it(self):
        for field, value in (("key", f"  {NONCE.decode()}\t "),
                             ("version", " 13 "), ("upgrade", "\twebsocket "),
                             ("connection", " Upgrade\t")):
            with self.case(field):
                answer = self.accepted(self.upgrade(**{field: value}))
                self.assertEqual(answer.get("Sec-WebSocket-Accept"),
                                 accept_of(NONCE.decode()))

    def test_tcp_may_cut_it_anywhere(self):
        data = self.upgrade()
        with self.case("a byte at a time"):
            self.accepted([data[n:n + 1] for n in range(len(data))])
        for name, at in (("within the method", 2), ("after the line", 20),
                         ("before the last byte", len(data) - 1)):
            with self.case(f"cut {name}"):
                self.accepted([data[:at], data[at:]])

    def test_other_headers_do_not_matter(self):
        with self.case("those of a browser"):
            self.accepted(self.upgrade(
                ("Pragma", "no-cache"), ("Cache-Control", "no-cache"),
                ("User-Agent", "Mozilla/5.0"), ("Accept-Language", "en"),
                ("Accept-Encoding", "gzip, deflate, br"),
                ("Origin", f"http://127.0.0.1:{self.daemon.port}"),
                host=f"127.0.0.1:{self.daemon.port}"))

    def test_a_small_body_is_never_taken_for_frames(self):
        ping = frame(PING, b"smuggled")
        with self.case("a body that is a ping"):
            ws = self.open()
            try:
                ws.upgrade([self.upgrade(("Content-Length", str(len(ping))))
                            + ping])
            except Refused as error:
                self.assertEqual(error.answer.status, 400)
            else:
                ws.send(frame(PING, b"mine"))
                ws.until(lambda: b"mine" in ws.pongs)
                self.assertEqual(ws.pongs, [b"mine"])


class RefusalTest(HandshakeCase):
    """4.2.2, 4.4: what is not a handshake."""

    def test_both_headers_ask_for_it(self):
        for field in ("upgrade", "connection"):
            for value in (None, "", "websocket2", "close", "h2c", "upgraded",
                          "web socket", "xwebsocket"):
                with self.case(f"{field}: {value}"):
                    self.refused(self.upgrade(**{field: value}), 400, 426)

    def test_the_key_is_16_bytes_in_base64(self):
        for name, key in (
                ("none", None), ("empty", ""), ("of 8 bytes", key_of(8)),
                ("of 15 bytes", key_of(15)), ("of 17 bytes", key_of(17)),
                ("of 18 bytes", key_of(18)), ("huge", "A" * 4000),
                ("without padding", key_of(16)[:22]),
                ("with more padding", key_of(16) + "="),
                ("padded in the middle", "dGhl=HNhbXBsZSBub25jZQ=="),
                ("in other characters", "!" * 22 + "=="),
                ("with a blank", "dGhlIHNhbXBs ZSBub25jZQ==")):
            with self.case(f"key {name}"):
                self.refused(self.upgrade(key=key), 400)

    def test_the_version_is_13(self):
        for value in (None, "", "0", "7", "8", "12", "14", "130", "1 3",
                      "013", "13.0", "+13", "13, 8", "8, 13", "13,13",
                      "thirteen", "255", "99999999999999999999"):
            with self.case(f"version {value}"):
                answer = self.refused(self.upgrade(version=value), 400, 426)
                if answer.status == 426:
                    self.assertEqual(
                        answer.get("Sec-WebSocket-Version"), "13")

    def test_another_version_is_told_which_one(self):
        with self.case("of 8, 7 and 14"):
            for value in ("8", "7", "14"):
                answer = self.refused(self.upgrade(version=value), 426)
                self.assertEqual(answer.get("Sec-WebSocket-Version"), "13")

    def test_headers_that_come_once(self):
        # 11.3.1, 11.3.5
        for name, value in (("Sec-WebSocket-Key", NONCE.decode()),
                            ("Sec-WebSocket-Key", key_of(16)),
                            ("Sec-WebSocket-Version", "13"),
                            ("Sec-WebSocket-Version", "8"),
                            ("Host", "localhost")):
            with self.case(f"{name} again: {value}"):
                self.refused(self.upgrade((name, value)), 400, 426)

    def test_it_is_a_get_of_http_1_1(self):
        data = self.upgrade()
        for method in (b"POST", b"PUT", b"DELETE", b"OPTIONS", b"PATCH"):
            with self.case(method.decode()):
                self.refused(data.replace(b"GET ", method + b" ", 1),
                             400, 405)
        with self.case("HEAD"):
            self.refused(data.replace(b"GET ", b"HEAD ", 1), 400, 405)
        for version in (b"1.0", b"0.9", b"2.0"):
            with self.case(f"HTTP/{version.decode()}"):
                self.refused(data.replace(b"HTTP/1.1", b"HTTP/" + version, 1),
                             400, 426, 505)

    def test_a_host_is_named(self):
        for host in (None, "", "evil.example", "localhost\r\n\tevil"):
            with self.case(f"Host: {host!r}"):
                self.refused(self.upgrade(host=host), 400, 403, 421)

    def test_no_frame_is_obeyed_before_the_answer(self):
        # 4.1: the client must wait. A server may refuse, or read it later.
        with self.case("a frame along with the request"):
            ws = self.open()
            try:
                ws.upgrade([self.upgrade() + frame(PING, b"early")])
            except Refused as error:
                self.assertEqual(error.answer.status, 400)
            else:
                ws.until(lambda: ws.pongs == [b"early"], "a pong")


if __name__ == "__main__":
    unittest.main()
