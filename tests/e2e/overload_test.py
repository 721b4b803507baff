"""Floods against a memory budget: what is shed, what is not, and that the
daemon lives (case 43 of the hostile cases)."""
import collections
import os
import socket
import struct
import threading
import time
import unittest

from support import processes
from support.case import eventually, fresh, scaled
from support.daemon import is_sanitized
from support.raw_http import RawConnection
from support.terminal_client import ExtClient
from support.ws_client import WebSocket

MIB = 1024 * 1024
FLOODERS = 100
GROUP_LIMIT = 128 * MIB
HIGH = ("high", "critical")  # levels without new terminals
# Version 1 of control groups, where its memory controller is ours to use.
CONTROLLER = "/sys/fs/cgroup/memory"


def metrics(http):
    answer = http.request("GET", "/metrics")
    found = {}
    for line in answer.body.decode().splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.rpartition(" ")
            found[name] = float(value)
    return found


def make_group(case):
    """A control group of 128 MiB for one daemon, or a skipped test."""
    path = os.path.join(CONTROLLER, f"outrigger-test-{os.getpid()}")
    try:
        os.mkdir(path)
        with open(path + "/memory.limit_in_bytes", "w",
                  encoding="ascii") as file:
            file.write(str(GROUP_LIMIT))
    except OSError as error:
        case.skipTest(f"no memory controller to use: {error}")
    case.addCleanup(lambda: eventually(lambda: remove(path), "group gone"))
    return path


def remove(path):
    try:
        os.rmdir(path)
        return True
    except OSError:
        return False


def enter(path):
    """For the daemon's process, before it is one."""
    with open(path + "/cgroup.procs", "w", encoding="ascii") as file:
        file.write(str(os.getpid()))


def read(path):
    with open(path, encoding="ascii") as file:
        return file.read()


class FloodTest(unittest.TestCase):
    def flood(self, daemon, seconds):
        """A hundred clients that send what nobody reads, or read nothing of
        what is sent, beside one that works, until new terminals have been
        refused for it. Returns the working one's answers' worst time."""
        http = daemon.http()
        deaf = [http.create("sh", "-c", "exec sleep 1000")["id"]
                for _ in range(3)]
        loud = http.create("yes")["id"]
        echo = http.create("sh", "-c",
                           "stty raw -echo; echo ready; exec cat")["id"]
        worker = ExtClient(daemon, "attach=none")
        self.addCleanup(worker.close)
        worker.attach(echo)
        worker.wait_output(echo, "ready")
        message = b"x" * (MIB - 16)
        clients = []
        for number in range(FLOODERS):
            path = f"/ws?token={daemon.token}"
            if number % 4 != 0:
                path += "&ext=1&attach=none"
            client = WebSocket(daemon.port, path, receive_buffer=4096)
            self.addCleanup(client.close)
            clients.append(client)
        levels, worst, begin = set(), 0.0, time.monotonic()
        sent = refused = 0
        while (took := time.monotonic() - begin) < seconds or (
                not refused and took < seconds + scaled(10)):
            for number, client in enumerate(clients):
                if number % 4 != 0 and not client.closed and not client.out:
                    client.send_input(deaf[number % 3], message)
                elif client.out:
                    client._write()
            began = time.monotonic()
            sent += 1
            text = f"<{sent}>"
            worker.send_input(echo, text)
            worker.wait_output(echo, text)
            answer = http.request("GET", "/health")
            self.assertEqual(answer.status, 200)
            worst = max(worst, time.monotonic() - began)
            levels.add(answer.json["overload"])
            if answer.json["overload"] in HIGH:
                refused += self.refuses(http)
        self.assertTrue(levels.intersection(("elevated", *HIGH)), levels)
        self.assertGreater(refused, 0, "terminals refused")
        self.check_shed(http)
        for client in clients:
            # At once: the end of what it still has to send would only come
            # behind it, and the daemon does not read on.
            if not client.closed:
                client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                         struct.pack("ii", 1, 0))
            client.close()
        for terminal in (*deaf, loud, echo):
            self.assertTrue(http.terminals()[terminal]["alive"])
        return worst

    def refuses(self, http):
        """No new terminals at these levels; whether it was still at one."""
        answer = http.request("POST", "/terminals", {"cmd": ["true"]})
        if http.request("GET", "/health").json["overload"] not in HIGH:
            return False
        self.assertEqual(answer.status, 503, answer)
        self.assertEqual(answer.json["code"], "service_unavailable")
        self.assertRegex(answer.headers["Retry-After"], r"^[1-9]\d?$")
        return True

    def check_shed(self, http):
        """Some who held most have been closed, and told so."""
        seen = metrics(http)
        self.assertGreater(seen["outrigger_slow_readers_closed_total"], 0)
        self.assertGreater(
            seen['outrigger_requests_refused_total{reason="overload"}'], 0)
        self.assertGreater(
            seen['outrigger_websockets_closed_total{code="1013"}'], 0)

    def recovers(self, daemon):
        http = daemon.http()
        eventually(lambda: http.request("GET", "/health").json["overload"]
                   == "ok", "no overload any more", 30.0)
        eventually(lambda: metrics(http)[
            'outrigger_queued_bytes{direction="in"}'] == 0, "empty queues")

    def test_a_flood_stays_within_the_budget(self):
        # A sanitizer's own memory is many times ours.
        budget = 512 if is_sanitized() else 64
        daemon = fresh(self, "--memory-budget", f"{budget}MiB")
        pid = daemon.process.pid
        processes.forget_peak(pid)
        worst = self.flood(daemon, 6)
        self.assertLess(worst, scaled(1.0))
        if not is_sanitized():
            self.assertLess(processes.peak_kib(pid), budget * 1024)
            self.recovers(daemon)

    @unittest.skipIf(is_sanitized(), "a sanitized daemon needs more than the "
                     "control group allows")
    def test_a_control_group_is_not_overrun(self):
        group = make_group(self)
        daemon = fresh(self, preexec=lambda: enter(group))
        pid = daemon.process.pid
        self.assertIn(str(pid), read(group + "/cgroup.procs").split())
        processes.forget_peak(pid)
        worst = self.flood(daemon, 6)
        self.assertTrue(daemon.running())
        self.assertLess(worst, scaled(1.0))
        self.assertIn("oom_kill 0",
                      read(group + "/memory.oom_control").splitlines())
        # The daemon's own; terminals are in the group, too.
        self.assertLess(processes.peak_kib(pid) * 1024, GROUP_LIMIT)
        self.recovers(daemon)


