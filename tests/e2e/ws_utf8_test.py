"""RFC 6455, section 8.1: text is UTF-8, also across fragments; what is not,
closes with 1007. (RFC 3629 says what is.)"""
import unittest

from support.conformance import (ConformanceCase, counting, text, text_frame)
from support.raw_ws import (BINARY, CONT, MIB, PING, TEXT, fragments, frame)

load_tests = counting("utf8")

VALID = {
    "ASCII": b"abc", "DEL": b"\x7f",
    "U+0080": b"\xc2\x80", "U+07FF": b"\xdf\xbf",
    "U+0800": b"\xe0\xa0\x80", "U+0FFF": b"\xe0\xbf\xbf",
    "U+1000": b"\xe1\x80\x80", "U+D7FF": b"\xed\x9f\xbf",
    "U+E000": b"\xee\x80\x80", "U+FFFD": b"\xef\xbf\xbd",
    "U+FFFE": b"\xef\xbf\xbe", "U+FFFF": b"\xef\xbf\xbf",
    "U+10000": b"\xf0\x90\x80\x80", "U+3FFFF": b"\xf0\xbf\xbf\xbf",
    "U+40000": b"\xf1\x80\x80\x80", "U+FFFFF": b"\xf3\xbf\xbf\xbf",
    "U+10FFFF": b"\xf4\x8f\xbf\xbf",
    "the byte order mark": b"\xef\xbb\xbf",
    "of every length": "κόσμε, aé€😀 ✓ 日本語".encode(),
}

INVALID = {
    "a lone 80": b"\x80", "a lone BF": b"\xbf", "two lone ones": b"\x80\xbf",
    "one too many": b"\xc3\xa9\xa9", "C0": b"\xc0", "C1": b"\xc1",
    "overlong NUL in two": b"\xc0\x80", "overlong slash": b"\xc0\xaf",
    "overlong U+007F": b"\xc1\xbf",
    "overlong NUL in three": b"\xe0\x80\x80",
    "overlong U+07FF": b"\xe0\x9f\xbf",
    "overlong NUL in four": b"\xf0\x80\x80\x80",
    "overlong U+FFFF": b"\xf0\x8f\xbf\xbf",
    "surrogate D800": b"\xed\xa0\x80", "surrogate DB7F": b"\xed\xad\xbf",
    "surrogate DC00": b"\xed\xb0\x80", "surrogate DFFF": b"\xed\xbf\xbf",
    "a pair of surrogates": b"\xed\xa0\xbd\xed\xb8\x80",
    "U+110000": b"\xf4\x90\x80\x80", "U+13FFFF": b"\xf4\xbf\xbf\xbf",
    "F5": b"\xf5\x80\x80\x80", "F7": b"\xf7\xbf\xbf\xbf",
    "five bytes": b"\xf8\x88\x80\x80\x80",
    "six bytes": b"\xfc\x84\x80\x80\x80\x80",
    "FE": b"\xfe", "FF": b"\xff", "FE FF": b"\xfe\xff",
    "C2 before ASCII": b"\xc2a", "E2 before ASCII": b"\xe2a",
    "E2 82 before ASCII": b"\xe2\x82a",
    "F0 9F 98 before ASCII": b"\xf0\x9f\x98a",
    "C2 before C2": b"\xc2\xc2\x80", "F4 before C2": b"\xf4\xc2\x80",
}

CUT_SHORT = {
    "C2": b"\xc2", "DF": b"\xdf", "E2": b"\xe2", "E2 82": b"\xe2\x82",
    "F0": b"\xf0", "F0 9F": b"\xf0\x9f", "F0 9F 98": b"\xf0\x9f\x98",
    "F4 8F BF": b"\xf4\x8f\xbf",
}


