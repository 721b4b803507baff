"""The table's rows about what comes before the body: line ends, request line,
method, target, fields, Host, limits, Upgrade and Expect."""
from .request_rows import LAST, SIZE, Rows, chunk, length

MIB = 1024 * 1024
WEBSOCKET = ("Connection: Upgrade", "Sec-WebSocket-Version: 13",
             "Sec-WebSocket-Key: MDAwMDAwMDAwMDAwMDAwMA==")


class Heads(Rows):
    parts = ("line_ends", "request_line", "methods", "targets", "fields",
             "hosts", "limits", "upgrades")

    def line_ends(self):
        self.bad("LF everywhere", self.get(end=b"\n"))
        self.bad("LF after the request line",
                 self.get().replace(b"\r\n", b"\n", 1))
        self.bad("LF after a field", self.get(b"A: 1\nB: 2"))
        self.bad("LF before a hidden field",
                 self.get(b"A: 1\nTransfer-Encoding: chunked"))
        self.bad("LF as the empty line", self.get()[:-2] + b"\n")
        self.bad("LF LF at the end", self.get()[:-4] + b"\n\n")
        self.bad("CR everywhere", self.get(end=b"\r"))
        self.bad("CR within a value", self.get(b"A: 1\r2"))
        self.bad("CR before a hidden field",
                 self.get(b"A: 1\rTransfer-Encoding: chunked"))
        self.bad("CR at the end of a value", self.get(b"A: 1\r"))
        self.bad("CR in the request line",
                 self.request(b"GET /health\r HTTP/1.1"))
        self.bad("CR CR LF after the request line",
                 self.request(b"GET /health HTTP/1.1\r"))

    def request_line(self):
        for name, start in (("CR LF", b"\r\n"), ("two CR LF", b"\r\n\r\n"),
                            ("LF", b"\n"), ("a blank", b" "),
                            ("a tab", b"\t"), ("NUL", b"\0"),
                            ("a byte order mark", b"\xef\xbb\xbf")):
            self.bad(f"{name} before it", start + self.get())
        for line in ("GET  /health HTTP/1.1", "GET /health  HTTP/1.1",
                     "GET /health HTTP/1.1 ", "GET\t/health\tHTTP/1.1",
                     "GET /health\tHTTP/1.1", "GET /health HTTP/1.1\t",
                     "GET /health", "GET", "GET HTTP/1.1", "GET  HTTP/1.1",
                     "/health HTTP/1.1", "GET /he alth HTTP/1.1",
                     "GET /health HTTP/1.1 HTTP/1.1",
                     "GET /health HTTP/0.9", "GET /health HTTP/2.0",
                     "GET /health HTTP/1.2", "GET /health HTTP/1.10",
                     "GET /health HTTP/1.", "GET /health HTTP/1",
                     "GET /health HTTP/01.1", "GET /health HTTP/1.01",
                     "GET /health http/1.1", "GET /health HTTP/1,1",
                     "GET /health HTTP /1.1", "GET /health HTTP/1.1x",
                     "GET /health HTTP/-1.1", "GET /health HTTPS/1.1",
                     "GET /health ICY/1.1", "hello"):
            self.bad(repr(line), self.request(line))
        self.bad("HTTP/0.9 without fields", b"GET /health\r\n\r\n")
        self.bad("the preface of HTTP/2",
                 b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        self.bad("the start of TLS",
                 b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00\r\n\r\n")

    def methods(self):
        for method in ("FOO", "PATCH", "CONNECT", "TRACE", "PROPFIND",
                       "G-E.T!", "TRACK"):
            self.good(method, self.target("/terminals", method), 405)
        self.good("POST where there is GET only",
                  self.request("POST /health HTTP/1.1", "Content-Length: 0"),
                  405)
        for method in ("G(T", "GE\x01T", "GET,", "G@T", "[GET]", '"GET"',
                       "GET/"):
            self.bad(repr(method), self.target("/health", method))
        self.bad("NUL within", self.target("/health", "G\0T"))
        self.bad("a letter that is not ASCII",
                 self.target("/health", "G\xc9T"))
        self.either("lower case", self.target("/health", "get"), 400, 405)
        self.either("200 letters", self.target("/health", "G" * 200),
                    400, 405)
        self.bad("9,000 letters", self.target("/health", "G" * 9000),
                 400, 413)

    def targets(self):
        for target in ("http://localhost/health", "https://localhost/health",
                       f"http://localhost:{self.port}/health",
                       "http://evil.example/health", "localhost:80",
                       "health", "*", "?x=1", "", "/health#here",
                       "/health?x=1#here", "/%zz", "/%2", "/%", "/health?%",
                       "/health?x=%g0", "/%00", "/health%00", "/a%2fb",
                       "/terminals%2F1", "/%ff", "/%c0%af", "/%e2%82",
                       "/%ed%a0%80", "/%f4%90%80%80", "/%80", "/.", "/..",
                       "/./health", "/../health", "/health/.", "/health/..",
                       "/terminals/../health", "/%2e/health",
                       "/%2E%2e/health", "/.%2e/health"):
            self.bad(repr(target), self.target(target))
        for name, target in (
                ("a control character", b"/hea\x01lth"),
                ("DEL", b"/hea\x7flth"), ("NUL", b"/hea\0lth"),
                ("raw bytes", b"/\xff\xfe")):
            self.bad(name, self.target(target))
        self.bad("CONNECT to an authority",
                 self.target("localhost:80", "CONNECT"))
        self.bad("OPTIONS *", self.target("*", "OPTIONS"))
        self.bad("over 4 KiB", self.target("/" + "a" * 4096))
        self.bad("a query over 4 KiB", self.target("/health?" + "a" * 4096))
        self.good("4 KiB", self.target("/" + "a" * 4095), 404)
        self.good("an empty query", self.target("/health?"))
        self.good("escapes", self.target("/%68ealth?a=%e2%82%ac&b=%2f"))
        self.good("an escaped %", self.target("/%252e%252e/health"), 404)
        self.good("unknown", self.target("/nothing"), 404)
        self.either("raw UTF-8", self.target("/h\u00e9alth"), 400, 404)
        self.either("a raw byte in the query", self.target(b"/health?\xff"),
                    200, 400)
        self.either("an empty segment", self.target("//health"), 400, 404)
        self.either("a backslash", self.target("/..\\health"), 400, 404)
        self.either("%00 in the query", self.target("/health?x=%00"),
                    200, 400)
        self.either("%ff in the query", self.target("/health?x=%ff"),
                    200, 400)

    def fields(self):
        self.bad("folded by a blank", self.get("A: 1\r\n 2"))
        self.bad("folded by a tab", self.get("A: 1\r\n\t2"))
        self.bad("folded to nothing", self.get("A: 1\r\n "))
        self.bad("folded after the request line",
                 self.get(host=" Host: localhost"))
        self.bad("a folded Transfer-Encoding",
                 self.get("Transfer-Encoding:\r\n chunked", body=LAST))
        for name, field in (
                ("a blank before the colon", b"A : 1"),
                ("a tab before the colon", b"A\t: 1"),
                ("a blank before the colon of Host", b"Host : localhost"),
                ("a blank before the colon of Transfer-Encoding",
                 b"Transfer-Encoding : chunked"),
                ("a blank before the colon of Content-Length",
                 b"Content-Length : 5"),
                ("no name", b": 1"), ("no colon", b"A"),
                ("only a blank", b" "),
                ("a blank in the name", b"A B: 1"),
                ("a bracket in the name", b"A(: 1"),
                ("a quote in the name", b'"A": 1'),
                ("a slash in the name", b"A/B: 1"),
                ("an @ in the name", b"A@B: 1"),
                ("NUL in the name", b"A\0: 1"),
                ("NUL in the name of Content-Length",
                 b"Content\0-Length: 5"),
                ("DEL in the name", b"A\x7f: 1"),
                ("UTF-8 in the name", "\u00c4: 1".encode()),
                ("a control character in the name", b"\x01A: 1"),
                ("NUL in the value", b"A: 1\x002"),
                ("a control character in the value", b"A: 1\x012"),
                ("ESC in the value", b"A: \x1b[31m"),
                ("DEL in the value", b"A: 1\x7f"),
                ("VT in the value", b"A: 1\x0b2"),
                ("FF before the value", b"A: \x0c1")):
            self.bad(name, self.get(field))
        self.good("a tab in the value", self.get(b"A: 1\t2"))
        self.good("bytes over 0x7f in the value",
                  self.get(b"A: \xe9\xff\x80"))
        self.good("no value", self.get("A:", "B:   "))
        self.good("blanks about the value", self.get("A: \t 1 \t "))
        self.good("odd but valid names", self.get("!#$%&'*+-.^_`|~9: 1"))
        self.good("an underscore", self.get("Content_Length: 5"))

    def hosts(self):
        self.bad("none", self.get(host=None))
        self.bad("none in HTTP/1.0",
                 self.request("GET /health HTTP/1.0", host=None))
        self.bad("twice", self.get("Host: localhost"))
        self.bad("two", self.get("Host: evil.example"))
        self.bad("another case of the name", self.get("HOST: localhost"))
        self.bad("empty", self.get(host="Host:"), 400, 403)
        for host in ("evil.example", "localhost.evil.example",
                     "127.0.0.1.evil.example", f"evil.example:{self.port}"):
            self.bad(host, self.get(host=f"Host: {host}"), 403)
        for host in ("localhost, localhost", "localhost evil.example",
                     "localhost@evil.example", "user@localhost",
                     "localhost:99999", "localhost:80:80", "localhost:x",
                     "localhost/", "localhost#", "[::1", "http://localhost"):
            self.bad(repr(host), self.get(host=f"Host: {host}"), 400, 403)
        for host in ("LOCALHOST", f"localhost:{self.port}", "[::1]",
                     f"127.0.0.1:{self.port}"):
            self.good(host, self.get(host=f"Host: {host}"))

    def limits(self):
        def padded(count):
            return self.get(*(f"A{n}: 1" for n in range(count - 2)))
        self.good("100 fields", padded(100))
        self.bad("101 fields", padded(101), 413)
        self.bad("1,000 fields", padded(1000), 413)
        self.good("7 KiB of header", self.get("A: " + "x" * 7000))
        self.bad("9 KiB of header", self.get("A: " + "x" * 9000), 413)
        self.bad("9 KiB of header in many fields",
                 self.get(*(f"A{n}: " + "x" * 100 for n in range(90))), 413)
        self.bad("9 KiB of a field's name",
                 self.get("A" * 9000 + ": 1"), 400, 413)
        self.bad("64 KiB of header", self.get("A: " + "x" * 65536), 413)
        self.bad("9 KiB of header without an end",
                 self.get("A: " + "x" * 9000)[:-4], 413)
        self.bad("9 KiB of a request line without an end",
                 b"GET /" + b"a" * 9000, 400, 413)
        whole = SIZE + b" " * (MIB - len(SIZE))
        self.good("a body of 1 MiB", self.post(length(whole), body=whole))
        self.bad("a body over 1 MiB",
                 self.post(f"Content-Length: {MIB + 1}"), 413)
        self.bad("a body over 1 MiB, of a GET",
                 self.get(f"Content-Length: {MIB + 1}"), 413)
        self.bad("a body of 100 MiB",
                 self.post("Content-Length: 104857600"), 413)
        self.bad("a chunk over 1 MiB", self.chunks(b"100001\r\nhello"), 413)
        self.bad("chunks over 1 MiB",
                 self.chunks(chunk(b" " * (MIB // 2)) * 2 + b"1\r\nx"), 413)

    def upgrades(self):
        for name, value in (("h2c", "h2c"), ("TLS", "TLS/1.0"),
                            ("a list", "h2c, websocket"),
                            ("a list that begins well", "websocket, h2c"),
                            ("unknown", "foo"), ("nearly", "websockets"),
                            ("a version", "websocket/13")):
            self.bad(name, self.request("GET /ws HTTP/1.1", *WEBSOCKET,
                                        f"Upgrade: {value}"))
        self.bad("h2c on a plain route", self.get(
            "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c",
            "HTTP2-Settings: AAMAAABkAAQAAP__"))
        self.bad("h2c without Connection", self.get("Upgrade: h2c"))
        self.bad("websocket, and h2c in a second field", self.request(
            "GET /ws HTTP/1.1", *WEBSOCKET, "Upgrade: websocket",
            "Upgrade: h2c"))
        self.bad("Expect: something", self.post(
            length(SIZE), "Expect: something"), 417)
        self.bad("Expect: 100-continue and more", self.post(
            length(SIZE), "Expect: 100-continue, x"), 417)
        self.bad("Expect: 200-ok of a GET", self.get("Expect: 200-ok"), 417)
        self.good("Expect: 100-continue", self.post(
            length(SIZE), "Expect: 100-continue"))
        self.good("Expect: 100-continue of a GET",
                  self.get("Expect: 100-continue"))