class LevelTest(unittest.TestCase):
    def overload(self, daemon):
        return daemon.http().request("GET", "/health").json["overload"]

    def keep_crowded(self, daemon, stop):
        """More silent strangers than there is room for, all the time: the
        daemon drops some for every one that comes."""
        crowd = collections.deque()
        try:
            while not stop.wait(0.005):
                crowd.append(RawConnection(daemon.port))
                if len(crowd) > 60:
                    crowd.popleft().close()
        finally:
            for connection in crowd:
                connection.close()

    def test_strangers_are_turned_away_when_there_are_many(self):
        daemon = fresh(self, "--max-unauthenticated", "8")
        known = daemon.http()
        known.request("GET", "/terminals")
        stop = threading.Event()
        crowd = threading.Thread(target=self.keep_crowded,
                                 args=(daemon, stop))
        crowd.start()
        self.addCleanup(crowd.join)
        self.addCleanup(stop.set)

        def status(path, **credential):
            """Of a new client's answer; 0 when it was the one to be dropped
            before it had said who it is."""
            try:
                answer = daemon.http(**credential).request("GET", path)
            except OSError:
                return 0
            if answer.status == 503:
                self.assertIn("Retry-After", dict(answer.headers))
            return answer.status
        for wanted, path, credential in ((503, "/ws", {"token": None}),
                                         (200, "/", {"token": None}),
                                         (200, "/health", {"token": None}),
                                         (200, "/terminals", {})):
            eventually(lambda: status(path, **credential) == wanted,
                       f"{wanted} for {path}")
        self.assertNotEqual(
            known.request("GET", "/health").json["overload"], "ok")
        self.assertEqual(known.request("GET", "/terminals").status, 200)
        stop.set()
        crowd.join()
        eventually(lambda: known.request("GET", "/health").json["overload"]
                   == "ok", "no overload any more")

    def test_no_new_terminals_when_memory_is_short(self):
        # Less than the daemon itself needs.
        daemon = fresh(self, "--memory-budget", "16MiB")
        http = daemon.http()
        self.assertIn(self.overload(daemon), ("high", "critical"))
        answer = http.request("POST", "/terminals", {"cmd": ["true"]})
        self.assertEqual(answer.status, 503, answer)
        self.assertEqual(answer.json["code"], "service_unavailable")
        self.assertEqual(http.request("GET", "/terminals").status, 200)
        self.assertGreaterEqual(metrics(http)["outrigger_overload_level"], 2)
        self.assertRegex(daemon.log(), "overload (high|critical)")
