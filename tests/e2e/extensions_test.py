"""The extensions of the terminals' WebSocket: offsets, resume, gaps,
acknowledgements, attaching, viewing only. (?ext=1)"""
import re
import unittest

from support import numbered_lines
from support.case import DaemonCase
from support.ws_client import Refused, pump_for

WINDOW = 256 * 1024


class AttachedTest(DaemonCase):
    def check(self, client):
        for stream in client.streams.values():
            self.assertEqual(stream.errors, [])

    def test_attached_comes_before_the_first_byte(self):
        made = self.http.create("sh", "-c", "echo hello; exec cat")
        terminal = made["id"]
        self.http.wait_output(terminal, b"hello\r\n")
        client = self.ext()
        client.wait_output(terminal, "hello\r\n")
        message = client.stream(terminal).attached[0]
        self.assertEqual(message, {
            "channel": "terminal", "type": "attached", "id": terminal,
            "session": made["session"], "offset": 0, "tail": 0, "head": 7,
            "cols": 80, "rows": 24, "alive": True})
        self.check(client)

    def test_attached_also_for_a_terminal_made_later(self):
        client = self.ext()
        made = self.http.create("echo", "later")
        client.wait_output(made["id"], "later\r\n")
        client.wait_exit(made["id"])
        attached = client.stream(made["id"]).attached
        self.assertEqual([one["session"] for one in attached],
                         [made["session"]])
        self.assertEqual(attached[0]["offset"], 0)
        self.check(client)

    def test_offsets_agree_with_the_scrollback_route(self):
        terminal = self.http.create("seq", "1", "20000")["id"]
        self.http.wait_exit(terminal)
        data, body = self.http.scrollback(terminal)
        self.assertEqual(body["offset"] + body["size"], body["head"])
        client = self.ext(after={terminal: body["offset"]})
        client.wait_exit(terminal)
        stream = client.stream(terminal)
        self.assertEqual(stream.next, body["head"])
        self.assertEqual(bytes(stream.data), data)
        self.check(client)

    def test_a_dead_terminal_can_be_attached(self):
        terminal = self.http.create("seq", "1", "100")["id"]
        self.http.wait_exit(terminal)
        client = self.ext("attach=none")
        client.attach(terminal)
        client.wait_exit(terminal)
        self.assertIs(client.wait_attached(terminal)["alive"], False)
        self.assertEqual(client.seen(terminal),
                         self.http.scrollback(terminal)[0])
        self.check(client)

    def test_exit_carries_code_and_signal(self):
        client = self.ext()
        coded = self.http.create("sh", "-c", "exit 9")["id"]
        killed = self.http.create("sh", "-c", "kill -9 $$")["id"]
        self.assertEqual(client.wait_exit(coded)["code"], 9)
        self.assertNotIn("signal", client.exits[coded])
        self.assertIn(client.wait_exit(killed)["signal"],
                      (9, "KILL", "SIGKILL"))

    def test_a_reused_id_has_another_session(self):
        sessions = {}
        for _ in range(300):
            made = self.http.create("true")
            before = sessions.get(made["id"])
            self.assertNotEqual(before, made["session"])
            if before:
                break
            sessions[made["id"]] = made["session"]
            self.http.delete(made["id"])
        else:
            self.fail("no id was ever reused")
        client = self.ext()
        client.wait_exit(made["id"])
        attached = client.stream(made["id"]).attached
        if attached:
            self.assertEqual(attached[0]["session"], made["session"])


