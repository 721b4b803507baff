"""RFC 7692: permessage-deflate. Not agreed unless it is switched on."""
import random
import unittest
import zlib

from support import deflate
from support.conformance import (ConformanceCase, counting, text)
from support.daemon import has_option
from support.deflate import HEADER, NAME
from support.raw_ws import (BINARY, CLOSE, CONT, MIB, PING, PONG, SYNC, TEXT,
                            close, fragments, frame)

BAD_DATA = (1002, 1007)
HAS = has_option("--compression")

load_tests = counting("deflate", 180 if HAS else 0)

# Without the first of these a server cannot bound its own window for what it
# receives (7.1.2.2), and may decline for that reason.
WINDOW = "client_max_window_bits"
GOOD = ["", "server_no_context_takeover", "client_no_context_takeover",
        "client_no_context_takeover; server_no_context_takeover",
        WINDOW, f"{WINDOW}; server_no_context_takeover",
        f"{WINDOW}; client_no_context_takeover",
        f"server_max_window_bits=10; {WINDOW}",
        f"server_max_window_bits=12; {WINDOW}=12; "
        "server_no_context_takeover; client_no_context_takeover",
        *(f"{WINDOW}; server_max_window_bits={n}" for n in range(9, 16)),
        *(f"server_max_window_bits={n}" for n in (9, 15)),
        *(f"{WINDOW}={n}" for n in range(8, 16))]

# 7.1: a server declines what it does not understand.
BAD = ["unknown", "unknown=1", "x-b", "Client_max_window_bits_",
       "server_no_context_takeover; server_no_context_takeover",
       "client_no_context_takeover; client_no_context_takeover",
       "client_max_window_bits; client_max_window_bits=10",
       "server_max_window_bits=10; server_max_window_bits=10",
       "server_max_window_bits=9; server_max_window_bits=10",
       "server_no_context_takeover=1", "server_no_context_takeover=true",
       "client_no_context_takeover=0", "server_max_window_bits",
       *(f"{side}_max_window_bits={value}" for side in ("client", "server")
         for value in ("7", "16", "0", "1", "20", "255", "256", "-1", "010",
                       "08", "+10", "abc", "1e1", "10x", "0x0a",
                       "99999999999999999999"))]


def with_window(parameters):
    """The same, so that it lacks nothing a server may want."""
    return parameters if WINDOW in parameters else "; ".join(
        one for one in (WINDOW, parameters) if one)


def offer(*parameters):
    return ", ".join(f"{NAME}; {one}" if one else NAME for one in parameters)


def offered(parameters):
    return deflate.parse(offer(parameters))[0][1]


class OffTest(ConformanceCase):
    """Without it, nothing of it."""

    options = ("--compression", "off") if HAS else ()

    def test_no_offer_is_accepted(self):
        for parameters in GOOD[:8]:
            with self.case(f"offer {parameters}"):
                ws = self.connect([(HEADER, offer(parameters))])
                self.assertEqual(ws.answer.all(HEADER), [])
                self.answered(ws, frame(BINARY, self.typed(b"a")), b"a")

    def test_a_compressed_message_is_refused(self):
        for name, data in (
                ("text", frame(TEXT, deflate.fixed(text(101)), rsv=4)),
                ("binary", frame(BINARY, deflate.fixed(self.typed(b"x")),
                                 rsv=4)),
                ("empty", frame(BINARY, b"\0", rsv=4)),
                ("in fragments", b"".join(fragments(
                    TEXT, [b"\xf2\x48\xcd", b"\xc9\xc9\x07\0"], rsv=4)))):
            with self.case(name):
                ws = self.connect([(HEADER, NAME)])
                ws.send(data)
                self.assertEqual(ws.wait_end(), 1002)
                self.assertEqual(ws.output[self.echo], b"")


