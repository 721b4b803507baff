"""A WebSocket client that reads only when told to, on the sans-I/O protocol
of python3-websockets. Several are driven by one `pump`, on one thread, so a
test decides exactly who reads and who does not."""
import json
import select
import socket
import time

from websockets.client import ClientConnection
from websockets.connection import State
from websockets.datastructures import Headers
from websockets.exceptions import InvalidStatus
from websockets.frames import OP_BINARY, OP_CONT, OP_PING, OP_TEXT
from websockets.http11 import Request
from websockets.uri import parse_uri

from . import wait


class Refused(Exception):
    """The upgrade was answered with something else than 101."""

    def __init__(self, response):
        super().__init__(f"upgrade answered with {response.status_code}")
        self.status = response.status_code
        self.headers = response.headers
        self.body = response.body or b""


class WebSocket:
    """One connection. `on_text` and `on_binary` may be overridden."""

    def __init__(self, port, path="/ws", headers=(), subprotocols=None,
                 receive_buffer=None, host="127.0.0.1", origin=None,
                 deadline=10.0):
        self.texts = []
        self.binaries = []
        self.closed = False
        self.close_code = None
        self.close_reason = None
        self.sent_bytes = 0
        self.pings = 0  # of the daemon's; they are answered
        self.out = bytearray()
        self.parts = None
        self.part_kind = None
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(
                socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(wait.scaled(deadline))
        self.socket.connect((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.protocol = ClientConnection(
            parse_uri(f"ws://{host}:{port}{path}"), origin=origin,
            subprotocols=subprotocols, max_size=None)
        self._upgrade(headers)

    def _upgrade(self, headers):
        request = self.protocol.connect()
        fields = Headers(request.headers)
        for name, value in headers:
            if name.lower() == "host":
                del fields["Host"]
            fields[name] = value
        self.protocol.send_request(Request(request.path, fields))
        for data in self.protocol.data_to_send():
            self.socket.sendall(data)
        events = []
        while not events:
            data = self.socket.recv(65536)
            if data:
                self.protocol.receive_data(data)
            else:
                self.protocol.receive_eof()
            events = self.protocol.events_received()
            if not data and not events:
                self.socket.close()
                raise ConnectionError("closed during the upgrade")
        self.response = events[0]
        if self.protocol.handshake_exc is not None:
            self.socket.close()
            if isinstance(self.protocol.handshake_exc, InvalidStatus):
                raise Refused(self.response)
            raise self.protocol.handshake_exc
        self.subprotocol = self.protocol.subprotocol
        self.socket.setblocking(False)
        self._dispatch(events[1:])

    # -- sending ------------------------------------------------------------

    def send_text(self, value):
        """A str as it is, anything else as JSON."""
        if not isinstance(value, str):
            value = json.dumps(value)
        self.protocol.send_text(value.encode())
        self._collect()

    def send_binary(self, data):
        self.protocol.send_binary(bytes(data))
        self._collect()

    def ping(self, data=b"ping"):
        self.protocol.send_ping(data)
        self._collect()

    def is_open(self):
        return self.protocol.state is State.OPEN

    def send_raw(self, data):
        """Bytes no client library would send."""
        self.out += data
        self._write()

    def send_input(self, terminal, data):
        if isinstance(data, str):
            data = data.encode()
        self.send_binary(bytes([int(terminal)]) + data)

    def resize(self, terminal, cols, rows):
        self.send_text({"channel": "terminal", "type": "resize",
                        "id": str(terminal), "cols": cols, "rows": rows})

    def _collect(self):
        for data in self.protocol.data_to_send():
            self.out += data
        self._write()

    def _write(self):
        try:
            while self.out and not self.closed:
                count = self.socket.send(self.out[:262144])
                self.sent_bytes += count
                del self.out[:count]
        except BlockingIOError:
            pass
        except OSError:
            self.out.clear()

    # -- receiving ----------------------------------------------------------

    def read_once(self, size=262144):
        """Reads what is there, without waiting."""
        if self.closed:
            return
        try:
            data = self.socket.recv(size)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self.protocol.receive_data(data)
        else:
            self.protocol.receive_eof()
        self._dispatch(self.protocol.events_received())
        for reply in self.protocol.data_to_send():
            self.out += reply
        if not data:
            self._closed()
        else:
            self._write()

    def _closed(self):
        self.closed = True
        self.socket.close()
        received = self.protocol.close_rcvd
        self.close_code = received.code if received else 1006
        self.close_reason = received.reason if received else ""

    def _dispatch(self, frames):
        for frame in frames:
            if frame.opcode in (OP_TEXT, OP_BINARY):
                self.part_kind = frame.opcode
                self.parts = [frame.data]
            elif frame.opcode is OP_CONT:
                self.parts.append(frame.data)
            elif frame.opcode is OP_PING:
                self.pings += 1
                continue
            else:
                continue
            if frame.fin:
                whole = self.parts[0] if len(self.parts) == 1 else b"".join(
                    self.parts)
                self.parts = None
                if self.part_kind is OP_TEXT:
                    self.on_text(json.loads(whole))
                else:
                    self.on_binary(whole)

    def on_text(self, message):
        self.texts.append(message)

    def on_binary(self, data):
        self.binaries.append(data)

    # -- waiting ------------------------------------------------------------

    def until(self, condition, what="the condition", deadline=wait.DEADLINE):
        return pump([self], condition, what, deadline)

    def wait_closed(self, deadline=wait.DEADLINE):
        self.until(lambda: self.closed, "close of the connection", deadline)
        return self.close_code

    def close(self):
        """Closes at once, without the closing handshake."""
        if not self.closed:
            self.closed = True
            self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def pump(clients, condition, what="the condition", deadline=wait.DEADLINE):
    """Reads and writes on `clients` until condition() is truthy."""
    end = time.monotonic() + wait.scaled(deadline)
    while True:
        value = condition()
        if value:
            return value
        left = end - time.monotonic()
        if left <= 0:
            raise wait.Timeout(f"{what}: not within {wait.scaled(deadline)} s")
        open_ones = [client for client in clients if not client.closed]
        readable, writable, _ = select.select(
            [client.socket for client in open_ones],
            [client.socket for client in open_ones if client.out],
            [], min(left, 0.05))
        for client in open_ones:
            if client.socket in writable:
                client._write()
            if client.socket in readable:
                client.read_once()


def pump_for(clients, seconds, deadline=None):
    """Reads for a while: only to show that something does *not* come, or to
    let a flood run."""
    end = time.monotonic() + seconds
    pump(clients, lambda: time.monotonic() >= end,
         deadline=(deadline or seconds) + 5)
