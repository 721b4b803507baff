"""What a credential is good for is what it was made for. Whatever a client
says of itself, in a query, a header, a body or a frame, changes nothing."""
import itertools
import re
import subprocess
import unittest

from support.carriers import UPGRADE
from support.case import DaemonCase, eventually
from support.daemon import OUTRIGGER
from support.raw_http import exchange, request
from support.ws_client import Refused, WebSocket

QUERIES = ("", "scope=all", "scopes=all", "scope=admin&scope=all",
           "role=owner", "mode=use", "admin=1", "user=owner", "name=owner",
           "scope=terminal,read", "dialect=oblien")
FIELDS = ((), ("X-Scope: all",), ("X-Scopes: all", "Scope: all"),
          ("X-Outrigger-Scope: all", "X-Outrigger-User: owner"),
          ("X-Forwarded-User: owner", "X-Remote-User: owner",
           "Remote-User: owner"),
          ("X-Forwarded-For: 127.0.0.1", "X-Real-IP: 127.0.0.1",
           "Forwarded: for=127.0.0.1"),
          ("X-HTTP-Method-Override: GET", "X-Method-Override: GET"),
          ("X-Original-URL: /health", "X-Rewrite-URL: /health"),
          ("Cookie: scope=all; role=owner",))
CLAIMS = b'"scope":"all","scopes":["all"],"role":"owner","admin":true'


