"""Output whose every byte is known from its offset: numbered, checksummed
lines of one width. Run as a program it writes them as fast as it can; the
checker compares whatever arrives with what belongs at its offset.

Line n is at [n*WIDTH, (n+1)*WIDTH) as the terminal sends it, with \\r\\n: the
program puts the terminal in raw mode and writes both bytes itself."""
import os
import sys
import zlib

WIDTH = 256
FILLER = b"abcdefghijklmnopqrstuvwxyz0123456789-" * 7


def line(number):
    head = b"%015d %08x " % (number, zlib.crc32(b"%d" % number))
    return head + FILLER[:WIDTH - len(head) - 2] + b"\r\n"


def expected(start, size):
    """The bytes at [start, start + size)."""
    first = start // WIDTH
    last = (start + size + WIDTH - 1) // WIDTH
    whole = b"".join(map(line, range(first, last)))
    return whole[start - first * WIDTH:start - first * WIDTH + size]


class Checker:
    """A stream's sink: (offset, bytes) must be what belongs there."""

    def __init__(self, limit=None):
        self.checked = 0
        self.bad = []
        self.limit = limit  # where the lines end, if they do

    def __call__(self, offset, data):
        if self.limit is not None and offset + len(data) > self.limit:
            data = data[:max(0, self.limit - offset)]
        self.checked += len(data)
        wanted = expected(offset, len(data))
        if data != wanted and len(self.bad) < 5:
            at = next(i for i, (a, b) in enumerate(zip(data, wanted))
                      if a != b)
            self.bad.append(
                f"offset {offset + at}: got {data[at:at + 40]!r}, "
                f"expected {wanted[at:at + 40]!r}")


def program(count=0):
    """A command line that writes `count` lines, or never ends."""
    return [sys.executable, os.path.abspath(__file__), str(count)]


def main():
    import tty
    tty.setraw(1)
    count = int(sys.argv[1])
    number = 0
    while not count or number < count:
        step = min(128, count - number) if count else 128
        data = b"".join(map(line, range(number, number + step)))
        number += step
        while data:
            data = data[os.write(1, data):]


if __name__ == "__main__":
    main()
