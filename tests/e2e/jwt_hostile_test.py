"""Every way to make a JSON Web Token that is wrong, on the wire: refused with
401 and the right reason, before the upgrade as well, at once."""
import base64
import json
import statistics
import time
import unittest

from support import jwt
from support.carriers import CARRIERS
from support.case import scaled
from support.jwt import SecretKey, encode
from support.jwt_case import WORKSPACE, JwtCase

DAY = 24 * 3600
QUICK = 0.005  # seconds to refuse one, mostly
LONGEST = 0.25  # seconds, on a busy machine
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


class HostileTest(JwtCase):
    """Each is a good one but for one thing, and 401 for that one."""
    options = (*JwtCase.options, "--access-log", "--log-level", "debug")

    def check(self, rows, reason):
        took = []
        for name, token in rows.items():
            with self.subTest(name):
                for path in ("/terminals", "/ws", "/terminals"):
                    start = time.monotonic()
                    answer = self.ask(token, path=path)
                    took.append(time.monotonic() - start)
                    self.assertEqual(answer.status, 401, answer)
                    self.assertIn("Bearer", answer.field("www-authenticate"))
                    self.assertRegex(answer.json["error"], reason)
                self.assertLess(min(took[-3:]), scaled(LONGEST))
        self.assertLess(statistics.median(took), scaled(QUICK))
        self.assertEqual(self.ask(self.token()).status, 200)

    def test_the_algorithm_is_the_keys_whatever_the_header_says(self):
        rows = {}
        for algorithm, key in self.keys.items():
            good = self.token(algorithm).rpartition(".")[2]
            body = encode(jwt.claims(WORKSPACE))
            for said in ("none", "None", "NONE", "nOnE", "", "HS384", "hs256",
                         "HS256 ", "RS256", "ES256", "EdDSA", "ES256K",
                         "Ed25519", "HS256"):
                if said != key.algorithm:
                    head = encode(key.header(alg=said))
                    for what, signature in (("no", ""), ("a", good)):
                        rows[f"{algorithm}, said {said!r}, {what} signature"
                             ] = f"{head}.{body}.{signature}"
        self.check(rows, "algorithm is not")

    def test_a_public_key_is_no_secret(self):
        rows = {}
        for algorithm in ("ES256", "EdDSA"):
            key = self.keys[algorithm]
            pem = key.content()
            der = base64.b64decode(b"".join(pem.splitlines()[1:-1]))
            for name, secret in {"PEM": pem, "PEM, a line": pem.strip(),
                                 "DER": der, "raw": der[-32:]}.items():
                forger = SecretKey("forger", self.daemon.folder, secret)
                rows[f"{algorithm} {name}"] = forger.token(
                    jwt.claims(WORKSPACE), key.header(alg="HS256"))
        self.check(rows, "algorithm is not")
        forger = SecretKey("forger", self.daemon.folder,
                           self.keys["ES256"].content())
        self.check({"under the kid of the secret": forger.token(
            jwt.claims(WORKSPACE), self.keys["HS256"].header())},
                   "signature is wrong")

    def test_the_key_is_the_one_that_is_named(self):
        self.check({f"kid {kid!r}": self.token(header={"kid": kid})
                    for kid in ("other", "HS", "hs ", "hs\0", "../hs", "*",
                                "/dev/null", "' or 1=1 --", "h" * 2000)},
                   "unknown key")
        self.check({"the kid of another of its kind": self.token(
            "none", header={"kid": "hs"}), "no kid": self.token(
                header={"kid": None})}, "signature is wrong")
        self.check({"the kid of another kind": self.token(
            header={"kid": "es"})}, "algorithm is not")

    def test_the_header_brings_nothing_of_its_own(self):
        self.check({f"{name} in it": self.token(header={name: value})
                    for name, value in (
                        ("jwk", {"kty": "oct", "k": "AAAA"}),
                        ("jku", "http://127.0.0.1/keys"), ("x5c", []),
                        ("x5u", "http://127.0.0.1/"), ("crit", ["exp"]),
                        ("b64", False), ("zip", "DEF"), ("cty", "JWT"))},
                   "other than alg, typ, kid")
        self.check({"alg 1": self.token(header={"alg": 1}),
                    "alg a list": self.token(header={"alg": ["HS256"]}),
                    "kid 1": self.token(header={"kid": 1}),
                    "kid false": self.token(header={"kid": False})},
                   "not a string")
        self.check({"no alg": self.token(header={"alg": None})},
                   "no algorithm")

    def test_what_is_signed_must_be_json_objects(self):
        key = self.keys["HS256"]
        claims = jwt.claims(WORKSPACE)
        twins = json.dumps(claims)[:-1] + ', "scope": "all"}'
        self.check({name: key.token(claims, header) for name, header in {
            "a list": b"[]", "nothing": b" ", "half": b'{"alg":"HS256"',
            "twins": b'{"alg":"none","alg":"HS256","kid":"hs"}',
            "deep": b"[" * 3000}.items()}, "header is not a JSON object")
        self.check({name: key.token(body) for name, body in {
            "a list": b"[]", "a string": b'"x"', "nothing": b" ",
            "twins": twins.encode(),
            "a byte that is no UTF-8": b'{"sub":"\xff"}',
            "deep": b"[" * 3000}.items()}, "claims are not a JSON object")

    def test_the_times_are_kept(self):
        now = int(time.time())
        self.check({"no exp": self.token(exp=None)}, "no expiry")
        self.check({"a second ago": self.token(exp=now - 1),
                    "a year ago": self.token(exp=now - 365 * DAY),
                    "in 1970": self.token(exp=0)}, "has expired")
        self.check({f"exp {exp!r}": self.token(exp=exp) for exp in (
            "2030", str(now + 600), 1e308, now + 600.5, -1, 1 << 63, 1 << 64,
            True, [now + 600], {})}, "exp is not a time")
        self.check({f"nbf {nbf!r}": self.token(nbf=nbf) for nbf in (
            "0", 0.5, -1, 1e308, False)}, "nbf is not a time")
        self.check({f"iat {iat!r}": self.token(iat=iat) for iat in (
            "0", 0.5, -1, 1e308, False)}, "iat is not a time")
        self.check({"nbf in a minute": self.token(nbf=now + 90),
                    "nbf in a year": self.token(nbf=now + 365 * DAY)},
                   "not valid yet")
        self.check({"iat in a minute": self.token(iat=now + 90)},
                   "issued in the future")
        self.check({"a day and a second": self.token(exp=now - 5 + DAY + 1,
                                                     iat=now - 5),
                    "a day from now and more": self.token(
                        exp=now + DAY + 60, iat=None),
                    "for ever": self.token(exp=253402300799)},
                   "lives too long")

    def test_the_audience_is_this_workspace(self):
        self.check({"none": self.token(aud=None)}, "no audience")
        self.check({f"aud {aud!r}": self.token(aud=aud) for aud in (
            "", "elsewhere", WORKSPACE[:-1], WORKSPACE + "s", "local", "*",
            WORKSPACE.upper(), WORKSPACE + " elsewhere", WORKSPACE + "\0",
            [], ["elsewhere"], [""])}, "another audience")
        self.check({f"aud {aud!r}": self.token(aud=aud) for aud in (
            1, True, {}, {WORKSPACE: 1}, [WORKSPACE, 1], [[WORKSPACE]])},
                   "not a string or strings")

    def test_scopes_are_claimed_and_known(self):
        self.check({"none": self.token(scope=None),
                    "an empty list": self.token(scope=[]),
                    "an empty text": self.token(scope="")}, "no scope claim")
        self.check({f"scope {scope!r}": self.token(scope=scope) for scope in (
            "root", "read root", "*", "READ", "terminal:0", "terminal:256",
            "files:/../etc", "port:65536",
            " ".join(f"port:{n}" for n in range(1, 66)))},
                   "not a list of scopes")
        self.check({f"scope {scope!r}": self.token(scope=scope) for scope in (
            1, True, {"all": True}, ["read", 1], ["read all"], [["all"]],
            ["read,all"], [""])}, "not a string or strings")

    def test_nothing_signed_may_be_changed(self):
        rows, ends = {}, {}
        stranger = SecretKey("stranger", self.daemon.folder)
        for algorithm, key in self.keys.items():
            head, body, signature = self.token(
                algorithm, scope="read").split(".")
            more = encode(jwt.claims(WORKSPACE, scope="all"))
            other = encode(key.header(typ="jwt"))
            raw = key.sign(f"{head}.{body}".encode())
            wrongs = {"none": b"", "cut": raw[:-1],
                      "by a stranger's secret": stranger.sign(
                          f"{head}.{body}".encode()),
                      "longer": raw + b"\0",
                      "zeros": bytes(len(raw)), "ones": b"\xff" * len(raw),
                      "many times": raw * 64,
                      **{f"bit of byte {at}": raw[:at]
                         + bytes([raw[at] ^ 1]) + raw[at + 1:]
                         for at in (0, len(raw) // 2, len(raw) - 1)}}
            if algorithm == "ES256":
                wrongs["DER"] = key.sign_der(f"{head}.{body}".encode())
                wrongs["another's r"] = bytes(32) + raw[32:]
                wrongs["no s"] = raw[:32] + bytes(32)
            rows |= {f"{algorithm}: the signature, {name}":
                     f"{head}.{body}.{encode(wrong)}"
                     for name, wrong in wrongs.items()}
            rows |= {f"{algorithm}: the claims": f"{head}.{more}.{signature}",
                     f"{algorithm}: the header": f"{other}.{body}.{signature}"}
            # The last of 43 or 86 characters has bits that mean nothing.
            last = ALPHABET[ALPHABET.index(signature[-1]) ^ 1]
            ends |= {f"{algorithm}, {name}": changed for name, changed in {
                "bits that mean nothing":
                    f"{head}.{body}.{signature[:-1]}{last}",
                "padding": f"{head}.{body}.{signature}=",
                "padding inside": f"{head}=.{body}.{signature}",
                "the other alphabet": f"{head}.{body}.+/{signature[2:]}",
                "a character": f"{head}.{body}.{signature}!",
                "a line break": f"{head}.{body}.{signature}%0a"}.items()}
        self.check(rows, "signature is wrong")
        self.check(ends, "not base64url")

    def test_there_are_three_parts(self):
        head, body, signature = self.token().split(".")
        whole = f"{head}.{body}.{signature}"
        self.check({"one more": f"{whole}.{signature}", "a dot": f"{whole}.",
                    "a dot first": f".{whole}", "two": f"{head}.{body}",
                    "one": head, "five, as encrypted ones": f"{whole}.a.b"},
                   "not valid|three parts")
        self.check({"three empty ones": "..", "no header":
                    f".{body}.{signature}"}, "not a JSON object")

    def test_none_is_logged(self):
        wrong = self.token(aud="elsewhere")
        for carrier in CARRIERS:
            self.assertEqual(self.ask(wrong, carrier).status, 401)
            self.assertEqual(self.ask(self.token(), carrier).status, 200)
        log = self.daemon.log()
        self.assertIn("/terminals", log)
        self.assertNotIn(wrong.split(".")[0], log)


if __name__ == "__main__":
    unittest.main()
