"""A credential leaves no trace: a daemon whose token is a canary is driven
through every carrier into every kind of answer, then every place where
something could have been kept is searched.

What a client writes where no credential belongs, such as a path, is another
matter: the daemon cannot know it for a secret. That is what `stray` stands
for: it may be in the path of a log line about a route that exists, and in the
answer to its sender, and nowhere else."""
import base64
import json
import os
import resource
import secrets
import signal
import socket
import tempfile
import unittest

from support import processes, wait
from support.case import eventually
from support.daemon import OUTRIGGER, Daemon
from support.http_client import raw, status_of
from support.ws_client import Refused, WebSocket

KEY = base64.b64encode(b"0" * 16).decode()
UPGRADE = ("Connection: Upgrade, close", "Upgrade: websocket",
           "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {KEY}")


class Canary:
    """A value in two halves, so that a part of it is found as well."""

    def __init__(self, kind):
        self.halves = [secrets.token_hex(16), secrets.token_hex(16)]
        self.text = f"{kind}-{self.halves[0]}-{self.halves[1]}"

    def count(self, data):
        if isinstance(data, str):
            data = data.encode()
        return sum(data.count(half.encode()) for half in self.halves)


def percent(text):
    return "".join(f"%{byte:02x}" for byte in text.encode())


def carriers(token):
    """Name -> (query, header lines) of a credential on a request."""
    return {
        "bearer": ("", [f"Authorization: Bearer {token}"]),
        "bearer in capitals": ("", [f"AUTHORIZATION: BEARER {token}"]),
        "api key": ("", [f"X-API-Key: {token}"]),
        "internal": ("", [f"X-Internal-Token: {token}"]),
        "token": (f"token={token}", []),
        "api_key": (f"api_key={token}", []),
        "internal_token": (f"internal_token={token}", []),
        "ticket": (f"ticket={token}", []),
        "escaped": (f"token={percent(token)}", []),
        "with others": (f"a=b&token={token}&c=d", []),
        "twice": (f"token={token}", [f"Authorization: Bearer {token}"]),
        "subprotocol": ("", [f"Sec-WebSocket-Protocol: Bearer, {token}"]),
    }


def request(method, path, query="", headers=(), body=b"", host="localhost"):
    target = path + ("?" + query if query else "")
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", *headers]
    if body or method in ("POST", "PUT"):
        lines.append(f"Content-Length: {len(body)}")
    if not any(line.startswith("Connection:") for line in headers):
        lines.append("Connection: close")
    return "\r\n".join(lines + ["", ""]).encode() + body


def answers(query, headers):
    """Name -> (request, expected status) with a good credential."""
    json_type = [*headers, "Content-Type: application/json"]

    def join(more):
        return "&".join(filter(None, (query, more)))
    return {
        "ok": (request("GET", "/terminals", query, headers), 200),
        "no such number": (request(
            "GET", "/terminals/1/scrollback", join("bytes=x"), headers), 400),
        "bad JSON": (request("POST", "/terminals", query, json_type, b"{"),
                     400),
        "foreign host": (request("GET", "/terminals", query, headers,
                                 host="evil.example"), 403),
        "foreign origin": (request(
            "GET", "/terminals", query,
            [*headers, "Origin: https://evil.example"]), 403),
        "no terminal": (request("GET", "/terminals/250", query, headers), 404),
        "no route": (request("GET", "/nothing", query, headers), 404),
        "method": (request("PATCH", "/terminals", query, headers), 405),
        "limit": (request("POST", "/terminals", query, json_type, b"{}"), 409),
        "body size": (request("POST", "/terminals", query, [
            *json_type, "Expect: 100-continue"], b"x" * (1100 << 10)), 413),
        "type": (request("POST", "/terminals", query, [
            *headers, "Content-Type: text/plain"], b"{}"), 415),
        "version": (request("GET", "/ws", query, [
            *headers, *UPGRADE[:2], "Sec-WebSocket-Version: 8", UPGRADE[3]]),
                    426),
        "no upgrade": (request("GET", "/ws", query, headers), 400),
        "no key": (request("GET", "/ws", query, [
            *headers, *UPGRADE[:3]]), 400),
        "origin of an upgrade": (request("GET", "/ws", query, [
            *headers, *UPGRADE, "Origin: https://evil.example"]), 403),
        "computer": (request("GET", "/ws", join("dialect=cua"), [
            *headers, *UPGRADE]), 501),
        "dialect": (request("GET", "/ws", join("dialect=odd"), [
            *headers, *UPGRADE]), 400),
        "after": (request("GET", "/ws", join("dialect=oblien&ext=1&after=x"), [
            *headers, *UPGRADE]), 400),
    }