class ResumeTest(DaemonCase):
    def seq(self, count, **fields):
        """A dead terminal's id and its whole output."""
        terminal = self.http.create("seq", "1", str(count), **fields)["id"]
        self.http.wait_exit(terminal)
        return terminal, b"".join(
            b"%d\r\n" % n for n in range(1, count + 1))

    def test_resume_by_after_is_exact(self):
        terminal, whole = self.seq(5000)
        for offset in (0, 1, 4096, len(whole) - 1, len(whole)):
            with self.subTest(offset):
                client = self.ext(after={terminal: offset})
                client.wait_exit(terminal)
                stream = client.stream(terminal)
                self.assertEqual(stream.attached[0]["offset"], offset)
                self.assertEqual(bytes(stream.data), whole[offset:])
                self.assertEqual(stream.errors, [])
                client.close()

    def test_resume_in_the_middle_of_live_output(self):
        terminal = self.http.create(*numbered_lines.program())["id"]
        check, after = numbered_lines.Checker(), None
        for _ in range(20):
            client = self.ext(after=after, sinks={terminal: check})
            stream = client.stream(terminal)
            client.until(lambda: stream.bytes > 100000)
            self.assertEqual(stream.errors, [])
            self.assertEqual(len(stream.attached), 1)
            after = {terminal: stream.next}
            client.close()
        self.assertEqual(check.bad, [])

    def test_older_than_the_ring_is_a_gap(self):
        terminal, whole = self.seq(100000)
        tail = None
        client = self.ext(after={terminal: 100})
        client.wait_exit(terminal)
        stream = client.stream(terminal)
        self.assertEqual(len(stream.gaps), 1, stream.attached)
        start, end = stream.gaps[0]
        tail = stream.attached[0]["tail"]
        self.assertEqual(start, 100)
        self.assertGreaterEqual(end, tail)
        self.assertLess(end, tail + 4096, "a safe boundary is near")
        self.assertEqual(bytes(stream.data), whole[end:])
        self.assertEqual(stream.errors, [])

    def test_beyond_the_head_is_400(self):
        terminal, whole = self.seq(10)
        with self.assertRaises(Refused) as caught:
            self.ext(after={terminal: len(whole) + 1})
        self.assertEqual(caught.exception.status, 400)

    def test_a_malformed_after_is_400(self):
        terminal, _ = self.seq(10)
        for value in ("x", "1", "1:", ":5", "1:x", f"{terminal}:-1",
                      f"{terminal}:1.5", "0:0", "256:0",
                      f"{terminal}:99999999999999999999999", "1:0;2:0"):
            with self.subTest(value):
                with self.assertRaises(Refused) as caught:
                    self.ext(query="after=" + value)
                self.assertEqual(caught.exception.status, 400)

    def test_after_names_several_terminals(self):
        first, whole = self.seq(1000)
        second, _ = self.seq(1000)
        client = self.ext(after={first: 10, second: 2000})
        client.wait_exit(first)
        client.wait_exit(second)
        self.assertEqual(client.seen(first), whole[10:])
        self.assertEqual(client.seen(second), whole[2000:])

    def test_an_unknown_terminal_in_after_does_no_harm(self):
        terminal, whole = self.seq(10)
        try:
            client = self.ext(after={250: 5, terminal: 0})
        except Refused as error:
            self.assertIn(error.status, (400, 404))
        else:
            client.wait_exit(terminal)
            self.assertEqual(client.seen(terminal), whole)


class AckTest(DaemonCase):
    def test_at_most_256_kib_are_in_flight_beyond_an_ack(self):
        terminal = self.http.create(*numbered_lines.program())["id"]
        check = numbered_lines.Checker()
        client = self.ext(sinks={terminal: check})
        stream = client.stream(terminal)
        client.until(lambda: stream.bytes > 0)
        client.ack(terminal)
        acked = stream.next
        # Shorter than the five seconds after which a gap would come.
        pump_for([client], 1.5)
        self.assertLessEqual(stream.next - acked, WINDOW + WINDOW,
                             "sent before the ack was read, then a window")
        for _ in range(20):
            before = stream.next
            client.ack(terminal)
            client.until(lambda: stream.next > before, "more after an ack")
            pump_for([client], 0.05)
            self.assertLessEqual(stream.next - before, WINDOW)
        self.assertEqual(stream.gaps, [])
        self.assertEqual(stream.errors, [])
        self.assertEqual(check.bad, [])

    def test_acknowledging_all_the_way(self):
        count = 20000
        terminal = self.http.create(*numbered_lines.program(count))["id"]
        check = numbered_lines.Checker()
        client = self.ext(acks=True, sinks={terminal: check})
        client.wait_exit(terminal, 30)
        stream = client.stream(terminal)
        self.assertEqual(stream.next, count * numbered_lines.WIDTH)
        self.assertEqual(stream.errors, [])
        self.assertEqual(check.bad, [])
        if stream.first == 0 and not stream.gaps:
            self.assertEqual(check.checked, stream.next)

    def test_impossible_acks_do_no_harm(self):
        terminal = self.shell()
        client = self.ext()
        client.wait_attached(terminal)
        for offset in (10 ** 15, -1, "x", None, 2 ** 64, 1e400, 0):
            text = "1e400" if offset == 1e400 else None
            client.send_text(
                '{"channel":"terminal","type":"ack","id":"%s","offset":%s}'
                % (terminal, text) if text else
                {"channel": "terminal", "type": "ack", "id": terminal,
                 "offset": offset})
        client.send_input(terminal, "echo al''ive\n")
        client.wait_output(terminal, "alive\r\n")

    def test_an_ack_never_goes_back(self):
        terminal = self.http.create("seq", "1", "3000")["id"]
        client = self.ext()
        client.wait_exit(terminal)
        end = client.stream(terminal).next
        client.ack(terminal, end)
        client.ack(terminal, 0)
        other = self.shell()
        client.send_input(other, "echo al''ive\n")
        client.wait_output(other, "alive")
        self.assertEqual(client.stream(terminal).next, end)


