"""Flow control of output: nothing is lost for who reads, nobody waits for
who does not."""
import time
import unittest

from support import numbered_lines, processes
from support.case import DaemonCase, scaled
from support.daemon import is_sanitized
from support.ws_client import pump, pump_for

SMALL = 16 * 1024  # receive buffer of a client that is going to stop


class FlowTest(DaemonCase):
    def flood(self, count=0):
        return self.http.create(*numbered_lines.program(count))["id"]

    def follow(self, client, terminal):
        """A checker for one terminal's stream."""
        check = numbered_lines.Checker()
        client.stream(terminal).sink = check
        return check

    def head(self, terminal):
        body = self.http.get(f"/terminals/{terminal}/scrollback?bytes=1").json
        return body["head"]

    def check(self, client, check):
        self.assertEqual(check.bad, [])
        for stream in client.streams.values():
            self.assertEqual(stream.errors, [])

    def test_a_reader_gets_every_byte_of_a_flood(self):
        count = 100000
        client = self.ext()
        terminal = self.flood(count)
        check = self.follow(client, terminal)
        client.wait_exit(terminal, 40)
        stream = client.stream(terminal)
        self.assertEqual(stream.gaps, [])
        self.assertEqual(check.checked, count * numbered_lines.WIDTH)
        self.check(client, check)

    def test_a_pause_below_five_seconds_loses_nothing(self):
        client = self.ext(receive_buffer=SMALL)
        terminal = self.flood()
        check = self.follow(client, terminal)
        stream = client.stream(terminal)
        client.until(lambda: stream.bytes > 0)
        other = self.ext("attach=none")
        pump_for([other], 3)  # nobody reads `client`
        before = stream.next
        self.assertLess(self.head(terminal) - before, 8 << 20,
                        "the program waits for a reader it may lose")
        client.until(lambda: stream.next > before + (4 << 20))
        self.assertEqual(stream.gaps, [])
        self.check(client, check)

    def test_a_slow_client_is_lossless(self):
        client = self.ext(receive_buffer=SMALL)
        terminal = self.flood(4000)
        check = self.follow(client, terminal)
        stream = client.stream(terminal)
        end = time.monotonic() + scaled(30)
        while terminal not in client.exits and time.monotonic() < end:
            pump_for([], 0.02)
            client.read_once(20000)
        client.wait_exit(terminal)
        self.assertEqual(stream.gaps, [])
        self.assertEqual(check.checked, 4000 * numbered_lines.WIDTH)
        self.check(client, check)

    def test_a_stopped_viewer_neither_stops_the_program_nor_grows_memory(self):
        stopped = self.ext(receive_buffer=SMALL)
        plain = self.plain(receive_buffer=SMALL)
        daemon = self.daemon.process.pid
        processes.forget_peak(daemon)
        memory = processes.resident_kib(daemon)
        terminal = self.flood()
        check = self.follow(stopped, terminal)
        stream = stopped.stream(terminal)
        # They stop in full swing.
        pump([stopped, plain], lambda: min(
            stream.bytes, len(plain.seen(terminal))) > 4 << 20, "a flood")
        before = self.head(terminal)
        other = self.shell()
        typist = self.ext("attach=none")
        typist.attach(other)
        self.prompt(typist, other)

        # The program is held for five seconds, and then runs on.
        def runs_on():
            pump_for([typist], 0.1)
            return self.head(terminal) > before + (16 << 20)
        typist.until(runs_on, "the program runs on", 15)
        slowest = 0
        for number in range(20):
            start = time.monotonic()
            typist.send_input(other, f"echo n''{number}.\n")
            typist.wait_output(other, f"n{number}.\r\n")
            slowest = max(slowest, time.monotonic() - start)
        self.assertLess(slowest, scaled(0.5), "echo beside the flood")

        # It wakes up: what the socket still had, a gap, and the rest.
        mark = self.head(terminal)
        stopped.until(lambda: stream.next > mark + (1 << 20),
                      "the stopped viewer catches up", 20)
        self.assertGreaterEqual(len(stream.gaps), 1)
        self.check(stopped, check)
        # One that knows nothing of gaps continues, too.
        seen = len(plain.seen(terminal))
        plain.until(lambda: len(plain.seen(terminal)) > seen + (1 << 20),
                    "the plain viewer continues", 20)
        if not is_sanitized():
            self.assertLess(processes.peak_kib(daemon) - memory, 4 << 10,
                            "KiB grown at any time")

    def test_a_viewer_that_does_not_acknowledge_is_a_stopped_viewer(self):
        client = self.ext()
        terminal = self.flood()
        check = self.follow(client, terminal)
        stream = client.stream(terminal)
        client.until(lambda: stream.bytes > 0)
        client.ack(terminal)
        pump_for([client], 0.5)
        before = self.head(terminal)
        client.until(lambda: self.head(terminal) > before + (16 << 20),
                     "the program runs on", 15)
        client.acks = True
        client.ack(terminal)
        mark = self.head(terminal)
        client.until(lambda: stream.next > mark, "it catches up", 20)
        self.assertGreaterEqual(len(stream.gaps), 1)
        self.check(client, check)

    def test_stopped_viewers_do_not_stop_a_healthy_one(self):
        # How fast it is then, is measured in bench/.
        terminal = self.flood()
        healthy = self.ext("attach=none")
        check = self.follow(healthy, terminal)
        healthy.attach(terminal)
        stream = healthy.stream(terminal)
        healthy.until(lambda: stream.bytes > 0)
        stopped = [self.ext("attach=none", receive_buffer=SMALL)
                   for _ in range(5)]
        for client in stopped:
            client.attach(terminal)
        count = stream.next
        healthy.until(lambda: stream.next > count + (32 << 20),
                      "the healthy viewer goes on", 40)
        for client in stopped:
            client.close()
        self.check(healthy, check)
        self.assertEqual(stream.gaps, [])

    def test_several_floods_on_one_socket_share_it(self):
        client = self.ext()
        floods = [self.flood() for _ in range(3)]
        checks = [self.follow(client, terminal) for terminal in floods]
        shell = self.shell()
        self.prompt(client, shell)
        for number in range(10):
            start = time.monotonic()
            client.send_input(shell, f"echo n''{number}.\n")
            client.wait_output(shell, f"n{number}.\r\n")
            self.assertLess(time.monotonic() - start, scaled(1))
        streams = [client.stream(terminal) for terminal in floods]
        client.until(lambda: min(s.bytes for s in streams) > 4 << 20,
                     "each flood is served", 30)
        for check in checks:
            self.check(client, check)

    def test_control_c_ends_a_flood_and_the_prompt_is_back(self):
        terminal = self.shell()
        for kind in (self.plain, self.ext):
            client = kind()
            self.prompt(client, terminal)
            if kind == self.plain:
                data = client.output[terminal]
            else:
                data = client.stream(terminal).data
            for _ in range(3):
                data.clear()
                client.send_input(terminal, "yes\n")
                client.until(lambda: len(data) > 2 << 20, "a flood")
                data.clear()
                start = time.monotonic()
                client.send_input(terminal, "\x03")
                self.prompt(client, terminal)
                self.assertLess(time.monotonic() - start, scaled(1))
            client.close()

    def test_connections_that_come_and_go_in_a_flood_leave_nothing(self):
        terminal = self.flood()
        daemon = self.daemon.process.pid
        check = numbered_lines.Checker()
        stayer = self.ext(sinks={terminal: check})
        stayer.until(lambda: stayer.stream(terminal).bytes > 0)
        files = processes.open_files(daemon)
        for number in range(200):
            client = self.ext(receive_buffer=SMALL)
            if number % 3:  # some leave before, some in, the first frame
                client.read_once(number * 50 + 1)
            if number % 2:
                client.send_input(terminal, "x")
            if number % 5 == 0:
                client.protocol.send_close(1000)
                client._collect()
            client.close()
            stayer.read_once()
        stayer.until(lambda: processes.open_files(daemon) <= files,
                     "all descriptors closed")
        stayer.until(lambda: self.http.get("/health").json["connections"]
                     == 1, "one connection left")
        self.assertEqual(stayer.stream(terminal).gaps, [])
        self.check(stayer, check)

    def test_twenty_viewers_five_of_them_stopped(self):
        count = 20000
        terminal = self.flood(count)
        good = [self.ext("attach=none") for _ in range(15)]
        bad = [self.ext("attach=none", receive_buffer=SMALL)
               for _ in range(5)]
        checks = [self.follow(client, terminal) for client in good + bad]
        for client in good + bad:
            client.attach(terminal)
        pump(good, lambda: all(terminal in c.exits for c in good),
             "the healthy ones see the end", 60)
        pump(bad, lambda: all(terminal in c.exits for c in bad),
             "the stopped ones see the end", 60)
        for client, check in zip(good + bad, checks):
            self.check(client, check)
            stream = client.stream(terminal)
            self.assertEqual(stream.next, count * numbered_lines.WIDTH)
        # Stopped for longer than five seconds only: those may have gaps.
        self.assertEqual([g for c in good for g in c.stream(terminal).gaps
                          if g[0] != c.stream(terminal).first], [])


if __name__ == "__main__":
    unittest.main()