class ValidTest(ConformanceCase):
    def test_in_one_frame(self):
        for name, data in VALID.items():
            with self.case(name):
                self.works(text_frame(220, data), errors=["220"])

    def test_cut_at_every_byte(self):
        for name, data in VALID.items():
            with self.case(name):
                ws = self.connect()
                whole = text(221, data)
                start = whole.index(data)
                for cut in range(start, start + len(data) + 1):
                    self.answered(ws, b"".join(fragments(
                        TEXT, [whole[:cut], whole[cut:]])), errors=["221"])

    def test_a_byte_a_fragment(self):
        with self.case("every valid sequence in one text"):
            whole = text(222, b"".join(VALID.values()))
            self.works(b"".join(fragments(TEXT, [
                whole[n:n + 1] for n in range(len(whole))])), errors=["222"])

    def test_within_a_character(self):
        whole = text(223, "😀".encode())
        cut = whole.index(b"\xf0") + 2
        first, last = fragments(TEXT, [whole[:cut], whole[cut:]])
        for name, between in (("a ping", frame(PING, b"\xf0\x9f")),
                              ("empty fragments",
                               frame(CONT, fin=False) * 3)):
            with self.case(f"{name} within a character"):
                self.works(first + between + last, errors=["223"],
                           pongs=[b"\xf0\x9f"] if "ping" in name else [])

    def test_long_texts_with_characters_across_every_border(self):
        for shift in range(4):
            with self.case(f"a megabyte of four bytes each, from {shift}"):
                more = b"x" * shift + "😀".encode() * 260000
                self.works(text_frame(224, more), errors=["224"])
        for shift in range(3):
            with self.case(f"three bytes each in fragments, from {shift}"):
                whole = text(225, b"x" * shift + "€".encode() * 50000)
                self.works(b"".join(fragments(TEXT, [
                    whole[n:n + 4096] for n in range(0, len(whole), 4096)])),
                    errors=["225"])

    def test_binary_messages_are_not_text(self):
        for name, data in (
                ("every byte", bytes(range(256))),
                ("all that is invalid", b"".join(INVALID.values())),
                ("half a character", b"\xf0\x9f")):
            with self.case(name):
                self.works(frame(BINARY, self.typed(data)), data)
        with self.case("every byte, in fragments"):
            data = bytes(range(256))
            self.works(b"".join(fragments(BINARY, [
                self.typed(), *(data[n:n + 1] for n in range(256))])), data)


class InvalidTest(ConformanceCase):
    def test_in_one_frame(self):
        for name, data in INVALID.items():
            with self.case(name):
                self.fails(text_frame(230, data), 1007)

    def test_cut_at_every_byte(self):
        for name, data in INVALID.items():
            if len(data) < 2:
                continue
            with self.case(name):
                whole = text(231, data)
                start = whole.index(data)
                for cut in range(start + 1, start + len(data)):
                    self.fails(b"".join(fragments(
                        TEXT, [whole[:cut], whole[cut:]])), 1007)

    def test_cut_short_by_the_end_of_the_message(self):
        for name, data in CUT_SHORT.items():
            with self.case(f"{name} at the end"):
                self.fails(frame(TEXT, b"{}" + data), 1007)
            with self.case(f"{name} at the end of the last fragment"):
                self.fails(b"".join(fragments(TEXT, [b"{", b"}" + data])),
                           1007)

    def test_cut_short_before_an_empty_last_fragment(self):
        with self.case("half a character, then nothing"):
            self.fails(b"".join(fragments(TEXT, [b"{}\xc3", b""])), 1007)

    def test_a_character_does_not_continue_in_the_next_message(self):
        with self.case("two halves in two messages"):
            self.fails(frame(TEXT, b"\xc3") + frame(TEXT, b"\xa9"), 1007)

    def test_alone(self):
        for name, data in (("FF", b"\xff"), ("80", b"\x80"),
                           ("C3", b"\xc3"), ("D800", b"\xed\xa0\x80")):
            with self.case(f"nothing but {name}"):
                self.fails(frame(TEXT, data), 1007)

    def test_at_the_end_of_a_megabyte(self):
        whole = text(232, b"y" * (MIB - 100))
        for name, data in (("in one frame", frame(TEXT, whole + b"\xff")),
                           ("in 64 KiB fragments", b"".join(fragments(TEXT, [
                               (whole + b"\xff")[n:n + 65536]
                               for n in range(0, MIB, 65536)])))):
            with self.case(f"FF as the last byte, {name}"):
                self.fails(data, 1007)

    def test_after_valid_messages(self):
        with self.case("one, a binary one, then FF"):
            self.fails(text_frame(233) + frame(BINARY, b"\xfa\xff")
                       + text_frame(234, b"\xff"), 1007,
                       errors=["233", "250"])


if __name__ == "__main__":
    unittest.main()
