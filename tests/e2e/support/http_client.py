"""A small HTTP client: JSON in and out, one connection kept alive, and a raw
socket for what a well-behaved client would not send."""
import base64
import http.client
import json
import socket

from . import wait


class Answer:
    def __init__(self, response, body):
        self.status = response.status
        self.headers = response.headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


class HttpClient:
    def __init__(self, port, token=None, prefix=""):
        self.port = port
        self.token = token
        self.prefix = prefix
        self.connection = None

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None

    def request(self, method, path, body=None, headers=None):
        """One request; a dict as body is sent as JSON."""
        sent = {}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        if self.connection is None:
            self.connection = http.client.HTTPConnection(
                "127.0.0.1", self.port, timeout=wait.scaled(20))
        try:
            self.connection.request(method, self.prefix + path, body, sent)
            response = self.connection.getresponse()
            return Answer(response, response.read())
        except (OSError, http.client.HTTPException):
            self.close()
            raise

    def get(self, path, **options):
        return self.request("GET", path, **options)

    # -- terminals ----------------------------------------------------------

    def create(self, *cmd, **fields):
        """Creates a terminal; returns the answer's body."""
        if cmd:
            fields["cmd"] = list(cmd)
        answer = self.request("POST", "/terminals", fields)
        if answer.status != 201:
            raise AssertionError(f"create {fields}: {answer}")
        return answer.json

    def delete(self, terminal):
        return self.request("DELETE", f"/terminals/{terminal}")

    def delete_all(self):
        for terminal in self.terminals():
            self.delete(terminal)

    def terminals(self):
        """Listed terminals by id."""
        listed = self.get("/terminals").json["terminals"]
        return {entry["id"]: entry for entry in listed}

    def scrollback(self, terminal, query=""):
        body = self.get(f"/terminals/{terminal}/scrollback{query}").json
        return base64.b64decode(body["scrollback"]), body

    def wait_exit(self, terminal, deadline=15.0):
        """Waits until a terminal is dead and returns its list entry."""
        def dead():
            entry = self.terminals().get(terminal)
            return entry if entry and not entry["alive"] else None
        return wait.eventually(dead, f"exit of terminal {terminal}", deadline)

    def wait_output(self, terminal, text, deadline=15.0):
        """Waits until the scrollback contains `text`; returns all of it."""
        def there():
            data = self.scrollback(terminal)[0]
            return data if text in data else None
        return wait.eventually(
            there, f"{text!r} in terminal {terminal}", deadline)


def raw(port, data, deadline=10.0, until_close=True):
    """Sends bytes as they are and returns what comes back until the other
    side closes (or the headers are complete)."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.settimeout(wait.scaled(deadline))
        connection.sendall(data)
        received = b""
        while until_close or b"\r\n\r\n" not in received:
            try:
                part = connection.recv(65536)
            except ConnectionResetError:
                break
            except TimeoutError:
                raise wait.Timeout(
                    f"not closed after {received[:300]!r}") from None
            if not part:
                break
            received += part
        return received


def status_of(answer):
    return int(answer.split(b" ", 2)[1]) if answer else 0
