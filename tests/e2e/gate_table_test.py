"""The HTTP gate: a table of requests, good and bad, with the answer and the
fate of the connection. Whatever stands behind a refused request is never
answered. (support/request_rows.py says what the fates mean.)"""
import concurrent.futures
import unittest

from support import wait
from support.case import DaemonCase
from support.raw_http import Broken, RawConnection, request
from support.request_bodies import Bodies
from support.request_heads import Heads

# In the command of a terminal, so that every list of terminals shows it.
MARKER = "smuggled-5f0c2b91"
PIECE = 24


class Run:
    """One row on a connection of its own; what was wrong, in sentences."""

    def __init__(self, row, port, token, piece=None):
        self.row = row
        self.wrong = []
        self.list = request("GET /terminals HTTP/1.1", token=token)
        self.list_last = request("GET /terminals HTTP/1.1",
                                 "Connection: close", token=token)
        self.piece = piece
        try:
            with RawConnection(port, deadline=3.0) as self.connection:
                getattr(self, row.fate)()
        except (Broken, wait.Timeout, OSError) as error:
            self.wrong.append(f"{type(error).__name__}: {error}")

    def check(self, fine, complaint):
        if not fine:
            self.wrong.append(complaint)

    def send(self, data):
        step = self.piece or len(data)
        for start in range(0, len(data), step):
            self.connection.send(data[start:start + step])

    def answers(self):
        """The answers to the row's own requests; the last of them."""
        head = self.row.data.startswith(b"HEAD ")
        answer = None
        for expected in (self.row.expected, *([one] for one in self.row.then)):
            answer = self.connection.answer(head)
            if answer is None:
                raise Broken(f"closed instead of {expected}")
            self.check(answer.status in expected,
                       f"{answer.status} instead of {expected}: "
                       f"{answer.body[:100]!r}")
            head = False
        return answer

    def check_refusal(self, answer):
        self.check(answer.closes, "no Connection: close")
        kind = answer.field("content-type") or ""
        self.check(kind.startswith("application/json"), f"type {kind!r}")
        if self.row.data.startswith(b"HEAD "):
            return
        body = answer.json
        self.check(body.get("success") is False
                   and body.get("status_code") == answer.status
                   and body.get("error"), f"error body {answer.body!r}")

    def close(self):
        self.send(self.row.data + self.list)
        answer = self.answers()
        if answer.status in (400, 403, 413, 417):
            self.check_refusal(answer)
        self.check_end()

    def check_end(self):
        rest = self.connection.rest()
        self.check(not rest, f"more came: {rest[:200]!r}")
        self.check(MARKER.encode() not in self.connection.seen,
                   "the smuggled request was answered")

    def keep(self):
        # The same bytes behind a good request are a request.
        self.send(self.row.data + self.list_last)
        self.answers()
        self.check_follow_up()

    def check_follow_up(self):
        answer = self.connection.answer()
        if answer is None:
            raise Broken("closed instead of answering what followed")
        self.check(answer.status == 200 and MARKER.encode() in answer.body,
                   f"what followed was answered with {answer}")
        rest = self.connection.rest()
        self.check(not rest, f"more came: {rest[:200]!r}")

    def either(self):
        self.send(self.row.data)
        answer = self.answers()
        if answer.status in (400, 413, 417):
            self.check_refusal(answer)
        if answer.closes:
            return self.check_end()
        self.send(self.list_last)
        self.check_follow_up()


class GateTableTest(DaemonCase):
    def setUp(self):
        super().setUp()
        terminal = self.http.create("sh", "-c", f"exec cat; {MARKER}")["id"]
        with RawConnection(self.daemon.port) as connection:
            connection.send(request("GET /terminals HTTP/1.1",
                                    token=self.daemon.token))
            self.assertIn(MARKER.encode(), connection.answer().body)
        self.rows = []
        for part in (Heads, Bodies):
            self.rows += part(self.daemon.token, self.daemon.port,
                              terminal).build()

    def run_rows(self, rows, piece=None):
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            runs = list(pool.map(
                lambda row: Run(row, self.daemon.port, self.daemon.token,
                                piece), rows))
        for run in runs:
            with self.subTest(run.row.name):
                if run.wrong:
                    self.fail("; ".join(run.wrong))
        # Nobody else is disturbed.
        self.assertEqual(self.http.get("/health").status, 200)

    def test_every_row_is_answered_as_it_must_be(self):
        self.assertGreaterEqual(len(self.rows), 130)
        names = [row.name for row in self.rows]
        self.assertEqual(len(set(names)), len(names), "names are unique")
        self.run_rows(self.rows)

    def test_a_row_in_small_pieces_is_answered_the_same(self):
        self.run_rows([row for row in self.rows if len(row.data) < 1500],
                      PIECE)


if __name__ == "__main__":
    unittest.main()