def malformed(token):
    """Name -> request that is refused as it is written."""
    bearer = f"Authorization: Bearer {token}"
    return {
        "no colon": request("GET", "/terminals", "", [
            f"Authorization Bearer {token}"]),
        "blank before the colon": request("GET", "/terminals", "", [
            f"Authorization : Bearer {token}"]),
        "folded": request("GET", "/terminals", "", [
            "Authorization: Bearer", f" {token}"]),
        "two bearers": request("GET", "/terminals", "", [
            bearer, f"Authorization: Bearer x{token}"]),
        "two carriers": request("GET", "/terminals", f"token=y{token}",
                                [bearer]),
        "another scheme": request("GET", "/terminals", "", [
            f"Authorization: Basic {token}"]),
        "no scheme": request("GET", "/terminals", "", [
            f"Authorization: {token}"]),
        "control character": request("GET", "/terminals", "", [
            f"Authorization: Bearer {token}\x01"]),
        "bad escape": request("GET", "/terminals", f"token={token}%zz"),
        "NUL escape": request("GET", "/terminals", f"token={token}%00"),
        "blank in the query": request("GET", "/terminals",
                                      f"token={token} x"),
        "fragment": request("GET", f"/terminals#token={token}"),
        "absolute form": request(
            "GET", f"http://localhost/terminals?token={token}"),
        "user information": request(
            "GET", f"http://user:{token}@localhost/terminals"),
        "asterisk": request("OPTIONS", f"*?token={token}"),
        "two hosts": request("GET", "/terminals", f"token={token}",
                             [bearer, "Host: localhost"]),
        "both lengths": request("POST", "/terminals", f"token={token}", [
            bearer, "Transfer-Encoding: chunked"], b"0\r\n\r\n"),
        "coding": request("GET", "/terminals", f"token={token}", [
            bearer, "Transfer-Encoding: xchunked"]),
        "expectation": request("GET", "/terminals", f"token={token}", [
            bearer, "Expect: miracles"]),
        "old version": f"GET /terminals?token={token} HTTP/0.9\r\n"
                       f"Host: localhost\r\n{bearer}\r\n\r\n".encode(),
        "no version": f"GET /terminals?token={token}\r\n\r\n".encode(),
        "nothing but it": f"{token}\r\n\r\n".encode(),
        "header size": request("GET", "/terminals", f"token={token}", [
            bearer, "X-Filler: " + "x" * 20000]),
        "header count": request("GET", "/terminals", f"token={token}", [
            bearer, *(f"X-{number}: {token}" for number in range(150))]),
        "target size": request("GET", "/terminals", f"token={token}" * 200),
        "TLS to a plain port": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
                               + token.encode(),
    }


def elsewhere(token):
    """Requests with a credential where clients and proxies leave copies."""
    return {
        "cookie": request("GET", "/health", "", [f"Cookie: token={token}"]),
        "referer": request("GET", "/health", "", [
            f"Referer: http://localhost/?token={token}"]),
        "unknown query": request("GET", "/health", f"secret={token}"),
        "unknown header": request("GET", "/nothing", "", [
            f"X-Amz-Security-Token: {token}"]),
        "proxy header": request("GET", "/terminals", "", [
            f"Proxy-Authorization: Bearer {token}"]),
        "page": request("GET", "/", f"token={token}"),
        "body": request("POST", "/terminals", "", [
            f"Authorization: Bearer {token}",
            "Content-Type: application/json"], json.dumps(
                {"token": token, "env": token, "cols": token}).encode()),
    }


