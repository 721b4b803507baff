"""A daemon that knows a key of each algorithm, and requests with tokens."""
import itertools

from . import jwt
from .carriers import CARRIERS, UPGRADE
from .case import DaemonCase
from .daemon import Daemon
from .jwt import PublicKey, SecretKey
from .raw_http import exchange, request
from .ws_client import WebSocket

WORKSPACE = "workshop"
# Wrong tokens are counted by source: every one comes from another.
SOURCES = (f"127.4.{b}.{c}" for b, c in itertools.product(
    range(256), range(1, 255)))


class JwtCase(DaemonCase):
    options = ("--workspace-id", WORKSPACE)

    @classmethod
    def setUpClass(cls):
        # Not started by the parent class: the keys are in its folder.
        cls.daemon = Daemon(*cls.options)
        cls.addClassCleanup(cls.daemon.close)
        folder = cls.daemon.folder
        cls.keys = {"HS256": SecretKey("hs", folder),
                    "ES256": PublicKey("es", "ES256", folder),
                    "EdDSA": PublicKey("ed", "EdDSA", folder),
                    "none": SecretKey("", folder)}
        for key in cls.keys.values():
            cls.daemon.options += key.option
        cls.daemon.start()

    def token(self, algorithm="HS256", header=None, **claims):
        """A good one, but for what is changed."""
        key = self.keys[algorithm]
        return key.token(jwt.claims(WORKSPACE, **claims),
                         key.header(**header or {}))

    def ask(self, token, carrier="Authorization", method="GET",
            path="/terminals", body=None):
        """The answer, which never shows the token."""
        fields, query = CARRIERS[carrier](token)
        fields = list(fields)
        if path == "/ws":
            fields += UPGRADE
        if body is not None:
            fields += ["Content-Type: application/json",
                       f"Content-Length: {len(body)}"]
        target = path + ("?" + query if query else "")
        answer, seen = exchange(
            self.daemon.port, request(f"{method} {target} HTTP/1.1", *fields,
                                      body=body or b""), next(SOURCES))
        self.assertIsNotNone(answer, "closed without an answer")
        self.assertNotIn(token.encode(), seen)
        return answer

    def socket(self, token):
        socket = WebSocket(self.daemon.port, f"/ws?ext=1&token={token}")
        self.addCleanup(socket.close)
        return socket
