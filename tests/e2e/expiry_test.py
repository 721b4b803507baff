"""What becomes of open sockets when their credential is over: a notice, a
minute of grace, and the end, unless a new credential is shown meanwhile. All
of them go through the same minute, which the tests then look back on."""
import subprocess
import time
import unittest

from support import jwt, processes
from support.case import eventually, scaled
from support.daemon import OUTRIGGER
from support.http_client import HttpClient
from support.jwt_case import WORKSPACE, JwtCase
from support.terminal_client import PlainClient
from support.ws_client import Refused, pump, pump_for

GRACE = 60
EARLIEST, LATEST = 58, 75  # seconds from the notice to the end
AFTER = 5  # seconds the others must outlive the grace
ECHO = ("sh", "-c", "stty raw -echo; echo ready; exec cat")


class Socket(PlainClient):
    """One that knows when it was told and when it was closed."""

    def __init__(self, daemon, credential, query="ext=1"):
        self.noticed_at = None
        self.closed_at = None
        self.auth = {}  # messages of the channel, by type
        super().__init__(daemon, "&".join(filter(None, (credential, query))),
                         token=False)

    def on_text(self, message):
        super().on_text(message)
        if message["channel"] == "auth":
            self.auth.setdefault(message["type"], []).append(message)
        if message["type"] == "auth_expiring" and self.noticed_at is None:
            self.noticed_at = time.monotonic()

    def _closed(self):
        super()._closed()
        self.closed_at = time.monotonic()

    def refresh(self, token):
        self.send_text({"channel": "auth", "type": "refresh",
                        "token": token})

    @property
    def lasted(self):
        """Seconds from the notice to the end."""
        return self.closed_at - self.noticed_at


