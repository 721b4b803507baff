"""The terminals' WebSocket as documented, for clients that know nothing of
extensions."""
import asyncio
import unittest

import websockets

from support.case import DaemonCase, scaled
from support.terminal_client import EXTENSION_TYPES
from support.ws_client import pump


class PlainDialectTest(DaemonCase):
    def test_frames_both_ways(self):
        terminal = self.http.create("cat")["id"]
        client = self.plain()
        client.send_input(terminal, "hello\n")
        client.wait_output(terminal, "hello\r\nhello\r\n")

    def test_the_library_client_of_debian(self):
        terminal = self.http.create("cat")["id"]
        url = (f"ws://127.0.0.1:{self.daemon.port}/ws"
               f"?token={self.daemon.token}")

        async def talk(**options):
            async with websockets.connect(url, **options) as client:
                await client.send(bytes([int(terminal)]) + b"deflated?\n")
                seen = b""
                while seen.count(b"deflated?\r\n") < 2:
                    frame = await client.recv()
                    self.assertIsInstance(frame, bytes)
                    self.assertGreaterEqual(len(frame), 2)
                    self.assertEqual(frame[0], int(terminal))
                    seen += frame[1:]
                await client.ping()
        for options in ({}, {"compression": None}):
            asyncio.run(asyncio.wait_for(talk(**options), scaled(10)))

    def test_scrollback_comes_first_then_the_exits(self):
        dead = self.http.create("sh", "-c", "echo early; exit 5")["id"]
        self.http.wait_exit(dead)
        live = self.http.create("sh", "-c", "echo late; exec cat")["id"]
        self.http.wait_output(live, b"late\r\n")
        client = self.plain()
        exit_frame = client.wait_exit(dead)
        self.assertEqual(exit_frame["code"], 5)
        self.assertEqual(exit_frame["channel"], "terminal")
        self.assertEqual(exit_frame["id"], dead)
        client.wait_output(live, "late\r\n")
        data = [index for index, (kind, _) in enumerate(client.order)
                if kind == "data"]
        exits = [index for index, (kind, _) in enumerate(client.order)
                 if kind == "exit"]
        self.assertLess(max(data), min(exits), client.order)

    def test_replay_and_live_output_join_without_a_seam(self):
        terminal = self.http.create(
            "sh", "-c", "i=0; while [ $i -lt 3000 ]; do echo $i; i=$((i+1)); "
            "done; exec cat", scrollback_size=1 << 20)["id"]
        clients = []
        wanted = "".join(f"{i}\r\n" for i in range(3000)).encode()
        for _ in range(5):  # at five different moments of the output
            clients.append(self.plain())
            clients[-1].wait_output(terminal, "\r\n")
        pump(clients, lambda: all(
            len(client.seen(terminal)) >= len(wanted) for client in clients))
        for client in clients:
            self.assertEqual(client.seen(terminal), wanted)

    def test_every_client_sees_output_and_may_type(self):
        terminal = self.http.create("cat")["id"]
        clients = [self.plain() for _ in range(3)]
        for index, client in enumerate(clients):
            client.send_input(terminal, f"from {index}\n")
            pump(clients, lambda: all(
                f"from {index}\r\nfrom {index}\r\n".encode()
                in one.seen(terminal) for one in clients))
        self.assertEqual(len({c.seen(terminal) for c in clients}), 1)
        self.assertFalse(any(client.closed for client in clients))

    def test_a_terminal_created_later_is_streamed(self):
        client = self.plain()
        terminal = self.http.create("echo", "new here")["id"]
        client.wait_output(terminal, "new here\r\n")
        self.assertEqual(client.wait_exit(terminal)["code"], 0)

    def test_an_exit_comes_after_the_last_output(self):
        client = self.plain()
        terminal = self.http.create(
            "sh", "-c", "head -c 200000 /dev/zero | tr '\\0' y; "
            "printf LAST; exit 3")["id"]
        self.assertEqual(client.wait_exit(terminal)["code"], 3)
        self.assertTrue(client.seen(terminal).endswith(b"yLAST"))
        self.assertEqual(len(client.seen(terminal)), 200004)
        self.assertEqual(client.order[-1], ("exit", terminal))

    def test_resize_and_its_effect_on_the_program(self):
        terminal = self.shell()
        client = self.plain()
        self.prompt(client, terminal)
        for message, wanted in (
                ({"channel": "terminal", "type": "resize", "id": terminal,
                  "cols": 111, "rows": 33}, "33 111\r\n"),
                ({"type": "resize", "id": terminal, "cols": 91, "rows": 29},
                 "29 91\r\n")):
            client.send_text(message)
            client.send_input(terminal, "stty size\n")
            client.wait_output(terminal, wanted)

    def test_strange_resizes_do_no_harm(self):
        terminal = self.shell()
        client = self.plain()
        self.prompt(client, terminal)
        for cols, rows in ((0, 0), (65535, 65535), (-1, -1), ("a", "b"),
                           (1.5, 2), (None, None), (10 ** 30, 1)):
            client.resize(terminal, cols, rows)
        for number in range(1000):
            client.resize(terminal, 80 + number % 50, 24 + number % 20)
        client.resize(terminal, 99, 66)
        client.send_input(terminal, "stty size\n")
        client.wait_output(terminal, "66 99\r\n")

    def test_a_frame_of_one_byte_is_empty_input(self):
        terminal = self.http.create("cat")["id"]
        client = self.plain()
        client.send_binary(bytes([int(terminal)]))
        client.send_binary(b"")
        client.send_input(terminal, "still\n")
        client.wait_output(terminal, "still\r\nstill\r\n")

    def test_input_for_no_terminal_is_ignored(self):
        terminal = self.http.create("cat")["id"]
        client = self.plain()
        for unknown in (0, 200, 255):
            client.send_input(unknown, "nobody\n")
            client.resize(unknown, 80, 24)
        client.send_input(terminal, "still\n")
        client.wait_output(terminal, "still\r\nstill\r\n")
        self.assertNotIn(b"nobody", client.seen(terminal))

    def test_malformed_text_does_no_harm(self):
        terminal = self.http.create("cat")["id"]
        client = self.plain()
        for text in ("", "x", "{", "[]", "null", "3", '"resize"', "{}",
                     '{"channel":"terminal"}', '{"channel":7,"type":[]}',
                     '{"channel":"nothing","type":"resize"}',
                     '{"channel":"terminal","type":"explode"}',
                     '{"channel":"terminal","type":"resize"}',
                     '{"channel":"terminal","type":"resize","id":{}}',
                     '{"channel":"terminal","type":"resize","id":"\\u0000",'
                     '"cols":1,"rows":1}',
                     '{"channel":"terminal","channel":"watcher","type":"x"}',
                     '{"type":"resize","id":"1","cols":1e400,"rows":1}',
                     "[" * 500000, '{"a":' * 100000):
            client.send_text(text)
        client.send_input(terminal, "still\n")
        client.wait_output(terminal, "still\r\nstill\r\n")

    def test_text_that_is_not_utf_8_closes_with_1007(self):
        client = self.plain()
        client.protocol.send_text(b'{"type":"\xff\xfe"}')
        client._collect()
        self.assertEqual(client.wait_closed(), 1007)

    def test_one_mib_is_the_largest_message(self):
        terminal = self.http.create("cat")["id"]
        client = self.plain()
        client.send_text(" " * (1 << 20))
        client.send_input(terminal, "still\n")
        client.wait_output(terminal, "still\r\nstill\r\n")
        client.send_text(" " * ((1 << 20) + 1))
        self.assertEqual(client.wait_closed(), 1009)

    def test_a_binary_message_over_one_mib_closes_with_1009(self):
        terminal = self.http.create("cat")["id"]
        client = self.plain()
        client.send_input(terminal, b"x" * (1 << 20))
        self.assertEqual(client.wait_closed(), 1009)
        self.assertEqual(self.http.get("/health").json["status"], "ok")

    def test_a_monstrous_announced_length_closes(self):
        client = self.plain()
        client.send_raw(
            b"\x82\xff" + (2 ** 63 - 1).to_bytes(8, "big") + b"mask")
        self.assertIn(client.wait_closed(), (1009, 1002, 1006))

    def test_frames_for_extensions_mean_nothing_here(self):
        terminal = self.http.create("cat")["id"]
        client = self.plain()
        for kind in ("detach", "ack", "attach"):
            client.send_text({"channel": "terminal", "type": kind,
                              "id": terminal, "offset": 0})
        client.send_input(terminal, "still\n")
        client.wait_output(terminal, "still\r\nstill\r\n")

    def test_no_extension_ever_reaches_a_plain_client(self):
        dead = self.http.create("sh", "-c", "kill -9 $$")["id"]
        self.http.wait_exit(dead)
        client = self.plain()
        terminal = self.http.create(
            "sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' z; exit 4")["id"]
        client.resize(terminal, 100, 30)
        client.send_text("{")
        client.wait_exit(dead)
        client.wait_exit(terminal, 20)
        for message in client.texts:
            self.assertEqual(message["type"], "exit", message)
            self.assertEqual(set(message) - {"signal"},
                             {"channel", "type", "id", "code"})
            self.assertNotIn(message["type"], EXTENSION_TYPES)
        self.assertNotIn("signal", client.exits[dead],
                         "an extension, like the others")

    def test_never_a_frame_without_data(self):
        client = self.plain()
        terminal = self.http.create("sh", "-c", "echo a; sleep 0.1; echo b")
        client.wait_exit(terminal["id"])
        self.assertGreaterEqual(min(client.binaries), 2)

    def test_ping_is_answered_and_a_close_is_echoed(self):
        client = self.plain()
        client.protocol.send_ping(b"are you there")
        client.protocol.send_close(1000, "client close")
        client._collect()
        self.assertEqual(client.wait_closed(), 1000)

    def test_a_message_in_many_small_fragments(self):
        terminal = self.http.create("cat")["id"]
        client = self.plain()
        text = bytes([int(terminal)]) + b"in pieces\n"
        client.protocol.send_binary(text[:1], fin=False)
        for index in range(1, len(text)):
            client.protocol.send_continuation(
                text[index:index + 1], fin=index == len(text) - 1)
        client._collect()
        client.wait_output(terminal, "in pieces\r\nin pieces\r\n")

    def test_an_unmasked_frame_closes_with_1002(self):
        client = self.plain()
        client.send_raw(b"\x82\x02\x01a")
        self.assertEqual(client.wait_closed(), 1002)


if __name__ == "__main__":
    unittest.main()