@unittest.skipUnless(HAS, "this daemon has no --compression")
class DeflateCase(ConformanceCase):
    options = ("--compression", "on")

    def agree(self, value, parameters):
        """Connects with an offer that must be agreed to; `parameters` are
        those of the one of it that counts."""
        ws = self.connect([(HEADER, value)])
        self.assertNotEqual(ws.answer.all(HEADER), [], "declined")
        deflate.check(ws.codec.agreed, offered(parameters))
        return ws

    def packed(self, parameters=""):
        parameters = with_window(parameters)
        return self.agree(offer(parameters), parameters)

    def works_packed(self, data, output=b"", errors=(), pongs=(), ws=None):
        ws = ws or self.packed()
        self.answered(ws, data, output, errors, pongs)
        self.answered(ws, frame(BINARY, self.typed(b"!")), b"!")

    def fails_packed(self, data, *codes, ends=("fin", "reset")):
        ws = self.packed()
        ws.answers_close = True
        for piece in [data] if isinstance(data, bytes) else data:
            ws.send(piece)
        self.assertIn(ws.wait_end(), codes, ws.state())
        self.assertIn(ws.end, ends)
        self.assertEqual(ws.output[self.echo], b"")
        self.assertEqual(ws.texts, [])


class NegotiationTest(DeflateCase):
    """Section 7.1, and 5: offers and answers."""

    def talk(self, ws):
        """Three messages each way under what was agreed."""
        noise = random.Random(7).randbytes(700)
        for number in range(3):
            data = b"%d " % number + (noise + b"again and " * 50) * 3
            self.answered(
                ws, ws.codec.frame(BINARY, self.typed(data))
                + ws.codec.frame(TEXT, text(102)), data, ["102"])

    def test_good_offers(self):
        for parameters in GOOD:
            with self.case(f"offer {parameters}"):
                ws = self.connect([(HEADER, offer(parameters))])
                if WINDOW in parameters or ws.answer.all(HEADER):
                    self.talk(self.agree(offer(parameters), parameters))
                else:
                    self.answered(ws, frame(BINARY, self.typed(b"a")), b"a")

    def test_a_window_no_server_needs_to_have(self):
        with self.case("server_max_window_bits=8"):
            parameters = f"{WINDOW}; server_max_window_bits=8"
            ws = self.connect([(HEADER, offer(parameters))])
            if ws.answer.all(HEADER):  # zlib has no such window
                self.talk(self.packed(parameters))
            else:
                self.answered(ws, frame(BINARY, self.typed(b"a")), b"a")

    def test_bad_offers_are_declined(self):
        for parameters in BAD:
            with self.case(f"offer {parameters}"):
                ws = self.connect([(HEADER,
                                    offer(with_window(parameters)))])
                self.assertEqual(ws.answer.all(HEADER), [])
                self.answered(ws, frame(BINARY, self.typed(b"a")), b"a")

    def test_nothing_is_agreed_without_an_offer(self):
        with self.case("no offer"):
            ws = self.connect()
            self.assertEqual(ws.answer.all(HEADER), [])
            ws.send(frame(TEXT, deflate.fixed(text(103)), rsv=4))
            self.assertEqual(ws.wait_end(), 1002)

    def test_the_first_acceptable_offer_counts(self):
        flag = f"{WINDOW}; server_no_context_takeover"
        bits = f"{WINDOW}; server_max_window_bits"
        for name, value, counts in (
                ("the first of two", offer(f"{bits}=10", WINDOW),
                 f"{bits}=10"),
                ("the second after an unknown parameter",
                 offer(f"{WINDOW}; unknown", flag), flag),
                ("the second after a bad value",
                 offer(f"{bits}=7", f"{bits}=11"), f"{bits}=11"),
                ("the second after a repeated parameter",
                 offer(f"{flag}; {WINDOW}", f"{bits}=10"), f"{bits}=10"),
                ("the third", offer("a", "b=1", flag), flag),
                ("after another extension", "x-mux; a=1, " + offer(flag),
                 flag),
                ("before another extension", offer(flag) + ", x-mux", flag),
                ("among empty elements", f", ,{NAME} ;  {flag}\t, ", flag)):
            with self.case(name):
                self.talk(self.agree(value, counts))

    def test_offers_in_two_headers_are_one_list(self):
        good = f"{WINDOW}; server_no_context_takeover"
        for first, second, counts in (
                ("x-mux", offer(good), good), (offer(good), "x-mux", good),
                (offer("unknown"), offer(good), good)):
            with self.case(f"{first} and {second}"):
                ws = self.connect([(HEADER, first), (HEADER, second)])
                self.assertNotEqual(ws.answer.all(HEADER), [], "declined")
                deflate.check(ws.codec.agreed, offered(counts))

    def test_a_quoted_value(self):
        with self.case("server_max_window_bits=\"10\""):
            ws = self.connect([(HEADER,
                                f'{NAME}; {WINDOW}; '
                                'server_max_window_bits="10"')])
            if ws.answer.all(HEADER):
                deflate.check(ws.codec.agreed, {
                    WINDOW: None, "server_max_window_bits": "10"})


