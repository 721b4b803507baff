"""What is shown again must be safe to show again: no question a terminal
would answer, no half character, no half escape sequence."""
import re
import unittest

from support.case import DaemonCase

QUERIES = {
    "primary attributes": b"\x1b[c",
    "primary attributes with 0": b"\x1b[0c",
    "secondary attributes": b"\x1b[>c",
    "tertiary attributes": b"\x1b[=c",
    "cursor position": b"\x1b[6n",
    "status": b"\x1b[5n",
    "extended cursor position": b"\x1b[?6n",
    "mode": b"\x1b[?2026$p",
    "ansi mode": b"\x1b[4$p",
    "setting": b"\x1bP$qm\x1b\\",
    "termcap": b"\x1bP+q544e\x1b\\",
    "foreground colour": b"\x1b]10;?\x07",
    "background colour": b"\x1b]11;?\x1b\\",
    "palette": b"\x1b]4;1;?\x07",
    "clipboard": b"\x1b]52;c;?\x07",
    "window size": b"\x1b[18t",
    "window title": b"\x1b[21t",
    "version": b"\x1b[>q",
    "old identify": b"\x1bZ",
    "parameters": b"\x1b[x",
    "kitty keyboard": b"\x1b[?u",
    "enquiry": b"\x05",
}
KEPT = (b"\x1b[31mred\x1b[0m", b"\x1b[2J\x1b[3;4H", b"\x1b]0;a title\x07",
        b"\x1b]8;;http://x/\x07link\x1b]8;;\x07", b"\x1b[?2004h",
        b"\x1b[?25l", "grüße 日本 🙂".encode(), b"\x1b]11;#102030\x07")


class ReplayTest(DaemonCase):
    def print_and_stay(self, data, **fields):
        """A terminal that printed `data` and waits."""
        path = self.daemon.root + "/" + self.id()
        with open(path, "wb") as file:
            file.write(data)
        made = self.http.create(
            "sh", "-c", 'stty raw -echo; cat "$0"; exec sleep 1000', path,
            **fields)
        return made["id"]

    def replay(self, terminal, mark, **options):
        client = self.plain(**options)
        try:
            return client.wait_output(terminal, mark)
        finally:
            client.close()  # one that stays and does not read holds others up

    def test_queries_are_neutralised(self):
        for name, query in QUERIES.items():
            with self.subTest(name):
                terminal = self.print_and_stay(
                    b"before" + query + b"after" + query + b"END")
                self.http.wait_output(terminal, b"END")
                for client in (self.plain(), self.ext()):
                    seen = client.wait_output(terminal, "END")
                    self.assertNotIn(query, seen)
                    self.assertIn(b"before", seen)
                    self.assertIn(b"after", seen)
                    client.close()
                self.http.delete(terminal)

    def test_queries_pass_live(self):
        for kind in (self.plain, self.ext):
            client = kind()
            path = self.daemon.root + "/" + self.id()
            with open(path, "wb") as file:
                file.write(b"".join(QUERIES.values()) + b"END")
            # It prints when the client is there to see it live.
            terminal = self.http.create(
                "sh", "-c", 'stty raw -echo; echo ready; read -r line; '
                'cat "$0"; exec sleep 1000', path)["id"]
            client.wait_output(terminal, "ready")
            client.send_input(terminal, "\n")
            seen = client.wait_output(terminal, "END")
            self.assertIn(b"".join(QUERIES.values()), seen)
            client.close()

    def test_everything_else_is_kept(self):
        data = b"|".join(KEPT) + b"END"
        terminal = self.print_and_stay(data)
        self.http.wait_output(terminal, b"END")
        self.assertEqual(self.replay(terminal, b"END"), data)

    def test_offsets_stay_right_although_queries_are_taken_out(self):
        data = b"ab" + QUERIES["cursor position"] + b"cd" + QUERIES[
            "clipboard"] + b"END"
        terminal = self.print_and_stay(data)
        self.http.wait_output(terminal, b"END")
        client = self.ext()
        client.wait_output(terminal, "END")
        self.assertEqual(client.stream(terminal).next, len(data))
        self.assertEqual(client.stream(terminal).errors, [])
        client.send_text({"channel": "terminal", "type": "ack",
                          "id": terminal, "offset": len(data)})
        again = self.ext(after={terminal: len(data)})
        again.wait_attached(terminal)
        self.assertEqual(again.stream(terminal).attached[0]["offset"],
                         len(data))

    def test_a_resume_inside_a_query_keeps_the_offsets(self):
        # Half of it was shown live: whether the rest is, or is blanked, the
        # next byte must be at its own offset.
        query = QUERIES["clipboard"]
        data = b"ab" + query + b"END"
        terminal = self.print_and_stay(data)
        self.http.wait_output(terminal, b"END")
        for cut in range(2, 3 + len(query)):
            client = self.ext(after={terminal: cut})
            client.wait_output(terminal, "END")
            stream = client.stream(terminal)
            self.assertEqual(stream.attached[0]["offset"], cut)
            self.assertEqual(stream.next, len(data))
            self.assertEqual(stream.errors, [])
            client.close()

    def test_a_replay_starts_between_characters(self):
        character = "🙂".encode()  # four bytes: three of four cuts are wrong
        for shift in range(4):
            data = b"x" * shift + character * 100000 + b"END"
            terminal = self.print_and_stay(data)
            self.http.wait_output(terminal, b"END")
            seen = self.replay(terminal, b"END")
            self.assertGreater(len(seen), 60000)
            seen.decode("utf-8")  # strict
            self.http.delete(terminal)

    def test_a_replay_does_not_start_inside_an_escape_sequence(self):
        unit = b"\x1b[38;2;111;122;133mA\x1b]8;;http://example/long\x07B"
        pattern = re.compile(b"(?:" + re.escape(unit) + b")*END$")
        for shift in range(0, len(unit), 5):
            data = b"-" * shift + unit * 8000 + b"END"
            terminal = self.print_and_stay(data)
            self.http.wait_output(terminal, b"END")
            seen = self.replay(terminal, b"END")
            self.assertGreater(len(seen), 50000)
            start = seen[:len(unit) * 2]
            first = seen.index(unit)
            self.assertIn(seen[:first], (b"", b"A", b"B", *(
                unit[i:] for i in (unit.index(b"\x1b]"), unit.index(b"A"),
                                   unit.index(b"B")))), start)
            self.assertTrue(pattern.match(seen[first:]))
            self.http.delete(terminal)

    def test_a_query_cut_by_the_start_of_the_scrollback(self):
        # Wherever the replay begins in this, nothing of it is answered.
        query = QUERIES["clipboard"]
        for shift in range(0, len(query), 3):
            data = b"-" * shift + query * 40000 + b"END"
            terminal = self.print_and_stay(data)
            self.http.wait_output(terminal, b"END")
            seen = self.replay(terminal, b"END")
            self.assertNotIn(query, seen)
            self.assertNotIn(b"\x1b]52", seen)
            self.http.delete(terminal)


if __name__ == "__main__":
    unittest.main()
