"""Changes on /api/v1/ws; and what watching does when it cannot keep up: lost
events, no more watches to be had."""
import ctypes
import os
import signal
import unittest

from support import wait
from support.daemon import Daemon
from support.watch_case import WatchCase
from support.ws_client import Refused, WebSocket, pump

CLONE_NEWUSER = 0x10000000
WATCHES = 40
CREATES = 50_000


class RuntimeSocketTest(WatchCase):
    def test_changes(self):
        client = self.runtime_socket()
        self.make("src/deep/a.py", "x")
        self.until_file_change(client, "/src/deep/a.py", "created",
                               "modified")
        self.quiet(client)
        self.make("src/deep/a.py", "changed")
        self.until_file_change(client, "/src/deep/a.py", "modified")
        os.rename(self.at("src/deep/a.py"), self.at("src/b.py"))
        self.until_file_change(client, "/src/deep/a.py", "deleted")
        self.until_file_change(client, "/src/b.py", "created")
        os.remove(self.at("src/b.py"))
        self.until_file_change(client, "/src/b.py", "deleted")

    def test_a_new_file_is_created_first(self):
        client = self.runtime_socket()
        os.mknod(self.at("empty"))
        self.until_file_change(client, "/empty", "created")

    def test_what_the_daemon_writes_itself(self):
        client = self.runtime_socket()
        self.put_raw("a.txt", b"one")
        self.until_file_change(client, "/a.txt", "created", "modified")
        self.delete("/api/v1/files/a.txt")
        self.until_file_change(client, "/a.txt", "deleted")
        self.check_nothing_temporary_told(client)

    def test_node_modules_and_the_like_are_left_out(self):
        client = self.runtime_socket()
        for path in ("node_modules/a/b.js", ".git/index",
                     "src/__pycache__/c.pyc"):
            self.make(path, "x")
        self.make("src/told.py", "x")
        self.until_file_change(client, "/src/told.py", "created", "modified")
        self.quiet(client)
        self.assertEqual({path for path, _ in self.file_changes(client)}
                         - {"/src", "/src/told.py"}, set())

    def test_every_client_hears_them(self):
        clients = [self.runtime_socket() for _ in range(3)]
        self.make("a", "x")
        for client in clients:
            pump(clients, lambda: "/a" in dict(self.file_changes(client)),
                 "the change")

    def test_statistics_every_five_seconds(self):
        client = self.plain(path="/api/v1/ws")

        def statistics():
            return [text["stats"] for text in client.texts
                    if text["type"] == "system_stats"]
        client.until(lambda: len(statistics()) >= 2, "statistics", 12)
        for stats in statistics():
            for name in ("cpu_percent", "memory_percent", "disk_percent"):
                self.assertGreaterEqual(stats[name], 0)
                self.assertLessEqual(stats[name], 100)
        self.assertGreater(statistics()[-1]["memory_percent"], 0)

    def reply(self, client, message):
        client.texts[:] = [text for text in client.texts if text["type"]
                           not in ("system_stats", "file_changed")]
        count = len(client.texts)
        client.send_text(message)

        def replies():
            return [text for text in client.texts[count:] if text["type"]
                    not in ("system_stats", "file_changed")]
        client.until(replies, f"an answer to {message}")
        return replies()[0]

    def test_ping_and_what_is_not_understood(self):
        client = self.plain(path="/api/v1/ws")
        self.assertEqual(self.reply(client, {"type": "ping"})["type"], "pong")
        bad = self.reply(client, "{")
        self.assertEqual((bad["type"], bad["message"]),
                         ("error", "Invalid JSON"))
        unknown = self.reply(client, {"type": "nonsense"})
        self.assertEqual(unknown["type"], "error")
        self.assertIn("nonsense", unknown["message"])
        for kind in ("subscribe", "unsubscribe"):
            self.assertEqual(
                self.reply(client, {"type": kind, "session_id": "s"}),
                {"type": kind + "d", "session_id": "s", "success": False})
        without = self.reply(client, {"type": "subscribe"})
        self.assertEqual((without["type"], without["message"]),
                         ("error", "session_id is required"))
        for text in ("[]", "7", "null", '{"type":7}', "{}"):
            self.assertEqual(self.reply(client, text)["type"], "error")
        self.assertEqual(self.reply(client, {"type": "ping"})["type"], "pong")

    def test_who_may_open_it(self):
        for path, headers in (
                ("/api/v1/ws", ()), ("/api/v1/ws?token=wrong", ()),
                ("/api/v1/ws", [("Authorization", "Bearer wrong")])):
            try:
                with WebSocket(self.daemon.port, path, headers,
                               deadline=5) as socket:
                    self.assertIn(socket.wait_closed(15), (4401, 1008))
            except Refused as refused:
                self.assertIn(refused.status, (401, 403))
        token = self.daemon.token
        for path, headers in (
                (f"/api/v1/ws?token={token}", ()),
                (f"/api/v1/ws?internal_token={token}", ()),
                ("/api/v1/ws", [("Authorization", "Bearer " + token)]),
                ("/api/v1/ws", [("X-Internal-Token", token)])):
            with WebSocket(self.daemon.port, path, headers) as socket:
                socket.send_text({"type": "ping"})
                socket.until(lambda: {"type": "pong"}.items()
                             <= socket.texts[-1].items()
                             if socket.texts else False, "pong")


