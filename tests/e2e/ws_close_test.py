"""RFC 6455, sections 5.5.1 and 7: closing."""
import socket
import struct
import unittest

from support.case import eventually
from support.conformance import (RAW, ConformanceCase, counting, text_frame)
from support.raw_ws import (BINARY, CLOSE, MIB, PING, TEXT, close, fragments,
                            frame)

load_tests = counting("close")

# 7.4.1, 7.4.2: what may be in a frame ...
SENT = (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011,
        3000, 3001, 3999, 4000, 4001, 4401, 4999)
# ... what came to be registered with IANA afterwards, or is in no range ...
OPEN = (1012, 1013, 1014, 5000, 5001, 10000, 32768, 65535)
# ... and what is never sent.
NEVER = (0, 1, 2, 100, 999, 1004, 1005, 1006, 1015, 1016, 1017, 1100, 1999,
         2000, 2001, 2500, 2998, 2999)


class CodeTest(ConformanceCase):
    def test_a_code_that_may_be_sent_is_echoed(self):
        for code in SENT:
            for reason in (b"", b"client close"):
                with self.case(f"{code} {reason.decode()}"):
                    self.fails(close(code, reason), code)

    def test_a_code_that_is_never_sent_is_refused(self):
        for code in NEVER:
            for reason in (b"", b"why"):
                with self.case(f"{code} {reason.decode()}"):
                    self.fails(close(code, reason), 1002)

    def test_a_code_the_rfc_is_silent_about(self):
        for code in OPEN:
            with self.case(f"{code}"):
                self.fails(close(code), code, 1002)

    def test_no_code(self):
        with self.case("an empty payload"):
            ws = self.fails(close(), 0, 1000)
            self.assertIn(len(ws.close_payload), (0, 2))

    def test_half_a_code(self):
        for byte in (b"\x03", b"\0", b"\xff"):
            with self.case(f"a payload of {byte.hex()}"):
                self.fails(frame(CLOSE, byte), 1002)


class ReasonTest(ConformanceCase):
    def test_a_reason_of_any_length_that_fits(self):
        for reason in (b"x", b"x" * 122, b"x" * 123, "ü".encode() * 61,
                       "😀".encode() * 30 + b"xyz", b"\0", b"\r\n",
                       "κόσμε".encode()):
            with self.case(f"{reason[:8]!r} of {len(reason)}"):
                self.fails(close(1000, reason), 1000)

    def test_a_reason_too_long(self):
        for size in (124, 125, 1000, 70000):
            with self.case(f"{size} bytes"):
                self.fails(close(1000, b"x" * size), 1002,
                           ends=("fin", "reset"))

    def test_a_reason_that_is_not_utf_8(self):
        # 8.1 says fail; 1007 is for "data within a message", which this is
        # not: either code will do.
        for name, reason in (
                ("FF", b"\xff"), ("a lone 80", b"\x80"),
                ("overlong", b"\xc0\xaf"), ("a surrogate", b"\xed\xa0\x80"),
                ("above U+10FFFF", b"\xf4\x90\x80\x80"),
                ("cut short", b"bye \xe2\x82"),
                ("cut short at the limit", b"x" * 122 + b"\xc3"),
                ("broken in the middle", b"a\xfeb")):
            with self.case(name):
                self.fails(close(1000, reason), 1007, 1002)


