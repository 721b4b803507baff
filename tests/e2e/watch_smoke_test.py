"""Watched folders from outside: watchers by REST, their events on /ws, a
socket's own watchers, and the runtime API's socket."""
import os
import shutil
import signal

from support.case import DaemonCase, eventually
from support.terminal_client import PlainClient
from support.ws_client import Refused, WebSocket, pump


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


class RestTest(Watching):
    def test_a_watcher_is_made_listed_shown_and_deleted(self):
        os.makedirs(self.path("a/b"))
        os.makedirs(self.path("node_modules/x"))
        made = self.create(excludes=["*.log"])
        watcher = made["watcher"]
        self.assertTrue(made["success"])
        for body in (made, watcher):
            self.assertEqual(body["root"], self.folder)
            self.assertEqual(body["dirs"], 3)
            self.assertEqual(body["dir_count"], 3)
            self.assertIn("node_modules", body["excludes"])
            self.assertIn("*.log", body["excludes"])
        self.assertEqual(watcher["state"], "active")
        self.assertIs(watcher["active"], True)
        self.assertRegex(watcher["id"], "^[1-9][0-9]*$")
        listed = self.http.get("/watchers").json
        self.assertEqual(listed, {"success": True, "watchers": [watcher]})
        shown = self.http.get(f"/watchers/{watcher['id']}").json
        self.assertEqual(shown["watcher"], watcher)
        gone = self.http.request("DELETE", f"/watchers/{watcher['id']}")
        self.assertEqual((gone.status, gone.json["success"]), (200, True))
        for method in ("GET", "DELETE"):
            answer = self.http.request(method, f"/watchers/{watcher['id']}")
            self.assertEqual(answer.status, 404)
            self.assertIs(answer.json["success"], False)

    def test_what_cannot_be_watched_is_refused(self):
        self.write("file")
        for body, status in (({}, 400), ({"path": ""}, 400),
                             ({"path": 3}, 400),
                             ({"path": self.folder, "excludes": 3}, 400),
                             ({"path": self.path("none")}, 404),
                             ({"path": self.path("file")}, 400),
                             ({"path": "/etc"}, 403),
                             ({"path": self.folder + "/../.."}, 403)):
            with self.subTest(body=body):
                answer = self.http.request("POST", "/watchers", body)
                self.assertEqual(answer.status, status, answer)

    def test_a_sixth_one_is_a_conflict(self):
        for _ in range(5):
            self.create()
        answer = self.http.request("POST", "/watchers", {"path": self.folder})
        self.assertEqual(answer.status, 409, answer)
        self.assertIs(answer.json["success"], False)


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

    def test_ready_comes_to_those_who_connect_later(self):
        watcher = self.create()["id"]
        client = self.socket()
        self.ready(client, watcher)

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

    def test_a_paused_watcher_says_that_events_were_lost(self):
        client = self.socket("ext=1")
        watcher = self.create()["id"]
        self.ready(client, watcher)
        os.kill(self.daemon.process.pid, signal.SIGSTOP)
        try:
            for i in range(50_000):
                self.write(f"f{i}")
            os.mkdir(self.path("new"))
        finally:
            os.kill(self.daemon.process.pid, signal.SIGCONT)
        for kind in ("overflow", "resync"):
            client.until(lambda: self.frames(client, kind, watcher), kind, 60)
        # What happens when that is over is told, in folders nobody heard of
        # too.
        number = 0

        def told():
            nonlocal number
            number += 1
            self.write("new", f"g{number}")
            return any(path.startswith(self.path("new", "g"))
                       for path, _ in self.changes(client))
        client.until(told, "a change in a new folder", 60)

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

    def test_our_own_writes_are_told_once_and_without_temporary_names(self):
        client = self.socket()
        watcher = self.create()["id"]
        self.ready(client, watcher)
        answer = self.http.request("POST", "/files/write", {
            "path": self.path("saved"), "content": "text"})
        self.assertIn(answer.status, (200, 201), answer)
        self.wait_change(client, self.path("saved"), "create")
        self.write("mark")
        self.wait_change(client, self.path("mark"), "create")
        self.assertEqual({path for path, _ in self.changes(client)},
                         {self.path("saved"), self.path("mark")})


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


class RuntimeSocketTest(Watching):
    def runtime(self, query=None):
        token = f"token={self.daemon.token}" if query is None else query
        client = WebSocket(self.daemon.port, "/api/v1/ws?" + token)
        self.addCleanup(client.close)
        return client

    def said(self, client, kind):
        return [message for message in client.texts
                if message.get("type") == kind]

    def test_changes_of_files_are_pushed(self):
        client = self.runtime()
        top = "/" + self._testMethodName

        def told(path, kind):
            return {"type": "file_changed", "path": path,
                    "event_type": kind} in client.texts
        # The watch begins with the socket.
        number = 0

        def begun():
            nonlocal number
            number += 1
            self.write(f"probe{number}")
            return self.said(client, "file_changed")
        client.until(begun, "the first change")
        self.write("f")
        client.until(lambda: told(top + "/f", "created"), "created")
        self.write("f", text="x")
        client.until(lambda: told(top + "/f", "modified"), "modified")
        os.unlink(self.path("f"))
        client.until(lambda: told(top + "/f", "deleted"), "deleted")

    def test_the_machine_s_load_is_pushed(self):
        client = self.runtime()
        client.until(lambda: self.said(client, "system_stats"),
                     "system_stats", 30)
        stats = self.said(client, "system_stats")[0]["stats"]
        self.assertEqual(set(stats), {"cpu_percent", "memory_percent",
                                      "disk_percent"})
        for value in stats.values():
            self.assertTrue(0 <= value <= 100, stats)
        self.assertGreater(stats["memory_percent"], 0)

    def test_messages_are_answered(self):
        client = self.runtime()
        for sent, answer in (
                ({"type": "ping"}, {"type": "pong"}),
                ({"type": "subscribe", "session_id": "s"},
                 {"type": "subscribed", "session_id": "s", "success": False}),
                ({"type": "unsubscribe", "session_id": "s"},
                 {"type": "unsubscribed", "session_id": "s",
                  "success": False}),
                ({"type": "subscribe"},
                 {"type": "error", "message": "session_id is required"}),
                ({"type": "dance"},
                 {"type": "error", "message": "Unknown message type: dance"}),
                ("no json", {"type": "error", "message": "Invalid JSON"})):
            with self.subTest(sent=sent):
                client.send_text(sent)
                client.until(lambda: answer in client.texts, str(answer))

    def test_without_a_credential_there_is_no_socket(self):
        for query in ("", "token=wrong"):
            with self.assertRaises(Refused) as refused:
                self.runtime(query)
            self.assertEqual(refused.exception.status, 401)