class MessageTest(DeflateCase):
    """Section 7.2: what a compressed message is."""

    def test_every_way_to_write_one(self):
        for way in deflate.WAYS:
            for name, data in (("short", b"Hello"), ("repeated",
                                                     b"Hello " * 200),
                               ("every byte", bytes(range(256)) * 2)):
                with self.case(f"{way.__name__}, {name}"):
                    self.works_packed(
                        frame(BINARY, way(self.typed(data)), rsv=4) * 2,
                        data * 2)

    def test_the_examples_of_the_rfc(self):
        for name, data, count in (
                ("7.2.3.1", frame(TEXT, bytes.fromhex(
                    "f248cdc9c90700"), rsv=4), 1),
                ("7.2.3.1 in fragments", b"".join(fragments(
                    TEXT, [b"\xf2\x48\xcd", b"\xc9\xc9\x07\0"], rsv=4)), 1),
                ("7.2.3.2, without a window", frame(TEXT, bytes.fromhex(
                    "f248cdc9c90700"), rsv=4) * 2, 2),
                ("7.2.3.3", frame(TEXT, bytes.fromhex(
                    "000500faff48656c6c6f00"), rsv=4), 1),
                ("7.2.3.5", frame(TEXT, bytes.fromhex(
                    "f24805000000ffffcac9c90700"), rsv=4), 1)):
            with self.case(name):
                self.works_packed(data, errors=[None] * count)
        with self.case("7.2.3.2"):
            ws = self.packed()
            if not ws.codec.takeover:
                self.skipTest("the server keeps no window")
            self.works_packed(frame(TEXT, bytes.fromhex(
                "f248cdc9c90700"), rsv=4) + frame(TEXT, bytes.fromhex(
                    "f200110000"), rsv=4), errors=[None, None], ws=ws)

    def test_empty_messages(self):
        for name, data in (
                ("7.2.3.6", frame(BINARY, b"\0", rsv=4)),
                ("as text", frame(TEXT, b"\0", rsv=4)),
                ("stored", frame(BINARY, b"\0\0\0\xff\xff\0", rsv=4)),
                ("in fragments", b"".join(fragments(
                    BINARY, [b"", b"\0", b""], rsv=4)))):
            with self.case(name):
                self.works_packed(data, errors=[None])

    def test_a_window_over_several_messages(self):
        for parameters in ("", "client_no_context_takeover",
                           "server_no_context_takeover",
                           f"{WINDOW}=9"):
            with self.case(f"agreed {parameters}"):
                ws = self.packed(parameters)
                noise = random.Random(3).randbytes(400)
                for _ in range(5):
                    self.answered(ws, ws.codec.frame(
                        BINARY, self.typed(noise)), noise)

    def test_messages_that_are_not_compressed(self):
        with self.case("may be among those that are"):
            ws = self.packed()
            for _ in range(3):
                self.answered(
                    ws, ws.codec.frame(BINARY, self.typed(b"packed " * 9))
                    + frame(BINARY, self.typed(b"plain " * 9))
                    + ws.codec.frame(BINARY, self.typed(b"packed " * 9)),
                    b"packed " * 9 + b"plain " * 9 + b"packed " * 9)

    def test_fragments(self):
        data = self.typed(b"Hello, fragments " * 20)
        body = deflate.dynamic(data)
        with self.case("cut at every byte"):
            ws = self.packed()
            for cut in range(len(body) + 1):
                self.answered(ws, b"".join(fragments(
                    BINARY, [body[:cut], body[cut:]], rsv=4)), data[1:])
        each = [body[n:n + 1] for n in range(len(body))]
        for name, parts in (("a byte each", each),
                            ("an empty one first", [b"", body]),
                            ("an empty one last", [body, b""])):
            with self.case(name):
                self.works_packed(b"".join(fragments(
                    BINARY, parts, rsv=4)), data[1:])
        with self.case("with pings between"):
            self.works_packed(frame(PING, b"p").join(
                fragments(BINARY, each[:2] + [body[2:]], rsv=4)), data[1:],
                pongs=[b"p", b"p"])
        with self.case("a byte a segment"):
            whole = frame(BINARY, body, rsv=4)
            self.works_packed([whole[n:n + 1] for n in range(len(whole))],
                              data[1:])

    def test_messages_that_shrink_most(self):
        """Their last bytes inflate to hundreds, which may be more than the
        space that is left where they are read to."""
        for name, unit in (("one byte", b"y"), ("three", b"ab\n"),
                           ("a line", b"the same words\n"),
                           ("forty", b"x" * 39 + b"\n")):
            with self.case(f"{name}, again and again"):
                ws = self.packed()
                for size in (*range(300, 3300, 23), *range(65000, 67000, 97)):
                    data = (unit * (size // len(unit) + 1))[:size]
                    self.answered(ws, ws.codec.frame(
                        BINARY, self.typed(data)), data)

    def test_text_is_utf_8_once_inflated(self):
        more = "κόσμε 😀".encode()
        with self.case("valid, a fragment a byte"):
            body = deflate.stored(text(104, more))
            self.works_packed(b"".join(fragments(
                TEXT, [body[n:n + 1] for n in range(len(body))], rsv=4)),
                errors=["104"])
        for name, data in (("FF", b"\xff"), ("a surrogate", b"\xed\xa0\x80"),
                           ("half a character", b"\xc3")):
            with self.case(name):
                self.fails_packed(frame(TEXT, deflate.dynamic(data), rsv=4),
                                  1007)

    def test_output(self):
        rng = random.Random(5)
        for parameters in ("", "server_no_context_takeover",
                           "server_max_window_bits=9",
                           "server_max_window_bits=9; "
                           "server_no_context_takeover"):
            for name, data in (
                    ("text", b"".join(b"%06d the same words\r\n" % n
                                      for n in range(12000))),
                    ("noise", rng.randbytes(200000)),
                    ("far repeats", rng.randbytes(5000) * 40)):
                with self.case(f"{name}, {parameters}"):
                    ws = self.packed(parameters)
                    self.answered(ws, ws.codec.frame(
                        BINARY, self.typed(data)), data)
                    if name == "text":
                        self.assertGreater(ws.compressed, 0)
                        self.assertLess(ws.wire, len(data) // 2)


class RefusalTest(DeflateCase):
    """What a compressed connection does not allow."""

    def test_reserved_bits(self):
        first = frame(BINARY, deflate.fixed(self.typed()), fin=False, rsv=4)
        plain = frame(BINARY, self.typed(), fin=False)
        for name, data in (
                ("RSV1 of a continuation", first + frame(CONT, b"\0", rsv=4)),
                ("RSV1 of a continuation of a plain message",
                 plain + frame(CONT, b"\0", rsv=4)),
                *((f"RSV1 of opcode {code}", frame(code, b"\x03\xe8", rsv=4))
                  for code in (PING, PONG, CLOSE, 3, 11)),
                *((f"RSV {rsv:03b}", frame(BINARY, b"\0", rsv=rsv))
                  for rsv in (1, 2, 3, 5, 6, 7))):
            with self.case(name):
                self.fails_packed(data, 1002)

    def test_invalid_data(self):
        for name, body in (
                ("a reserved block type", b"\x06"),
                ("a reserved block type, later", deflate.fixed(b"abc" * 9)
                 + SYNC + b"\x07"),
                ("a length that its complement denies",
                 b"\0\x05\0\xff\xffHello\0"),
                ("a distance before the start", b"\x02\x21\0"),
                ("too many codes", b"\xfd\xff\xff\xff"),
                ("all ones", b"\xff" * 50),
                ("zlib's header", zlib.compress(b"abc" * 50))):
            for kind, opcode in (("text", TEXT), ("binary", BINARY)):
                with self.case(f"{name}, {kind}"):
                    self.fails_packed(frame(opcode, body, rsv=4), *BAD_DATA)

    def test_a_final_block_is_refused(self):
        """RFC 7692 allows a message to end in a final block (7.2.3.4); no
        client does it, and the daemon's library cannot read on behind one.
        It says so and closes."""
        for name, body in (
                ("7.2.3.4", bytes.fromhex("f348cdc9c9070000")),
                ("nothing in it", b"\x03\0\0"),
                ("Z_FINISH", deflate.final(self.typed(b"Hello")))):
            with self.case(name):
                self.fails_packed(frame(BINARY, body, rsv=4), *BAD_DATA)

    def test_data_cut_short_does_no_harm(self):
        for name, body in (("a block", deflate.dynamic(b"ab" * 500)[:-9]),
                           ("a stored block", b"\0\x40\0\xbf\xffab"),
                           ("nothing at all", b"")):
            with self.case(name):
                ws = self.packed()
                ws.send(frame(TEXT, body, rsv=4) + close(1000))
                self.assertIn(ws.wait_end(), (1000, 1009, *BAD_DATA))


class CostTest(DeflateCase):
    """The limits hold for what comes out, not for what comes in."""

    def test_a_mebibyte(self):
        for name, data in (("of zeros", bytes(MIB - 1)),
                           ("of lines", (b"%07d\n" * 131072
                                         % tuple(range(131072)))[:MIB - 1])):
            with self.case(name):
                self.works_packed(frame(BINARY, deflate.dynamic(
                    self.typed(data)), rsv=4), data)
            with self.case(f"{name}, and a byte"):
                self.fails_packed(frame(BINARY, deflate.dynamic(
                    self.typed(data) + b"x"), rsv=4), 1009)

    def test_noise(self):
        with self.case("that compression makes longer"):
            data = random.Random(9).randbytes(MIB - 4096)
            self.works_packed(frame(BINARY, deflate.dynamic(
                self.typed(data)), rsv=4), data)

    def test_a_gibibyte(self):
        body = deflate.bomb(self.typed(), 1 << 30)
        self.assertLess(len(body), MIB + MIB // 8)
        for name, data in (
                ("in one frame", frame(BINARY, body, rsv=4)),
                ("as text", frame(TEXT, body, rsv=4)),
                ("in fragments", b"".join(fragments(BINARY, [
                    body[n:n + 1024] for n in range(0, len(body), 1024)],
                    rsv=4)))):
            with self.case(name), self.memory(8 << 10):
                self.fails_packed(data, 1009)

    def test_nothing_in_a_lot_of_data(self):
        with self.case("four million empty blocks"), self.memory(8 << 10):
            ws = self.packed()
            ws.send(frame(BINARY, b"\0\0\0\xff\xff" * (4 * MIB) + b"\0",
                          rsv=4) + close(1000))
            self.assertIn(ws.wait_end(), (1000, 1002, 1009))

    def test_fragments_are_counted_too(self):
        data = self.typed(b"k" * 3000)
        body = deflate.stored(data)
        with self.case("three thousand"):
            self.works_packed(b"".join(fragments(BINARY, [
                body[n:n + 1] for n in range(len(body))], rsv=4)), data[1:])
        body = deflate.stored(self.typed(b"k" * 6000))
        with self.case("six thousand"):
            self.fails_packed(b"".join(fragments(BINARY, [
                body[n:n + 1] for n in range(len(body))], rsv=4)),
                1008, 1009)


if __name__ == "__main__":
    unittest.main()