class ExpiryTest(JwtCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        http = cls.daemon.http()
        made = http.create(*ECHO)
        cls.terminal, cls.pid = made["id"], made["pid"]
        http.wait_output(cls.terminal, b"ready")
        cls.other = cls.make("never")
        cls.old_ticket = cls.ticket(cls.daemon.token)
        cls.sockets = {}
        cls.addClassCleanup(cls.close_all)
        cls.open_all()
        cls.go_through_the_grace()

    def _tidy(self):
        self.assertTrue(self.daemon.running(), "the daemon is gone")

    @classmethod
    def close_all(cls):
        for socket in cls.sockets.values():
            socket.close()

    @classmethod
    def make(cls, expires):
        """A static token the daemon knows."""
        made = subprocess.run(
            [OUTRIGGER, "token", "create", "--state-dir", cls.daemon.state,
             "--scope", "terminal", "--expires", expires],
            check=True, capture_output=True, text=True,
            env=cls.daemon.environment()).stdout.strip()
        eventually(lambda: cls.status(made) == 200, "the token is known")
        return made

    @classmethod
    def status(cls, token):
        client = HttpClient(cls.daemon.port, token)
        try:
            return client.get("/terminals").status
        finally:
            client.close()

    @classmethod
    def ticket(cls, token):
        client = cls.daemon.http(token=token)
        return client.request("POST", "/ticket",
                              {"path": "/ws"}).json["ticket"]

    @classmethod
    def open_all(cls):
        seconds = int(scaled(4))
        cls.short = cls.make(f"{seconds}s")
        cls.web_token = cls.keys["ES256"].token(jwt.claims(
            WORKSPACE, exp=int(time.time()) + seconds, scope="terminal"))
        by_token = f"token={cls.short}"
        for name, credential, query in (
                ("left alone", by_token, "ext=1"),
                ("plain", by_token, ""),
                ("of a ticket", "ticket=" + cls.ticket(cls.short), "ext=1"),
                ("of a JWT", "token=" + cls.web_token, "ext=1"),
                ("refused", by_token, "ext=1"),
                ("renewed", by_token, "ext=1"),
                ("renewed by a JWT", "token=" + cls.web_token, "ext=1"),
                ("renewed for a while", by_token, "ext=1"),
                ("lasting", f"token={cls.other}", "ext=1")):
            cls.sockets[name] = Socket(cls.daemon, credential, query)

    @classmethod
    def go_through_the_grace(cls):
        sockets = cls.sockets
        every = list(sockets.values())
        expiring = [one for name, one in sockets.items() if name != "lasting"]
        pump(every, lambda: all(one.noticed_at for one in expiring),
             "a notice on every socket", 15)
        cls.told = time.monotonic()
        cls.statuses = [cls.status(cls.short), cls.status(cls.web_token)]
        for name, one in sockets.items():
            one.send_input(cls.terminal, f"<{name}, in its grace>")
        pump(every, lambda: all(
            b", in its grace>" in one.seen(cls.terminal) for one in every),
             "an echo on every socket")
        cls.show_new_ones()
        for name in ("refused", "renewed", "renewed by a JWT",
                     "renewed for a while"):
            pump(every, lambda one=sockets[name]: "error" in one.auth
                 or "auth_refreshed" in one.auth, f"an answer: {name}")
        pump(every, lambda: len(sockets["renewed for a while"].auth[
            "auth_expiring"]) == 2, "a second notice", 30)
        ending = [sockets[name] for name in (
            "left alone", "plain", "of a ticket", "of a JWT", "refused")]
        pump(every, lambda: all(one.closed for one in ending),
             "the end of the grace", LATEST + 10)
        pump_for(every, max(0, cls.told + GRACE + AFTER - time.monotonic()))

    @classmethod
    def show_new_ones(cls):
        sockets = cls.sockets
        cls.new_end = int(time.time()) + 600
        sockets["refused"].refresh(cls.short)
        sockets["renewed"].refresh(cls.other)
        sockets["renewed by a JWT"].refresh(cls.keys["EdDSA"].token(
            jwt.claims(WORKSPACE, exp=cls.new_end, scope="terminal")))
        # So long that its second grace outlives the test.
        cls.second_end = int(time.time()) + AFTER + int(scaled(10))
        sockets["renewed for a while"].refresh(cls.keys["HS256"].token(
            jwt.claims(WORKSPACE, exp=cls.second_end, scope="terminal")))

    # -- what it was like ---------------------------------------------------

    def test_every_dialect_with_channels_gets_the_notice_once(self):
        for name, one in self.sockets.items():
            with self.subTest(name):
                notices = one.auth.get("auth_expiring", [])
                self.assertEqual(len(notices), {
                    "lasting": 0, "renewed for a while": 2}.get(name, 1))
                for notice in notices:
                    self.assertEqual(notice["grace_seconds"], GRACE)
                    self.assertIsInstance(notice["expires_at"], int)
                    self.assertAlmostEqual(
                        notice["expires_at"], time.time(), delta=scaled(120))

    def test_what_has_expired_opens_nothing_new_during_the_grace(self):
        self.assertEqual(self.statuses, [401, 401])
        for token in (self.short, self.web_token):
            with self.assertRaises(Refused) as caught:
                Socket(self.daemon, f"token={token}")
            self.assertEqual(caught.exception.status, 401)

    def test_without_a_new_one_the_socket_is_closed_after_the_grace(self):
        for name in ("left alone", "plain", "of a ticket", "of a JWT"):
            with self.subTest(name):
                socket = self.sockets[name]
                self.assertEqual(socket.close_code, 4401)
                self.assertGreater(socket.lasted, EARLIEST)
                self.assertLess(socket.lasted, LATEST)

    def test_a_refused_renewal_wins_no_time(self):
        socket = self.sockets["refused"]
        refusal, = socket.auth["error"]
        self.assertEqual(refusal["code"], "authentication_error")
        self.assertNotIn("auth_refreshed", socket.auth)
        self.assertEqual(socket.close_code, 4401)
        self.assertLess(socket.lasted, LATEST)

    def test_the_terminal_lives_and_other_credentials_reach_it(self):
        self.assertTrue(processes.alive(self.pid))
        self.assertIs(self.http.terminals()[self.terminal]["alive"], True)
        self.assertEqual(self.status(self.other), 200)
        client = Socket(self.daemon, f"token={self.other}")
        self.addCleanup(client.close)
        client.wait_output(self.terminal, "<left alone, in its grace>")
        client.send_input(self.terminal, "<still running>")
        client.wait_output(self.terminal, "<still running>")

    def test_a_renewed_socket_lives_on_after_the_grace(self):
        for name, end in (("renewed", None),
                          ("renewed by a JWT", self.new_end),
                          ("renewed for a while", self.second_end)):
            with self.subTest(name):
                socket = self.sockets[name]
                answer, = socket.auth["auth_refreshed"]
                self.assertEqual(answer["expires_at"], end)
                self.assertGreater(
                    time.monotonic() - socket.noticed_at, GRACE)
                self.assertFalse(socket.closed, socket.close_code)
                text = f"<{name}, after the grace>"
                socket.send_input(self.terminal, text)
                socket.wait_output(self.terminal, text)

    def test_one_renewed_for_a_while_is_told_again_and_has_its_grace(self):
        socket = self.sockets["renewed for a while"]
        self.assertEqual(socket.auth["auth_expiring"][1]["expires_at"],
                         self.second_end)
        self.assertFalse(socket.closed)

    def test_a_ticket_is_void_by_then(self):
        with self.assertRaises(Refused) as caught:
            Socket(self.daemon, f"ticket={self.old_ticket}")
        self.assertEqual(caught.exception.status, 401)
        self.assertIn(b"the ticket is not valid here, or no longer",
                      caught.exception.body)


if __name__ == "__main__":
    unittest.main()
