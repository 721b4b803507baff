"""What a peer may cost: sizes of messages, numbers of fragments, memory.
RFC 6455, sections 7.4.1 (1009), 10.4; the limits are the wire page's."""
import select
import time
import unittest

from support import wait
from support.conformance import (ConformanceCase, counting, text, text_frame)
from support.raw_ws import (BINARY, CONT, MIB, PING, TEXT, fragments, frame)

load_tests = counting("limits")

FRAGMENTS = 4096  # of one message
TOO_MANY = 5000
REFUSED = (1008, 1009)
FLOODED = ("fin", "reset")  # more was under way than the server wanted


def cut(data, size):
    return [data[n:n + size] for n in range(0, len(data), size)]


class SizeTest(ConformanceCase):
    """A message has a mebibyte at most, however it is cut."""

    def test_a_mebibyte_in_fragments(self):
        data = bytes(range(256)) * 4096
        data = data[:MIB - 1]
        whole = text(210)
        whole += b" " * (MIB - len(whole))
        for size in (256, 1000, 65536, 524288, MIB - 1):
            with self.case(f"binary in fragments of {size}"):
                self.works(b"".join(fragments(
                    BINARY, cut(self.typed(data), size))), data)
            with self.case(f"text in fragments of {size}"):
                self.works(b"".join(fragments(TEXT, cut(whole, size))),
                           errors=["210"])

    def test_a_mebibyte_and_an_empty_fragment(self):
        data = b"y" * (MIB - 1)
        for name, parts in (
                ("at first", [b"", self.typed(data)]),
                ("at last", [self.typed(data), b""])):
            with self.case(name):
                self.works(b"".join(fragments(BINARY, parts)), data)

    def test_a_mebibyte_several_times(self):
        with self.case("the limit is that of a message"):
            data = b"z" * (MIB - 1)
            ws = self.connect()
            for _ in range(4):
                self.answered(ws, frame(BINARY, self.typed(data)), data)

    def test_a_byte_more(self):
        for opcode, name in ((BINARY, "binary"), (TEXT, "text")):
            data = b" " * (MIB + 1)
            if opcode == BINARY:
                data = self.typed(data[1:])
            for kind, sent in (
                    ("in one frame", frame(opcode, data)),
                    ("in two fragments", b"".join(fragments(
                        opcode, [data[:MIB], data[MIB:]]))),
                    ("in 64 KiB fragments", b"".join(fragments(
                        opcode, cut(data, 65536)))),
                    ("in 257 byte fragments", b"".join(fragments(
                        opcode, cut(data, 257))))):
                with self.case(f"{name} {kind}"):
                    self.fails(sent, 1009, ends=FLOODED)

    def test_the_header_alone_is_enough(self):
        # Nothing of the payload is sent, and nothing is waited for.
        for length in (MIB + 1, 1 << 24, 1 << 31, 1 << 32, (1 << 32) + 1,
                       (1 << 62) + 1, (1 << 63) - 1):
            for opcode in (BINARY, TEXT):
                with self.case(f"{length:#x} announced, opcode {opcode}"), \
                        self.memory(1024):
                    self.fails(frame(opcode, announce=length), 1009)

    def test_no_sum_of_lengths_wraps_around(self):
        for length in ((1 << 63) - 1, (1 << 63) - 5, (1 << 32) - 1, 1 << 32,
                       MIB - 4):
            with self.case(f"five bytes, and {length:#x} announced"):
                self.fails(frame(BINARY, self.typed(b"four"), fin=False)
                           + frame(CONT, announce=length), 1009)

    def test_more_than_63_bits(self):
        for length in (1 << 63, (1 << 63) + 4, (1 << 64) - 1):
            with self.case(f"five bytes, and {length:#x} announced"):
                self.fails(frame(BINARY, self.typed(b"four"), fin=False)
                           + frame(CONT, announce=length), 1002, 1009)

    def test_what_is_announced_costs_nothing(self):
        with self.case("a hundred mebibytes announced on as many sockets"):
            with self.memory(8 << 10):
                for _ in range(100):
                    ws = self.connect()
                    self.answered(ws, b"")
                    ws.send(frame(BINARY, self.typed(b"x"), announce=MIB))
            self.assertEqual(
                self.http.get("/health").json["status"], "ok")


