"""The wall clock jumps by a year, both ways: timers go by the monotonic one,
so nobody is cut off and nothing is forgotten; credentials go by the wall
clock."""
import os
import struct
import subprocess
import time
import unittest
from datetime import datetime

from support import jwt
from support.case import DaemonCase, eventually, scaled
from support.daemon import OUTRIGGER, Daemon, is_sanitized
from support.raw_http import RawConnection, exchange, request
from support.raw_ws import RawWs
from support.raw_ws import request as upgrade
from support.ws_client import Refused, WebSocket, pump, pump_for

YEAR = 365 * 24 * 3600
HOUR = 3600
# Short, so that liveness by the wall clock would be seen.
PONG_TIMEOUT = int(scaled(5))
NOTICE = 35  # seconds: a live socket looks at the clock every 30
# Shifts the wall clock of the program it is loaded into; built beside it.
LIBRARY = os.path.join(os.path.dirname(OUTRIGGER), "libshifted_clock.so")


@unittest.skipIf(is_sanitized(), "the sanitizer's runtime must be loaded "
                 "before any other library, and so must the shifted clock")
class ClockTest(DaemonCase):
    @classmethod
    def setUpClass(cls):
        # Not started by the parent class: the library reads a file that is
        # in a folder of the daemon's.
        cls.daemon = Daemon("--ping-interval", "500ms",
                            "--pong-timeout", f"{PONG_TIMEOUT}s")
        cls.key = jwt.SecretKey("key", cls.daemon.folder)
        cls.daemon.options += cls.key.option
        cls.addClassCleanup(cls.daemon.close)
        cls.clock = os.path.join(cls.daemon.root, "clock")
        cls.set_clock(0)
        cls.daemon.env.update(LD_PRELOAD=LIBRARY, SHIFTED_CLOCK_FILE=cls.clock)
        cls.daemon.start()

    @classmethod
    def set_clock(cls, offset):
        """In seconds; counts at once. The file stays: it is mapped."""
        mode = "r+b" if os.path.exists(cls.clock) else "wb"
        with open(cls.clock, mode, buffering=0) as file:
            file.write(struct.pack("=q", offset))

    def setUp(self):
        super().setUp()
        self.addCleanup(self.set_clock, 0)

    def jump(self, offset):
        self.set_clock(offset)

        def jumped():
            seen = datetime.fromisoformat(
                self.http.get("/health").json["timestamp"]).timestamp()
            return abs(seen - (time.time() + offset)) < HOUR
        eventually(jumped, "the daemon's clock jumps")

    def each_jump(self):
        for offset in (YEAR, -YEAR, 0):
            with self.subTest(offset=offset):
                self.jump(offset)
            yield offset

    def echo(self, client, terminal, text):
        client.send_input(terminal, text)
        client.wait_output(terminal, text)

    def test_open_sockets_stay_and_terminals_too(self):
        terminal = self.http.create(
            "sh", "-c", "stty raw -echo; echo ready; exec cat")["id"]
        ended = self.http.create("sh", "-c", "echo over; exit 3")["id"]
        self.http.wait_exit(ended)
        clients = [self.plain(), self.ext()]
        for client in clients:
            client.wait_output(terminal, "ready")
        kept = RawConnection(self.daemon.port)
        self.addCleanup(kept.close)
        connection = self.http.connection.sock
        for offset in self.each_jump():
            # Nothing is closed at the jump or at the next tick of a timer.
            pump_for(clients, 2)
            for client in clients:
                self.assertTrue(client.is_open() and not client.closed)
                self.echo(client, terminal, f"<{offset}>")
            before = [client.pings for client in clients]
            pump(clients, lambda: all(
                client.pings > count + 1
                for client, count in zip(clients, before)), "pings go on")
            listed = self.http.terminals()
            self.assertIs(listed[terminal]["alive"], True)
            self.assertEqual(listed[ended]["exit_code"], 3)
            self.assertIn(b"over", self.http.scrollback(ended)[0])
            self.assertIs(self.http.connection.sock, connection,
                          "the kept connection was closed")
            # One that connected before the first jump and says nothing
            # until now has not run out of time either.
            if offset == YEAR:
                kept.send(request("GET /health HTTP/1.1"))
                self.assertEqual(kept.answer().status, 200)

    def test_the_token_works_whatever_the_time(self):
        for offset in self.each_jump():
            for fields in ((f"Authorization: Bearer {self.daemon.token}",),
                           (f"X-API-Key: {self.daemon.token}",)):
                answer, _ = exchange(self.daemon.port, request(
                    "GET /terminals HTTP/1.1", *fields))
                self.assertEqual(answer.status, 200, (offset, answer))
            self.plain().close()
            answer, _ = exchange(self.daemon.port, request(
                "GET /terminals HTTP/1.1", token="0" * 64))
            self.assertEqual(answer.status, 401, (offset, answer))

    def status(self, token):
        """Of a request and of an upgrade, which agree."""
        answer, _ = exchange(self.daemon.port, request(
            "GET /terminals HTTP/1.1", token=token))
        try:
            WebSocket(self.daemon.port, f"/ws?token={token}").close()
            self.assertEqual(answer.status, 200, answer)
        except Refused as error:
            self.assertEqual(answer.status, error.status, answer)
        return answer.status, answer.json.get("error")

    def a_day(self):
        """A static token for a day from now."""
        made = subprocess.run(
            [OUTRIGGER, "token", "create", "--state-dir", self.daemon.state,
             "--scope", "terminal", "--expires", "1d"], check=True,
            capture_output=True, text=True,
            env={**self.daemon.environment(), "LD_PRELOAD": ""})
        token = made.stdout.strip()
        eventually(lambda: self.status(token)[0] == 200, "it is known")
        return token

    def an_hour(self):
        """A JSON Web Token for an hour from now."""
        return self.key.token(jwt.claims(
            "local", exp=int(time.time()) + HOUR, scope="terminal"))

    def test_other_credentials_end_by_the_wall_clock(self):
        token, web_token = self.a_day(), self.an_hour()
        good = (200, None)
        over = (401, "the token has expired")
        for offset, static, web in (
                (YEAR, over, over), (0, good, good), (2 * HOUR, good, over),
                (0, good, good), (-YEAR, good, (
                    401, "the token is issued in the future")),
                (0, good, good)):
            with self.subTest(offset=offset):
                self.jump(offset)
                self.assertEqual(self.status(token), static)
                self.assertEqual(self.status(web_token), web)

    def test_a_socket_whose_credential_ends_by_a_jump_is_told(self):
        sockets = [WebSocket(self.daemon.port, f"/ws?ext=1&token={token}")
                   for token in (self.a_day(), self.an_hour(),
                                 self.daemon.token)]
        for socket in sockets:
            self.addCleanup(socket.close)

        def told(socket, kind):
            return [text for text in socket.texts if text["type"] == kind]
        self.jump(YEAR)
        pump(sockets, lambda: all(told(socket, "auth_expiring")
                                  for socket in sockets[:2]),
             "notices", NOTICE)
        for socket in sockets[:2]:
            self.assertEqual(len(told(socket, "auth_expiring")), 1)
            socket.send_text({"channel": "auth", "type": "refresh",
                              "token": self.daemon.token})
        pump(sockets, lambda: all(told(socket, "auth_refreshed")
                                  for socket in sockets[:2]), "renewals")
        self.assertEqual(told(sockets[2], "auth_expiring"), [])
        for socket in sockets:
            self.assertTrue(socket.is_open() and not socket.closed)

    def test_a_silent_one_has_its_time_and_no_more(self):
        for offset in (YEAR, -YEAR):
            with self.subTest(offset=offset):
                self.jump(0)
                silent = RawWs(self.daemon.port, upgrade(
                    f"/ws?token={self.daemon.token}"))
                self.addCleanup(silent.close)
                silent.answers_pings = False
                start = time.monotonic()
                self.jump(offset)
                silent.wait_end()
                took = time.monotonic() - start
                self.assertGreater(took, PONG_TIMEOUT - 1)
                self.assertLess(took, PONG_TIMEOUT + scaled(3))
                self.assertTrue(silent.pings)

    def test_new_terminals_and_connections_work(self):
        for offset in self.each_jump():
            made = self.http.create("echo", f"at {offset}")
            self.http.wait_output(made["id"], f"at {offset}".encode())
            self.http.wait_exit(made["id"])
            self.assertEqual(self.http.delete(made["id"]).status, 200)
            eventually(lambda: made["id"] not in self.http.terminals())

    def test_a_stranger_has_its_ten_seconds(self):
        """Not fewer when the clock goes forward, nor more when it goes
        back."""
        for offset in (YEAR, -YEAR):
            with self.subTest(offset=offset):
                self.jump(0)
                stranger = WebSocket(self.daemon.port)
                self.addCleanup(stranger.close)
                start = time.monotonic()
                self.jump(offset)
                pump_for([stranger], 2)
                self.assertFalse(stranger.closed)
                stranger.wait_closed(14)
                self.assertGreater(time.monotonic() - start, 8)


if __name__ == "__main__":
    unittest.main()
