"""Frames that the RFC allows and no friend would send: JSON to break a
parser, input nobody wants, peers that went without a word."""
import statistics
import time
import unittest

from support import netns
from support.case import eventually, fresh, scaled
from support.conformance import RAW, ConformanceCase, text_frame
from support.daemon import has_option
from support.processes import open_files
from support.raw_ws import (BINARY, MIB, PING, TEXT, RawWs, frame, request)
from support.ws_client import pump_for

DEAF = ("sh", "-c", "stty raw -echo; echo on; exec sleep 1000")
RESIZE = b'{"channel":"terminal","type":"resize","id":"201","cols":80,'
PROMPT = 1  # second; a mebibyte of it takes some milliseconds


class JsonTest(ConformanceCase):
    """Each is answered with one error that has a code, soon, and the
    connection stays."""

    def refused(self, name, message):
        with self.case(name):
            ws = self.connect()
            start = time.monotonic()
            ws.send(frame(TEXT, message) + text_frame(202))
            ws.until(lambda: ws.texts and ws.texts[-1].get("id") == "202",
                     "the answer to the message after it")
            took = time.monotonic() - start
            self.assertEqual(len(ws.texts), 2, "no error, or several")
            answer = ws.texts[0]
            self.assertEqual((answer["channel"], answer["type"]),
                             ("terminal", "error"))
            for field in ("code", "error", "message"):
                self.assertIsInstance(answer[field], str)
                self.assertTrue(answer[field])
                self.assertLess(len(answer[field]), 1000)
            self.assertLess(took, scaled(PROMPT))
            self.answered(ws, frame(BINARY, self.typed(b"!")), b"!")

    def all_refused(self, messages):
        for name, message in messages.items():
            self.refused(name, message)

    def test_depth(self):
        deep = 100000
        self.all_refused({
            "arrays that stay open": b"[" * deep,
            "arrays": b"[" * deep + b"]" * deep,
            "objects that stay open": b'{"a":' * deep,
            "objects": b'{"a":' * deep + b"0" + b"}" * deep,
            "both": b'[{"a":' * (deep // 2) + b"}]" * (deep // 2),
            "a depth of 33": RESIZE + b'"x":' + b"[" * 32 + b"]" * 32 + b"}",
            "in a field nobody reads": RESIZE + b'"rows":24,"x":'
            + b"[" * deep + b"]" * deep + b"}",
            "a mebibyte of [": b"[" * MIB,
            "a mebibyte of {": b"{" * MIB,
        })

    def test_a_mebibyte_of_one_thing(self):
        self.all_refused({
            "digits": b"1" * MIB,
            "digits in a field": RESIZE + b'"rows":' + b"9" * (MIB - 70)
            + b"}",
            "zeros after a point": b"0." + b"0" * (MIB - 2),
            "quotes": b'"' * MIB,
            "backslashes": b'"' + b"\\" * (MIB - 2) + b'"',
            "an escape": b'"' + b"\\u0000" * ((MIB - 2) // 6) + b'"',
            "commas": b"[" + b"," * (MIB - 2) + b"]",
            "numbers": b"[" + b"0," * (MIB // 2 - 2) + b"0]",
            "a type": b'{"channel":"terminal","type":"'
            + b"t" * (MIB - 32) + b'"}',
            "an id": b'{"channel":"terminal","type":"resize","id":"'
            + b"1" * (MIB - 68) + b'","cols":80,"rows":24}',
            "a key": b'{"' + b"k" * (MIB - 7) + b'":1}',
            "keys": b"{" + b",".join(b'"k%05d":0' % n
                                     for n in range(80000)) + b"}",
            "the same key": b"{" + b'"type":"x",' * 90000 + b'"type":"x"}',
        })

    def test_keys_that_come_twice(self):
        # What is before a parser and behind it would read two messages.
        known = b'"%d"' % self.echo
        self.all_refused({
            f"{name}, {first.decode()} then {second.decode()}":
            b"{" + b",".join(
                b'"%s":%s' % one for one in (
                    (name.encode(), first), *(
                        (key, value) for key, value in (
                            (b"channel", b'"terminal"'),
                            (b"type", b'"resize"'), (b"id", known),
                            (b"cols", b"33"), (b"rows", b"11"))
                        if key != name.encode()),
                    (name.encode(), second))) + b"}"
            for name, first, second in (
                ("channel", b'"terminal"', b'"watcher"'),
                ("channel", b'"watcher"', b'"terminal"'),
                ("channel", b'"terminal"', b'"terminal"'),
                ("type", b'"resize"', b'"explode"'),
                ("type", b'"explode"', b'"resize"'),
                ("id", known, b'"203"'), ("id", b'"203"', known),
                ("cols", b"33", b"44"))})

    def test_numbers(self):
        self.all_refused({
            f"rows of {value}": RESIZE + b'"rows":' + value.encode() + b"}"
            for value in (
                "1e400", "-1e400", "1e99999", "1e-400", "NaN", "Infinity",
                "-Infinity", "-0", "-1", "0", "00", "024", "+24", "0x18",
                "24.", ".24", "24.5", "2e", "65536", "65559", "4294967320",
                "9007199254740993", "18446744073709551640", "1" * 400,
                "true", "null", '"24"', "[24]", "{}", "")})

    def test_strings(self):
        message = b'{"channel":"terminal","type":"resize","id":"%s",' \
            b'"cols":80,"rows":24}'
        self.all_refused({
            "NUL in the id": message % b"\\u0000",
            "NUL after the id": message % (b"%d\\u0000" % self.echo),
            "a raw NUL in the id": message % b"1\0",
            "NUL in the type": b'{"channel":"terminal","type":"resize\\u0000"'
            b',"id":"1","cols":80,"rows":24}',
            "NUL in the channel": b'{"channel":"terminal\\u0000","type":'
            b'"resize","id":"1","cols":80,"rows":24}',
            "half a surrogate pair": message % b"\\ud800",
            "the other half": message % b"\\udc00",
            "a pair the wrong way round": message % b"\\udc00\\ud800",
            "an unknown escape": message % b"\\x31",
            "an escape cut short": message % b"\\u00",
            "a raw line feed": message % b"1\n",
            "no id": message % b"", "a blank id": message % b" ",
            "id 0": message % b"0", "id 256": message % b"256",
            "id 257, which is 1 in a byte": message % b"257",
            "id -255": message % b"-255", "id 01": message % b"01",
            "id +1": message % b"+1", "id 1e0": message % b"1e0",
            "id 1.0": message % b"1.0", "id 0x1": message % b"0x1",
            "id with a blank": message % b"1 ",
            "an id of other digits": message % "١".encode(),
        })

    def test_shapes(self):
        self.all_refused({
            "nothing": b"", "blanks": b" \r\n\t", "null": b"null",
            "true": b"true", "a number": b"3", "a string": b'"resize"',
            "an empty array": b"[]", "an array of one": b"[" + RESIZE
            + b'"rows":24}]', "an empty object": b"{}",
            "no type": b'{"channel":"terminal"}',
            "an unknown type": b'{"channel":"terminal","type":"explode"}',
            "a type in capitals": b'{"channel":"terminal","type":"RESIZE"}',
            "an unknown channel": b'{"channel":"none","type":"resize"}',
            "an empty channel": b'{"channel":"","type":"resize"}',
            "two messages": (RESIZE + b'"rows":24}') * 2,
            "something after it": RESIZE + b'"rows":24}x',
            "NUL after it": RESIZE + b'"rows":24}\0',
            "a byte order mark": b"\xef\xbb\xbf" + RESIZE + b'"rows":24}',
            "a trailing comma": RESIZE + b'"rows":24,}',
            "single quotes": b"{'channel':'terminal'}",
            "a comment": RESIZE + b'"rows":24/**/}',
            "a missing brace": RESIZE + b'"rows":24',
            "UTF-16": '{"type":"resize"}'.encode("utf-16-le"),
            **{f"a channel that is {value.decode()}":
               b'{"channel":' + value + b',"type":"resize"}'
               for value in (b"null", b"7", b"[]", b"{}", b"true")},
            **{f"a type that is {value.decode()}":
               b'{"channel":"terminal","type":' + value + b"}"
               for value in (b"null", b"7", b"[]", b"{}", b"true")},
        })

    def test_what_is_only_unusual_is_obeyed(self):
        # The other side of the above: refusing everything would pass it.
        for name, more in (
                ("a depth of 32", b'"x":' + b"[" * 31 + b"]" * 31),
                ("unknown fields", b'"x":1e300,"y":null,"":{}'),
                ("a blank everywhere", b' \r\n\t"x"\t:\n[ 1 , 2 ]')):
            with self.case(name):
                self.works(frame(TEXT, RESIZE + b'"rows":24,' + more + b"}"),
                           errors=["201"])
        with self.case("escapes where none are needed"):
            self.works(frame(
                TEXT, b'{"ch\\u0061nnel":"t\\u0065rminal","type":"resize",'
                b'"id":"20\\u0034","cols":80,"rows":24}'), errors=["204"])


class BinaryTest(ConformanceCase):
    def deaf(self):
        """A terminal whose program never reads."""
        made = self.http.create(*DEAF)["id"]
        self.addCleanup(self.http.delete, made)
        self.http.wait_output(made, b"on")
        return bytes([int(made)])

    def test_ids_without_a_terminal(self):
        with self.case("each of them is an error that names it"):
            listed = {int(one) for one in self.http.terminals()}
            unknown = [n for n in range(1, 256) if n not in listed]
            self.works(b"".join(frame(BINARY, bytes([n]) + b"x")
                                for n in unknown),
                       errors=[str(n) for n in unknown])
        for name, data in (("no id at all", b""), ("id 0", b"\0x"),
                           ("id 0 alone", b"\0")):
            with self.case(name):
                self.works(frame(BINARY, data), errors=[None])

    def test_an_id_of_somebody_else(self):
        # Shown by their answers: such a terminal is as good as none.
        mine, other = (int(self.http.create(*RAW)["id"]) for _ in range(2))
        for made in (mine, other):
            self.addCleanup(self.http.delete, made)
            self.http.wait_output(str(made), b"on")
        ticket = self.http.request("POST", "/ticket", {
            "path": "/ws", "scope": f"terminal:{mine}"})
        self.assertEqual(ticket.status, 201, ticket)
        ws = self.open(request(f"/ws?ext=1&ticket={ticket.json['ticket']}"))
        ws.until(lambda: ws.output[mine] == b"on\n", "its own output")
        with self.case("input, resize and attach for one that is not ours"):
            answers = []
            for one in (other, 251):
                ws.texts.clear()
                for data in (
                        frame(BINARY, bytes([one]) + b"not mine"),
                        *(frame(TEXT, b'{"channel":"terminal","type":"%s",'
                                b'"id":"%d","cols":11,"rows":22}'
                                % (kind, one))
                          for kind in (b"resize", b"attach"))):
                    count = len(ws.texts)
                    ws.send(data)
                    ws.until(lambda: len(ws.texts) > count, "an error")
                answers.append([
                    {key: str(value).replace(str(one), "N")
                     for key, value in text.items()} for text in ws.texts])
            self.assertEqual(answers[0], answers[1])
            self.assertEqual({text["type"] for text in ws.texts}, {"error"})
            ws.send(frame(BINARY, bytes([mine]) + b"mine"))
            ws.until(lambda: ws.output[mine].endswith(b"mine"), "echo")
            self.assertEqual(set(ws.output), {mine})
            self.assertEqual(self.http.scrollback(str(other))[0], b"on\n")
            self.assertEqual(
                self.http.terminals()[str(other)]["cols"], 80)

    def check_echo(self, ws):
        """Another terminal of the same socket answers fast."""
        took = []
        for number in range(50):
            data = b"echo %02d" % number
            start = time.monotonic()
            self.answered(ws, frame(BINARY, self.typed(data)), data)
            took.append(time.monotonic() - start)
        self.assertLess(statistics.median(took), scaled(0.05))

    def test_a_mebibyte_nobody_reads(self):
        for size in (MIB - 1, 65536, 1024):
            with self.case(f"in messages of {size}"):
                deaf, ws = self.deaf(), self.connect()
                with self.memory(8 << 10):
                    for _ in range((MIB - 1) // size):
                        ws.send(frame(BINARY, deaf + b"x" * size)
                                if size < MIB - 1 else
                                frame(BINARY, deaf + b"x" * (MIB - 1)))
                    self.check_echo(ws)

    def test_single_bytes_nobody_reads(self):
        with self.case("a hundred thousand of them"):
            deaf, ws = self.deaf(), self.connect()
            with self.memory(8 << 10):
                ws.send(frame(BINARY, deaf + b"x") * 100000)
                self.check_echo(ws)

    def test_replays_nobody_reads(self):
        with self.case("a terminal attached five thousand times"):
            made = self.http.create("seq", "1", "20000")["id"]
            self.addCleanup(self.http.delete, made)
            self.http.wait_exit(made)
            attach = frame(TEXT, b'{"channel":"terminal","type":"attach",'
                           b'"id":"%s","after":100}' % made.encode())
            ws = self.connect()
            with self.memory(8 << 10):
                try:
                    ws.socket.send(attach * 5000)
                except OSError:
                    pass
                for _ in range(20):
                    other = self.works(text_frame(205), errors=["205"])
                    other.close()


SHORT = ("--ping-interval", "400ms", "--pong-timeout", "1200ms")
HAS = has_option("--ping-interval") and has_option("--pong-timeout")
WITHOUT = "this daemon has no --ping-interval and --pong-timeout"


@unittest.skipUnless(HAS, WITHOUT)
class SilenceTest(ConformanceCase):
    """Peers that stop answering, with TCP as it should be."""

    options = SHORT

    def test_a_peer_that_does_not_answer_pings_is_given_up(self):
        with self.case("after it was pinged, and in time"):
            ws = self.connect()
            ws.answers_pings = False
            start = time.monotonic()
            ws.wait_end()
            took = time.monotonic() - start
            self.assertGreaterEqual(len(ws.pings), 1)
            self.assertGreater(took, 0.9)
            self.assertLess(took, scaled(3))
            eventually(lambda: self.http.get("/health").json["connections"]
                       == 0, "its viewer is gone")

    def test_a_peer_that_answers_stays(self):
        with self.case("for two pong timeouts"):
            ws = self.connect()
            end = time.monotonic() + 2.4
            ws.until(lambda: ws.pings and time.monotonic() > end, "pings")
            self.answered(ws, frame(BINARY, self.typed(b"here")), b"here")

    def test_a_peer_that_says_anything_stays(self):
        with self.case("messages do for pongs"):
            ws = self.connect()
            ws.answers_pings = False
            end = time.monotonic() + 2.4
            while time.monotonic() < end:
                ws.send(text_frame(206))
                before = len(ws.texts)
                ws.until(lambda: len(ws.texts) > before)
                pump_for([], 0.1)
            self.answered(ws, frame(BINARY, self.typed(b"here")), b"here")


NO_CABLE = HAS and netns.unavailable()


@unittest.skipUnless(HAS, WITHOUT)
@unittest.skipIf(NO_CABLE, NO_CABLE)
class HalfOpenTest(unittest.TestCase):
    """A peer whose packets are lost: TCP alone would wait for many
    minutes."""

    def setUp(self):
        self.cable = netns.Cable()
        self.addCleanup(self.cable.close)

    def start(self, *options):
        self.daemon = fresh(self, "--insecure", *options, listen="0.0.0.0:0",
                            preexec=self.cable.enter_near)

    def http(self, method, path, body=None):
        with self.cable.inside(self.cable.near):
            client = self.daemon.http()
            try:
                return client.request(method, path, body)
            finally:
                client.close()

    def connections(self):
        return self.http("GET", "/health").json["connections"]

    def connect(self, host, query):
        """A connection from one of the two hosts."""
        upgrade = request("/ws?ext=1&" + query, headers=[
            ("Authorization", f"Bearer {self.daemon.token}")])
        with self.cable.inside(host):
            ws = RawWs(self.daemon.port, upgrade,
                       "127.0.0.1" if host == self.cable.near
                       else self.cable.NEAR)
        self.addCleanup(ws.close)
        return ws

    def say_something(self, ws):
        """So that this one is not the silent one."""
        count = len(ws.pongs)
        ws.send(frame(PING))
        ws.until(lambda: len(ws.pongs) > count)

    def check(self, program, options=SHORT, flood=None, least=0.7,
              pinged=True):
        """A far one that sees `program`, beside a near one; `flood` is what
        it does before the cable is pulled. `least` is how long it must have
        been waited for."""
        self.start(*options)
        made = int(self.http("POST", "/terminals",
                             {"cmd": list(program)}).json["id"])
        echo = int(self.http("POST", "/terminals",
                             {"cmd": list(RAW)}).json["id"])
        near = self.connect(self.cable.near, f"attach=none&after={echo}:0")
        near.until(lambda: near.output[echo] == b"on\n", "its terminal")
        files = open_files(self.daemon.process.pid)
        far = self.connect(self.cable.far, f"attach=none&after={made}:0")
        far.until(lambda: far.output[made], "output")
        self.assertEqual(self.connections(), 2)
        if flood:
            flood(far, made, near)

        self.cable.pull()
        start = time.monotonic()
        if pinged:
            near.until(lambda: near.pings, "a ping")

        def gone():
            self.say_something(near)
            return self.connections() == 1
        eventually(gone, "the daemon gives it up", 5)
        self.assertGreater(time.monotonic() - start, least)
        eventually(lambda: open_files(self.daemon.process.pid) <= files,
                   "its descriptor is closed")
        near.send(frame(BINARY, bytes([echo]) + b"still"))
        near.until(lambda: near.output[echo].endswith(b"still"),
                   "who is still there sees nothing of it")
        self.assertIsNone(far.end, "and the other was not told")

    def test_an_idle_one_is_given_up(self):
        self.check(RAW)

    def test_one_in_a_flood_is_given_up(self):
        self.check(["yes"])

    def fill(self, far, terminal, near):
        """Input that nobody consumes, until the daemon reads no more of it.
        Its pings are then heard by the kernel at the far end alone, and that
        is enough."""
        piece = frame(BINARY, bytes([terminal]) + b"x" * 65535)
        sent, last = 0, time.monotonic()

        def paused():
            nonlocal sent, last
            self.say_something(near)
            try:
                sent += far.socket.send(piece[sent % len(piece):])
                last = time.monotonic()
            except BlockingIOError:
                pass
            return time.monotonic() - last > scaled(0.5)
        eventually(paused, "the daemon reads no more")
        self.assertGreater(sent, 2 * MIB, "more than may wait for a program")
        pings = len(near.pings)
        near.until(lambda: len(near.pings) >= pings + 4, "two pong timeouts")
        self.assertEqual(self.connections(), 2, "it is still there")

    def test_one_that_is_not_read_is_given_up(self):
        self.check(DEAF, flood=self.fill)

    def test_one_that_takes_nothing_is_given_up(self):
        # Long before anybody is pinged, or misses a pong.
        self.check(["yes"], ("--write-timeout", "500ms", "--ping-interval",
                             "1m", "--pong-timeout", "2m"), least=0.3,
                   pinged=False)


if __name__ == "__main__":
    unittest.main()
