"""Nothing outside of the workspace: every route that takes a path, with every
path that leads out, and with links that do. What the daemon really opened is
asked of strace."""
import itertools
import os
import unittest

from support import archives, file_routes, strace, wait
from support.files_case import FilesCase, snapshot
from support.http_client import HttpClient

SYSTEM = ("/proc", "/sys", "/usr", "/lib", "/dev/null", "/etc/localtime",
          "/etc/magic", "/etc/ld.so.cache")
LINKS = {  # name → target; FOLDER and ROOT are filled in
    "l_passwd": "/etc/passwd", "l_root": "/", "l_proc": "/proc/self/root",
    "l_cwd": "/proc/self/cwd", "l_fd": "/proc/self/fd", "l_sib":
    "../root-secret", "l_sibf": "../root-secret/f", "l_new":
    "../root-secret/new", "l_chain": "l_sib", "l_chainf": "a/l_back",
    "a/l_back": "../../root-secret/f", "l_up": "..", "l_upup": "a/../..",
    "l_abs": "ROOT/a", "l_absf": "ROOT/inside.txt", "l_loop": "l_loop",
    "l_long": "a/" * 500 + "f", "l_state": "FOLDER/state/token"}
LINKS.update({f"l_fd{number}": f"/proc/self/fd/{number}"
              for number in range(3, 24, 4)})
THROUGH = ("l_root/etc/passwd", "l_proc/etc/passwd", "l_sib/f", "l_sib/sub",
           "l_sib/demo.zip", "l_sib/new", "l_sib/new/deep", "l_chain/f",
           "l_chain/sub/new", "l_up/root-secret/f", "l_upup/root-secret/f",
           "l_abs/b", "a/../l_sib/f", "l_sib/x/../f", "l_fd/5", "l_cwd/f")
# Without their dots these are names in the workspace.
DOTTED = ("l_sib/../root-secret/f", "l_sib/.", "l_sib/", "l_root/./",
          "l_up/../root-secret/f")


