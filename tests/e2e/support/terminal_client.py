"""Clients of the terminals' WebSocket: what each terminal sent, by id. With
`ext=1` every byte has an offset, and a byte at an unannounced offset, doubled
or missing, is an error at once."""
from .ws_client import WebSocket

EXTENSION_TYPES = ("attached", "gap", "ack", "attach", "detach")


class PlainClient(WebSocket):
    """The documented dialect, as the vendor's own SDK speaks it."""

    def __init__(self, daemon, query="", path="/ws", token=True, **options):
        self.output = {}
        self.exits = {}
        self.order = []  # (kind, id) of every message, in order
        parts = [query] if query else []
        if token and daemon.auth:
            parts.insert(0, "token=" + daemon.token)
        if parts:
            path += "?" + "&".join(parts)
        super().__init__(daemon.port, path, **options)

    def on_binary(self, data):
        super().on_binary(len(data))
        terminal = str(data[0])
        self.order.append(("data", terminal))
        self.output.setdefault(terminal, bytearray()).extend(data[1:])

    def on_text(self, message):
        super().on_text(message)
        self.order.append((message.get("type"), message.get("id")))
        if message.get("type") == "exit":
            self.exits[message["id"]] = message

    def seen(self, terminal):
        return bytes(self.output.get(str(terminal), b""))

    def wait_output(self, terminal, text, deadline=15.0):
        if isinstance(text, str):
            text = text.encode()
        # Look only at what is new since the last look.
        terminal, start = str(terminal), 0

        def there():
            nonlocal start
            data = self.output.get(terminal, b"")
            if data.find(text, start) >= 0:
                return True
            start = max(0, len(data) - len(text))
            return False
        self.until(there, f"{text!r} from terminal {terminal}", deadline)
        return self.seen(terminal)

    def wait_exit(self, terminal, deadline=15.0):
        terminal = str(terminal)
        self.until(lambda: terminal in self.exits,
                  f"exit of terminal {terminal}", deadline)
        return self.exits[terminal]


class Stream:
    """One terminal's output as this client got it."""

    def __init__(self):
        self.attached = []  # attached messages
        self.next = None  # offset of the next byte
        self.promised = None  # what the last attached said it would be
        self.first = None
        self.gaps = []  # (from, to)
        self.data = bytearray()  # what came, gaps left out
        self.bytes = 0
        self.errors = []
        self.sink = None  # called with (offset, bytes) instead of keeping


class ExtClient(PlainClient):
    """The dialect with extensions; acknowledges when `acks` says so."""

    def __init__(self, daemon, query="", after=None, acks=False, sinks=None,
                 **options):
        self.streams = {}
        # Before the upgrade: its answer may bring the first bytes along.
        for terminal, sink in (sinks or {}).items():
            self.stream(terminal).sink = sink
        self.errors = []
        self.acks = acks
        self.asked = {str(key): value for key, value in (after or {}).items()}
        parts = ["ext=1"]
        if after is not None:
            parts.append("after=" + ",".join(
                f"{key}:{value}" for key, value in after.items()))
        if query:
            parts.append(query)
        super().__init__(daemon, "&".join(parts), **options)

    def stream(self, terminal):
        return self.streams.setdefault(str(terminal), Stream())

    def on_binary(self, data):
        self.binaries.append(len(data))
        terminal = str(data[0])
        self.order.append(("data", terminal))
        stream = self.stream(terminal)
        if stream.next is None:
            stream.errors.append("data before attached")
            stream.next = 0
        if stream.promised is not None:
            if stream.promised != stream.next:
                stream.errors.append(
                    f"attached promised offset {stream.promised}, the next "
                    f"byte is at {stream.next}")
            stream.promised = None
        payload = data[1:]
        if not payload:
            stream.errors.append("a frame without data")
        if stream.sink:
            stream.sink(stream.next, payload)
        else:
            stream.data += payload
        stream.next += len(payload)
        stream.bytes += len(payload)
        if self.acks:
            self.ack(terminal)

    def on_text(self, message):
        super().on_text(message)
        kind = message.get("type")
        if kind == "error":
            self.errors.append(message)
        if kind not in ("attached", "gap"):
            return
        stream = self.stream(message["id"])
        if kind == "attached":
            stream.attached.append(message)
            # Where this client continues: what it asked for, or there.
            asked = self.asked.pop(message["id"], None)
            stream.next = message["offset"] if asked is None else asked
            stream.promised = message["offset"]
            if stream.first is None:
                stream.first = message["offset"]
        else:
            if message["from"] != stream.next:
                stream.errors.append(
                    f"gap from {message['from']}, expected {stream.next}")
            if message["to"] <= message["from"]:
                stream.errors.append(f"empty gap {message}")
            stream.gaps.append((message["from"], message["to"]))
            stream.next = message["to"]

    def seen(self, terminal):
        return bytes(self.stream(terminal).data)

    def wait_output(self, terminal, text, deadline=15.0):
        if isinstance(text, str):
            text = text.encode()
        stream = self.stream(terminal)
        self.until(lambda: text in stream.data,
                  f"{text!r} from terminal {terminal}", deadline)
        return bytes(stream.data)

    def wait_attached(self, terminal, count=1):
        stream = self.stream(terminal)
        self.until(lambda: len(stream.attached) >= count,
                  f"attached for terminal {terminal}")
        return stream.attached[-1]

    def ack(self, terminal, offset=None):
        if offset is None:
            offset = self.stream(terminal).next
        self.send_text({"channel": "terminal", "type": "ack",
                        "id": str(terminal), "offset": offset})

    def attach(self, terminal, after=None):
        message = {"channel": "terminal", "type": "attach",
                   "id": str(terminal)}
        if after is not None:
            message["after"] = after
            self.asked[str(terminal)] = after
        self.send_text(message)

    def detach(self, terminal):
        self.send_text({"channel": "terminal", "type": "detach",
                        "id": str(terminal)})
