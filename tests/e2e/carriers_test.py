"""Who gets in, on every row of the route table and by every carrier of a
credential: the one function that decides has no second way around it."""
import itertools
import os
import re
import unittest

from support.carriers import ACCEPT, CARRIERS, UPGRADE
from support.case import DaemonCase
from support.raw_http import RawConnection, exchange, request

WIRE = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                    "..", "..", "docs", "wire.md")
PREFIXES = ("", "/oblien", "/runtimes/default", "/runtimes/local")
NO_SUCH = "200"  # an id no terminal here has
BODIES = {"/terminals": b'{"cmd":["true"]}', "/ticket": b'{"path":"/ws"}'}

EVIL_ORIGINS = ("https://evil.example", "null", "file://", "",
                "http://localhost.evil.example",
                "http://127.0.0.1:3000@evil", "http://127.0.0.1.evil.example")


class Route:
    """A row of the table in the wire page."""

    def __init__(self, method, path, scope, what):
        self.method = method
        self.pattern = path
        self.path = re.sub(r"\{[^}]*\}", NO_SUCH, path)
        self.public = scope == "none"
        self.upgrade = path.rsplit("/", 1)[-1] == "ws" or "WebSocket" in what
        self.name = f"{method} {path}"

    def request(self, *fields, query="", prefix="", **options):
        target = prefix + self.path
        if query:
            target += ("&" if "?" in target else "?") + query
        fields = list(fields)
        body = b""
        if self.upgrade:
            fields += UPGRADE
        if self.method in ("POST", "PUT", "PATCH"):
            body = BODIES.get(self.path, b'{"cols":80,"rows":24}')
            fields += ["Content-Type: application/json",
                       f"Content-Length: {len(body)}"]
        return request(f"{self.method} {target} HTTP/1.1", *fields,
                       body=body, **options)


