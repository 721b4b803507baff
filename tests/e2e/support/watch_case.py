"""Watchers and the two sockets their events come on."""
import os

from . import wait
from .files_case import FilesCase, temporary_files
from .ws_client import pump_for

QUIET = 0.5  # seconds: several times what changes are collected for


class WatchCase(FilesCase):
    def watch(self, path="/", **more):
        """A new watcher; what POST answers."""
        body = self.check_created(self.post("/watchers",
                                            {"path": path, **more}))
        self.addCleanup(self.http.request, "DELETE",
                        "/watchers/" + body["id"])
        return body

    def check_created(self, answer):
        self.assertIn(answer.status, (200, 201), answer)
        body = answer.json
        self.assertIs(body["success"], True)
        return body

    def tearDown(self):
        for one in self.get("/watchers").json.get("watchers", ()):
            self.http.request("DELETE", "/watchers/" + one["id"])

    # -- the terminals' socket ----------------------------------------------

    def socket(self, watcher=None):
        """A client; with a watcher, one that has heard it is ready."""
        client = self.plain()
        if watcher is not None:
            client.until(lambda: self.events(client, watcher, "ready"),
                         "ready", 20)
        return client

    def events(self, client, watcher, kind):
        return [text for text in client.texts
                if text.get("channel") == "watcher"
                and text.get("type") == kind
                and text.get("watcher_id") == watcher]

    def changes(self, client, watcher):
        """(path below the workspace, op), as they came."""
        return [(os.path.relpath(text["path"], self.root), text["op"])
                for text in self.events(client, watcher, "change")]

    def until_change(self, client, watcher, path, *ops, deadline=15,
                     after=0):
        """Waits for one of these on `path`."""
        def there():
            return [op for at, op in self.changes(client, watcher)[after:]
                    if at == path and op in ops]
        client.until(there, f"{ops} of {path}, not only "
                     f"{self.changes(client, watcher)[-20:]}", deadline)

    def quiet(self, *clients):
        pump_for(clients, wait.scaled(QUIET))

    # -- /api/v1/ws ---------------------------------------------------------

    def runtime_socket(self, **options):
        """A client that has heard of a change: the workspace is watched."""
        client = self.plain(path="/api/v1/ws", **options)
        for number in range(400):
            path = f"first-{number}"
            self.make(path)
            try:
                client.until(lambda: any(
                    one.startswith("/first-") for one, _ in
                    self.file_changes(client)), "any change", 0.1)
                break
            except wait.Timeout:
                pass
        for name in os.listdir(self.root):
            if name.startswith("first-"):
                os.remove(self.at(name))
        self.assertTrue(self.file_changes(client), "no change was told")
        self.quiet(client)
        client.texts.clear()
        return client

    def file_changes(self, client):
        """(path, event_type), as they came."""
        return [(text["path"], text["event_type"]) for text in client.texts
                if text.get("type") == "file_changed"]

    def until_file_change(self, client, path, *kinds, deadline=15):
        client.until(lambda: [kind for at, kind in self.file_changes(client)
                              if at == path and kind in kinds],
                     f"{kinds} of {path}", deadline)

    def check_nothing_temporary_told(self, client):
        for text in client.texts:
            self.assertNotIn(".outrigger-", str(text.get("path")))
        self.assertEqual(temporary_files(self.root), [])