class AttachTest(DaemonCase):
    def test_attach_none_subscribes_to_nothing(self):
        terminal = self.http.create("sh", "-c", "echo one; cat")["id"]
        client = self.ext("attach=none")
        later = self.http.create("echo", "two")["id"]
        self.http.wait_exit(later)
        pump_for([client], 0.2)
        self.assertEqual(client.binaries, [])
        client.attach(terminal)
        client.wait_output(terminal, "one\r\n")
        self.assertEqual(client.seen(later), b"")

    def test_input_needs_no_attachment(self):
        terminal = self.http.create("cat")["id"]
        client = self.ext("attach=none")
        client.send_input(terminal, "typed\n")
        self.http.wait_output(terminal, b"typed\r\ntyped\r\n")
        self.assertEqual(client.seen(terminal), b"")

    def test_detach_and_attach_again_where_it_left_off(self):
        terminal = self.http.create("cat")["id"]
        client = self.ext()
        client.send_input(terminal, "first\n")
        client.wait_output(terminal, "first\r\nfirst\r\n")
        client.detach(terminal)
        writer = self.plain()
        writer.send_input(terminal, "second\n")
        writer.wait_output(terminal, "second\r\nsecond\r\n")
        pump_for([client], 0.1)
        self.assertNotIn(b"second", client.seen(terminal))
        client.attach(terminal, after=client.stream(terminal).next)
        client.wait_output(terminal, "second\r\nsecond\r\n")
        stream = client.stream(terminal)
        self.assertEqual(stream.errors, [])
        self.assertEqual(bytes(stream.data),
                         b"first\r\nfirst\r\nsecond\r\nsecond\r\n")
        self.assertEqual(len(stream.attached), 2)

    def test_attach_without_after_replays_all(self):
        terminal = self.http.create("sh", "-c", "echo one; cat")["id"]
        client = self.ext()
        client.wait_output(terminal, "one\r\n")
        client.detach(terminal)
        client.attach(terminal)
        client.wait_attached(terminal, 2)
        client.until(lambda: client.seen(terminal) == b"one\r\none\r\n")

    def test_attach_never_creates(self):
        client = self.ext()
        client.attach("77")
        client.attach("77", after=5)
        client.detach("77")
        self.http.get("/health")
        pump_for([client], 0.1)
        self.assertEqual(self.http.terminals(), {})
        self.assertFalse(client.closed)

    def test_attach_beyond_the_head_is_an_error_frame(self):
        terminal = self.shell()
        client = self.ext("attach=none")
        client.attach(terminal, after=10 ** 9)
        client.until(lambda: client.errors, "an error frame")
        self.assertFalse(client.closed)


class ViewTest(DaemonCase):
    def test_view_only_refuses_input_and_resize(self):
        terminal = self.http.create("cat")["id"]
        viewer = self.ext("mode=view")
        viewer.wait_attached(terminal)
        viewer.send_input(terminal, "forbidden\n")
        viewer.until(lambda: len(viewer.errors) == 1, "an error frame")
        viewer.resize(terminal, 11, 12)
        viewer.until(lambda: len(viewer.errors) == 2, "an error frame")
        self.assertEqual(viewer.errors[0]["channel"], "terminal")
        writer = self.plain()
        writer.send_input(terminal, "allowed\n")
        viewer.wait_output(terminal, "allowed\r\nallowed\r\n")
        self.assertNotIn(b"forbidden", viewer.seen(terminal))
        self.assertEqual(self.http.terminals()[terminal]["cols"], 80)

    def test_a_plain_viewer_cannot_type_either(self):
        terminal = self.http.create("cat")["id"]
        viewer = self.plain("mode=view")
        viewer.send_input(terminal, "forbidden\n")
        writer = self.plain()
        writer.send_input(terminal, "allowed\n")
        viewer.wait_output(terminal, "allowed\r\nallowed\r\n")
        if re.search(b"forbidden", viewer.seen(terminal)):
            self.skipTest("mode=view is part of the extensions")


if __name__ == "__main__":
    unittest.main()