class OverflowTest(WatchCase):
    def stopped(self, act):
        """Does something while the daemon cannot read a single event."""
        pid = self.daemon.process.pid
        os.kill(pid, signal.SIGSTOP)
        try:
            act()
        finally:
            os.kill(pid, signal.SIGCONT)

    def listed(self):
        body = self.get("/files", nested=True, flatten=True, light=True).json
        return {os.path.relpath(entry["path"], self.root)
                for entry in body["entries"]}

    def flood(self):
        for number in range(49):
            self.folder(f"d{number}")
        os.mknod(f"{self.root}/first")
        for number in range(CREATES - 1100):
            os.link(f"{self.root}/first",
                    f"{self.root}/d{number % 49}/f{number}")
        os.mkdir(f"{self.root}/d0/late")
        # More events than a queue holds, and no more entries than a list.
        for number in range(1000):
            os.mknod(f"{self.root}/gone")
            os.remove(f"{self.root}/gone")

    def on_disk(self):
        return {os.path.relpath(os.path.join(base, name), self.root)
                for base, folders, files in os.walk(self.root)
                for name in folders + files}

    def test_lost_events_are_said_and_the_tree_is_looked_at_again(self):
        watcher = self.watch("/")["id"]
        client = self.socket(watcher)
        self.stopped(self.flood)
        client.until(lambda: self.events(client, watcher, "overflow"),
                     "overflow", 60)
        self.assertTrue(self.events(client, watcher, "overflow")[0]
                        ["message"])
        self.assertEqual(self.listed(), self.on_disk())
        # Folders made while nobody looked are watched as well.
        for path in ("d48/after", "d0/late/after"):
            for number in range(100):
                os.mknod(self.at(f"{path}-{number}"))
                try:
                    client.until(lambda: [at for at, _ in self.changes(
                        client, watcher) if at.startswith(path)], "", 0.5)
                    break
                except wait.Timeout:
                    pass
            else:
                self.fail(f"{path} is not told")

    def test_lost_events_on_the_runtime_socket(self):
        client = self.runtime_socket()
        self.stopped(self.flood)

        def told():
            kinds = {text["type"] for text in client.texts}
            return kinds & {"resync", "overflow"} or \
                len({path for path, _ in self.file_changes(client)}) \
                >= CREATES - 1100
        client.until(told, "resync, or every change", 90)
        self.assertEqual(self.listed(), self.on_disk())
        self.quiet(client)
        self.make("d0/late/after", "x")
        self.until_file_change(client, "/d0/late/after", "created",
                               "modified", deadline=30)


class BudgetTest(WatchCase):
    """In a user namespace of its own, whose limit of watches is low: nobody
    else on the machine has fewer."""
    shielded = False

    @classmethod
    def setUpClass(cls):
        cls.user = (os.geteuid(), os.getegid())
        reason = cls.unavailable()
        if reason:
            raise unittest.SkipTest(reason)
        super().setUpClass()

    @classmethod
    def new_daemon(cls, *options, **more):
        return Daemon(*options, preexec=cls.enter, **more)

    @classmethod
    def enter(cls):
        if ctypes.CDLL(None).unshare(CLONE_NEWUSER):
            raise OSError("no user namespace")
        for name, text in (("setgroups", "deny"),
                           ("uid_map", f"{cls.user[0]} {cls.user[0]} 1"),
                           ("gid_map", f"{cls.user[1]} {cls.user[1]} 1")):
            with open("/proc/self/" + name, "w") as file:
                file.write(text)
        with open("/proc/sys/user/max_inotify_watches", "w") as file:
            file.write(str(WATCHES))

    @classmethod
    def unavailable(cls):
        """Why the limit cannot be lowered here."""
        child = os.fork()
        if child == 0:
            try:
                cls.enter()
                os._exit(0)
            except BaseException:
                os._exit(1)
        if os.waitpid(child, 0)[1]:
            return "no user namespaces whose limit of watches can be set"
        with open("/proc/sys/user/max_inotify_watches") as file:
            if int(file.read()) == WATCHES:
                return "the limit is not the namespace's own"
        return None

    def test_more_folders_than_watches(self):
        for number in range(2 * WATCHES):
            self.folder(f"d{number:03}")
        body = self.watch("/")
        watcher = body["id"]
        client = self.socket(watcher)

        def degraded():
            return "degraded" in str(client.texts) or "degraded" in str(
                self.get("/watchers/" + watcher).json) \
                or "degraded" in str(self.get("/health").json)
        client.until(degraded, "that watching is degraded")
        wanted = set()
        for number in range(2 * WATCHES):
            path = f"d{number:03}/new"
            os.mknod(self.at(path))
            wanted.add(path)
        client.until(lambda: wanted <= {path for path, _ in self.changes(
            client, watcher)}, "every change, by polling", 40)
        for number in range(2 * WATCHES):
            os.remove(self.at(f"d{number:03}/new"))
        client.until(lambda: wanted <= {
            path for path, op in self.changes(client, watcher)
            if op == "remove"}, "every removal, by polling", 40)

    def test_folders_that_come_when_there_are_no_more(self):
        watcher = self.watch("/")["id"]
        client = self.socket(watcher)
        for number in range(2 * WATCHES):
            self.folder(f"d{number:03}/deep")
        path = f"d{2 * WATCHES - 1:03}/deep/new"
        os.mknod(self.at(path))
        self.until_change(client, watcher, path, "create", "write",
                          deadline=40)

    def test_all_is_well_again_with_fewer_folders(self):
        for number in range(2 * WATCHES):
            self.folder(f"d{number:03}")
        self.socket(self.watch("/")["id"])
        self.tearDown()
        self.empty_workspace()
        self.folder("few")
        watcher = self.watch("/")["id"]
        client = self.socket(watcher)
        os.mknod(self.at("few/a"))
        self.until_change(client, watcher, "few/a", "create", deadline=2)


if __name__ == "__main__":
    unittest.main()
