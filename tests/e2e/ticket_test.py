"""Tickets: a credential for one use, on one path, for no more than its maker
may do."""
import itertools
import re
import subprocess
import unittest

from support.carriers import CARRIERS, UPGRADE
from support.case import DaemonCase, eventually
from support.daemon import OUTRIGGER
from support.raw_http import exchange, request
from support.ws_client import WebSocket

BOOK = 1024  # tickets outstanding at most
# Wrong ones are counted by source: every request comes from another.
SOURCES = (f"127.5.{b}.{c}" for b, c in itertools.product(
    range(256), range(1, 255)))


class TicketTest(DaemonCase):
    options = ("--access-log", "--log-level", "debug")

    def ticket(self, path="/ws", token=None, status=201, **fields):
        """The text of a new one, or None where it is refused."""
        client = self.daemon.http(token=token) if token else self.http
        answer = client.request("POST", "/ticket", {"path": path, **fields})
        self.assertEqual(answer.status, status, answer)
        if status != 201:
            return None
        self.assertEqual(answer.json["path"], path)
        self.assertEqual(answer.json["expires_in"], 30)
        self.assertIs(answer.json["success"], True)
        return answer.json["ticket"]

    def show(self, ticket, path="/ws", carrier="?ticket", method="GET",
             body=b""):
        """The answer to a request that shows a ticket."""
        fields, query = CARRIERS[carrier](ticket)
        fields = [*fields, *(UPGRADE if path.endswith("/ws") else ())]
        if body:
            fields += ["Content-Type: application/json",
                       f"Content-Length: {len(body)}"]
        answer, seen = exchange(self.daemon.port, request(
            f"{method} {path}{'?' + query if query else ''} HTTP/1.1",
            *fields, body=body), next(SOURCES))
        self.assertNotIn(ticket.encode(), seen)
        return answer

    def check_void(self, answer):
        self.assertEqual(answer.status, 401, answer)
        self.assertIn("the ticket is not valid here, or no longer",
                      answer.json["error"])

    def guest(self, *scopes):
        """A static token for less than everything, and its id."""
        made = subprocess.run(
            [OUTRIGGER, "token", "create", "--state-dir", self.daemon.state,
             *itertools.chain(*(("--scope", one) for one in scopes))],
            check=True, capture_output=True, text=True,
            env=self.daemon.environment())
        value = made.stdout.strip()
        eventually(lambda: exchange(self.daemon.port, request(
            "GET /no/such/route HTTP/1.1", token=value),
            next(SOURCES))[0].status == 404, "the token is known")
        return value, re.search("^id (.*)$", made.stderr, re.M).group(1)

    def test_it_is_good_once(self):
        for made, path, status in (("/ws", "/ws", 101),
                                   ("/ws", "/oblien/ws", 101),
                                   ("/terminals", "/terminals", 200)):
            with self.subTest(path):
                ticket = self.ticket(made)
                self.assertEqual(self.show(ticket, path).status, status)
                self.check_void(self.show(ticket, path))
                self.check_void(self.show(ticket, path))

    def test_it_is_good_once_by_whatever_carries_it(self):
        for first, second in itertools.product(CARRIERS, CARRIERS):
            with self.subTest(first=first, second=second):
                ticket = self.ticket("/terminals")
                answer = self.show(ticket, "/terminals", first)
                self.assertEqual(answer.status, 200, answer)
                self.check_void(self.show(ticket, "/terminals", second))

    def test_showing_it_elsewhere_is_refused_and_uses_it_up(self):
        one = self.http.create("cat")["id"]
        for made, shown in (("/ws", "/terminals"), ("/terminals", "/ws"),
                            ("/terminals", f"/terminals/{one}"),
                            (f"/terminals/{one}", "/terminals"),
                            ("/ws", "/metrics"), ("/ws", "/no/such/route")):
            with self.subTest(made=made, shown=shown):
                ticket = self.ticket(made)
                self.check_void(self.show(ticket, shown))
                self.check_void(self.show(ticket, made))

    def test_a_wrong_one_is_401(self):
        good = self.ticket("/terminals")
        wrong = good[:-1] + ("A" if good[-1] != "A" else "B")
        for text in (wrong, good[:-1], good + "A", good.upper(),
                     good[:good.index("_") + 1]):
            with self.subTest(text):
                self.assertEqual(self.show(text, "/terminals").status, 401)
        self.assertEqual(self.show(good, "/terminals").status, 200)

    def test_one_of_two_in_a_request_is_used_up_too(self):
        ticket, other = self.ticket(), self.ticket()
        answer = exchange(self.daemon.port, request(
            f"GET /ws?ticket={ticket}&token={other} HTTP/1.1", *UPGRADE),
            next(SOURCES))[0]
        self.assertEqual(answer.status, 400, answer)
        for void in (ticket, other):
            self.check_void(self.show(void))

    def test_a_narrowed_one_can_do_no_more_than_it_says(self):
        mine, other = (self.http.create(
            "sh", "-c", f"echo terminal {name}; exec cat")["id"]
            for name in ("mine", "other"))
        for path, status in ((f"/terminals/{mine}", 200),
                             (f"/terminals/{other}", 403),
                             (f"/terminals/{mine}/scrollback", 200),
                             (f"/terminals/{other}/scrollback", 403),
                             ("/runtime", 403), ("/metrics", 403)):
            with self.subTest(path):
                ticket = self.ticket(path, scope=f"terminal:{mine}:view")
                self.assertEqual(self.show(ticket, path).status, status)
        for path, body in ((f"/terminals/{mine}/resize",
                            b'{"cols":10,"rows":10}'),
                           ("/terminals", b'{"cmd":["true"]}')):
            with self.subTest(path):
                ticket = self.ticket(path, scope=f"terminal:{mine}:view")
                answer = self.show(ticket, path, method="POST", body=body)
                self.assertEqual(answer.status, 403, answer)
        listed = self.show(self.ticket(
            "/terminals", scope=f"terminal:{mine}:view"), "/terminals").json
        self.assertEqual([one["id"] for one in listed["terminals"]], [mine])
        self.assertEqual(set(self.http.terminals()), {mine, other})

    def test_a_narrowed_socket_watches_and_does_not_type(self):
        mine, other = (self.http.create("cat")["id"] for _ in range(2))
        ticket = self.ticket(scope=f"terminal:{mine}:view")
        socket = WebSocket(self.daemon.port, f"/ws?ext=1&ticket={ticket}")
        self.addCleanup(socket.close)
        for one in (mine, other):
            count = len(socket.texts)
            socket.send_input(one, "typed by a guest\n")
            socket.until(lambda: [text for text in socket.texts[count:]
                                  if text["type"] == "error"], "a refusal")
        self.assertEqual({text["id"] for text in socket.texts
                          if text["type"] == "attached"}, {mine})
        for one in (mine, other):
            self.assertEqual(self.http.scrollback(one)[0], b"")

    def test_nobody_makes_a_wider_one(self):
        guest, _ = self.guest("terminal:3:view", "port:80")
        for scope in ("terminal:3", "terminal:4:view", "terminal", "read",
                      "all", "port:81", "terminal:3:view all"):
            with self.subTest(scope):
                self.ticket(token=guest, status=403, scope=scope)
        self.ticket(token=guest, scope="terminal:3:view")
        for scope in ("root", "terminal:0", ""):
            with self.subTest(scope):
                self.ticket(status=400, scope=scope)
        # Without a scope it is what the guest is, and no more.
        self.assertEqual(self.show(self.ticket("/terminals", token=guest),
                                   "/terminals").status, 200)
        self.assertEqual(self.show(self.ticket("/runtime", token=guest),
                                   "/runtime").status, 403)

    def test_it_makes_no_further_ones(self):
        answer = self.show(self.ticket("/ticket"), "/ticket", method="POST",
                           body=b'{"path":"/ws"}')
        self.assertEqual(answer.status, 403, answer)

    def test_it_ends_with_the_credential_of_its_maker(self):
        guest, number = self.guest("terminal")
        ticket, used = (self.ticket(token=guest) for _ in range(2))
        socket = WebSocket(self.daemon.port, f"/ws?ticket={used}")
        self.addCleanup(socket.close)
        subprocess.run(
            [OUTRIGGER, "token", "revoke", number, "--state-dir",
             self.daemon.state], check=True, capture_output=True,
            env=self.daemon.environment())
        self.assertEqual(socket.wait_closed(), 4401)
        self.check_void(self.show(ticket))

    def test_it_is_not_taken_in_a_frame(self):
        ticket = self.ticket()
        socket = WebSocket(self.daemon.port, f"/ws?ticket={self.ticket()}")
        self.addCleanup(socket.close)
        socket.send_text({"channel": "auth", "type": "refresh",
                          "token": ticket})
        socket.until(lambda: [text for text in socket.texts
                              if text["type"] == "error"], "a refusal")
        stranger = WebSocket(self.daemon.port)
        self.addCleanup(stranger.close)
        stranger.send_text({"command": "authenticate", "params": {
            "container_name": "any", "api_key": ticket}})
        self.assertEqual(stranger.wait_closed(), 1008)
        self.assertEqual(stranger.texts[0]["error"], "Authentication failed")

    def test_the_oldest_goes_when_there_are_too_many(self):
        oldest, *_, newest = (self.ticket("/terminals")
                              for _ in range(BOOK + 1))
        self.check_void(self.show(oldest, "/terminals"))
        self.assertEqual(self.show(newest, "/terminals").status, 200)

    def test_what_it_is_for_is_said(self):
        for body, status in (({}, 400), ({"path": 1}, 400), ([], 400),
                             ({"path": "ws"}, 400), ({"path": "/ws?a"}, 400),
                             ({"path": "http://localhost/ws"}, 400),
                             ({"path": "/no/such/route"}, 404),
                             ({"path": "/ws", "scope": 1}, 400)):
            with self.subTest(body):
                answer = self.http.request("POST", "/ticket", body)
                self.assertEqual(answer.status, status, answer)
        answer = self.show("x", "/ticket", "Authorization", "POST",
                           b'{"path":"/ws"}')
        self.assertEqual(answer.status, 401, answer)

    def test_none_is_logged(self):
        ticket = self.ticket("/terminals")
        for carrier in CARRIERS:
            self.show(ticket, "/terminals", carrier)
        log = self.daemon.log()
        self.assertIn("/terminals", log)
        self.assertNotIn(ticket, log)


if __name__ == "__main__":
    unittest.main()
