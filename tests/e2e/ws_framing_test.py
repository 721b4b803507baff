"""RFC 6455, section 5: frames. Lengths, masks, reserved bits and opcodes,
fragments, control frames."""
import unittest

from support.conformance import (ConformanceCase, counting, text, text_frame)
from support.raw_ws import (BINARY, CLOSE, CONT, MIB, PING, PONG, TEXT, close,
                            fragments, frame)

load_tests = counting("framing")

NAMES = {CONT: "continuation", TEXT: "text", BINARY: "binary",
         CLOSE: "close", PING: "ping", PONG: "pong"}
SIZES = (1, 2, 125, 126, 127, 128, 65535, 65536, 65537, MIB - 1, MIB)
RESERVED = (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)


def content(size):
    """Bytes in which none can be lost or moved unnoticed."""
    block = bytes((n * n + n // 256) % 251 for n in range(65536))
    return (block * (size // 65536 + 1))[:size]


class LengthTest(ConformanceCase):
    """5.2: the payload length, in 7, 7+16 or 7+64 bits."""

    def test_binary_messages_of_every_length(self):
        for size in SIZES:
            with self.case(f"binary of {size}"):
                data = content(size - 1)
                self.works(frame(BINARY, self.typed(data)), data)

    def test_text_messages_of_every_length(self):
        for size in SIZES:
            with self.case(f"text of {size}"):
                # Valid up to the last byte: too short for that, an error
                # without an id.
                whole = text(200)
                padded = (whole + b" " * (size - len(whole))
                          if size >= len(whole) else b"x" * size)
                self.works(frame(TEXT, padded), errors=[
                    "200" if size >= len(whole) else None])

    def test_messages_without_a_byte(self):
        for opcode in (TEXT, BINARY):
            with self.case(f"empty {NAMES[opcode]}"):
                self.works(frame(opcode), errors=[None])

    def test_no_length_is_written_longer_than_needed(self):
        for opcode in (TEXT, BINARY):
            for size, width in ((0, 16), (1, 16), (125, 16), (0, 64),
                                (1, 64), (125, 64), (126, 64), (65535, 64)):
                with self.case(f"{NAMES[opcode]} of {size} in {width} bits"):
                    data = self.typed(b"\n" * size)[:size]
                    self.fails(frame(opcode, data, width=width), 1002)

    def test_no_length_of_a_continuation_is_either(self):
        for size, width in ((1, 16), (125, 16), (1, 64), (65535, 64)):
            with self.case(f"continuation of {size} in {width} bits"):
                self.fails(frame(BINARY, self.typed(), fin=False)
                           + frame(CONT, b"\n" * size, width=width), 1002)

    def test_control_frames_have_seven_bits(self):
        for opcode in (PING, PONG, CLOSE):
            for size, width in ((2, 16), (125, 16), (2, 64), (125, 64)):
                with self.case(f"{NAMES[opcode]} of {size} in {width} bits"):
                    self.fails(frame(opcode, b"\x03\xe8" + b"x" * (size - 2),
                                     width=width), 1002)

    def test_the_highest_bit_of_64_is_zero(self):
        for length in (2 ** 63, 2 ** 63 + 5, 2 ** 64 - 1):
            with self.case(f"length {length:#x}"):
                self.fails(frame(BINARY, self.typed(b"xx"), width=64,
                                 announce=length), 1002, 1009,
                           ends=("fin", "reset"))


class MaskTest(ConformanceCase):
    """5.1, 5.3: a client masks every frame."""

    def test_an_unmasked_frame_is_refused(self):
        for opcode in (TEXT, BINARY, CONT, CLOSE, PING, PONG):
            for payload in (b"", b"\x03\xe8"):
                with self.case(f"{NAMES[opcode]} of {len(payload)}"):
                    self.fails(frame(opcode, payload, mask=None), 1002)

    def test_an_unmasked_frame_among_masked_ones_is_refused(self):
        for name, before, after in (
                ("after a message", text_frame(201), frame(
                    BINARY, self.typed(b"x"), mask=None)),
                ("after a ping", frame(PING), frame(PING, mask=None)),
                ("as the end of a message",
                 frame(BINARY, self.typed(), fin=False),
                 frame(CONT, b"x", mask=None))):
            with self.case(name):
                ws = self.connect()
                ws.send(before + after)
                self.assertEqual(ws.wait_end(), 1002, ws.state())
                self.assertEqual(ws.end, "fin")
                self.assertEqual(ws.output[self.echo], b"")

    def test_any_key_will_do(self):
        for key in (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\0\xff\0\xff",
                    b"\x01\x02\x03\x04", b"\x80\0\0\x01", b"{\"ch"):
            with self.case(f"key {key.hex()}"):
                data = content(300)
                self.works(frame(BINARY, self.typed(data), mask=key)
                           + text_frame(202, mask=key)
                           + frame(PING, b"ping", mask=key), data,
                           ["202"], [b"ping"])

    def test_a_key_for_every_frame(self):
        with self.case("each frame has another"):
            data = content(500)
            parts = [self.typed(), *(data[n:n + 25]
                                     for n in range(0, 500, 25))]
            self.works([frame(CONT if n else BINARY, part,
                              fin=n == len(parts) - 1,
                              mask=bytes([n, 255 - n, 3 * n, 77]))
                        for n, part in enumerate(parts)], data)

    def test_payloads_that_end_within_the_key(self):
        for size in range(1, 18):
            with self.case(f"{size} bytes"):
                data = content(size)
                self.works(frame(BINARY, self.typed(data)) * 2, data * 2)


class ReservedTest(ConformanceCase):
    """5.2: what is reserved is not used: RSV1 to RSV3, ten opcodes."""

    def test_reserved_bits_are_zero(self):
        for opcode in (TEXT, BINARY, CLOSE, PING, PONG):
            for rsv in range(1, 8):
                with self.case(f"{NAMES[opcode]} with RSV {rsv:03b}"):
                    self.fails(frame(opcode, self.typed(b"x")
                                     if opcode < CLOSE else b"\x03\xe8",
                                     rsv=rsv), 1002)

    def test_reserved_bits_of_a_continuation_are_zero(self):
        for rsv in range(1, 8):
            with self.case(f"RSV {rsv:03b}"):
                self.fails(frame(BINARY, self.typed(), fin=False)
                           + frame(CONT, b"x", rsv=rsv), 1002)

    def test_reserved_opcodes_are_refused(self):
        for opcode in RESERVED:
            for name, options in (("empty", {}), ("with a payload",
                                                  {"payload": b"xyz"}),
                                  ("without FIN", {"fin": False})):
                with self.case(f"opcode {opcode}, {name}"):
                    self.fails(frame(opcode, **options), 1002)

    def test_reserved_opcodes_are_refused_within_a_message(self):
        for opcode in RESERVED:
            with self.case(f"opcode {opcode}"):
                self.fails(frame(BINARY, self.typed(b"x"), fin=False)
                           + frame(opcode, b"y")
                           + frame(CONT, b"z"), 1002,
                           ends=("fin", "reset"))


class FragmentTest(ConformanceCase):
    """5.4: messages in several frames."""

    def check(self, name, parts, output):
        with self.case(f"binary, {name}"):
            self.works(b"".join(fragments(BINARY, parts)), output)

    def test_binary_messages(self):
        id_byte = self.typed()
        for name, parts in (
                ("two parts", [id_byte + b"ab", b"cd"]),
                ("three parts", [id_byte + b"a", b"b", b"c"]),
                ("the id alone", [id_byte, b"abc"]),
                ("an empty first", [b"", id_byte + b"abc"]),
                ("an empty last", [id_byte + b"abc", b""]),
                ("an empty middle", [id_byte + b"a", b"", b"bc"]),
                ("many empty ones", [b"", b"", id_byte, b"", b"x", b"", b""]),
                ("parts of every length", [
                    id_byte, content(125), content(126), content(127),
                    content(65535), content(65536), content(65537)]),
                ("a hundred parts", [id_byte, *[b"%d" % n
                                                for n in range(99)]])):
            self.check(name, parts, b"".join(parts)[1:])

    def test_text_messages(self):
        whole = text(203)
        for name, parts in (
                ("two parts", [whole[:9], whole[9:]]),
                ("an empty first", [b"", whole]),
                ("an empty last", [whole, b""]),
                ("empty ones between", [whole[:9], b"", b"", whole[9:]]),
                ("a byte each", [whole[n:n + 1] for n in range(len(whole))])):
            with self.case(f"text, {name}"):
                self.works(b"".join(fragments(TEXT, parts)), errors=["203"])

    def test_messages_of_empty_parts(self):
        for opcode in (TEXT, BINARY):
            with self.case(f"{NAMES[opcode]} of nothing, three times"):
                self.works(b"".join(fragments(opcode, [b"", b"", b""])),
                           errors=[None])

    def test_text_cut_at_every_byte(self):
        with self.case("every cut"):
            ws = self.connect()
            whole = text(204)
            for cut in range(len(whole) + 1):
                self.answered(ws, b"".join(fragments(
                    TEXT, [whole[:cut], whole[cut:]])), errors=["204"])

    def test_control_frames_in_between(self):
        first, last = fragments(BINARY, [self.typed(b"ab"), b"cd"])
        for name, between, pongs in (
                ("a ping", frame(PING, b"one"), [b"one"]),
                ("an empty ping", frame(PING), [b""]),
                ("the largest ping", frame(PING, b"p" * 125), [b"p" * 125]),
                ("a pong", frame(PONG, b"unasked"), [])):
            with self.case(f"{name} between"):
                self.works(first + between + last, b"abcd", pongs=pongs)

    def test_a_ping_after_each_part(self):
        with self.case("is answered before the message ends"):
            ws = self.connect()
            for number, part in enumerate(fragments(
                    BINARY, [self.typed(b"0"), b"1", b"2", b"3"])):
                self.assertEqual(ws.output[self.echo], b"")
                ws.send(part + frame(PING, b"%d" % number))
                ws.until(lambda: b"%d" % number in ws.pongs, "a pong")
            ws.until(lambda: len(ws.output[self.echo]) >= 4)
            self.assertEqual(ws.output[self.echo], b"0123")

    def test_messages_one_after_the_other(self):
        one = b"".join(fragments(BINARY, [self.typed(b"a"), b"b"]))
        whole = frame(BINARY, self.typed(b"-"))
        for name, data, output, errors in (
                ("fragmented twice", one * 2, b"abab", []),
                ("whole, fragmented, whole", whole + one + whole, b"-ab-", []),
                ("fragmented text and binary", b"".join(fragments(
                    TEXT, [text(205)[:5], text(205)[5:]])) + one + whole,
                 b"ab-", ["205"])):
            with self.case(name):
                self.works(data, output, errors)

    def test_a_continuation_of_nothing_is_refused(self):
        done = b"".join(fragments(TEXT, [text(206)[:5], text(206)[5:]]))
        for name, before, errors in (
                ("at first", b"", []), ("after a ping", frame(PING), []),
                ("after a message", text_frame(206), ["206"]),
                ("after a fragmented message", done, ["206"])):
            for fin in (True, False):
                for data in (b"", self.typed(b"x")):
                    with self.case(f"{name}, FIN {fin}, {len(data)} bytes"):
                        self.fails(before + frame(CONT, data, fin=fin), 1002,
                                   errors=errors)

    def test_a_new_message_within_one_is_refused(self):
        for outer in (TEXT, BINARY):
            for inner in (TEXT, BINARY):
                for fin in (True, False):
                    with self.case(f"{NAMES[inner]} in {NAMES[outer]}, "
                                   f"FIN {fin}"):
                        self.fails(frame(outer, self.typed(b"a"), fin=False)
                                   + frame(PING)
                                   + frame(inner, self.typed(b"b"), fin=fin),
                                   1002)

    def test_a_close_within_a_message(self):
        with self.case("ends the connection, and the part goes nowhere"):
            self.fails(frame(BINARY, self.typed(b"lost"), fin=False)
                       + close(1000), 1000)


class SegmentTest(ConformanceCase):
    """Where TCP cuts a stream of frames means nothing."""

    def stream(self):
        """Every length of a header, and what it is answered with."""
        data = content(140)
        first, middle, last = fragments(
            BINARY, [self.typed(data[:3]), data[3:133], data[133:]])
        return (first + frame(PING, b"p") + middle + last
                + text_frame(207), data, ["207"], [b"p"])

    def cut(self, ws, other, pieces):
        """Sends pieces such that each is read before the next is there."""
        for piece in pieces:
            ws.send(piece)
            count = len(other.pongs)
            other.send(frame(PING))
            other.until(lambda: len(other.pongs) > count)

    def test_a_cut_at_every_byte(self):
        whole, output, errors, pongs = self.stream()
        with self.case("every cut of messages and a ping"):
            ws, other = self.connect(), self.connect()
            for at in range(1, len(whole)):
                self.cut(ws, other, [whole[:at]])
                self.answered(ws, whole[at:], output, errors, pongs)

    def test_every_byte_alone(self):
        whole, output, errors, pongs = self.stream()
        with self.case("a byte at a time"):
            ws, other = self.connect(), self.connect()
            self.cut(ws, other, [whole[n:n + 1]
                                 for n in range(len(whole) - 1)])
            self.answered(ws, whole[-1:], output, errors, pongs)

    def test_a_cut_in_a_header_of_64_bits(self):
        data = content(65536)
        whole = frame(BINARY, self.typed(data))
        with self.case("every cut of it"):
            ws, other = self.connect(), self.connect()
            for at in range(1, 16):
                self.cut(ws, other, [whole[:at]])
                self.answered(ws, whole[at:], data)

    def test_a_cut_before_a_violation(self):
        bad = frame(BINARY, self.typed(b"x"), rsv=2)
        with self.case("every cut of it"):
            other = self.connect()
            for at in range(1, 6):
                ws = self.connect()
                self.cut(ws, other, [bad[:at]])
                ws.send(bad[at:])
                self.assertEqual(ws.wait_end(), 1002)

    def test_many_frames_in_one_segment(self):
        with self.case("five hundred messages"):
            self.works(b"".join(frame(BINARY, self.typed(b"%03d" % n))
                                for n in range(500)),
                       b"".join(b"%03d" % n for n in range(500)))


class ControlTest(ConformanceCase):
    """5.5: ping, pong and close."""

    def test_a_pong_has_the_payload_of_its_ping(self):
        for size in range(126):
            with self.case(f"ping of {size}"):
                data = content(size)[::-1]
                self.works(frame(PING, data), pongs=[data])

    def test_payloads_are_not_text(self):
        for data in (b"\xff\xfe\xc0\x80", b"\0" * 125, bytes(range(125))):
            with self.case(f"ping of {data[:4].hex()}…"):
                self.works(frame(PING, data), pongs=[data])

    def test_longer_than_125_is_refused(self):
        for opcode in (PING, PONG, CLOSE):
            for size in (126, 127, 65535, 65536):
                with self.case(f"{NAMES[opcode]} of {size}"):
                    self.fails(frame(opcode, b"\x03\xe8" + b"x" * (size - 2)),
                               1002, ends=("fin", "reset"))

    def test_control_frames_are_not_fragmented(self):
        for opcode in (PING, PONG, CLOSE):
            for name, data in (
                    ("alone", frame(opcode, b"\x03\xe8", fin=False)),
                    ("empty", frame(opcode, fin=False)),
                    ("with its continuation", b"".join(
                        fragments(opcode, [b"\x03\xe8", b"b"])))):
                with self.case(f"{NAMES[opcode]} {name}"):
                    self.fails(data, 1002, ends=("fin", "reset"))

    def test_pings_one_after_the_other(self):
        with self.case("answered each, in order"):
            ws = self.connect()
            for number in range(100):
                ws.send(frame(PING, b"%d" % number))
                ws.until(lambda: len(ws.pongs) > number)
            self.assertEqual(ws.pongs, [b"%d" % n for n in range(100)])

    def test_pings_at_once(self):
        with self.case("answered in order, the last one in any case"):
            ws = self.connect()
            sent = [b"%d" % number for number in range(1000)]
            ws.send(b"".join(frame(PING, data) for data in sent))
            ws.until(lambda: sent[-1] in ws.pongs, "the last pong")
            order = [int(data) for data in ws.pongs]
            self.assertEqual(order, sorted(set(order)))

    def test_an_unsolicited_pong_is_ignored(self):
        for name, data in (("empty", frame(PONG)),
                           ("large", frame(PONG, b"p" * 125)),
                           ("a thousand", frame(PONG, b"x") * 1000)):
            with self.case(name):
                self.works(data)

    def test_a_ping_amid_the_echo_of_a_megabyte(self):
        with self.case("is answered"):
            data = content(MIB - 1)
            self.works(frame(BINARY, self.typed(data))
                       + frame(PING, b"amid"), data, pongs=[b"amid"])


if __name__ == "__main__":
    unittest.main()
