"""What a daemon is asked when every trace of a credential is to be found:
canaries, and the requests that carry one into every kind of answer."""
import base64
import json
import secrets
import time

KEY = base64.b64encode(b"0" * 16).decode()
UPGRADE = ("Connection: Upgrade, close", "Upgrade: websocket",
           "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {KEY}")


class Canary:
    """A secret in parts that are its own, so that a part is found as well."""

    def __init__(self, text, *parts):
        assert all(len(part) >= 16 and part in text for part in parts), text
        self.text = text
        self.parts = [part.encode() for part in parts]

    @classmethod
    def made(cls, kind):
        halves = [secrets.token_hex(16), secrets.token_hex(16)]
        return cls(f"{kind}-{halves[0]}-{halves[1]}", *halves)

    @classmethod
    def halved(cls, text):
        middle = len(text) // 2
        return cls(text, text[:middle], text[middle:])

    def count(self, data):
        if isinstance(data, str):
            data = data.encode()
        return sum(data.count(part) for part in self.parts)


def signed(key, audience):
    """A JWT for everything, as a canary: what it says and its signature.
    The header is in every token of the same kind."""
    now = int(time.time())
    token = key.token({"aud": audience, "iat": now, "exp": now + 3600,
                       "scope": "all", "jti": secrets.token_hex(16)})
    _, claims, signature = token.split(".")
    return Canary(token, claims, signature[:21], signature[21:])


def percent(text):
    return "".join(f"%{byte:02x}" for byte in text.encode())


def carriers(token):
    """Name -> (query, header lines) of a credential on a request."""
    return {
        "bearer": ("", [f"Authorization: Bearer {token}"]),
        "bearer in capitals": ("", [f"AUTHORIZATION: BEARER {token}"]),
        "api key": ("", [f"X-API-Key: {token}"]),
        "internal": ("", [f"X-Internal-Token: {token}"]),
        "token": (f"token={token}", []),
        "api_key": (f"api_key={token}", []),
        "internal_token": (f"internal_token={token}", []),
        "ticket": (f"ticket={token}", []),
        "escaped": (f"token={percent(token)}", []),
        "with others": (f"a=b&token={token}&c=d", []),
        "twice": (f"token={token}", [f"Authorization: Bearer {token}"]),
        "subprotocol": ("", [f"Sec-WebSocket-Protocol: Bearer, {token}"]),
    }


def request(method, path, query="", headers=(), body=b"", host="localhost"):
    target = path + ("?" + query if query else "")
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", *headers]
    if body or method in ("POST", "PUT"):
        lines.append(f"Content-Length: {len(body)}")
    if not any(line.startswith("Connection:") for line in headers):
        lines.append("Connection: close")
    return "\r\n".join(lines + ["", ""]).encode() + body


def answers(query, headers):
    """Name -> (request, expected status) with a good credential."""
    json_type = [*headers, "Content-Type: application/json"]

    def join(more):
        return "&".join(filter(None, (query, more)))
    return {
        "ok": (request("GET", "/terminals", query, headers), 200),
        "no such number": (request(
            "GET", "/terminals/1/scrollback", join("bytes=x"), headers), 400),
        "bad JSON": (request("POST", "/terminals", query, json_type, b"{"),
                     400),
        "foreign host": (request("GET", "/terminals", query, headers,
                                 host="evil.example"), 403),
        "foreign origin": (request(
            "GET", "/terminals", query,
            [*headers, "Origin: https://evil.example"]), 403),
        "no terminal": (request("GET", "/terminals/250", query, headers), 404),
        "no route": (request("GET", "/nothing", query, headers), 404),
        "method": (request("PATCH", "/terminals", query, headers), 405),
        "limit": (request("POST", "/terminals", query, json_type, b"{}"), 409),
        "body size": (request("POST", "/terminals", query, [
            *json_type, "Expect: 100-continue"], b"x" * (1100 << 10)), 413),
        "type": (request("POST", "/terminals", query, [
            *headers, "Content-Type: text/plain"], b"{}"), 415),
        "version": (request("GET", "/ws", query, [
            *headers, *UPGRADE[:2], "Sec-WebSocket-Version: 8", UPGRADE[3]]),
                    426),
        "no upgrade": (request("GET", "/ws", query, headers), 400),
        "no key": (request("GET", "/ws", query, [
            *headers, *UPGRADE[:3]]), 400),
        "origin of an upgrade": (request("GET", "/ws", query, [
            *headers, *UPGRADE, "Origin: https://evil.example"]), 403),
        "computer": (request("GET", "/ws", join("dialect=cua"), [
            *headers, *UPGRADE]), 501),
        "dialect": (request("GET", "/ws", join("dialect=odd"), [
            *headers, *UPGRADE]), 400),
        "after": (request("GET", "/ws", join("dialect=oblien&ext=1&after=x"), [
            *headers, *UPGRADE]), 400),
    }


