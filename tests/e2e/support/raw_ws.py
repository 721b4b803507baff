"""WebSocket frames built and taken apart by hand, byte for byte as RFC 6455
and RFC 7692 draw them, so that a test can send what no library would. What
the server sends is held to the RFC as well: every frame is checked."""
import collections
import json
import select
import socket
import time
import zlib

from . import wait

CONT, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
MIB = 1 << 20
MASK = b"\x37\xfa\x21\x3d"
NONCE = b"dGhlIHNhbXBsZSBub25jZQ=="
SYNC = b"\x00\x00\xff\xff"

Frame = collections.namedtuple("Frame", "fin rsv opcode payload")


def masked(data, key):
    """`data` under a masking key; the inverse of itself."""
    size = len(data)
    pad = (key * (size // 4 + 1))[:size]
    value = int.from_bytes(data, "big") ^ int.from_bytes(pad, "big")
    return value.to_bytes(size, "big")


def frame(opcode, payload=b"", fin=True, rsv=0, mask=MASK, width=None,
          announce=None):
    """One frame. `width` (0, 16 or 64) forces an encoding of the length,
    `announce` another length than that of the payload; `mask` None leaves
    it unmasked; `rsv` holds RSV1 to RSV3 as 4, 2 and 1."""
    size = len(payload) if announce is None else announce
    if width is None:
        width = 0 if size < 126 else 16 if size < 65536 else 64
    head = bytes([fin << 7 | rsv << 4 | opcode])
    bit = 0x80 if mask is not None else 0
    if width == 0:
        head += bytes([bit | size])
    elif width == 16:
        head += bytes([bit | 126]) + size.to_bytes(2, "big")
    else:
        head += bytes([bit | 127]) + size.to_bytes(8, "big")
    if mask is None:
        return head + payload
    return head + mask + masked(payload, mask)


def fragments(opcode, parts, rsv=0):
    """A message in as many frames as there are parts, as a list."""
    last = len(parts) - 1
    return [frame(CONT if index else opcode, part, fin=index == last,
                  rsv=0 if index else rsv)
            for index, part in enumerate(parts)]


def close(code=None, reason=b""):
    """A Close frame; without a code, one with an empty payload."""
    if isinstance(reason, str):
        reason = reason.encode()
    return frame(CLOSE, b"" if code is None
                 else code.to_bytes(2, "big") + reason)


def deflated(data, compressor=None, bits=15, **options):
    """The payload of a compressed message (RFC 7692, section 7.2.1)."""
    compressor = compressor or zlib.compressobj(wbits=-bits, **options)
    data = compressor.compress(data) + compressor.flush(zlib.Z_SYNC_FLUSH)
    assert data.endswith(SYNC)
    return data[:-4]


def request(path="/ws", host="localhost", headers=None, **changed):
    """The bytes of an upgrade. `changed` replaces a header by its name in
    lower case (None leaves it out); `headers` come after the others."""
    fields = {"host": ("Host", host), "upgrade": ("Upgrade", "websocket"),
              "connection": ("Connection", "Upgrade"),
              "key": ("Sec-WebSocket-Key", NONCE.decode()),
              "version": ("Sec-WebSocket-Version", "13")}
    for name, value in changed.items():
        fields[name] = (fields[name][0], value)
    lines = [f"GET {path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in fields.values()
              if value is not None]
    lines += [f"{name}: {value}" for name, value in headers or ()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class Answer:
    """The head of an HTTP answer."""

    def __init__(self, head):
        lines = head.decode("latin-1").split("\r\n")
        self.line = lines[0]
        self.status = int(lines[0].split(" ", 2)[1])
        self.fields = [tuple(part.strip() for part in line.split(":", 1))
                       for line in lines[1:] if line]

    def all(self, name):
        return [value for key, value in self.fields
                if key.lower() == name.lower()]

    def get(self, name):
        values = self.all(name)
        assert len(values) < 2, f"{name} twice: {values}"
        return values[0] if values else None


class Refused(Exception):
    def __init__(self, answer):
        super().__init__(f"the upgrade was answered with {answer.status}")
        self.answer = answer


class Inflater:
    """Takes messages of one side apart, as negotiated for it."""

    def __init__(self, takeover=True, bits=15):
        self.takeover = takeover
        self.bits = bits
        self.stream = None

    def __call__(self, payload):
        if self.stream is None or not self.takeover or self.stream.eof:
            self.stream = zlib.decompressobj(wbits=-self.bits)
        return self.stream.decompress(payload + SYNC)


class RawWs:
    """One connection. Reads only inside `until`, `wait_end` and, so as not
    to block both sides, `send`."""

    def __init__(self, port, upgrade=None, address="127.0.0.1",
                 deadline=wait.DEADLINE):
        self.deadline = deadline
        self.buffer = bytearray()
        self.output = collections.defaultdict(bytearray)  # by terminal
        self.texts = []
        self.pongs = []
        self.pings = []
        self.answers_pings = True
        self.answers_close = False  # the daemon's own; it ends in any case
        self.log = []  # opcodes of what came, in order
        self.wire = 0  # payload bytes of messages, as they were sent
        self.compressed = 0  # messages that came so
        self.inflate = None
        self.parts = None
        self.close_payload = None
        self.end = None  # "fin" or "reset"
        self.broken = False  # whether sending failed
        self.socket = socket.create_connection(
            (address, port), timeout=wait.scaled(deadline))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        if upgrade is not None:
            self.upgrade([upgrade])

    def upgrade(self, pieces):
        for piece in pieces:
            self.send(piece)
        self._read_while(lambda: b"\r\n\r\n" not in self.buffer, "an answer")
        head, found, rest = bytes(self.buffer).partition(b"\r\n\r\n")
        if not found:
            raise ConnectionError(f"closed during the upgrade: {head!r}")
        self.answer = Answer(head)
        self.buffer = bytearray(rest)
        if self.answer.status != 101:
            raise Refused(self.answer)
        return self.answer

    def close(self):
        self.socket.close()

    # -- bytes --------------------------------------------------------------

    def _fill(self):
        try:
            data = self.socket.recv(1 << 18)
        except BlockingIOError:
            return
        except OSError:
            self.end = "reset"
            return
        if data:
            self.buffer += data
        else:
            self.end = "fin"

    def _read_while(self, condition, what):
        limit = time.monotonic() + wait.scaled(self.deadline)
        while condition() and self.end is None:
            left = limit - time.monotonic()
            if left <= 0:
                raise wait.Timeout(f"{what}: not in time; {self.state()}")
            if select.select([self.socket], [], [], left)[0]:
                self._fill()

    def send(self, data):
        """Sends all of it unless the other side closes."""
        view = memoryview(data)
        limit = time.monotonic() + wait.scaled(self.deadline)
        while view and not self.broken:
            left = limit - time.monotonic()
            if left <= 0:
                raise wait.Timeout(f"{len(view)} bytes left to send")
            reading = [] if self.end else [self.socket]
            readable, writable, _ = select.select(
                reading, [self.socket], [], left)
            if readable:
                self._fill()
            if writable:
                try:
                    view = view[self.socket.send(view[:1 << 18]):]
                except BlockingIOError:
                    pass
                except OSError:
                    self.broken = True

    # -- frames -------------------------------------------------------------

    def _take_frame(self):
        """The next whole frame of the buffer, or None."""
        data = self.buffer
        if len(data) < 2:
            return None
        size, start = data[1] & 0x7F, 2
        if size > 125:
            start = 4 if size == 126 else 10
            if len(data) < start:
                return None
            size = int.from_bytes(data[2:start], "big")
            assert size > (125 if start == 4 else 65535), "length not minimal"
        if len(data) < start + size:
            return None
        found = Frame(data[0] >> 7, data[0] >> 4 & 7, data[0] & 15,
                      bytes(data[start:start + size]))
        assert not data[1] & 0x80, "the server masked a frame"
        del data[:start + size]
        self._check(found)
        return found

    def _check(self, found):
        assert self.close_payload is None, f"after the Close frame: {found}"
        assert found.opcode in (0, 1, 2, 8, 9, 10), found
        if found.opcode >= CLOSE:
            assert found.fin and len(found.payload) < 126, found
            assert found.rsv == 0, found
        else:
            assert (found.opcode == CONT) == (self.parts is not None), found
            may = 4 if self.inflate and found.opcode != CONT else 0
            assert not found.rsv & ~may, found

    def _take(self):
        """Handles the next frame of the buffer; whether there was one."""
        found = self._take_frame()
        if found is None:
            return False
        if found.opcode == PONG:
            self.pongs.append(found.payload)
        elif found.opcode == PING:
            self.pings.append(found.payload)
            if self.answers_pings:
                self.send(frame(PONG, found.payload))
        elif found.opcode == CLOSE:
            assert len(found.payload) != 1, "a Close payload of one byte"
            found.payload[2:].decode()
            self.close_payload = found.payload
            if self.answers_close:
                self.send(frame(CLOSE, found.payload))
        else:
            if found.opcode != CONT:
                self.parts, self.first = [], found
            self.parts.append(found.payload)
            if not found.fin:
                return True
            whole, self.parts = b"".join(self.parts), None
            self._message(self.first, whole)
            found = self.first
        self.log.append(found.opcode)
        return True

    def _message(self, first, whole):
        self.wire += len(whole)
        if first.rsv:
            self.compressed += 1
            whole = self.inflate(whole)
        if first.opcode == TEXT:
            self.texts.append(json.loads(whole.decode()))
        else:
            assert len(whole) > 1, "a binary frame without data"
            self.output[whole[0]] += whole[1:]

    # -- waiting ------------------------------------------------------------

    def until(self, condition, what="the condition"):
        """Reads until condition() holds; the end of it is a failure."""
        def missing():
            while not condition():
                if not self._take():
                    return True
            return False
        self._read_while(missing, what)
        if missing():
            raise AssertionError(f"{what}: closed; {self.state()}")

    def wait_end(self):
        """Reads to the end of the connection; the close code, None without
        a Close frame, 0 for one without a code."""
        def more():
            while self._take():
                pass
            return True
        self._read_while(more, "the end of the connection")
        more()
        return self.code

    @property
    def code(self):
        if self.close_payload is None:
            return None
        return int.from_bytes(self.close_payload[:2], "big")

    @property
    def reason(self):
        return self.close_payload[2:].decode()

    def state(self):
        return (f"end {self.end}, close {self.close_payload}, "
                f"{len(self.pongs)} pongs, texts {self.texts[-3:]}, output "
                f"{ {key: len(value) for key, value in self.output.items()} }")

