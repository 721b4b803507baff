"""Input: bounded, lossless, and never in the way of another terminal."""
import hashlib
import os
import random
import time
import unittest

from support import processes
from support.case import DaemonCase, eventually, scaled
from support.daemon import is_sanitized
from support.exposition import Exposition
from support.ws_client import pump_for

# A connection's input that may wait before it is no longer read, and the one
# message that is read then (protocol/limits.hpp).
READ_WINDOW, MESSAGE = 2 << 20, 1 << 20
DEAF = "stty raw -echo; echo deaf; exec sleep 1000"


class InputTest(DaemonCase):
    def deaf(self):
        """A program that never reads."""
        terminal = self.http.create("sh", "-c", DEAF)["id"]
        self.http.wait_output(terminal, b"deaf")
        return terminal

    def queued(self):
        """Bytes of input that wait in the daemon's connections."""
        scrape = Exposition(self.http.get("/metrics").body.decode())
        return scrape.value("outrigger_queued_bytes", direction="in")

    def echoes(self, client, terminal, text, deadline=1):
        start = time.monotonic()
        client.send_input(terminal, text + "\n")
        client.wait_output(terminal, f"{text}\r\n{text}\r\n")
        self.assertLess(time.monotonic() - start, scaled(deadline))

    def test_a_program_that_never_reads_does_not_hold_up_another(self):
        deaf, cat = self.deaf(), self.http.create("cat")["id"]
        for kind in (self.plain, self.ext):
            with self.subTest(kind.__name__):
                client = kind()
                for _ in range(64):
                    client.send_input(deaf, b"x" * 16384)
                self.echoes(client, cat, f"echo-{kind.__name__}")
                client.resize(deaf, 99, 33)
                eventually(lambda: self.http.terminals()[deaf]["cols"] == 99,
                           "control frames pass, too", 2)
                client.resize(deaf, 80, 24)
                eventually(lambda: self.http.terminals()[deaf]["cols"] == 80)
                self.echoes(client, cat, f"again-{kind.__name__}")
                client.close()

    def test_input_to_it_in_one_large_frame(self):
        deaf, cat = self.deaf(), self.http.create("cat")["id"]
        client = self.plain()
        client.send_input(deaf, b"x" * ((1 << 20) - 1))
        self.echoes(client, cat, "beside")
        other = self.plain()
        self.echoes(other, cat, "elsewhere")

    def test_endless_input_to_it_is_bounded(self):
        deaf = self.deaf()
        client = self.plain()
        other = self.plain()
        cat = self.http.create("cat")["id"]
        daemon = self.daemon.process.pid
        processes.forget_peak(daemon)
        memory = processes.resident_kib(daemon)
        for _ in range(32):
            client.send_input(deaf, b"x" * ((1 << 20) - 1))
        queued, left = [], []

        def full():
            queued.append(self.queued())
            left.append(len(client.out))
            return len(set(left[-20:])) == 1 and len(left) >= 20
        client.until(full, "the daemon reads no more", 30)
        self.assertGreater(left[-1], 16 << 20, "most of it stays away")
        self.assertGreaterEqual(queued[-1], READ_WINDOW)
        self.assertLessEqual(max(queued), READ_WINDOW + MESSAGE)
        if not is_sanitized():
            self.assertLess(processes.peak_kib(daemon) - memory, 8 << 10,
                            "KiB grown by 32 MiB of input")
        self.echoes(other, cat, "elsewhere")
        self.assertFalse(other.closed)
        # The program goes: so does what was waiting for it.
        self.http.delete(deaf)
        if not client.closed:
            client.until(lambda: not client.out, "the rest is taken", 20)
            self.echoes(client, cat, "afterwards", 5)
        eventually(lambda: self.queued() == 0, "nothing waits any more")

    def test_it_gets_everything_once_it_reads(self):
        terminal = self.http.create(
            "sh", "-c", "stty raw -echo; echo on; while [ ! -e go ]; do "
            "sleep 0.02; done; head -c 900000 | md5sum")["id"]
        self.http.wait_output(terminal, b"on")
        data = random.Random(1).randbytes(900000)
        client = self.plain()
        for start in range(0, len(data), 10000):
            client.send_input(terminal, data[start:start + 10000])
        pump_for([client], 0.3)
        open(os.path.join(self.daemon.root, "go"), "w").close()
        client.wait_output(terminal, hashlib.md5(data).hexdigest())

    def paste(self, terminal, client, size):
        text = b"".join(b"%07d %s\n" % (n, b"p" * 55)
                        for n in range(size // 64))
        for start in range(0, len(text), 32768):
            client.send_input(terminal, text[start:start + 32768])
        client.send_input(terminal, b"\x04")
        return text

    def check_file(self, client, name, text):
        path = os.path.join(self.daemon.root, name)

        def there():
            try:
                return os.path.getsize(path) >= len(text)
            except OSError:
                return False
        client.until(there, f"{len(text)} bytes in {name}", 40)
        with open(path, "rb") as file:
            self.assertEqual(hashlib.md5(file.read()).hexdigest(),
                             hashlib.md5(text).hexdigest())

    def test_a_paste_of_four_mib_into_a_file_is_not_lost(self):
        terminal = self.http.create(
            "sh", "-c", "stty -echo; echo on; cat > pasted")["id"]
        client = self.plain()
        client.wait_output(terminal, "on")
        self.check_file(client, "pasted", self.paste(terminal, client, 4 << 20))
        self.assertEqual(client.wait_exit(terminal)["code"], 0)

    def test_a_paste_with_echo_is_not_lost_either(self):
        terminal = self.http.create(
            "sh", "-c", "echo on; cat > echoed")["id"]
        client = self.ext(acks=True)
        client.wait_output(terminal, "on")
        self.check_file(client, "echoed", self.paste(terminal, client, 1 << 20))

    def test_input_of_one_client_keeps_its_order(self):
        terminal = self.http.create("sh", "-c", "stty -echo; echo on; cat")[
            "id"]
        client = self.plain()
        client.wait_output(terminal, "on\r\n")
        for number in range(5000):
            client.send_input(terminal, f"{number}\n")
        client.wait_output(terminal, "\r\n4999\r\n")
        self.assertEqual(client.seen(terminal), b"on\r\n" + b"".join(
            b"%d\r\n" % n for n in range(5000)))

    def test_input_to_a_dead_terminal_is_ignored(self):
        dead = self.http.create("true")["id"]
        self.http.wait_exit(dead)
        cat = self.http.create("cat")["id"]
        client = self.plain()
        for _ in range(64):
            client.send_input(dead, b"x" * 16384)
        self.echoes(client, cat, "fine")

    def test_control_c_reaches_a_program_with_a_full_input_queue(self):
        terminal = self.http.create(
            "sh", "-c", "stty -echo; echo on; exec sleep 1000")["id"]
        client = self.plain()
        client.wait_output(terminal, "on")
        client.send_input(terminal, "short line\n")
        client.send_input(terminal, "\x03")
        self.assertNotEqual(client.wait_exit(terminal)["code"], 0)

    def test_a_client_that_leaves_takes_its_queue_with_it(self):
        deaf = self.deaf()
        before = processes.open_files(self.daemon.process.pid)
        for _ in range(10):
            client = self.plain()
            for _ in range(64):
                client.send_input(deaf, b"x" * 16384)
            client.close()
        eventually(lambda: processes.open_files(self.daemon.process.pid)
                   <= before + 1, "their connections are closed")
        other = self.plain()
        cat = self.http.create("cat")["id"]
        self.echoes(other, cat, "fine")


if __name__ == "__main__":
    unittest.main()