class ScopesTest(DaemonCase):
    def token(self, *scopes):
        made = subprocess.run(
            [OUTRIGGER, "token", "create", "--state-dir", self.daemon.state,
             *itertools.chain(*(("--scope", one) for one in scopes))],
            check=True, capture_output=True, text=True,
            env=self.daemon.environment())
        value = made.stdout.strip()
        eventually(lambda: self.ask(value, "GET", "/no/such/route").status
                   == 404, "the token is known")
        return value

    def ask(self, token, method, path, fields=(), body=None):
        if body is not None:
            fields = [*fields, "Content-Type: application/json",
                      f"Content-Length: {len(body)}"]
        answer, _ = exchange(self.daemon.port, request(
            f"{method} {path} HTTP/1.1", *fields, body=body or b"",
            token=token))
        return answer

    def check_403(self, answer, scope=None):
        self.assertEqual(answer.status, 403, answer)
        self.assertEqual(answer.json["code"], "forbidden")
        if scope:
            self.assertIn(f"the credential lacks the scope {scope}",
                          answer.json["error"])

    def refused_everywhere(self, rows):
        """Rows of (token, method, path, fields of a body, lacking scope)."""
        for (token, method, path, body, scope), query, fields in \
                itertools.product(rows, QUERIES, FIELDS):
            with self.subTest(method=method, path=path, query=query,
                              fields=fields):
                target = path + ("?" + query if query else "")
                if body is not None:
                    self.check_403(self.ask(
                        token, method, target, fields,
                        b"{" + b",".join(filter(None, (body, CLAIMS)))
                        + b"}"), scope)
                else:
                    self.check_403(self.ask(token, method, target, fields),
                                   scope)

    def test_claims_do_not_widen_what_a_request_may(self):
        mine, other = (self.http.create("cat")["id"] for _ in range(2))
        looks, files = self.token("read"), self.token("files", "port:80")
        views = self.token(f"terminal:{mine}:view")
        size = b'"cols":11,"rows":11'
        self.refused_everywhere((
            (looks, "POST", "/terminals", b'"cmd":["true"]', "terminal"),
            (looks, "DELETE", f"/terminals/{mine}", None,
             f"terminal:{mine}"),
            (looks, "POST", f"/terminals/{mine}/resize", size,
             f"terminal:{mine}"),
            (views, "PUT", f"/terminals/{mine}/resize", size,
             f"terminal:{mine}"),
            (views, "GET", f"/terminals/{other}", None,
             f"terminal:{other}:view"),
            (views, "GET", "/metrics", None, "read"),
            (views, "POST", "/terminals", b"", "terminal"),
            (files, "GET", "/terminals", None, "read"),
            (files, "GET", "/runtime", None, "read"),
            (files, "GET", f"/terminals/{mine}/scrollback", None,
             f"terminal:{mine}:view")))
        listed = self.http.terminals()
        self.assertEqual(set(listed), {mine, other})
        self.assertEqual({one["cols"] for one in listed.values()}, {80})

    def test_claims_do_not_widen_a_ticket(self):
        looks = self.token("read")
        for name in ("scope", "scopes"):
            answer = self.ask(looks, "POST", f"/ticket?{name}=all",
                              ("X-Scope: all",),
                              b'{"path":"/terminals","scopes":"all"}')
            self.assertEqual(answer.status, 201, answer)
            ticket = answer.json["ticket"]
            self.check_403(self.ask(ticket, "POST", "/terminals?scope=all",
                                    ("X-Scope: all",), b"{%s}" % CLAIMS),
                           "terminal")
        self.check_403(self.ask(looks, "POST", "/ticket", (),
                                b'{"path":"/terminals","scope":"all"}'))
        self.assertEqual(self.http.terminals(), {})

    def test_a_socket_without_the_right_to_see_anything_is_403(self):
        ports = self.token("ports")
        for query, fields in itertools.product(QUERIES, FIELDS):
            with self.subTest(query=query, fields=fields):
                self.check_403(self.ask(
                    ports, "GET", "/ws" + ("?" + query if query else ""),
                    (*UPGRADE, *fields)), "terminal")

    def narrowed(self, terminal, query):
        token = self.token(f"terminal:{terminal}:view")
        socket = WebSocket(
            self.daemon.port, f"/ws?ext=1&{query}",
            [("Authorization", f"Bearer {token}"), ("X-Scope", "all")])
        self.addCleanup(socket.close)
        return socket, token

    def check_mute(self, socket, terminals):
        """Neither input nor a size gets through."""
        for one in terminals:
            for message in ({"type": "resize", "cols": 11, "rows": 11},
                            {"type": "resize", "cols": 11, "rows": 11,
                             "scope": "all", "scopes": ["all"]}):
                self.refused(socket, lambda: socket.send_text(
                    {"channel": "terminal", "id": one, **message}))
            self.refused(socket, lambda: socket.send_input(one, "evil\n"))
            self.assertEqual(self.http.scrollback(one)[0], b"")
            self.assertEqual(self.http.terminals()[one]["cols"], 80)

    def refused(self, socket, act):
        count = len(socket.texts)
        act()
        socket.until(lambda: [text for text in socket.texts[count:]
                              if text["type"] == "error"], "a refusal")

    def test_claims_do_not_widen_a_socket(self):
        mine, other = (self.http.create("cat")["id"] for _ in range(2))
        for query in ("scope=all", "scopes=all", "mode=use", "mode=all",
                      "role=owner"):
            with self.subTest(query):
                socket, _ = self.narrowed(mine, query)
                self.check_mute(socket, (mine, other))
                self.assertEqual({text["id"] for text in socket.texts
                                  if text["type"] == "attached"}, {mine})

    def test_claims_beside_a_renewal_do_not_widen_it(self):
        mine, other = (self.http.create("cat")["id"] for _ in range(2))
        socket, token = self.narrowed(mine, "attach=none")
        for claims in ({"scopes": "all"}, {"scopes": ["all"]},
                       {"scope": "all"}, {"params": {"scopes": "all"}},
                       {"role": "owner", "admin": True}):
            with self.subTest(claims):
                count = len(socket.texts)
                socket.send_text({"channel": "auth", "type": "refresh",
                                  "token": token, **claims})
                socket.until(lambda: len(socket.texts) > count, "a renewal")
                self.assertEqual(socket.texts[-1]["type"], "auth_refreshed")
                self.check_mute(socket, (mine, other))

    def test_a_frame_that_claims_to_be_somebody_opens_nothing(self):
        for frame in ({"channel": "auth", "type": "refresh", "scopes": "all"},
                      {"channel": "auth", "type": "refresh",
                       "token": self.daemon.token},
                      {"command": "authenticate", "scopes": "all",
                       "params": {"container_name": "owner",
                                  "api_key": "any", "scopes": "all"}}):
            with self.subTest(frame):
                socket = WebSocket(self.daemon.port, "/ws?scope=all",
                                   [("X-Scope", "all")])
                self.addCleanup(socket.close)
                terminal = self.http.create("echo", "secret")["id"]
                socket.send_text(frame)
                self.assertEqual(socket.wait_closed(), 1008)
                self.assertEqual(socket.binaries, [])
                self.assertNotIn("secret", str(socket.texts))
                self.http.delete(terminal)

    def test_the_name_of_a_token_is_no_scope(self):
        made = subprocess.run(
            [OUTRIGGER, "token", "create", "--scope", "ports", "--name",
             "owner", "--state-dir", self.daemon.state], check=True,
            capture_output=True, text=True, env=self.daemon.environment())
        token = made.stdout.strip()
        number = re.search("^id (.*)$", made.stderr, re.M).group(1)
        self.assertNotEqual(number, "owner")
        eventually(lambda: self.ask(token, "GET", "/terminals").status == 403,
                   "the token is known")
        with self.assertRaises(Refused) as caught:
            WebSocket(self.daemon.port, f"/ws?token={token}")
        self.assertEqual(caught.exception.status, 403)


if __name__ == "__main__":
    unittest.main()
