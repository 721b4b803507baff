"""HTTP by hand: bytes out, answers in one by one, and how the connection
ended. For what no client library would send, and for counting the answers."""
import json
import socket

from . import wait


class Broken(AssertionError):
    """What came back is not HTTP."""


class RawAnswer:
    def __init__(self, status, version, fields, body):
        self.status = status
        self.version = version
        self.fields = fields  # (lower-case name, value), as they came
        self.body = body

    def field(self, name):
        """The value of a field, or None; twice is an error."""
        found = [value for known, value in self.fields
                 if known == name.lower()]
        if len(found) > 1:
            raise Broken(f"{len(found)} fields {name} in one answer")
        return found[0] if found else None

    @property
    def closes(self):
        return "close" in (self.field("connection") or "").lower()

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.fields} {self.body[:200]!r}>"


class RawConnection:
    """One TCP connection. `source` is the address it comes from: every
    127.x.y.z is this machine."""

    def __init__(self, port, source=None, deadline=5.0):
        self.socket = socket.create_connection(
            ("127.0.0.1", port), wait.scaled(deadline),
            (source, 0) if source else None)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.seen = b""  # everything that ever came
        self.reset = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        """All of it; or as much as goes before the other side has closed,
        whose answer can be read all the same."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            self.reset = True

    def _more(self):
        """Reads once; whether anything came."""
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            self.reset = True
            data = b""
        except TimeoutError:
            raise wait.Timeout(
                "neither an answer nor closed, after "
                f"{self.seen[-200:]!r}") from None
        self.buffer += data
        self.seen += data
        return bool(data)

    def _take(self, count):
        while len(self.buffer) < count:
            if not self._more():
                raise Broken(f"closed within an answer: {self.seen[-200:]!r}")
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def _line(self):
        while b"\r\n" not in self.buffer:
            if not self._more():
                raise Broken(f"closed within an answer: {self.seen[-200:]!r}")
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        return line

    def answer(self, head=False):
        """The next answer, interim ones left out; None when the connection
        was closed instead. `head`: it has no body whatever it says."""
        while True:
            if not self.buffer and not self._more():
                return None
            found = self._answer(head)
            if not 100 <= found.status < 200 or found.status == 101:
                return found

    def _answer(self, head):
        first = self._line()
        parts = first.split(b" ", 2)
        if len(parts) < 2 or not parts[0].startswith(b"HTTP/1.") \
                or not parts[1].isdigit():
            raise Broken(f"no status line: {first[:100]!r}")
        status = int(parts[1])
        fields = []
        while line := self._line():
            name, colon, value = line.partition(b":")
            if not colon:
                raise Broken(f"no field: {line[:100]!r}")
            fields.append((name.decode("latin-1").lower(),
                           value.strip().decode("latin-1")))
        found = RawAnswer(status, parts[0].decode(), fields, b"")
        if head or status < 200 or status in (204, 304):
            return found
        if found.field("transfer-encoding"):
            found.body = self._chunks()
        elif found.field("content-length") is not None:
            found.body = self._take(int(found.field("content-length")))
        else:
            while self._more():
                pass
            found.body, self.buffer = self.buffer, b""
        return found

    def _chunks(self):
        body = b""
        while size := int(self._line().split(b";")[0], 16):
            body += self._take(size)
            self._line()
        while self._line():
            pass
        return body

    def rest(self):
        """What comes until the other side closes."""
        while self._more():
            pass
        rest, self.buffer = self.buffer, b""
        return rest


def request(line, *fields, body=b"", host="localhost", token=None):
    """The bytes of one request. A str is encoded; fields have no line end."""
    lines = [line]
    if host is not None:
        lines.append(f"Host: {host}")
    if token is not None:
        lines.append(f"Authorization: Bearer {token}")
    lines += fields
    return b"".join(
        (one.encode() if isinstance(one, str) else one) + b"\r\n"
        for one in lines) + b"\r\n" + body


def exchange(port, data, source=None, head=False, deadline=5.0):
    """One request on a connection of its own: its answer, or None, and every
    byte that came."""
    with RawConnection(port, source, deadline) as connection:
        connection.send(data)
        answer = connection.answer(head)
        return answer, connection.seen
