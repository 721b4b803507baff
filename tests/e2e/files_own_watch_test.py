"""What watchers tell those who ask for more (?ext=1), a socket's own watchers,
and clients that do not keep up."""
import os
import shutil
import unittest

from support.case import DaemonCase, eventually
from support.terminal_client import PlainClient


class Watching(DaemonCase):
    def setUp(self):
        super().setUp()
        self.folder = os.path.join(self.daemon.root, self._testMethodName)
        os.mkdir(self.folder)

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, *parts, text=""):
        with open(self.path(*parts), "a", encoding="utf-8") as file:
            file.write(text)

    def _tidy(self):
        super()._tidy()
        for watcher in self.http.get("/watchers").json["watchers"]:
            self.http.request("DELETE", f"/watchers/{watcher['id']}")

    def create(self, **body):
        answer = self.http.request(
            "POST", "/watchers", {"path": self.folder, **body})
        self.assertEqual(answer.status, 201, answer)
        return answer.json

    def socket(self, query=""):
        client = PlainClient(self.daemon, query)
        self.addCleanup(client.close)
        return client

    def frames(self, client, kind, watcher=None):
        return [message for message in client.texts
                if message.get("channel") == "watcher"
                and message["type"] == kind
                and (watcher is None or message["watcher_id"] == watcher)]

    def changes(self, client, watcher=None):
        return [(message["path"], message["op"])
                for message in self.frames(client, "change", watcher)]

    def wait_change(self, client, path, op):
        client.until(lambda: (path, op) in self.changes(client),
                     f"{op} of {path}, have {self.changes(client)[-5:]}")

    def ready(self, client, watcher):
        client.until(lambda: self.frames(client, "ready", watcher),
                     f"ready of {watcher}")


class EventsTest(Watching):
    def test_changes_reach_every_socket(self):
        first, second = self.socket(), self.socket("ext=1")
        watcher = self.create()["id"]
        for client in (first, second):
            self.ready(client, watcher)
        self.assertEqual(self.frames(first, "ready")[0], {
            "channel": "watcher", "type": "ready", "watcher_id": watcher,
            "root": self.folder, "dirs": 1})
        self.write("a")
        for client in (first, second):
            self.wait_change(client, self.path("a"), "create")
        self.write("a", text="x")
        os.mkdir(self.path("d"))
        os.rename(self.path("a"), self.path("d", "b"))
        os.unlink(self.path("d", "b"))
        for client in (first, second):
            self.wait_change(client, self.path("a"), "rename")
            self.wait_change(client, self.path("d"), "create")
        self.write("d", "c")
        for client in (first, second):
            self.wait_change(client, self.path("d", "c"), "create")
        self.assertEqual(
            self.frames(first, "change")[0],
            {"channel": "watcher", "type": "change", "watcher_id": watcher,
             "path": self.path("a"), "op": "create"})

    def test_a_burst_is_told_to_the_last_file(self):
        client = self.socket()
        watcher = self.create()["id"]
        self.ready(client, watcher)
        for i in range(5000):
            self.write(f"f{i}")
        wanted = {self.path(f"f{i}") for i in range(5000)}
        client.until(lambda: len(self.frames(client, "change")) >= 5000
                     or self.frames(client, "overflow"))
        self.assertEqual({path for path, _ in self.changes(client)}, wanted)

    def test_a_client_that_does_not_read_costs_little(self):
        stopped, client = self.socket("ext=1"), self.socket("ext=1")
        watcher = self.create()["id"]
        for each in (stopped, client):
            self.ready(each, watcher)
        for i in range(30_000):
            self.write(f"a-file-with-quite-a-long-name-to-fill-buffers-{i}")
            if i % 1000 == 0:
                client.read_once()
        self.write("last")
        client.until(
            lambda: (self.path("last"), "create") in self.changes(client)
            or self.frames(client, "resync"), deadline=60)
        # The one that was away is told that it missed something, or nothing
        # at all is missing.
        stopped.until(
            lambda: self.frames(stopped, "resync")
            or (self.path("last"), "create") in self.changes(stopped),
            deadline=60)
        self.write("after")
        for each in (stopped, client):
            self.wait_change(each, self.path("after"), "create")

    def test_the_folder_may_go_and_come_back(self):
        client = self.socket("ext=1")
        watcher = self.create()["id"]
        self.ready(client, watcher)
        shutil.rmtree(self.folder)
        client.until(lambda: self.frames(client, "gone", watcher), "gone")
        state = self.http.get(f"/watchers/{watcher}").json
        self.assertEqual((state["state"], state["active"]), ("gone", False))
        os.mkdir(self.folder)
        client.until(lambda: self.frames(client, "resync", watcher), "resync")
        self.write("f")
        self.wait_change(client, self.path("f"), "create")


class OwnWatcherTest(Watching):
    def watch(self, client, **fields):
        client.send_text({"channel": "watcher", "type": "watch",
                          "path": self.folder, **fields})

    def test_a_socket_may_watch_for_itself(self):
        client, other = self.socket("ext=1"), self.socket("ext=1")
        self.watch(client, id="mine", excludes=["hidden"])
        client.until(lambda: self.frames(client, "ready"), "ready")
        ready = self.frames(client, "ready")[0]
        self.assertEqual((ready["id"], ready["root"], ready["dirs"]),
                         ("mine", self.folder, 1))
        self.assertEqual(self.http.get("/watchers").json["watchers"], [])
        self.write("hidden")
        self.write("a")
        self.wait_change(client, self.path("a"), "create")
        self.assertEqual(self.changes(client), [(self.path("a"), "create")])
        client.send_text({"channel": "watcher", "type": "unwatch",
                          "watcher_id": ready["watcher_id"]})
        client.until(lambda: self.frames(client, "unwatched"), "unwatched")
        self.assertEqual(self.frames(other, "change"), [])

    def test_a_ninth_one_and_bad_paths_are_errors(self):
        client = self.socket("ext=1")
        for i in range(8):
            self.watch(client, id=i)
        client.until(lambda: len(self.frames(client, "ready")) == 8, "ready")
        self.watch(client, id="ninth")
        client.until(lambda: self.frames_of_errors(client), "error")
        error = self.frames_of_errors(client)[0]
        self.assertEqual((error["id"], error["code"]), ("ninth", "conflict"))
        other = self.socket("ext=1")
        self.watch(other, id="x", path=self.path("none"))
        other.until(lambda: self.frames_of_errors(other), "error")
        self.assertEqual(self.frames_of_errors(other)[0]["code"], "not_found")

    def frames_of_errors(self, client):
        return [message for message in client.texts
                if message.get("type") == "error"]

    def test_they_end_with_their_socket(self):
        def watches():
            for line in self.http.get("/metrics").body.decode().splitlines():
                if line.startswith("outrigger_watches "):
                    return float(line.split()[1])
        client = self.socket("ext=1")
        self.watch(client)
        client.until(lambda: self.frames(client, "ready"), "ready")
        self.assertEqual(watches(), 1)
        client.close()
        eventually(lambda: watches() == 0, "no watch left")


if __name__ == "__main__":
    unittest.main()