class FragmentCountTest(ConformanceCase):
    """Many small fragments cost more than they weigh."""

    def flood(self, parts, opcode=BINARY, last=True):
        whole = fragments(opcode, parts)
        if not last:
            whole[-1] = frame(CONT, parts[-1], fin=False)
        return b"".join(whole)

    def test_as_many_as_allowed(self):
        data = b"q" * (FRAGMENTS - 1)
        with self.case("binary"):
            self.works(self.flood([self.typed(), *cut(data, 1)]), data)
        with self.case("binary, all but one empty"):
            self.works(self.flood([b""] * (FRAGMENTS - 1)
                                  + [self.typed(b"e")]), b"e")
        with self.case("text"):
            whole = text(211).ljust(FRAGMENTS)
            self.works(self.flood(cut(whole, 1), TEXT), errors=["211"])
        with self.case("of 256 bytes: a mebibyte"):
            data = b"r" * (MIB - 1)
            self.works(self.flood(cut(self.typed(data), 256)), data)

    def test_they_are_counted_for_each_message(self):
        data = b"s" * 2999
        one = self.flood([self.typed(), *cut(data, 1)])
        with self.case("three times three thousand"):
            self.works(one * 3, data * 3)
        with self.case("five thousand messages of two"):
            self.works(self.flood([self.typed(), b"t"]) * TOO_MANY,
                       b"t" * TOO_MANY)

    def test_control_frames_are_none(self):
        with self.case("six thousand pings within a message"):
            first, last = fragments(BINARY, [self.typed(b"a"), b"b"])
            ws = self.connect()
            ws.send(first + frame(PING, b"p") * 6000 + last)
            ws.until(lambda: len(ws.output[self.echo]) == 2)

    def test_segments_are_none(self):
        with self.case("one frame in six thousand"):
            data = b"u" * 6000
            self.works(cut(frame(BINARY, self.typed(data)), 1), data)

    def test_too_many(self):
        one = [b"v"] * TOO_MANY
        for name, data in (
                ("one byte each", self.flood([self.typed(), *one])),
                ("empty", self.flood([b""] * TOO_MANY)),
                ("text", self.flood([b" "] * TOO_MANY, TEXT)),
                ("of 200 bytes", self.flood([b"w" * 200] * TOO_MANY)),
                ("without an end", self.flood(one, last=False)),
                ("after a whole message", text_frame(212) + self.flood(one)),
                ("with a ping after each", frame(PING).join(fragments(
                    BINARY, one)))):
            with self.case(f"{TOO_MANY} fragments, {name}"):
                self.fails(data, *REFUSED, ends=FLOODED, answers=True,
                           errors=["212"] if "after a whole" in name else [])
        with self.case("from a client that does not answer the close"):
            self.fails(self.flood(one, last=False), *REFUSED, ends=FLOODED)

    def test_a_million(self):
        for name, part in (("of one byte", b"x"), ("of none", b"")):
            with self.case(f"a million fragments {name}"):
                middle = frame(CONT, part, fin=False) * 999998
                with self.memory(8 << 10):
                    self.fails(frame(BINARY, part, fin=False) + middle
                               + frame(CONT, part), *REFUSED, ends=FLOODED,
                               answers=True)


class UnreadTest(ConformanceCase):
    """A client that asks and does not read the answers."""

    def stuff(self, data, limit):
        """Sends copies of `data` without reading, until nothing more is
        taken; then reads again, and closes."""
        ws = self.connect()
        sent, idle = 0, time.monotonic() + wait.scaled(0.2)
        block = data * (65536 // len(data) + 1)
        while sent < limit and time.monotonic() < idle:
            if not select.select([], [ws.socket], [], 0.05)[1]:
                continue
            try:
                sent += ws.socket.send(block)
            except OSError:
                break  # closed: also a way to refuse
            idle = time.monotonic() + wait.scaled(0.2)
        return sent

    def test_answers_nobody_reads_do_not_pile_up(self):
        for name, data in (("pings", frame(PING, b"p" * 125)),
                           ("bad text", frame(TEXT, b"x")),
                           ("unknown ids", frame(BINARY, b"\xf9x")),
                           ("empty messages", frame(BINARY))):
            with self.case(name):
                with self.memory(8 << 10):
                    self.stuff(data, 12 * MIB)
                self.works(text_frame(213), errors=["213"])


if __name__ == "__main__":
    unittest.main()
