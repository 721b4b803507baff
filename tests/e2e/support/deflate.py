"""permessage-deflate as a peer of the daemon speaks it: what was agreed, and
both directions' compression under it. RFC 7692, by hand."""
import re
import zlib

from .raw_ws import SYNC, Inflater, frame

HEADER = "Sec-WebSocket-Extensions"
NAME = "permessage-deflate"
FLAGS = ("server_no_context_takeover", "client_no_context_takeover")
BITS = ("server_max_window_bits", "client_max_window_bits")
TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"


def parse(value):
    """The extensions of one header as (name, {parameter: value})."""
    found = []
    for part in value.split(","):
        name, *items = (one.strip() for one in part.split(";"))
        assert re.fullmatch(TOKEN, name), f"{name!r} in {value!r}"
        parameters = {}
        for item in items:
            key, given, quoted = item.partition("=")
            assert re.fullmatch(TOKEN, key), f"{key!r} in {value!r}"
            assert key not in parameters, f"{key} twice in {value!r}"
            parameters[key] = quoted.strip('"') if given else None
        found.append((name, parameters))
    return found


def check(agreed, offered):
    """What a server may answer to an offer (section 7.1)."""
    assert set(agreed) <= {*FLAGS, *BITS}, agreed
    for flag in FLAGS:
        assert agreed.get(flag) is None, f"{flag} has no value"
    if "server_no_context_takeover" in offered:
        assert "server_no_context_takeover" in agreed, agreed
    for name in BITS:
        if name in agreed:
            assert re.fullmatch("8|9|1[0-5]", agreed[name] or ""), agreed
            assert int(agreed[name]) <= int(offered.get(name) or 15), agreed
    if int(offered.get("server_max_window_bits", 15)) < 15:
        assert "server_max_window_bits" in agreed, agreed
    if "client_max_window_bits" in agreed:
        assert "client_max_window_bits" in offered, agreed


class Codec:
    """Both directions of one connection, under what an upgrade's answer
    agreed to: this extension alone."""

    def __init__(self, answer):
        (name, agreed), = parse(answer.get(HEADER))
        assert name == NAME, name
        self.agreed = agreed
        self.takeover = "client_no_context_takeover" not in agreed
        self.bits = int(agreed.get("client_max_window_bits", 15))
        self.stream = None
        self.inflater = Inflater(
            "server_no_context_takeover" not in agreed,
            int(agreed.get("server_max_window_bits", 15)))

    def pack(self, data):
        """The payload of the next message to the server."""
        if self.stream is None or not self.takeover:
            # zlib's raw streams begin with 9 bits; 8 is honoured by never
            # looking back.
            self.stream = zlib.compressobj(
                wbits=-max(self.bits, 9),
                strategy=zlib.Z_HUFFMAN_ONLY if self.bits == 8
                else zlib.Z_DEFAULT_STRATEGY)
        data = (self.stream.compress(data)
                + self.stream.flush(zlib.Z_SYNC_FLUSH))
        assert data.endswith(SYNC)
        return data[:-4]

    def frame(self, opcode, data, **options):
        return frame(opcode, self.pack(data), rsv=4, **options)


# -- the ways in which a message may be written (section 7.2.3) -------------
# All in the smallest window zlib has, so that any that was agreed will do.

def fixed(data):
    return synced(zlib.compressobj(wbits=-9, strategy=zlib.Z_FIXED), data)


def dynamic(data):
    return synced(zlib.compressobj(9, wbits=-9), data)


def stored(data):
    return synced(zlib.compressobj(0, wbits=-9), data)


def synced(stream, data):
    return (stream.compress(data) + stream.flush(zlib.Z_SYNC_FLUSH))[:-4]


def several_blocks(data, flush=zlib.Z_SYNC_FLUSH):
    stream, out = zlib.compressobj(wbits=-9), b""
    for start in range(0, len(data), 7):
        out += stream.compress(data[start:start + 7]) + stream.flush(flush)
    return (out + stream.flush(zlib.Z_SYNC_FLUSH))[:-4]


def fully_flushed(data):
    return several_blocks(data, zlib.Z_FULL_FLUSH)


def partly_flushed(data):
    return several_blocks(data, zlib.Z_PARTIAL_FLUSH)


def final(data):
    """With BFINAL set; a byte of zero keeps what is cut off in place."""
    stream = zlib.compressobj(wbits=-9)
    return stream.compress(data) + stream.flush(zlib.Z_FINISH) + b"\0"


def stored_by_hand(data):
    """An uncompressed block for each five bytes, as in 7.2.3.3."""
    return b"".join(
        b"\0" + len(part).to_bytes(2, "little")
        + (0xFFFF ^ len(part)).to_bytes(2, "little") + part
        for part in (data[n:n + 5] for n in range(0, len(data), 5))) + b"\0"


WAYS = (fixed, dynamic, stored, several_blocks, fully_flushed, partly_flushed,
        stored_by_hand)


def bomb(first, size):
    """`first` and then `size` zeros (a multiple of a mebibyte), packed about
    a thousand to one: each mebibyte is the same few bytes."""
    stream = zlib.compressobj(9, wbits=-9)
    head = stream.compress(first) + stream.flush(zlib.Z_FULL_FLUSH)
    block = (stream.compress(bytes(1 << 20))
             + stream.flush(zlib.Z_FULL_FLUSH))
    return head + (block * (size >> 20))[:-4]