class ContainmentCase(FilesCase):
    @classmethod
    def before_start(cls):
        cls.secret = os.path.join(cls.daemon.folder, "root-secret")
        cls.canary = file_routes.SEARCHED + os.urandom(12).hex()
        os.makedirs(os.path.join(cls.secret, "sub"))
        with open(os.path.join(cls.secret, "f"), "w") as file:
            file.write(cls.canary + "\n")
        with open(os.path.join(cls.secret, "demo.zip"), "wb") as file:
            file.write(archives.zip_file([("f", cls.canary.encode())]))
        cls.told = (cls.canary, cls.canary[len(file_routes.SEARCHED):],
                    "root:x:0:0")

    def setUp(self):
        super().setUp()
        self.told = (*self.told, self.daemon.token)
        self.build()
        self.before = snapshot(self.secret)
        self.neighbours = sorted(os.listdir(self.daemon.folder))
        self.problems = []
        self.asked = 0

    def build(self):
        """The workspace as every request finds it."""
        self.empty_workspace()
        self.folder("a/b")
        self.make("inside.txt", "inside\n")
        self.make("inside.zip", archives.zip_file([("unzipped", b"x")]))
        for name, target in LINKS.items():
            self.link(name, target.replace("ROOT", self.root)
                      .replace("FOLDER", self.daemon.folder))
        self.state = self.shape()

    def shape(self):
        return sorted(os.path.relpath(os.path.join(base, name), self.root)
                      for base, folders, files in os.walk(self.root)
                      for name in folders + files), \
            self.content("inside.txt") if self.exists("inside.txt") else None

    def request(self, route, path):
        method, target, body, headers = route.request(path)
        self.asked += 1
        return self.ask(method, target, body, headers)

    def attempt(self, route, path, statuses):
        """One request; what is wrong with its answer or with the disk is
        collected. `statuses` null: it may as well succeed."""
        if getattr(self.http, "used", 0) >= 900:  # requests of a connection
            self.http.close()
            self.http.used = 0
        self.http.used = getattr(self.http, "used", 0) + 1
        answer = self.request(route, path)
        said = f"{route} {path[:80]!r}: {answer}"
        text = answer.body.decode("latin-1")
        if any(one in text for one in self.told):
            self.problems.append("told what is outside: " + said)
        if answer.status >= 500:
            self.problems.append("failed: " + said)
        elif route.always and answer.status < 300:
            self.judge_batch(route, answer, statuses, said)
        elif statuses is not None and answer.status not in statuses:
            self.problems.append(f"not in {statuses}: {said}")
        if snapshot(self.secret) != self.before or sorted(
                os.listdir(self.daemon.folder)) != self.neighbours:
            self.fail("changed what is outside: " + said)
        if route.name.startswith("watch") and answer.status < 300:
            self.http.request("DELETE", "/watchers/" + answer.json["id"])
        if not route.looks and self.shape() != self.state:
            if statuses is not None:
                self.problems.append("changed the workspace: " + said)
            self.build()

    def judge_batch(self, route, answer, statuses, said):
        body = answer.json
        if "operationId" in body:
            def over():
                state = self.get("/api/v1/files/extract/"
                                 + body["operationId"]).json
                return state["status"] in ("completed", "failed") and state
            body = wait.eventually(over, "the end of " + said)
            if statuses is not None and body["status"] != "failed":
                self.problems.append("extracted: " + said)
        elif statuses is not None and body["succeeded"]:
            self.problems.append("succeeded: " + said)
        if any(one in str(body) for one in self.told):
            self.problems.append("told what is outside: " + said)

    def traced(self):
        """strace around a block; afterwards nothing outside was opened."""
        reason = strace.unavailable(self.daemon.process.pid)
        return None if reason else strace.Strace(
            self.daemon.process.pid, "-e", "trace=" + strace.PATHS)

    def run_all(self, rows):
        """Rows of (route, path, statuses)."""
        trace = self.traced()
        if trace:
            with trace:
                self.check(self.get("/files/read", path="inside.txt"))
                for row in rows:
                    self.attempt(*row)
            calls = trace.calls()
            self.assertIn(self.at("inside.txt"),
                          [call.opened for call in calls], "strace is blind")
            inside = (self.root, self.daemon.state, self.daemon.run, *SYSTEM)
            for call in strace.opened_outside(calls, inside):
                if not call.opened.startswith("/memfd:"):
                    self.problems.append(f"opened outside: {call}")
        else:
            for row in rows:
                self.attempt(*row)
        if self.problems:
            self.fail(f"{len(self.problems)} in {self.asked} requests:\n"
                      + "\n".join(self.examples()))

    def examples(self):
        """The first problem of each kind with each route."""
        found = {}
        for problem in self.problems:
            found.setdefault(problem.split(" b'")[0].split(' b"')[0],
                             []).append(problem)
        return [f"{len(rows)}× {rows[0][:400]}" for rows in found.values()]


