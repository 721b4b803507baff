"""Two hosts on one machine: network namespaces joined by a cable that can be
pulled, so that packets vanish and nobody is told."""
import contextlib
import ctypes
import os
import shutil
import subprocess

CLONE_NEWNET = 0x40000000


def unavailable():
    """Why there can be no namespaces here; None when there can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if not shutil.which("ip"):
        return "iproute2 is not installed"
    name = f"outrigger-{os.getpid()}-probe"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True,
                          text=True, check=False)
    if made.returncode:
        return "no network namespaces here: " + made.stderr.strip()
    _ip("netns", "del", name)
    return None


def _ip(*arguments):
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


def enter(name):
    """Moves the calling thread; what it opens or starts stays there."""
    file = os.open(name, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if ctypes.CDLL(None, use_errno=True).setns(file, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns " + name)
    finally:
        os.close(file)


class Cable:
    """Hosts `near` (with the address NEAR) and `far`."""

    NEAR, FAR = "10.77.0.1", "10.77.0.2"

    def __init__(self):
        self.near = f"outrigger-{os.getpid()}-near"
        self.far = f"outrigger-{os.getpid()}-far"
        self.made = []
        try:
            for name in (self.near, self.far):
                _ip("netns", "add", name)
                self.made.append(name)
            _ip("-n", self.near, "link", "add", "cable", "type", "veth",
                "peer", "name", "cable", "netns", self.far)
            for name, address in ((self.near, self.NEAR),
                                  (self.far, self.FAR)):
                _ip("-n", name, "address", "add", address + "/24", "dev",
                    "cable")
                _ip("-n", name, "link", "set", "lo", "up")
                _ip("-n", name, "link", "set", "cable", "up")
        except BaseException:
            self.close()
            raise

    def pull(self):
        """From now on everything either host sends is lost."""
        _ip("-n", self.far, "link", "set", "cable", "down")

    def close(self):
        while self.made:
            _ip("netns", "del", self.made.pop())

    def enter_near(self):
        enter("/run/netns/" + self.near)

    @contextlib.contextmanager
    def inside(self, name):
        """Sockets opened meanwhile belong to that host."""
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        enter("/run/netns/" + name)
        try:
            yield
        finally:
            enter(f"/proc/self/fd/{home}")
            os.close(home)
