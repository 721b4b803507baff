"""What a credential for files is good for, on every route that takes a path: to
look at all of them, at one folder, or to change what is in one."""
import itertools
import subprocess
import unittest

from support import archives, file_routes, wait
from support.case import eventually
from support.daemon import OUTRIGGER
from support.files_case import V1, FilesCase, snapshot

SECRET = file_routes.SEARCHED.encode() + b" of another folder"
INSIDE = (b"docs/f", b"docs", b"docs/new/x")
OUTSIDE = (b"secret", b"secret/f", b"secret/new", b"secret/a.zip",
           b"docs-more/f", b"/", b"", b"docs/out/f", b"docs/../secret/f",
           b"docs//../secret/f", b"./secret/f")


class FileScopesTest(FilesCase):
    def setUp(self):
        super().setUp()
        self.fill()

    def fill(self):
        self.empty_workspace()
        self.make("docs/f", b"CANARY\n")
        for path in ("secret/f", "docs-more/f", "inside.txt"):
            self.make(path, SECRET)
        for path in ("secret/a.zip", "inside.zip"):
            self.make(path, archives.zip_file([("z", SECRET)]))
        self.link("docs/out", "../secret")

    def token(self, scope):
        made = subprocess.run(
            [OUTRIGGER, "token", "create", "--state-dir", self.daemon.state,
             "--scope", scope], check=True, capture_output=True, text=True,
            env=self.daemon.environment()).stdout.strip()
        eventually(lambda: self.send(made, ("GET", "/no/such/route", None, {}))
                   .status == 404, "the token is known")
        return made

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
                self.assertNotIn(SECRET, answer.body)
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