def strays(text, bearer):
    """Requests with a value where no credential belongs."""
    return [
        request("GET", f"/terminals/{text}", "", [bearer]),
        request("GET", f"/terminals/{text}/scrollback", "", [bearer]),
        request("GET", f"/{text}", "", [bearer]),
        request("GET", f"/{text}"),
        request(text.upper(), "/terminals", "", [bearer]),
        request("GET", "/terminals", "", [bearer], host=f"{text}.example"),
        request("GET", "/terminals", "", [
            bearer, f"Origin: https://{text}.example"]),
        request("GET", "/terminals", "", [bearer, f"{text}: x"]),
        request("GET", "/terminals", "", [bearer, f"User-Agent: {text}"]),
        request("GET", "/ws", f"dialect={text}", [bearer, *UPGRADE]),
        request("GET", "/terminals/1/scrollback", f"bytes={text}", [bearer]),
    ]


def knows(option):
    daemon = Daemon()
    try:
        return option in daemon.run_to_end(
            arguments=[OUTRIGGER, "--help"]).stdout
    finally:
        daemon.close()


class CanaryCase:
    log_format = None
    secret = stray = None

    def start(self):
        self.secret, self.stray = Canary("canary"), Canary("stray")
        folder = tempfile.TemporaryDirectory(prefix="outrigger-notify-")
        self.addCleanup(folder.cleanup)
        notify = os.path.join(folder.name, "notify")
        receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        receiver.bind(notify)
        self.addCleanup(receiver.close)
        options = ["--terminal-limit", "1"]
        self.access_log = knows("--access-log")
        if self.access_log:
            options.append("--access-log")
        self.daemon = Daemon(*options, env={
            "OUTRIGGER_LOG_LEVEL": "trace",
            "OUTRIGGER_LOG_FORMAT": self.log_format,
            "NOTIFY_SOCKET": notify,
            "LISTEN_PID": "1", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "x",
        }, preexec=lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)))
        self.addCleanup(self.daemon.close)
        path = os.path.join(self.daemon.state, "token")
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write(self.secret.text)
        self.daemon.start()
        self.seen = []  # (what, bytes) of everything that was answered

    def send(self, name, data, expected=None):
        answer = raw(self.daemon.port, data)
        self.seen.append((name, answer))
        status = status_of(answer)
        if status == 100:
            status = status_of(answer.partition(b"\r\n\r\n")[2])
        if expected is not None:
            self.assertIn(status, expected, f"{name}: {answer[:300]!r}")
        return status

    def note(self, name, client):
        self.seen.append((name, json.dumps([
            client.texts, client.close_reason,
            list(client.response.headers.raw_items())]).encode()))

    # -- driving ------------------------------------------------------------

    def drive_requests(self):
        token = self.secret.text
        for carrier, (query, headers) in carriers(token).items():
            for name, (data, status) in answers(query, headers).items():
                self.send(f"{carrier}: {name}", data, (status,))
        for wrong in (token + "0", "0" + token, token[:-1]):
            for carrier, (query, headers) in carriers(wrong).items():
                for name, (data, _) in answers(query, headers).items():
                    if name in ("ok", "no route", "computer"):
                        self.send(f"wrong {carrier}: {name}", data,
                                  (401, 429))
        for name, data in malformed(token).items():
            status = self.send(name, data)
            self.assertNotIn(status, (101, 200, 201, 500), name)
        for name, data in elsewhere(token).items():
            self.send(name, data)
        bearer = f"Authorization: Bearer {token}"
        for data in strays(self.stray.text, bearer):
            status = status_of(raw(self.daemon.port, data))
            self.assertNotEqual(status, 500, data[:100])

    def socket(self, query="", headers=(), subprotocols=None):
        client = WebSocket(
            self.daemon.port, "/ws" + ("?" + query if query else ""),
            [line.split(": ", 1) for line in headers],
            subprotocols=subprotocols)
        self.addCleanup(client.close)
        return client

    def drive_sockets(self):
        token = self.secret.text
        for carrier, (query, headers) in carriers(token).items():
            offered = None
            if carrier == "subprotocol":
                headers, offered = [], ["Bearer", token]
            query = "&".join(filter(None, (query, "dialect=oblien")))
            client = self.socket(query, headers, offered)
            self.refresh(client)
            client.send_text({"channel": "auth", "type": token})
            client.send_text({"channel": "auth", "type": "refresh",
                              "token": {"is": token}})
            client.send_text('{"channel":"auth","token":"' + token)
            client.send_text({"channel": "terminal", "type": "resize",
                              "id": "1", "cols": 0, "token": token})
            client.ping()
            client.send_raw(b"\x83\x80\0\0\0\0")  # a reserved opcode
            client.wait_closed()
            self.note(f"socket by {carrier}", client)
        for shown in (token, token + "1", {"no": token}):
            client = self.socket()
            client.send_text({"command": "authenticate", "params": {
                "container_name": "c", "api_key": shown}})
            client.wait_closed()
            self.note("first frame", client)
        client = self.socket()
        client.send_text({"command": token, "params": [token]})
        client.wait_closed()
        self.note("odd first frame", client)
        for query in (f"token={token}x", f"token={token}&api_key=x{token}"):
            with self.assertRaises(Refused) as refused:
                self.socket(query)
            self.seen.append(("refused upgrade", refused.exception.body + repr(
                refused.exception.headers).encode()))

    def refresh(self, client):
        """In-band: a good token, then a wrong one."""
        def kinds():
            return [text.get("type") for text in client.texts
                    if text.get("channel") == "auth"]
        for shown, kind in ((self.secret.text, "auth_refreshed"),
                            (self.secret.text + "2", "error")):
            client.send_text({"channel": "auth", "type": "refresh",
                              "token": shown})
            client.until(lambda: kind in kinds(), f"{kind} in {client.texts}")

    def create_terminal(self):
        """One that tells what a program is given, and stays."""
        self.http = self.daemon.http()
        self.addCleanup(self.http.close)
        return self.http.create(
            "sh", "-c", "env; tr '\\0' '\\n' </proc/self/environ;"
            "echo; echo the holder:; cat /proc/$PPID/cmdline;"
            "tr '\\0' '\\n' </proc/$PPID/environ;"
            "echo; echo told; exec sleep 1000",
            scrollback_size=1 << 20)["id"]

    # -- searching ----------------------------------------------------------

    def check_absent(self, what, data):
        self.assertEqual(self.secret.count(data), 0, f"the token is in {what}")

    def check_processes(self):
        daemon = self.daemon.process.pid
        found = [daemon, *processes.descendants(daemon)]
        for holder in self.daemon.holder_pids():
            found += [holder, *processes.descendants(holder)]
        self.assertGreaterEqual(len(set(found)), 3, "with a holder, a program")
        for pid in set(found):
            for name in ("cmdline", "environ"):
                data = processes.read(f"/proc/{pid}/{name}")
                self.check_absent(f"/proc/{pid}/{name}", data)
                self.assertEqual(self.stray.count(data), 0)

    def check_terminal(self, terminal):
        output = self.http.wait_output(terminal, b"told")
        self.check_absent("a terminal's output", output)
        own, separator, _ = output.partition(b"the holder:")
        self.assertTrue(separator)
        self.assertIn(b"TERM=xterm-256color", own)
        # The one it is to have: which session it is in.
        own = own.replace(b"OUTRIGGER_SESSION=", b"")
        for name in (b"OUTRIGGER_", b"NOTIFY_SOCKET", b"LISTEN_PID",
                     b"LISTEN_FDS", b"LISTEN_FDNAMES", b"WATCHDOG_"):
            self.assertNotIn(name, own)

    def check_metrics(self):
        answer = self.http.get("/metrics")
        self.assertEqual(answer.status, 200)
        self.check_absent("/metrics", answer.body)
        self.assertEqual(self.stray.count(answer.body), 0)

    def check_log(self):
        log = self.daemon.log()
        self.assertIn("started pid", log)
        for line in log.splitlines():
            self.check_absent(f"the log: {line[:300]}", line)
            if self.stray.count(line):
                self.assertIn(f"/terminals/{self.stray.text}", line)
                self.assertEqual(line.count(self.stray.text),
                                 line.count(f"/terminals/{self.stray.text}"))
        if self.log_format == "json":
            for line in filter(None, log.splitlines()):
                json.loads(line)
        return log

    def test_the_token_is_nowhere(self):
        self.start()
        terminal = self.create_terminal()
        self.http.wait_output(terminal, b"told")
        self.drive_requests()
        self.drive_sockets()
        for name, data in self.seen:
            self.check_absent(f"the answer to {name}: {data[:400]!r}", data)
        self.assertGreater(len(self.seen), 250)
        self.check_terminal(terminal)
        self.check_processes()
        self.check_metrics()
        self.check_log()
        self.check_crash()

    def check_crash(self):
        """Ends it as a failed assertion would, without a core."""
        self.daemon.process.send_signal(signal.SIGABRT)
        self.daemon.process.wait(wait.scaled(20))
        console = "\n".join(self.daemon.lines)
        self.assertEqual(console.count(self.secret.text), 1)
        self.assertIn(f"#token={self.secret.text}", self.daemon.lines[-1])
        self.check_absent("stdout", self.daemon.process.stdout.read())
        self.daemon.process.stdout.close()
        self.check_log()

    def test_the_access_log_has_every_request_and_no_query(self):
        self.start()
        if not self.access_log:
            self.skipTest("this daemon has no --access-log")
        token = self.secret.text
        for carrier, (query, headers) in carriers(token).items():
            self.send(carrier, request("GET", "/runtime", query, headers),
                      (200,))
        client = self.socket(f"token={token}&ext=1&attach=none")
        client.close()

        def lines():
            return [line for line in self.daemon.log().splitlines()
                    if " access " in line or '"logger":"access"' in line]
        eventually(lambda: any("/ws" in line for line in lines()),
                   "the socket's line")
        wanted = len(carriers(token))
        self.assertEqual(
            sum("GET /runtime 200" in line for line in lines()), wanted)
        for line in lines():
            self.check_absent("the access log", line)
            self.assertNotIn("?", line)
            self.assertNotIn("token=", line)
        self.check_fields(lines())

    def check_fields(self, lines):
        ids = set()
        for line in lines:
            if self.log_format == "json":
                fields = json.loads(line)
                self.assertEqual((fields["level"], fields["logger"]),
                                 ("info", "access"))
                self.assertEqual(fields["remote"], "127.0.0.1")
                self.assertEqual(fields["who"], "owner")
                self.assertGreaterEqual(fields["duration_ms"], 0)
                if fields["protocol"] == "websocket":
                    self.assertEqual(fields["close_code"], 1006)
                ids.add(fields["request_id"])
            else:
                self.assertRegex(
                    line, r"^\S+Z access   GET /\S+ \d{3} \d+\.\d ms \d+ B "
                          r"from 127\.0\.0\.1 as owner(, closed 1006)?"
                          r", id [0-9a-f]{12}$")
                ids.add(line[-12:])
        sockets = sum("101" in line for line in lines) > 1
        self.assertGreaterEqual(len(ids), len(lines) - int(sockets))


class TextTest(CanaryCase, unittest.TestCase):
    log_format = "text"


class JsonTest(CanaryCase, unittest.TestCase):
    log_format = "json"


if __name__ == "__main__":
    unittest.main()
