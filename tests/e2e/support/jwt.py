"""JSON Web Tokens made by hand, right ones and wrong ones. HS256 is Python's
own; the keys and signatures of ES256 and EdDSA are the openssl command's."""
import base64
import hashlib
import hmac
import json
import os
import subprocess
import tempfile
import time

HALF = 32  # bytes of r, and of s


def encode(data):
    """Base64url without padding; anything but bytes as JSON."""
    if not isinstance(data, bytes):
        data = json.dumps(data, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def openssl(*arguments):
    return subprocess.run(["openssl", *arguments], check=True,
                          capture_output=True).stdout


class Key:
    """One of the keys a daemon knows. `path` is the file it is told of."""

    def __init__(self, kid, algorithm, folder):
        self.kid = kid
        self.algorithm = algorithm
        self.folder = folder
        self.path = os.path.join(folder, f"{kid or 'none'}.{algorithm}")

    @property
    def option(self):
        return ["--jwt-key", f"{self.kid}:{self.algorithm}:{self.path}"]

    def content(self):
        with open(self.path, "rb") as file:
            return file.read()

    def write(self, content):
        """As a new file, the way keys are replaced."""
        with open(self.path + ".new", "wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(content)
        os.rename(self.path + ".new", self.path)

    def header(self, **changed):
        return changes({"alg": self.algorithm, "typ": "JWT",
                        "kid": self.kid}, changed)

    def token(self, claims, header=None):
        """A whole token; a header or claims may be bytes as well."""
        parts = f"{encode(header or self.header())}.{encode(claims)}"
        return f"{parts}.{encode(self.sign(parts.encode()))}"


class SecretKey(Key):
    def __init__(self, kid, folder, secret=None):
        super().__init__(kid, "HS256", folder)
        self.secret = secret or os.urandom(32)
        self.write(self.secret)

    def sign(self, data):
        return hmac.new(self.secret, data, hashlib.sha256).digest()


class PublicKey(Key):
    """An EC key for ES256, an Ed25519 one for EdDSA; the daemon's file is
    the public half."""
    KINDS = {"ES256": ["-algorithm", "EC", "-pkeyopt",
                       "ec_paramgen_curve:P-256"],
             "EdDSA": ["-algorithm", "ed25519"]}

    def __init__(self, kid, algorithm, folder):
        super().__init__(kid, algorithm, folder)
        self.private = self.path + ".private"
        openssl("genpkey", *self.KINDS[algorithm], "-out", self.private)
        self.write(openssl("pkey", "-in", self.private, "-pubout"))

    def sign(self, data):
        if self.algorithm == "ES256":
            return both_halves(self.sign_der(data))
        with tempfile.NamedTemporaryFile(dir=self.folder) as file:
            file.write(data)
            file.flush()  # its size is wanted before it is read
            return openssl("pkeyutl", "-sign", "-rawin", "-inkey",
                           self.private, "-in", file.name)

    def sign_der(self, data):
        with tempfile.NamedTemporaryFile(dir=self.folder) as file:
            file.write(data)
            file.flush()
            return openssl("dgst", "-sha256", "-sign", self.private,
                           file.name)


def both_halves(der):
    """r and s of an ECDSA signature, one behind the other, from DER: a
    sequence of two integers, each shorter than 128 bytes."""
    assert der[0] == 0x30 and der[1] == len(der) - 2, der
    out, rest = b"", der[2:]
    while rest:
        assert rest[0] == 0x02, rest
        size = rest[1]
        out += int.from_bytes(rest[2:2 + size], "big").to_bytes(HALF, "big")
        rest = rest[2 + size:]
    assert len(out) == 2 * HALF
    return out


def changes(fields, changed):
    """`fields` with some replaced; those that are None are left out."""
    return {name: value for name, value in {**fields, **changed}.items()
            if value is not None}


def claims(audience, **changed):
    """What a good token says, for ten minutes from now."""
    now = int(time.time())
    return changes({"sub": "somebody", "aud": audience, "iat": now - 5,
                    "exp": now + 600, "scope": "terminal read"}, changed)
