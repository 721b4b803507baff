"""Exchanges names for as long as it lives, as fast as it can:

    flipper.py FOLDER A B [A B …]

after each turn A is what B was. Prints how often when its input ends."""
import ctypes
import os
import subprocess
import sys
import threading

RENAME_EXCHANGE = 2


class Flipper:
    """As a process of its own, so that it has a processor for itself."""

    def __init__(self, folder, *pairs):
        self.process = subprocess.Popen(
            [sys.executable, os.path.abspath(__file__), folder,
             *(name for pair in pairs for name in pair)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def stop(self):
        """How many exchanges there were."""
        out, _ = self.process.communicate()
        if self.process.returncode:
            raise AssertionError("the flipper failed")
        return int(out)


def main(folder, *names):
    rename = ctypes.CDLL(None, use_errno=True).renameat2
    handle = os.open(folder, os.O_PATH)
    pairs = [(names[at].encode(), names[at + 1].encode())
             for at in range(0, len(names), 2)]
    ended = threading.Event()

    def wait_for_the_end():
        sys.stdin.read()
        ended.set()
    threading.Thread(target=wait_for_the_end, daemon=True).start()
    count = 0
    while not ended.is_set():
        for one, other in pairs:
            if rename(handle, one, handle, other, RENAME_EXCHANGE):
                sys.exit(os.strerror(ctypes.get_errno()))
            count += 1
    print(count)


if __name__ == "__main__":
    main(*sys.argv[1:])
