"""The daemon under test: started, stopped, killed, started again, with its
own temporary folders, and everything it left behind ended by pid."""
import functools
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

from . import processes, wait
from .http_client import HttpClient

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.join(HERE, "..", "..", "..", "build", "release")
OUTRIGGER = os.environ.get("OUTRIGGER_BIN") or os.path.normpath(
    os.path.join(BUILD, "outrigger"))
HOLDER = os.environ.get("OUTRIGGER_HOLDER") or os.path.join(
    os.path.dirname(OUTRIGGER), "outrigger-holder")

SANITIZER = re.compile(
    r"ERROR: AddressSanitizer|ERROR: LeakSanitizer|runtime error")


def is_sanitized():
    with open(OUTRIGGER, "rb") as file:
        return b"__asan_init" in file.read()


@functools.lru_cache(maxsize=None)
def has_option(name):
    """Whether the daemon knows an option, such as --compression."""
    shown = subprocess.run([OUTRIGGER, "--help"], capture_output=True,
                           text=True, timeout=wait.scaled(20), check=True)
    return re.search(rf"{name}\b", shown.stdout) is not None


wait.set_slow(4.0 if is_sanitized() else 1.0)


class Daemon:
    """One workspace: folders that outlive the process, and the process."""

    def __init__(self, *options, env=None, auth=True, listen="127.0.0.1:0",
                 preexec=None):
        self.folder = tempfile.mkdtemp(prefix="outrigger-e2e-")
        for name in ("state", "run", "root"):
            os.mkdir(os.path.join(self.folder, name), 0o700)
        self.state = os.path.join(self.folder, "state")
        self.run = os.path.join(self.folder, "run")
        self.root = os.path.join(self.folder, "root")
        self.options = list(options)
        self.env = dict(env or {})
        self.auth = auth
        self.listen = listen
        self.preexec = preexec
        self.pass_fds = ()
        self.process = None
        self.lines = []
        self.clients = []
        self.log_path = os.path.join(self.folder, "daemon.log")
        open(self.log_path, "ab").close()

    # -- life ---------------------------------------------------------------

    def arguments(self, *more):
        return [OUTRIGGER, "serve", "--listen", self.listen,
                "--state-dir", self.state, "--runtime-dir", self.run,
                "--root", self.root, "--holder", HOLDER,
                *self.options, *more]

    def environment(self):
        env = {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "SHELL": "/bin/bash",
            "HOME": self.root,  # no start-up files of whoever runs the tests
            "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0",
            "UBSAN_OPTIONS": "print_stacktrace=1",
        }
        env.update(self.env)
        return env

    def spawn(self, *more, stderr=None):
        """Starts the process without waiting for it."""
        self.started_at = time.monotonic()
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.arguments(*more), stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=log if stderr is None else stderr,
                env=self.environment(), preexec_fn=self.preexec,
                pass_fds=self.pass_fds)
        return self.process

    def run_to_end(self, *more, arguments=None, env=None):
        """Runs the daemon where it should end at once; the result as of
        subprocess.run. Files, not pipes: a holder may keep them open."""
        with tempfile.TemporaryFile("w+") as out, \
                tempfile.TemporaryFile("w+") as err:
            process = subprocess.Popen(
                arguments or self.arguments(*more), stdin=subprocess.DEVNULL,
                stdout=out, stderr=err, env=env or self.environment(),
                pass_fds=self.pass_fds)
            try:
                code = process.wait(wait.scaled(15))
            finally:
                process.kill()
                process.wait()
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(
                process.args, code, out.read(), err.read())

    def start(self, *more, stderr=None):
        """Starts the process and waits for its two lines."""
        self.spawn(*more, stderr=stderr)
        return self.await_lines()

    def await_lines(self):
        """Waits until the process that was spawned has said its lines."""
        process = self.process
        watchdog = threading.Timer(wait.scaled(20), process.kill)
        watchdog.start()
        try:
            self.lines = []
            while not self.lines or not self.lines[-1].startswith("console "):
                line = process.stdout.readline()
                if not line:
                    raise AssertionError(
                        f"the daemon ended at once, code {process.wait()}:\n"
                        + self.log())
                self.lines.append(line.decode().rstrip("\n"))
        finally:
            watchdog.cancel()
        address = self.lines[0].split(" ", 1)[1]
        found = re.match(r"https?://([^/]+):(\d+)$", address)
        self.url = address
        self.port = int(found.group(2)) if found else None
        return self

    @property
    def token(self):
        with open(os.path.join(self.state, "token")) as file:
            return file.read().strip()

    def log(self):
        with open(self.log_path, errors="replace") as file:
            return file.read()

    def running(self):
        return self.process is not None and self.process.poll() is None

    def reap(self, deadline):
        try:
            code = self.process.wait(wait.scaled(deadline))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(
                f"the daemon did not end in {wait.scaled(deadline)} s:\n"
                + self.log()[-4000:]) from None
        finally:
            self.process.stdout.close()
        return code

    def terminate(self, deadline=5.0):
        """SIGTERM. Returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.reap(deadline)

    def kill(self):
        """SIGKILL: nothing is told to anybody."""
        self.process.kill()
        self.reap(5.0)

    # -- what belongs to it -------------------------------------------------

    def holder_pids(self):
        """The holder, by the runtime directory on its command line."""
        return [pid for pid in processes.with_command(self.run)
                if not self.process or pid != self.process.pid
                if "serve" not in processes.command(pid)]

    def close(self):
        """Ends the daemon, the holder and every process of its sessions,
        removes the folders, and fails on what a sanitizer wrote."""
        for client in self.clients:
            client.close()
        try:
            code = self.terminate() if self.running() else None
        finally:
            victims = self.holder_pids()
            for pid in list(victims):
                victims += processes.descendants(pid)
            processes.kill_all(victims)
            processes.kill_all(
                set(processes.with_cwd_under(self.folder)) - {os.getpid()})
            log = self.log()
            shutil.rmtree(self.folder, ignore_errors=True)
        if SANITIZER.search(log):
            raise AssertionError("a sanitizer complained:\n" + log)
        if code not in (None, 0):
            raise AssertionError(f"the daemon exited with {code}:\n" + log)

    # -- clients ------------------------------------------------------------

    def http(self, **options):
        options.setdefault("token", self.token if self.auth else None)
        client = HttpClient(self.port, **options)
        self.clients.append(client)
        return client
