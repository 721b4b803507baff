"""The table's rows about bodies and about what follows a request: their
framing, their type, and several requests on one connection."""
from .request_rows import CHUNKED, LAST, SIZE, Rows, chunk, length

FIVE = b"hello"


class Bodies(Rows):
    parts = ("encodings", "lengths", "bodies", "content_types", "in_order")

    def encodings(self):
        body = chunk(SIZE) + LAST
        for value in ("xchunked", "chunked, identity", "identity",
                      "identity, chunked", "gzip, chunked", "gzip",
                      "chunked, gzip", "chunked, chunked", "chunked;q=1",
                      "chunked,", ",chunked", '"chunked"', "chunk", "",
                      "chunked chunked", "x chunked", "chunked x",
                      "'chunked'", "chunke\xd0\xb4"):
            self.bad(repr(value), self.post(
                f"Transfer-Encoding: {value}", body=body))
        self.bad("VT before it", self.post(
            b"Transfer-Encoding: \x0bchunked", body=body))
        self.bad("NUL behind it", self.post(
            b"Transfer-Encoding: chunked\0", body=body))
        self.bad("twice", self.post(CHUNKED, CHUNKED, body=body))
        self.bad("twice, in two cases", self.post(
            CHUNKED, "transfer-encoding: chunked", body=body))
        self.bad("a second that differs", self.post(
            CHUNKED, "Transfer-Encoding: x", body=body))
        self.bad("a second that is empty", self.post(
            CHUNKED, "Transfer-Encoding:", body=body))
        self.bad("with a length", self.post(CHUNKED, length(body), body=body))
        self.bad("behind a length", self.post(
            length(body), CHUNKED, body=body))
        self.bad("with the length 0", self.post(
            "Content-Length: 0", CHUNKED, body=body))
        self.bad("with a bad length", self.post(
            "Content-Length: x", CHUNKED, body=body))
        self.bad("in HTTP/1.0", self.post(
            CHUNKED, line=f"POST {self.resize} HTTP/1.0", body=body))
        self.bad("in HTTP/1.0, kept alive", self.post(
            CHUNKED, "Connection: keep-alive",
            line=f"POST {self.resize} HTTP/1.0", body=body))
        self.bad("of a GET, in disguise", self.get(
            "Transfer-Encoding: xchunked", body=body))
        self.good("chunked", self.post(CHUNKED, body=body))
        self.good("of a GET", self.get(CHUNKED, body=chunk(FIVE) + LAST))
        self.good("TE, which is something else", self.get("TE: trailers"))
        self.either("in capitals", self.post(
            "Transfer-Encoding: CHUNKED", body=body), 200, 400)
        self.either("after a tab", self.post(
            "Transfer-Encoding:\tchunked", body=body), 200, 400)

    def lengths(self):
        own = str(len(SIZE))
        for value in (f"+{own}", f"-{own}", "-1", "0x15", f"{own}.0",
                      "2e1", f"{own}, {own}", f"{own},{own}", f"{own}, 5",
                      f"{own},", f",{own}", f"{own};", f"{own} {own}",
                      "2 1", f'"{own}"', f"{own}x", "x", "", "\uff15",
                      "_21", "21_"):
            self.bad(repr(value), self.post(f"Content-Length: {value}"))
        for value in ("9" * 20, "18446744073709551615",
                      "18446744073709551616", "18446744073709551637",
                      "9223372036854775807", "4294967317", "9" * 400):
            self.bad(value[:30], self.post(f"Content-Length: {value}"),
                     400, 413)
        self.bad("VT before it", self.post(b"Content-Length: \x0b21"))
        self.bad("twice the same", self.post(length(SIZE), length(SIZE)))
        self.bad("two that differ", self.post(
            length(SIZE), "Content-Length: 5"))
        self.bad("the smaller one first", self.post(
            "Content-Length: 5", length(SIZE)))
        self.bad("a second that is empty", self.post(
            length(SIZE), "Content-Length:"))
        self.bad("twice 0", self.post(
            "Content-Length: 0", "Content-Length: 0", body=b""))
        self.bad("twice, of a GET", self.get(
            "Content-Length: 5", "Content-Length: 5", body=FIVE))
        self.bad("a list, of a GET", self.get(
            "Content-Length: 5, 5", body=FIVE))
        self.bad("signed, of a GET", self.get(
            "Content-Length: +5", body=FIVE))
        self.good("right", self.post(length(SIZE)))
        self.good("with blanks about it", self.post(
            f"Content-Length:  {own}\t "))
        self.either("leading zeros", self.post(f"Content-Length: 00{own}"),
                    200, 400)

    def bodies(self):
        half, rest = SIZE[:10], SIZE[10:]
        for name, body in (
                ("letters for a size", b"zz\r\nhello\r\n" + LAST),
                ("a negative size", b"-15\r\n" + SIZE + b"\r\n" + LAST),
                ("a signed size", b"+15\r\n" + SIZE + b"\r\n" + LAST),
                ("0x", b"0x15\r\n" + SIZE + b"\r\n" + LAST),
                ("no size", b"\r\n" + SIZE + b"\r\n" + LAST),
                ("only an extension", b";a=b\r\n" + SIZE + b"\r\n" + LAST),
                ("a blank before the size", b" " + chunk(SIZE) + LAST),
                ("NUL in the size", b"15\0\r\n" + SIZE + b"\r\n" + LAST),
                ("LF after the size", b"15\n" + SIZE + b"\r\n" + LAST),
                ("CR after the size", b"15\r" + SIZE + b"\r\n" + LAST),
                ("LF after an extension",
                 b"15;a\n" + SIZE + b"\r\n" + LAST),
                ("LF within an extension",
                 b"15;a\nb\r\n" + SIZE + b"\r\n" + LAST),
                ("nothing after the data", b"15\r\n" + SIZE + LAST),
                ("LF after the data", b"15\r\n" + SIZE + b"\n" + LAST),
                ("CR after the data", b"15\r\n" + SIZE + b"\r" + LAST),
                ("more data than said", chunk(SIZE + b"x", b"15") + LAST),
                ("less data than said", chunk(SIZE, b"16") + LAST),
                ("LF after the last size", chunk(SIZE) + b"0\n\r\n"),
                ("LF at the end", chunk(SIZE) + b"0\r\n\n"),
                ("a trailer that is none", chunk(SIZE) + b"0\r\nx\r\n\r\n"),
                ("a bad second chunk",
                 chunk(half) + b"zz\r\n" + rest + b"\r\n" + LAST)):
            self.bad(name, self.chunks(body))
        for size in (b"10000000000000015", b"FFFFFFFFFFFFFFFFF",
                     b"FFFFFFFFFFFFFFFF", b"7FFFFFFFFFFFFFFF",
                     b"100000015"):
            self.bad(f"a size of {size[:20].decode()}…",
                     self.chunks(chunk(SIZE, size) + LAST), 400, 413)
        self.bad("an extension of 64 KiB", self.chunks(
            chunk(SIZE, extension=b";a=" + b"x" * 65536) + LAST), 400, 413)
        self.bad("64 KiB of trailers", self.chunks(
            chunk(SIZE) + b"0\r\n" + b"A: " + b"x" * 65536 + b"\r\n\r\n"),
            400, 413)
        self.good("two chunks", self.chunks(chunk(half) + chunk(rest) + LAST))
        self.good("a chunk a byte", self.chunks(
            b"".join(chunk(bytes([one])) for one in SIZE) + LAST))
        self.good("a request as the body of a POST", self.post(
            length(self.get()), body=self.get()), 400)
        self.good("a body of a GET", self.get("Content-Length: 5", body=FIVE))
        self.good("a request as the body of a GET", self.get(
            length(self.get()), body=self.get()))
        self.good("an empty body of a GET", self.get("Content-Length: 0"))
        for name, body in (
                ("capitals", b"000A\r\n" + half + b"\r\n" + chunk(rest)
                 + LAST),
                ("an extension", chunk(SIZE, extension=b";a=b") + LAST),
                ("a quoted extension",
                 chunk(SIZE, extension=b';a="b;c"') + LAST),
                ("a blank after the size", chunk(SIZE, b"15 ") + LAST),
                ("many zeros before the size",
                 chunk(SIZE, b"0" * 2000 + b"15") + LAST),
                ("a trailer", chunk(SIZE) + b"0\r\nA: 1\r\n\r\n"),
                ("a folded trailer",
                 chunk(SIZE) + b"0\r\nA: 1\r\n 2\r\n\r\n"),
                ("a trailer that says how long the body is",
                 chunk(SIZE) + b"0\r\nContent-Length: 5\r\n\r\n"),
                ("a last size of many zeros", chunk(SIZE) + b"000\r\n\r\n")):
            self.either(name, self.chunks(body), 200, 400)

    def content_types(self):
        for value in ("text/plain", "application/x-www-form-urlencoded",
                      "multipart/form-data; boundary=x", "application/jsonp",
                      "text/plain; x=application/json", "*/*", "json",
                      "text/plain, application/json",
                      "application/json, text/plain", ""):
            self.either(repr(value), self.post(
                length(SIZE), kind=f"Content-Type: {value}"), 415)
        self.either("none", self.post(length(SIZE), kind=None), 415)
        self.either("none, chunked", self.post(
            CHUNKED, kind=None, body=chunk(SIZE) + LAST), 415)
        self.either("two", self.post(
            length(SIZE), "Content-Type: text/plain"), 400, 415)
        for value in ("application/json; charset=utf-8",
                      "application/json;charset=UTF-8", "Application/JSON"):
            self.good(value, self.post(
                length(SIZE), kind=f"Content-Type: {value}"))
        self.good("none of a POST without a body", self.request(
            "POST /terminals HTTP/1.1", "Content-Length: 0"), 201)

    def in_order(self):
        get, post = self.get(), self.post(length(SIZE))
        chunked = self.post(CHUNKED, body=chunk(SIZE) + LAST)
        self.good("three", get + post + get, then=(200, 200))
        self.good("chunks before and behind", chunked + get + chunked,
                  then=(200, 200))
        self.good("20", get * 20, then=(200,) * 19)
        self.good("404, 405 and 200",
                  self.target("/nothing") + self.target("/health", "FOO")
                  + get, 404, then=(405, 200))
        self.good("401 and 200",
                  b"GET /terminals HTTP/1.1\r\nHost: localhost\r\n\r\n" + get,
                  401, then=(200,))
        self.good("a body of a GET and 200",
                  self.get("Content-Length: 5", body=FIVE) + get, then=(200,))
        self.good("HEAD", self.target("/health", "HEAD"))
        self.good("HEAD of nothing", self.target("/nothing", "HEAD"), 404)
        self.good("HEAD and GET", self.target("/health", "HEAD") + get,
                  then=(200,))
        self._add("good and then bad",
                  get + self.get("Content-Length: 5, 5", body=FIVE),
                  (200,), "close", (400,))
        self._add("a chunked body and then bad",
                  chunked + self.get(host=None), (200,), "close", (400,))
        self._add("404 and then bad",
                  self.target("/nothing") + self.get("A : 1"),
                  (404,), "close", (400,))
        self.last("Connection: close", self.get("Connection: close"))
        self.last("Connection: close, of a body",
                  self.post(length(SIZE), "Connection: close"))
        self.last("Connection: close in a list",
                  self.get("Connection: x, Close"))
        self.last("404 with Connection: close", self.request(
            "GET /nothing HTTP/1.1", "Connection: close"), 404)
        self.last("HTTP/1.0", self.request("GET /health HTTP/1.0"))
        self.last("HTTP/1.0 with a body", self.post(
            length(SIZE), line=f"POST {self.resize} HTTP/1.0"))
        self.last("a kept one, then the last",
                  get + self.get("Connection: close"), then=(200,))
        self.good("Connection: keep-alive",
                  self.get("Connection: keep-alive, x"))
        self.either("HTTP/1.0, kept alive", self.request(
            "GET /health HTTP/1.0", "Connection: keep-alive"), 200)
