"""A service manager as the daemon meets one: a notify socket, and listening
sockets passed to it as descriptors 3 and up."""
import os
import socket
import sys
import time

from . import wait
from .daemon import Daemon

# Puts the passed descriptors in their place and becomes the daemon, whose pid
# is then the one in LISTEN_PID.
PASS = """
import os, sys
passed = sys.argv[1].split(",")
for number, fd in enumerate(passed):
    os.dup2(int(fd), 100 + number)
for number in range(len(passed)):
    os.dup2(100 + number, 3 + number)
    os.close(100 + number)
os.environ["LISTEN_FDS"] = str(len(passed))
os.environ.setdefault("LISTEN_PID", str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"""


class NotifySocket:
    """Hears what the daemon says of itself."""

    def __init__(self, path):
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)

    def close(self):
        self.socket.close()

    def heard(self, within):
        """The next message as a dict, or None if none comes in time."""
        self.socket.settimeout(within)
        try:
            text = self.socket.recv(65536).decode()
        except TimeoutError:
            return None
        return dict(line.split("=", 1) for line in text.split("\n"))

    def wait_for(self, name, deadline=wait.DEADLINE):
        """The next message that has the field; others are passed over."""
        end = time.monotonic() + wait.scaled(deadline)
        seen = []
        while (left := end - time.monotonic()) > 0:
            message = self.heard(left)
            if message and name in message:
                return message
            seen.append(message)
        raise wait.Timeout(f"{name} was not said; heard {seen}")


class ActivatedDaemon(Daemon):
    """One that is passed listening sockets, which it does not own."""

    def __init__(self, *sockets, options=(), **kwargs):
        super().__init__(*options, **kwargs)
        self.pass_fds = tuple(each.fileno() for each in sockets)

    def arguments(self, *more):
        return [sys.executable, "-B", "-c", PASS,
                ",".join(map(str, self.pass_fds)), *super().arguments(*more)]


def listening(address):
    """A listening socket at ("127.0.0.1", 0) or at a path."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.bind(address)
    made.listen()
    if isinstance(address, str):
        os.chmod(address, 0o600)
    return made
