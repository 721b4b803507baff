"""Processes seen through /proc: who is whose, and ending them by pid."""
import os
import signal

from .wait import eventually


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def pids():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def command(pid):
    return read(f"/proc/{pid}/cmdline").replace(b"\0", b" ").decode(
        "utf-8", "replace").strip()


def stat(pid):
    """(state, ppid) of a process, or None once it is gone."""
    text = read(f"/proc/{pid}/stat").decode("utf-8", "replace")
    if not text:
        return None
    fields = text.rpartition(")")[2].split()
    return fields[0], int(fields[1])


def alive(pid):
    """Whether a process runs; a zombie does not."""
    found = stat(pid)
    return found is not None and found[0] not in "ZX"


def gone(pid):
    """Whether not even a zombie is left."""
    return stat(pid) is None


def with_command(text):
    """Processes whose command line contains `text`."""
    return [pid for pid in pids()
            if pid != os.getpid() and text in command(pid)]


def with_cwd_under(folder):
    found = []
    for pid in pids():
        try:
            if os.readlink(f"/proc/{pid}/cwd").startswith(folder):
                found.append(pid)
        except OSError:
            pass
    return found


def descendants(root):
    children = {}
    for pid in pids():
        found = stat(pid)
        if found:
            children.setdefault(found[1], []).append(pid)
    result, todo = [], [root]
    while todo:
        for child in children.get(todo.pop(), []):
            result.append(child)
            todo.append(child)
    return result


def kill(pid, number=signal.SIGKILL):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def kill_all(victims):
    """Ends processes by pid and waits until they no longer run."""
    for pid in victims:
        kill(pid)
    for pid in victims:
        eventually(lambda: not alive(pid), f"end of process {pid}")


def status_kib(pid, name):
    for line in read(f"/proc/{pid}/status").decode().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    return 0


def resident_kib(pid):
    return status_kib(pid, "VmRSS")


def peak_kib(pid):
    """The most it was since forget_peak, or since it started."""
    return status_kib(pid, "VmHWM")


def forget_peak(pid):
    with open(f"/proc/{pid}/clear_refs", "w") as file:
        file.write("5")


def open_files(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))
