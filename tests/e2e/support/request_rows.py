"""Requests, good and bad, with the answer each must get and what becomes of
the connection. What is bad here is what some other server or proxy in front
would read differently: the difference is where requests are smuggled.

  close   refused or ended: one answer, then closed, nothing behind answered
  keep    a further request on the same connection is answered as usual
  either  the answer says which, and a refusal always closes
"""
from dataclasses import dataclass

SIZE = b'{"cols":80,"rows":24}'
CHUNKED = "Transfer-Encoding: chunked"
JSON = "Content-Type: application/json"


@dataclass(frozen=True)
class Row:
    name: str
    data: bytes
    expected: tuple  # statuses, one of which the answer has
    fate: str
    then: tuple = ()  # statuses of the answers after the first


def length(body):
    return f"Content-Length: {len(body)}"


def chunk(data, size=None, extension=b""):
    size = b"%x" % len(data) if size is None else size
    return size + extension + b"\r\n" + data + b"\r\n"


LAST = b"0\r\n\r\n"


class Rows:
    """Makes rows for a daemon at `port` that takes `token` and has the
    terminal `terminal`."""

    parts = ()  # the methods that add rows

    def __init__(self, token, port, terminal):
        self.token = token
        self.port = port
        self.resize = f"/terminals/{terminal}/resize"
        self.rows = []
        self.section = ""

    # -- requests -----------------------------------------------------------

    def request(self, line, *fields, body=b"", host="Host: localhost",
                end=b"\r\n"):
        """Fields are without line ends, str or bytes."""
        lines = [line, host, f"Authorization: Bearer {self.token}", *fields]
        return b"".join(
            (one.encode() if isinstance(one, str) else one) + end
            for one in lines if one is not None) + end + body

    def get(self, *fields, **options):
        return self.request("GET /health HTTP/1.1", *fields, **options)

    def target(self, target, method="GET"):
        if isinstance(target, str):
            target = target.encode()
        return self.request(method.encode() + b" " + target + b" HTTP/1.1")

    def post(self, *fields, body=SIZE, kind=JSON, line=None):
        """A change of the window's size; it has its Content-Type, but not
        yet what says how long it is."""
        return self.request(line or f"POST {self.resize} HTTP/1.1",
                            *([kind] if kind else []), *fields, body=body)

    def chunks(self, body, *fields):
        return self.post(CHUNKED, *fields, body=body)

    # -- rows ---------------------------------------------------------------

    def _add(self, name, data, expected, fate, then=()):
        self.rows.append(Row(f"{self.section}: {name}", data,
                             expected, fate, tuple(then)))

    def bad(self, name, data, *expected):
        self._add(name, data, expected or (400,), "close")

    def good(self, name, data, *expected, then=()):
        self._add(name, data, expected or (200,), "keep", then)

    def either(self, name, data, *expected):
        self._add(name, data, expected, "either")

    def last(self, name, data, *expected, then=()):
        """The last of its connection, and not for being wrong."""
        self._add(name, data, expected or (200,), "close", then)

    def build(self):
        for part in self.parts:
            self.section = part.replace("_", " ")
            getattr(self, part)()
        return self.rows
