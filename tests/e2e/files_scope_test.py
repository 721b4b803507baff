"""What a token for some folders, for looking only, or for something else is
good for on every route of the files."""
import itertools
import subprocess
import unittest

from support import archives, file_routes, wait
from support.case import eventually
from support.daemon import OUTRIGGER
from support.files_case import RAW, V1, FilesCase, snapshot
from support.http_client import HttpClient
from support.watch_case import WatchCase
from support.ws_client import Refused, pump

SECRET = "CANARY-in-another-folder"
HIDDEN = file_routes.SEARCHED.encode() + b" of another folder"
INSIDE = (b"docs/f", b"docs", b"docs/new/x")
OUTSIDE = (b"secret", b"secret/f", b"secret/new", b"secret/a.zip",
           b"docs-more/f", b"/", b"", b"docs/out/f", b"docs/../secret/f",
           b"docs//../secret/f", b"./secret/f")


def make_token(daemon, *scopes):
    made = subprocess.run(
        [OUTRIGGER, "token", "create", "--state-dir", daemon.state,
         *itertools.chain(*(("--scope", one) for one in scopes))],
        check=True, capture_output=True, text=True, env=daemon.environment())
    return made.stdout.strip()


class ScopeTest(WatchCase):
    def setUp(self):
        super().setUp()
        self.fill()

    def fill(self):
        self.empty_workspace()
        self.make("docs/a.md", "mine\n")
        self.make("docs/sub/b.md", "mine\n")
        self.make("docsx/f", SECRET)
        self.make("other/f", SECRET)
        self.make("inside.txt", SECRET)
        self.link("docs/out", "../other")
        self.link("docs/outf", "../other/f")

    def client(self, *scopes):
        """A client with a new token of these scopes."""
        http = HttpClient(self.daemon.port,
                          make_token(self.daemon, *scopes))
        self.addCleanup(http.close)
        eventually(lambda: http.get("/no/such/route").status == 404,
                   "the token is known")
        return http

    def request(self, http, route, path):
        method, target, body, headers = route.request(path.encode())
        return http.request(method, target, body, headers)

    def each(self, http, paths, judge, routes=None):
        """Every route on every path; `judge` says what is wrong with the
        answer, or nothing."""
        problems = []
        before = snapshot(self.root)
        for route, path in itertools.product(
                routes or file_routes.routes(), paths):
            answer = self.request(http, route, path)
            if SECRET in answer.body.decode("latin-1"):
                problems.append(f"{route} {path} tells: {answer}")
            if what := judge(route, path, answer):
                problems.append(f"{route} {path}: {what}: {answer}")
            if route.name.startswith("watch") and answer.status < 300:
                self.delete("/watchers/" + answer.json["id"])
            if snapshot(self.root) != before:
                self.fill()
                before = snapshot(self.root)
        if problems:
            self.fail(f"{len(problems)}:\n" + "\n".join(problems[:40]))

    def is_403(self, route, path, answer):
        if route.always and answer.status in (200, 202):
            return None  # one by one; the disk says whether it was done
        if route.in_target and ".." in path:
            return None if answer.status in (400, 403) else "not refused"
        return None if answer.status == 403 else "not 403"

    def test_tokens_for_something_else(self):
        for scopes in (("terminal",), ("ports",), ("agent",), ("port:80",),
                       ("terminal:1:view",)):
            http = self.client(*scopes)
            self.each(http, ("docs/a.md", "missing"),
                      lambda route, path, answer:
                      None if answer.status == 403 else "not 403")

    def test_looking_only(self):
        """`read` sees all of it and changes none."""
        def judge(route, path, answer):
            if route.looks and not route.name.startswith("watch"):
                return None if answer.status in (200, 400) else "not seen"
            if route.name.startswith("watch"):
                return None  # looking, or making something: either
            return None if answer.status == 403 else "not 403"
        http = self.client("read")
        before = snapshot(self.root)
        problems = []
        for route in file_routes.routes():
            answer = self.request(http, route, "docs/a.md")
            if what := judge(route, "docs/a.md", answer):
                problems.append(f"{route}: {what}: {answer}")
        if problems:
            self.fail("\n".join(problems))
        self.assertEqual(snapshot(self.root), before)
        self.assertEqual(http.get("/files/read?path=inside.txt").status, 200)

    def test_a_folder_and_nothing_else(self):
        outside = ("other", "other/f", "docsx", "docsx/f", "inside.txt",
                   "missing", "other/missing", "docs/../other/f",
                   "docs/../inside.txt", "docs/out/f", "docs/out/new",
                   "other/../docs/../other/f")
        routes = [route for route in file_routes.routes()
                  if not route.only_name]
        for scope in ("files:/docs", "files:/docs:read"):
            self.each(self.client(scope), outside, self.is_403, routes)

    def test_the_workspace_itself_is_more_than_the_folder(self):
        """403, or only what is below the folder."""
        for scope in ("files:/docs", "files:/docs:read"):
            http = self.client(scope)
            for target in ("/files?nested=true&include_content=true",
                           "/files/stream?include_content=true", V1,
                           V1 + "/tree", "/files/search?q=CANARY",
                           "/files/search/files?q=f", "/files/stat?path=/"):
                answer = http.get(target)
                self.assertIn(answer.status, (200, 403), answer)
                for name in (b"inside.txt", b"docsx", b"CANARY-"):
                    self.assertNotIn(name, answer.body)
            answer = http.request("POST", "/files/transfer/download",
                                  {"paths": ["/"]})
            self.assertEqual(answer.status, 403, answer)

    def test_within_its_folder(self):
        path = self.at("docs/a.md")
        for scope, may_write in (("files:/docs", True),
                                 ("files:/docs:read", False)):
            self.fill()
            http = self.client(scope)
            for target in ("/files?path=docs", "/files/stream?path=docs",
                           "/files/read?path=" + path,
                           "/files/stat?path=" + path,
                           "/files/search?q=mine&path=docs",
                           V1 + "?path=/docs", V1 + "/tree?path=docs",
                           V1 + "/content?path=docs/a.md",
                           V1 + "/docs/a.md?raw=true", V1 + "/docs/a.md"):
                self.assertEqual(http.get(target).status, 200, target)
            changes = (
                ("PUT", V1 + "/docs/new", b"x", RAW),
                ("PUT", V1 + "/docs/new?append=true", b"x", RAW),
                ("POST", V1, {"path": "docs/made", "type": "file"}, None),
                ("POST", "/files/write", {"path": "docs/sub/b.md",
                                          "content": "x"}, None),
                ("POST", "/files/mkdir", {"path": "docs/folder"}, None),
                ("POST", V1 + "/copy", {"sourcePath": "docs/a.md",
                                        "destPath": "docs/c.md"}, None),
                ("POST", V1 + "/move", {"sourcePath": "docs/c.md",
                                        "destPath": "docs/d.md"}, None),
                ("DELETE", V1 + "?path=docs/d.md", None, None),
                ("POST", "/files/delete", {"path": "docs/new"}, None))
            before = snapshot(self.root)
            for method, target, body, headers in changes:
                answer = http.request(method, target, body, headers)
                self.assertEqual(answer.status < 300, may_write, (
                    scope, target, answer))
                if not may_write:
                    self.assertEqual(answer.status, 403, answer)
            if not may_write:
                self.assertEqual(snapshot(self.root), before)

    def test_nothing_goes_in_or_out(self):
        http = self.client("files:/docs")
        before = snapshot(self.root)
        for source, destination in (("docs/a.md", "other/a.md"),
                                    ("other/f", "docs/f"),
                                    ("docs/a.md", "docs/../x"),
                                    ("docs/out/f", "docs/f"),
                                    ("docs", "elsewhere")):
            for act in ("copy", "move"):
                answer = http.request("POST", f"{V1}/{act}", {
                    "sourcePath": source, "destPath": destination})
                self.assertEqual(answer.status, 403, answer)
        answer = http.request("POST", "/files/transfer/download",
                              {"paths": ["docs/a.md", "other/f"]})
        self.assertEqual(answer.status, 403)
        self.assertEqual(snapshot(self.root), before)

    def test_a_batch_does_what_it_may(self):
        http = self.client("files:/docs")
        answer = http.request("POST", V1 + "/content/batch", {"files": [
            {"path": "docs/x", "content": "x"},
            {"path": "other/x", "content": "x"}]})
        if answer.status == 200:
            self.assertEqual((answer.json["succeeded"],
                              answer.json["failed"]), (1, 1))
        else:
            self.assertEqual(answer.status, 403)
        self.assertFalse(self.exists("other/x"))
        http.request("POST", V1 + "/batch-delete", {
            "paths": ["other/f", "docs/a.md"]})
        self.assertTrue(self.exists("other/f"))

    def test_several_folders(self):
        http = self.client("files:/docs:read", "files:/other")
        self.assertEqual(http.get(V1 + "/docs/a.md").status, 200)
        self.assertEqual(http.request("PUT", V1 + "/docs/a.md", b"x",
                                      RAW).status, 403)
        self.assertEqual(http.request("PUT", V1 + "/other/f", b"x",
                                      RAW).status, 200)
        self.assertEqual(http.get(V1 + "/docsx/f").status, 403)
        self.assertEqual(http.request("POST", V1 + "/copy", {
            "sourcePath": "docs/a.md", "destPath": "other/a.md"}).status, 200)

    def test_a_folder_that_became_a_link(self):
        http = self.client("files:/docs")
        self.delete(V1, path="docs", recursive=True)
        self.link("docs", "other")
        for target in (V1 + "/docs/f", "/files/read?path=docs/f"):
            answer = http.get(target)
            self.assertIn(answer.status, (200, 403, 404))
            self.assertNotIn(SECRET.encode(), answer.body)

    def test_changes_are_told_to_those_who_may_see_them(self):
        watcher = self.watch("/")["id"]
        whole = self.socket(watcher)
        http = self.client("files:/docs:read", "terminal")
        narrow = self.plain(f"token={http.token}", token=False)
        for path in ("other/secret-name", "docs/seen"):
            self.make(path, "x")
        pump([whole, narrow], lambda: {"other/secret-name", "docs/seen"} <=
             {path for path, _ in self.changes(whole, watcher)}, "both")
        self.quiet(whole, narrow)
        self.assertNotIn("secret-name", str(narrow.texts))
        nothing = self.client("terminal")
        blind = self.plain(f"token={nothing.token}", token=False)
        self.make("docs/more", "x")
        self.until_change(whole, watcher, "docs/more", "create", "write")
        self.quiet(whole, blind)
        self.assertEqual(blind.texts, [])

    def test_changes_on_the_runtime_socket(self):
        http = self.client("files:/docs:read")
        whole = self.runtime_socket()
        try:
            narrow = self.plain(f"token={http.token}", token=False,
                                path="/api/v1/ws")
        except Refused as refused:
            self.assertEqual(refused.status, 403)
            return
        self.folder("docs")
        paths = ["/docs/seen-0"]

        def both():
            path = f"/docs/seen-{len(paths)}"
            paths.append(path)
            self.make(path, "x")
            self.make("/other/secret-" + path[-1], "x")
            try:
                pump([whole, narrow], lambda: set(paths) & {
                    at for at, _ in self.file_changes(narrow)}, "", 0.5)
                return True
            except wait.Timeout:
                return False
        eventually(both, "what is in its folder is told")
        self.quiet(whole, narrow)
        self.assertIn("secret", str(whole.texts))
        self.assertNotIn("secret", str(narrow.texts))

    def test_watchers_of_others(self):
        """A token for one folder may watch that, and nothing above it."""
        mine = self.client("files:/docs")
        for path, status in (("docs", (200, 201)), ("docs/sub", (200, 201)),
                             ("/", (403,)), ("other", (403,))):
            answer = mine.request("POST", "/watchers", {"path": path})
            self.assertIn(answer.status, status, answer)
        theirs = self.watch("/")["id"]
        answer = mine.get("/watchers/" + theirs)
        self.assertIn(answer.status, (403, 404))
        answer = mine.request("DELETE", "/watchers/" + theirs)
        self.assertIn(answer.status, (403, 404))
        self.assertEqual(self.get("/watchers/" + theirs).status, 200)