class TraversalTest(ContainmentCase):
    def test_dots_that_lead_out(self):
        """403; in a target, which the edge may refuse for how it is written,
        any refusal."""
        def statuses(route):
            if route.only_name:
                return None
            return (400, 403, 404, 405) if route.in_target else (403,)
        self.run_all((route, path, statuses(route)) for route, path in
                     itertools.product(file_routes.routes(),
                                       file_routes.leading_out()))

    def test_what_is_no_path(self):
        refusals = (400, 403, 404, 405, 413, 414, 422, 431)
        self.run_all((route, path, None if route.only_name else refusals)
                     for route, path in itertools.product(
                         file_routes.routes(), file_routes.malformed()))

    def test_absolute_paths(self):
        """403 where paths are absolute; elsewhere they begin at the
        workspace, so that there may be no such thing, or soon be."""
        self.run_all(
            (route, path, (403,) if route.dialect == "oblien" else None)
            for route, path in itertools.product(
                file_routes.routes(),
                file_routes.absolute(self.daemon.folder)))

    def test_names_that_only_look_like_it(self):
        self.run_all((route, path, None) for route, path in
                     itertools.product(file_routes.routes(),
                                       file_routes.harmless()))

    def test_targets_written_in_every_way(self):
        """The path of a target as no client library would send it."""
        refused = (400, 403, 404, 405, 414)
        spellings = ("..", "%2e%2e", "%2E%2e", ".%2e", "%2e%2e%2f",
                     "%252e%252e", "..%2f", "..%5c", "..;", "..%00",
                     "%c0%ae%c0%ae", "%uff0e%uff0e")
        rows = []
        for dots in spellings:
            for tail in ("/root-secret/f", "%2froot-secret%2ff", ""):
                for head in ("", "a/", "/", "a/../"):
                    spelling = head + dots + tail
                    rows.append(file_routes.Route(
                        "runtime", "spelled", lambda _, path=spelling: (
                            "GET", f"{file_routes.V1}/{path}?raw=true", None,
                            {}), looks=True))
        self.run_all((route, b"", refused) for route in rows)


class LinkTest(ContainmentCase):
    def test_paths_through_links(self):
        self.run_all(
            (route, path.encode(), None if route.only_name else
             (400, 403) if route.in_target and ".." in path else (403,))
            for route, path in itertools.product(file_routes.routes(),
                                                 THROUGH))

    def test_links_and_dots(self):
        self.run_all((route, path.encode(), None) for route, path in
                     itertools.product(file_routes.routes(), DOTTED))

    def test_links_themselves(self):
        """Refused, except where it is the link that is meant."""
        def statuses(route, name):
            if route.only_name or route.itself:
                return None
            if name in ("l_long", "l_loop"):  # lead to nothing, inside
                return 400, 403, 404, 409
            if name in ("l_up", "l_upup"):  # "..", which is a folder anyway
                return 400, 403, 409
            if route.name.startswith("create") or route.name == "mkdir":
                return 400, 403, 409  # there is something of that name
            return (403,)
        self.run_all((route, name.encode(), statuses(route, name))
                     for route, name in itertools.product(
                         file_routes.routes(), LINKS))

    def test_listings_and_walks_pass_links_by(self):
        self.make("a/plain.txt", "plain\n")
        rows = []
        for route in file_routes.routes():
            if route.looks:
                rows += [(route, b"/", None), (route, b"a", None)]
        self.run_all(rows)

    def test_a_copied_or_moved_link_leads_nowhere_new(self):
        for act in ("copy", "move"):
            self.build()
            self.http.request("POST", f"{file_routes.V1}/{act}", {
                "sourcePath": "a", "destPath": "elsewhere/deep/a"})
            self.http.request("POST", f"{file_routes.V1}/{act}", {
                "sourcePath": "l_sib", "destPath": "elsewhere/sib"})
            for path in ("elsewhere/deep/a/l_back", "elsewhere/sib/f"):
                answer = self.get(file_routes.V1 + "/content", path=path)
                self.assertIn(answer.status, (403, 404))
                self.assertNotIn(self.canary.encode(), answer.body)
        self.assertEqual(snapshot(self.secret), self.before)

    def test_without_a_credential_nothing_is_told(self):
        """401 for everything, whether it is there or not."""
        http = HttpClient(self.daemon.port)
        self.addCleanup(http.close)
        for route, path in itertools.product(
                file_routes.routes(), (b"inside.txt", b"missing", b"l_sib/f",
                                       b"../root-secret/f")):
            method, target, body, headers = route.request(path)
            if "/../" in target:
                continue
            try:
                answer = http.request(method, target, body, headers)
            except (BrokenPipeError, ConnectionResetError):
                continue
            self.assertEqual(answer.status, 401, (route, path))
        self.assertEqual(self.shape(), self.state)


if __name__ == "__main__":
    unittest.main()