def routes():
    with open(WIRE, encoding="utf-8") as file:
        section = file.read().partition("## Routes")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| *([A-Z]+) *\| *`([^`]+)` *\| *([^|]+?) *\| *(.*?)"
                      r" *\|$", section, re.MULTILINE)
    return [Route(*row) for row in rows]


class CarriersTest(DaemonCase):
    def setUp(self):
        super().setUp()
        self.token = self.daemon.token
        # As long as the right one, and nearly it.
        self.wrong = self.token[:-1] + ("0" if self.token[-1] != "0" else "1")
        self.routes = routes()
        # Wrong tokens are counted by source: every source gives a few only.
        self.sources = (f"127.{a}.{b}.{c}" for a, b, c in itertools.product(
            range(1, 4), range(256), range(1, 255)))
        # There is something to be found behind the door.
        self.http.create("cat")

    def ask(self, route, *fields, query="", prefix="", source=None,
            **options):
        """The answer, which never shows a token, wrong ones included."""
        answer, seen = exchange(
            self.daemon.port,
            route.request(*fields, query=query, prefix=prefix, **options),
            source)
        self.assertIsNotNone(answer, "closed without an answer")
        self.assertNotIn(self.token.encode(), seen)
        self.assertNotIn(self.wrong.encode(), seen)
        return answer

    def each(self, check, values=(None,)):
        """check(route, value) for every row of the table; every one that
        fails is told."""
        for route in self.routes:
            for value in values:
                with self.subTest(route=route.name, value=value):
                    check(route, value)
                if route.name == "POST /terminals":
                    self.http.delete_all()  # before there are too many

    def carry(self, route, *carried, **options):
        """Asks with a token in each (carrier, token)."""
        fields, queries = [], []
        for carrier, token in carried:
            more, query = CARRIERS[carrier](token)
            fields += more
            queries += [query] if query else []
        return self.ask(route, *fields, query="&".join(queries), **options)

    # -- the table ----------------------------------------------------------

    def test_the_table_is_read(self):
        names = [route.name for route in self.routes]
        for known in ("GET /", "GET /health", "GET /terminals",
                      "POST /terminals", "DELETE /terminals/{id}",
                      "GET /ws"):
            self.assertIn(known, names)
        self.assertTrue(any(route.upgrade for route in self.routes))

    # -- the credential -----------------------------------------------------

    def check_in(self, route, answer):
        self.assertNotIn(answer.status, (401, 403), answer)
        if not route.path.startswith(("/files", "/api/v1/files")):
            # Those were asked nothing, and say so.
            self.assertNotEqual(answer.status, 400, answer)
        if route.upgrade:
            # 501: a carrier that means a dialect not served here.
            self.assertIn(answer.status, (101, 501), answer)
        elif "{" not in route.pattern:
            self.assertNotEqual(answer.status, 404, answer)

    def test_the_right_token_gets_in_by_every_carrier(self):
        def check(route, carrier):
            self.check_in(route, self.carry(route, (carrier, self.token)))
        self.each(check, CARRIERS)

    def test_the_right_token_gets_in_under_every_prefix(self):
        def check(route, prefix):
            if route.path != "/":
                self.check_in(route, self.ask(
                    route, token=self.token, prefix=prefix))
        self.each(check, PREFIXES)

    def test_the_right_token_twice_gets_in(self):
        def check(route, carrier):
            self.check_in(route, self.carry(
                route, ("Authorization", self.token), (carrier, self.token)))
        self.each(check, [one for one in CARRIERS if one != "Authorization"])

    def test_a_wrong_token_is_401_by_every_carrier(self):
        def check(route, carrier):
            answer = self.carry(route, (carrier, self.wrong),
                                source=next(self.sources))
            # The page and /health may not look at it; a socket does.
            public = route.public and not route.upgrade
            self.assertIn(answer.status, (401, 200) if public else (401,),
                          answer)
        self.each(check, CARRIERS)

    def test_a_wrong_token_is_401_under_every_prefix(self):
        def check(route, prefix):
            if not route.public or route.upgrade:
                answer = self.ask(route, token=self.wrong, prefix=prefix,
                                  source=next(self.sources))
                self.assertEqual(answer.status, 401, answer)
        self.each(check, PREFIXES)

    def test_a_wrong_token_leaves_nothing_done(self):
        terminal = next(iter(self.http.terminals()))
        before = self.http.terminals()

        def check(route, _):
            route.path = route.pattern.replace("{id}", terminal)
            answer = self.ask(route, token=self.wrong,
                              source=next(self.sources))
            self.assertIn(answer.status, (200, 401), answer)
            self.assertEqual(self.http.terminals(), before)
        self.routes = [one for one in self.routes if one.method != "GET"]
        self.assertTrue(self.routes)
        for route in self.routes:
            check(route, None)

    def test_a_carrier_with_nothing_in_it_does_not_get_in(self):
        def check(route, carrier):
            if not route.public:
                answer = self.carry(route, (carrier, ""),
                                    source=next(self.sources))
                self.assertIn(answer.status, (400, 401), answer)
        self.each(check, CARRIERS)

    def test_no_token_is_401_unless_public(self):
        def check(route, prefix):
            if route.path == "/" and prefix:
                return
            answer = self.ask(route, prefix=prefix)
            # A prefix forces the dialect of the terminals, which, unlike
            # the one it is shared with, wants the token at the upgrade.
            if route.public and not (route.upgrade and prefix):
                self.check_in(route, answer)
            else:
                self.check_refused(answer)
        self.each(check, PREFIXES)

    def check_refused(self, answer):
        self.assertEqual(answer.status, 401, answer)
        self.assertIn("Bearer", answer.field("www-authenticate") or "")

    def test_a_socket_of_a_forced_dialect_without_a_token_is_401(self):
        both = [first + second for first in PREFIXES[:2]
                for second in ("", *PREFIXES[2:])]

        def check(route, prefix):
            if not route.upgrade:
                return
            for query in ("", "ext=1", "attach=none", "dialect=oblien",
                          "dialect=terminals"):
                answer = self.ask(route, query=query, prefix=prefix)
                if prefix or query.startswith("dialect"):
                    self.check_refused(answer)
                else:  # the first frame may bring it
                    self.assertEqual(answer.status, 101, answer)
        self.each(check, both)

    def test_a_401_is_the_same_whether_the_thing_exists_or_not(self):
        there = next(iter(self.http.terminals()))

        def check(route, _):
            if "{id}" not in route.pattern or route.public:
                return
            bodies = []
            for one in (there, NO_SUCH):
                route.path = route.pattern.replace("{id}", one)
                body = self.ask(route).json
                for own in ("request_id", "timestamp"):
                    body.pop(own, None)
                bodies.append(body)
            self.assertEqual(bodies[0], bodies[1])
        self.each(check)

    def test_two_that_differ_are_400(self):
        # On public routes too: what stands between may have read the other.
        def check(route, pair):
            for tokens in ((self.token, self.wrong),
                           (self.wrong, self.token)):
                answer = self.carry(route, *zip(pair, tokens),
                                    source=next(self.sources))
                self.check_400(answer)
        self.each(check, list(itertools.product(CARRIERS, CARRIERS)))

    def check_400(self, answer):
        self.assertEqual(answer.status, 400, answer)
        if "code" in answer.json:  # the runtime API has another shape
            self.assertEqual(answer.json["code"], "validation_error")
        self.assertIn("two different tokens", answer.body.decode())
        self.assertTrue(answer.closes, answer)

    def test_two_that_differ_are_400_under_every_prefix(self):
        def check(route, prefix):
            if route.path != "/":
                self.check_400(self.carry(
                    route, ("Authorization", self.token),
                    ("?token", self.wrong), prefix=prefix,
                    source=next(self.sources)))
        self.each(check, PREFIXES)

    def test_two_that_differ_are_400_for_assets_and_for_what_there_is_not(
            self):
        page = self.ask(self.routes[0]).body.decode()
        assets = re.findall(r'(?:src|href)="(/[^"]+)"', page)
        self.assertTrue(assets, page)
        for path in (*assets, "/index.html", "/no/such/route"):
            with self.subTest(path):
                route = Route("GET", path, "none", "")
                self.check_400(self.carry(
                    route, ("Authorization", self.token),
                    ("X-API-Key", self.wrong), source=next(self.sources)))

    # -- the subprotocol ----------------------------------------------------

    def test_the_subprotocol_is_answered_with_bearer_exactly(self):
        def check(route, prefix):
            if route.upgrade:
                answer = self.carry(route, ("subprotocol", self.token),
                                    prefix=prefix)
                self.assertEqual(answer.status, 101, answer)
                self.assertEqual(
                    answer.field("sec-websocket-protocol"), "Bearer")
                self.assertEqual(answer.field("sec-websocket-accept"), ACCEPT)
        self.each(check, PREFIXES)

    # -- Origin and Host ----------------------------------------------------

    def test_a_foreign_origin_is_403(self):
        def check(route, origin):
            answer = self.ask(route, f"Origin: {origin}", token=self.token)
            self.assertEqual(answer.status, 403, answer)
        self.each(check, EVIL_ORIGINS)

    def test_a_foreign_origin_is_403_without_a_token_and_by_prefix(self):
        def check(route, prefix):
            answer = self.ask(route, f"Origin: {EVIL_ORIGINS[0]}",
                              prefix=prefix)
            self.assertEqual(answer.status, 403, answer)
        self.each(check, PREFIXES)

    def test_two_origins_are_refused(self):
        own = f"Origin: http://127.0.0.1:{self.daemon.port}"

        def check(route, other):
            for pair in ((own, other), (other, own)):
                answer = self.ask(route, *pair, token=self.token)
                self.assertIn(answer.status, (400, 403), answer)
        self.each(check, (own, f"Origin: {EVIL_ORIGINS[0]}"))

    def test_the_own_origin_gets_in(self):
        def check(route, name):
            host = f"{name}:{self.daemon.port}"
            self.check_in(route, self.ask(
                route, f"Origin: http://{host}", host=host,
                token=self.token))
        self.each(check, ("127.0.0.1", "localhost"))

    def test_a_foreign_host_is_403(self):
        def check(route, prefix):
            for fields in ((), ("Origin: http://evil.example",)):
                answer = self.ask(route, *fields, host="evil.example",
                                  token=self.token, prefix=prefix)
                self.assertEqual(answer.status, 403, answer)
        self.each(check, PREFIXES)

    def test_a_cross_site_fetch_is_403(self):
        def check(route, _):
            answer = self.ask(route, "Sec-Fetch-Site: cross-site",
                              "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty",
                              token=self.token)
            self.assertEqual(answer.status, 403, answer)
        self.each(check)

    # -- afterwards ---------------------------------------------------------

    def test_no_token_is_logged(self):
        def check(route, carrier):
            for token in (self.token, self.wrong):
                self.carry(route, (carrier, token), source=next(self.sources))
        self.each(check, CARRIERS)
        self.assertNotIn(self.token, self.daemon.log())
        self.assertNotIn(self.wrong, self.daemon.log())

    def test_a_refused_upgrade_is_not_a_websocket(self):
        route = next(one for one in self.routes if one.upgrade)
        with RawConnection(self.daemon.port,
                           next(self.sources)) as connection:
            connection.send(route.request(token=self.wrong))
            self.assertEqual(connection.answer().status, 401)
            # A binary frame of one byte; no HTTP server knows it.
            connection.send(b"\x82\x81\x00\x00\x00\x00\x01\r\n\r\n")
            answer = connection.answer()
            self.assertTrue(answer is None or answer.status == 400, answer)


if __name__ == "__main__":
    unittest.main()