class UnchangedTest(FilesCase):
    """Whatever is answered: nothing elsewhere is shown or changed."""

    def setUp(self):
        super().setUp()
        self.fill()

    def fill(self):
        self.empty_workspace()
        self.make("docs/f", b"CANARY\n")
        for path in ("secret/f", "docs-more/f", "inside.txt"):
            self.make(path, HIDDEN)
        for path in ("secret/a.zip", "inside.zip"):
            self.make(path, archives.zip_file([("z", HIDDEN)]))
        self.link("docs/out", "../secret")

    def token(self, scope):
        token = make_token(self.daemon, scope)
        eventually(lambda: self.send(token, ("GET", "/no/such/route", None,
                                             {})).status == 404,
                   "the token is known")
        return token

    def send(self, token, made):
        method, target, body, headers = made
        return self.http.request(
            method, target, body,
            {**headers, "Authorization": "Bearer " + token})

    def settle(self, token, answer):
        """An extraction goes on behind its answer."""
        number = answer.status == 202 and answer.json["operationId"]
        wait.eventually(lambda: not number or self.send(token, (
            "GET", f"{V1}/extract/{number}", None, {})).json["status"] not in
            ("pending", "running"), "it is over")

    def check_unchanged(self, token, routes, paths):
        before = snapshot(self.root)
        for route, path in itertools.product(routes, paths):
            with self.subTest(route=route, path=path):
                answer = self.send(token, route.request(path))
                self.settle(token, answer)
                self.assertEqual(snapshot(self.root), before, answer)
                self.assertNotIn(HIDDEN, answer.body)
                if not route.always:
                    self.assertGreaterEqual(answer.status, 400, answer)

    def test_a_folder_is_all_there_is(self):
        for scope in ("files:/docs", "files:/docs:read"):
            # A name alone is one in a folder that is not theirs.
            self.check_unchanged(self.token(scope), file_routes.routes(),
                                 OUTSIDE)

    def test_who_may_look_changes_nothing(self):
        changing = [route for route in file_routes.routes()
                    if not route.looks]
        for scope in ("read", "files:/docs:read", "terminal"):
            self.check_unchanged(self.token(scope), changing,
                                 INSIDE + OUTSIDE)

    def test_other_scopes_do_not_look_either(self):
        token = self.token("terminal:3")
        self.check_unchanged(token, file_routes.routes(), INSIDE + OUTSIDE)

    def test_in_the_folder_everything_goes(self):
        token = self.token("files:/docs")
        refused = {"extract", "extract to", "upload filename"}
        for route in file_routes.routes():
            other = route.name.split()[0] in ("copy", "move", "watch")
            if other or route.name in refused:  # about something else too
                continue
            with self.subTest(route=route):
                answer = self.send(token, route.request(b"docs/f"))
                self.assertNotEqual(answer.status, 403, answer)
                self.fill()


if __name__ == "__main__":
    unittest.main()
