"""Who gets which dialect on /ws, decided at the upgrade; and how little a
socket without credentials can do."""
import json
import time
import unittest

from support.case import DaemonCase, fresh, scaled
from support.terminal_client import PlainClient
from support.ws_client import Refused, WebSocket, pump_for


class CredentialTest(DaemonCase):
    """With authentication on."""

    def setUp(self):
        super().setUp()
        self.terminal = self.http.create("sh", "-c", "echo secret; cat")["id"]
        self.http.wait_output(self.terminal, b"secret")

    def bare(self, path="/ws", headers=(), **options):
        client = PlainClient(self.daemon, path=path, token=False,
                             headers=headers, **options)
        self.addCleanup(client.close)
        return client

    def bearer(self):
        return [("Authorization", f"Bearer {self.daemon.token}")]

    def check_oblien(self, client):
        client.wait_output(self.terminal, "secret")

    def check_mute(self, client):
        """Nothing of the terminals; closed after the first frame."""
        client.send_text(json.dumps(
            {"channel": "terminal", "type": "resize", "id": self.terminal,
             "cols": 11, "rows": 11}))
        client.wait_closed()
        self.assertEqual(client.output, {})
        self.assertEqual(client.exits, {})
        self.assertEqual(
            self.http.terminals()[self.terminal]["cols"], 80)

    def test_a_token_in_the_query_means_oblien(self):
        self.check_oblien(self.plain())

    def test_a_token_as_subprotocol_means_oblien(self):
        self.check_oblien(self.bare(
            subprotocols=["Bearer", self.daemon.token]))

    def test_a_bearer_token_means_oblien(self):
        self.check_oblien(self.bare(headers=self.bearer()))

    def test_a_prefix_or_the_query_forces_it(self):
        self.check_oblien(self.bare("/oblien/ws", self.bearer()))
        self.check_oblien(self.bare("/runtimes/default/ws", self.bearer()))
        self.check_oblien(self.bare("/ws?dialect=oblien", self.bearer()))

    def test_an_unknown_dialect_is_refused(self):
        with self.assertRaises(Refused) as caught:
            self.bare("/ws?dialect=klingon", self.bearer())
        self.assertIn(caught.exception.status, (400, 404))

    def test_headers_of_the_other_client_never_mean_oblien(self):
        for name in ("X-API-Key", "X-VM-Name", "X-Container-Name"):
            for extra in ([], self.bearer()):
                with self.subTest(name=name, bearer=bool(extra)):
                    try:
                        client = self.bare(
                            headers=[(name, self.daemon.token), *extra])
                    except Refused as error:
                        self.assertIn(error.status, (400, 401, 404, 501))
                        continue
                    pump_for([client], 0.3)
                    self.assertEqual(client.output, {},
                                     "that client breaks on any push")

    def test_without_credentials_nothing_is_heard(self):
        client = self.bare()
        other = self.plain()
        other.send_input(self.terminal, "noise\n")
        other.wait_output(self.terminal, "noise\r\nnoise")
        pump_for([client], 0.3)
        self.assertEqual((client.texts, client.binaries), ([], []))
        self.check_mute(client)

    def test_without_credentials_binary_input_goes_nowhere(self):
        client = self.bare()
        client.send_input(self.terminal, "evil\n")
        client.wait_closed()
        self.assertEqual(client.binaries, [])
        self.assertNotIn(b"evil", self.http.scrollback(self.terminal)[0])

    def test_without_credentials_a_large_frame_is_too_much(self):
        client = self.bare()
        client.send_text(" " * 5000)
        self.assertIn(client.wait_closed(), (1009, 1008, 1002, 1006, 4401))
        self.assertEqual(client.binaries, [])

    def test_without_credentials_the_socket_lives_ten_seconds(self):
        start = time.monotonic()
        client = self.bare()
        client.wait_closed(14)
        self.assertGreater(time.monotonic() - start, 8)
        self.assertLess(time.monotonic() - start, scaled(13))
        self.assertEqual(client.output, {})

    def test_pings_do_not_keep_an_uncredentialed_socket_open(self):
        client = self.bare()
        due = time.monotonic()

        def closed():
            nonlocal due
            if client.is_open() and time.monotonic() > due:
                due += 1
                client.ping()
            return client.closed
        client.until(closed, "close", 14)

    def test_extensions_do_not_open_an_uncredentialed_socket(self):
        self.check_mute(self.bare("/ws?ext=1"))


class NoAuthTest(unittest.TestCase):
    """Without authentication the first frame decides."""

    def setUp(self):
        self.daemon = fresh(self, "--no-auth", auth=False)
        self.http = self.daemon.http()
        self.terminal = self.http.create("sh", "-c", "echo open; cat")["id"]
        self.http.wait_output(self.terminal, b"open")

    def client(self, path="/ws", **options):
        client = PlainClient(self.daemon, path=path, **options)
        self.addCleanup(client.close)
        return client

    def test_nothing_is_sent_before_the_first_frame(self):
        client = self.client()
        pump_for([client], 0.3)
        self.assertEqual(client.order, [])

    def test_a_binary_frame_makes_it_oblien(self):
        client = self.client()
        client.send_input(self.terminal, "typed\n")
        client.wait_output(self.terminal, "typed\r\ntyped\r\n")
        self.assertTrue(client.seen(self.terminal).startswith(b"open\r\n"))

    def test_a_channel_makes_it_oblien(self):
        client = self.client()
        client.resize(self.terminal, 90, 30)
        client.wait_output(self.terminal, "open\r\n")
        client.until(lambda: self.http.terminals()[self.terminal]["cols"]
                     == 90, "the resize takes effect too")

    def test_a_command_is_not_oblien(self):
        client = self.client()
        client.send_text({"command": "version", "params": {}})
        pump_for([client], 0.3)
        self.assertEqual(client.output, {})

    def test_a_forced_dialect_is_told_at_once(self):
        for path in ("/oblien/ws", "/ws?dialect=oblien", "/ws?token=any"):
            with self.subTest(path):
                self.client(path).wait_output(self.terminal, "open")

    def test_two_frames_at_once_are_both_obeyed(self):
        client = self.client()
        client.send_input(self.terminal, "one\n")
        client.send_input(self.terminal, "two\n")
        client.wait_output(self.terminal, "two\r\n")
        self.assertIn(b"one", client.seen(self.terminal))

    def test_an_undecided_socket_survives_a_ping(self):
        socket = WebSocket(self.daemon.port)
        self.addCleanup(socket.close)
        socket.ping()
        pump_for([socket], 0.2)
        self.assertFalse(socket.closed)


if __name__ == "__main__":
    unittest.main()
