"""strace on a running daemon: which files it really opened, and system calls
that fail because we say so."""
import os
import re
import shutil
import signal
import subprocess
import tempfile

from . import wait

# Calls that open, make, change or watch what a path leads to.
PATHS = ("open,openat,openat2,creat,mkdir,mkdirat,mknod,mknodat,link,linkat,"
         "symlink,symlinkat,unlink,unlinkat,rmdir,rename,renameat,renameat2,"
         "truncate,chmod,fchmodat,chown,lchown,fchownat,utimensat,setxattr,"
         "lsetxattr,removexattr,lremovexattr,inotify_add_watch,execve,"
         "readlink,readlinkat")

CALL = re.compile(
    r"^(?P<pid>\d+)\s+(?P<name>\w+)\((?P<arguments>.*)\)\s+=\s+"
    r"(?P<result>-?\d+|0x[0-9a-f]+|\?)(?P<rest>.*)$")
OPENED = re.compile(r"^<(.*?)>(\(deleted\))?$")
UNFINISHED = re.compile(r"^(\d+)\s+(.*) <unfinished \.\.\.>$")
RESUMED = re.compile(r"^(\d+)\s+<\.\.\. \w+ resumed>(.*)$")


def unavailable(pid):
    """Why a process cannot be traced; None when it can."""
    if not shutil.which("strace"):
        return "strace is not installed"
    try:
        with Strace(pid, "-e", "trace=none"):
            return None
    except AssertionError as error:
        return str(error)


class Call:
    def __init__(self, match):
        self.name = match["name"]
        self.arguments = match["arguments"]
        self.failed = match["result"].startswith("-")
        self.result = match["result"]
        self.rest = match["rest"]
        self.injected = "INJECTED" in self.rest
        found = OPENED.match(self.rest.strip())
        self.opened = found[1] if found else None  # by -y: what a descriptor is

    def __repr__(self):
        return f"{self.name}({self.arguments[:90]}) = {self.result}{self.rest}"


class Strace:
    """Attached while entered. `calls()` is what was seen."""

    def __init__(self, pid, *options, paths=()):
        self.pid = pid
        handle, self.path = tempfile.mkstemp(prefix="outrigger-e2e-strace-")
        os.close(handle)
        self.command = ["strace", "-f", "-y", "-qq", "-s", "256", "-o",
                        self.path, *options]
        for path in paths:
            self.command += ["-P", path]
        self.command += ["-p", str(pid)]
        self.process = None

    def __enter__(self):
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            wait.eventually(self._attached, "strace on every thread", 10)
        except BaseException:
            self.stop()
            os.remove(self.path)
            raise
        return self

    def __exit__(self, *_):
        self.stop()
        with open(self.path, errors="surrogateescape") as file:
            self.text = file.read()
        os.remove(self.path)

    def _attached(self):
        if self.process.poll() is not None:
            raise AssertionError("strace: " + self.process.stderr.read()
                                 .decode(errors="replace").strip())
        return all(self._tracer(task) == self.process.pid
                   for task in os.listdir(f"/proc/{self.pid}/task"))

    def _tracer(self, task):
        with open(f"/proc/{self.pid}/task/{task}/status") as file:
            return int(re.search(r"^TracerPid:\s+(\d+)", file.read(),
                                 re.M)[1])

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.wait(wait.scaled(20))
        self.process.stderr.close()

    def calls(self):
        """Every call that came to its end, in order."""
        begun, found = {}, []
        for line in self.text.splitlines():
            if half := UNFINISHED.match(line):
                begun[half[1]] = half[2]
                continue
            if half := RESUMED.match(line):
                line = f"{half[1]} {begun.pop(half[1], '')}{half[2]}"
            if match := CALL.match(line):
                found.append(Call(match))
        return found


def opened_outside(calls, inside):
    """Calls that opened a file beneath none of the folders `inside`. Other
    calls than openings are judged by their effects."""
    def fine(path):
        return any(path == one or path.startswith(one.rstrip("/") + "/")
                   for one in inside) or not path.startswith("/")
    return [call for call in calls
            if call.name.startswith(("open", "creat")) and not call.failed
            and call.opened is not None and not fine(call.opened)]