def malformed(token):
    """Name -> request that is refused as it is written."""
    bearer = f"Authorization: Bearer {token}"
    return {
        "no colon": request("GET", "/terminals", "", [
            f"Authorization Bearer {token}"]),
        "blank before the colon": request("GET", "/terminals", "", [
            f"Authorization : Bearer {token}"]),
        "folded": request("GET", "/terminals", "", [
            "Authorization: Bearer", f" {token}"]),
        "two bearers": request("GET", "/terminals", "", [
            bearer, f"Authorization: Bearer x{token}"]),
        "two carriers": request("GET", "/terminals", f"token=y{token}",
                                [bearer]),
        "another scheme": request("GET", "/terminals", "", [
            f"Authorization: Basic {token}"]),
        "no scheme": request("GET", "/terminals", "", [
            f"Authorization: {token}"]),
        "control character": request("GET", "/terminals", "", [
            f"Authorization: Bearer {token}\x01"]),
        "bad escape": request("GET", "/terminals", f"token={token}%zz"),
        "NUL escape": request("GET", "/terminals", f"token={token}%00"),
        "blank in the query": request("GET", "/terminals",
                                      f"token={token} x"),
        "fragment": request("GET", f"/terminals#token={token}"),
        "absolute form": request(
            "GET", f"http://localhost/terminals?token={token}"),
        "user information": request(
            "GET", f"http://user:{token}@localhost/terminals"),
        "asterisk": request("OPTIONS", f"*?token={token}"),
        "two hosts": request("GET", "/terminals", f"token={token}",
                             [bearer, "Host: localhost"]),
        "both lengths": request("POST", "/terminals", f"token={token}", [
            bearer, "Transfer-Encoding: chunked"], b"0\r\n\r\n"),
        "coding": request("GET", "/terminals", f"token={token}", [
            bearer, "Transfer-Encoding: xchunked"]),
        "expectation": request("GET", "/terminals", f"token={token}", [
            bearer, "Expect: miracles"]),
        "old version": f"GET /terminals?token={token} HTTP/0.9\r\n"
                       f"Host: localhost\r\n{bearer}\r\n\r\n".encode(),
        "no version": f"GET /terminals?token={token}\r\n\r\n".encode(),
        "nothing but it": f"{token}\r\n\r\n".encode(),
        "header size": request("GET", "/terminals", f"token={token}", [
            bearer, "X-Filler: " + "x" * 20000]),
        "header count": request("GET", "/terminals", f"token={token}", [
            bearer, *(f"X-{number}: {token}" for number in range(150))]),
        "target size": request("GET", "/terminals", f"token={token}" * 200),
        "TLS to a plain port": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
                               + token.encode(),
    }


def elsewhere(token):
    """Requests with a credential where clients and proxies leave copies."""
    return {
        "cookie": request("GET", "/health", "", [f"Cookie: token={token}"]),
        "referer": request("GET", "/health", "", [
            f"Referer: http://localhost/?token={token}"]),
        "unknown query": request("GET", "/health", f"secret={token}"),
        "unknown header": request("GET", "/nothing", "", [
            f"X-Amz-Security-Token: {token}"]),
        "proxy header": request("GET", "/terminals", "", [
            f"Proxy-Authorization: Bearer {token}"]),
        "page": request("GET", "/", f"token={token}"),
        "body": request("POST", "/terminals", "", [
            f"Authorization: Bearer {token}",
            "Content-Type: application/json"], json.dumps(
                {"token": token, "env": token, "cols": token}).encode()),
    }