class OrderTest(ConformanceCase):
    """What is around a Close frame."""

    def test_nothing_after_it_is_obeyed(self):
        echo = int(self.http.create(*RAW)["id"])
        self.http.wait_output(str(echo), b"on")
        for name, more in (
                ("input", frame(BINARY, bytes([echo]) + b"late")),
                ("text", text_frame(240)), ("a ping", frame(PING, b"late")),
                ("another close", close(1001)),
                ("input in fragments", b"".join(fragments(
                    BINARY, [bytes([echo]), b"late"]))),
                ("a reserved opcode", frame(3)),
                ("an unmasked frame", frame(PING, mask=None)),
                ("a megabyte", frame(BINARY, bytes([echo]) * MIB)),
                ("what is no frame", b"\xff" * 300)):
            with self.case(f"{name} after a close"):
                ws = self.fails(close(1000) + more, 1000,
                                ends=("fin", "reset"))
                self.assertEqual(ws.pongs, [])
        with self.case("none of it reached the terminal"):
            ws = self.connect(echo=echo)
            ws.send(frame(BINARY, bytes([echo]) + b"mark"))
            ws.until(lambda: ws.output[echo].endswith(b"mark"))
            self.assertEqual(self.http.scrollback(str(echo))[0], b"on\nmark")

    def test_everything_before_it_is_obeyed(self):
        for name, data, sent in (
                ("one message", frame(BINARY, self.typed(b"1")), b"1"),
                ("a hundred", frame(BINARY, self.typed(b"2")) * 100,
                 b"2" * 100),
                ("64 KiB", frame(BINARY, self.typed(b"3" * 65536)),
                 b"3" * 65536),
                ("fragments", b"".join(fragments(
                    BINARY, [self.typed(), b"4", b"5"])), b"45")):
            with self.case(f"{name} before a close"):
                watcher, ws = self.connect(), self.connect()
                ws.send(data + close(1000))
                self.assertEqual(ws.wait_end(), 1000)
                watcher.until(lambda: len(watcher.output[self.echo])
                              >= len(sent), "what came before")
                self.assertEqual(watcher.output[self.echo], sent)

    def test_answers_come_before_the_close(self):
        with self.case("of pings and of text"):
            ws = self.fails(frame(PING, b"a") + text_frame(241)
                            + frame(PING, b"b") + close(1000), 1000,
                            errors=["241"])
            self.assertEqual(ws.pongs[-1], b"b")

    def test_amid_a_message(self):
        for name, data in (
                ("after a first fragment",
                 frame(BINARY, self.typed(b"part"), fin=False)),
                ("after text without its end",
                 frame(TEXT, b"{\"\xc3", fin=False))):
            with self.case(name):
                self.fails(data + close(1000), 1000)

    def test_amid_output(self):
        with self.case("of a megabyte"):
            watcher, ws = self.connect(), self.connect()
            ws.send(frame(BINARY, self.typed(b"o" * (MIB - 1)))
                    + close(1000))
            self.assertEqual(ws.wait_end(), 1000)
            self.assertEqual(ws.end, "fin")
            watcher.until(lambda: len(watcher.output[self.echo]) == MIB - 1,
                          "all of it")

    def test_a_byte_a_segment(self):
        with self.case("a close of 125 bytes"):
            data = close(1000, b"x" * 123)
            self.fails([data[n:n + 1] for n in range(len(data))], 1000)

    def test_the_first_violation_decides(self):
        for name, data, code in (
                ("reserved bits before a close", frame(PING, rsv=1)
                 + close(1000), 1002),
                ("bad text before a close", frame(TEXT, b"\xff")
                 + close(1000), 1007),
                ("bad text before an opcode", frame(TEXT, b"\xff")
                 + frame(3), 1007),
                ("an opcode before bad text", frame(3)
                 + frame(TEXT, b"\xff"), 1002)):
            with self.case(name):
                self.fails(data, code, ends=("fin", "reset"))


class TcpTest(ConformanceCase):
    """7.1: the connection below; that the server ends it first is part of
    every case above."""

    def gone(self):
        eventually(lambda: self.http.get("/health").json["connections"] == 0,
                   "no connection is left")

    def test_a_client_that_ends_without_a_close(self):
        for name, data in (
                ("at once", b""), ("after a message", text_frame(242)),
                ("within a header", b"\x82"),
                ("within a length", b"\x82\xff\0\0"),
                ("within a payload", frame(BINARY, self.typed(b"abc"))[:-1]),
                ("within a message",
                 frame(BINARY, self.typed(b"abc"), fin=False)),
                ("within a close", close(1000)[:-1])):
            with self.case(f"FIN {name}"):
                ws = self.connect()
                ws.send(data)
                ws.socket.shutdown(socket.SHUT_WR)
                ws.wait_end()
                self.assertEqual(ws.output[self.echo], b"")
                self.gone()
            with self.case(f"RST {name}"):
                ws = self.connect()
                ws.send(data)
                ws.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                     struct.pack("ii", 1, 0))
                ws.close()
                self.gone()

    def test_a_client_that_writes_no_more_is_still_answered(self):
        with self.case("a close, then FIN"):
            ws = self.connect()
            ws.send(text_frame(243) + close(3333))
            ws.socket.shutdown(socket.SHUT_WR)
            self.assertEqual(ws.wait_end(), 3333)
            self.assertEqual([one["id"] for one in ws.texts], ["243"])

    def test_nothing_is_left_when_the_client_does_not_close(self):
        for name, data in (("after its close", close(1000)),
                           ("after a violation", frame(3)),
                           ("after bad text", frame(TEXT, b"\xff"))):
            with self.case(name):
                ws = self.connect()
                ws.send(data)
                ws.wait_end()
                self.gone()  # with ws still open on this side


if __name__ == "__main__":
    unittest.main()
