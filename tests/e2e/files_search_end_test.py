"""How searches end, by ripgrep and without, and what is left of them: when they
take too long, when the client or the daemon goes, when there are too many."""
import contextlib
import os
import shutil
import unittest
import urllib.parse

from support import processes, wait
from support.case import fresh

RG = shutil.which("rg")
WITHOUT_RG = {"PATH": "/nonexistent"}


def write(daemon, name, text):
    path = os.path.join(daemon.root, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)


def search(http, route="/files/search", **parameters):
    return http.get(f"{route}?{urllib.parse.urlencode(parameters)}")


def programs(daemon):
    """Every rg that works in the workspace."""
    return [pid for pid in processes.with_cwd_under(daemon.root)
            if processes.alive(pid) and "--json" in processes.command(pid)]


def sessions(daemon):
    """How many sessions the holder started and has not forgotten: each has
    rings."""
    holder, = [pid for pid in daemon.holder_pids()
               if "outrigger-holder" in processes.command(pid)]
    rings = 0
    for name in os.listdir(f"/proc/{holder}/fd"):
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            rings += "outrigger-ring" in os.readlink(
                f"/proc/{holder}/fd/{name}")
    return rings // 2


class SearchEndTest(unittest.TestCase):
    def endless(self, daemon):
        """What takes long to search: 12 GB to read, of one file."""
        write(daemon, "big.txt", ("x" * 99 + "\n") * 1_000_000)
        for number in range(120):
            os.link(os.path.join(daemon.root, "big.txt"),
                    os.path.join(daemon.root, f"big{number}.txt"))
        # Nothing in it can be skipped, and nothing is found.
        return {"q": r"\w+\s\w+\s[a-w]\w+$", "regex": "true"}

    @unittest.skipUnless(RG, "ripgrep is not installed")
    def test_a_search_that_is_overdue_is_ended(self):
        daemon = fresh(self)
        asked = self.endless(daemon)
        answer = search(daemon.http(), timeout=1, **asked)
        self.assertEqual((answer.status, answer.json["code"]),
                         (504, "timeout"))
        wait.eventually(lambda: not programs(daemon), "rg is gone")
        wait.eventually(lambda: sessions(daemon) == 0, "its session is gone")

    def test_an_own_search_that_is_overdue_is_ended(self):
        daemon = fresh(self, env=WITHOUT_RG)
        asked = self.endless(daemon)
        http = daemon.http()
        self.assertEqual(search(http, timeout=1, **asked).status, 504)
        # Nobody else waits for it meanwhile.
        self.assertEqual(http.get("/health").status, 200)

    @unittest.skipUnless(RG, "ripgrep is not installed")
    def test_a_client_that_goes_leaves_nothing(self):
        daemon = fresh(self)
        asked = self.endless(daemon)
        http = daemon.http()
        http.get("/health")
        target = "/files/search?" + urllib.parse.urlencode(
            {"timeout": 2, **asked})
        http.connection.request("GET", target, None, {
            "Authorization": f"Bearer {daemon.token}"})
        wait.eventually(lambda: programs(daemon), "rg runs")
        http.close()
        wait.eventually(lambda: not programs(daemon), "rg is gone")
        wait.eventually(lambda: sessions(daemon) == 0, "its session is gone")
        self.assertEqual(daemon.http().get("/health").status, 200)

    @unittest.skipUnless(RG, "ripgrep is not installed")
    def test_a_daemon_that_is_killed_leaves_nothing_to_the_next(self):
        daemon = fresh(self)
        asked = self.endless(daemon)
        http = daemon.http()
        terminal = http.create("cat")["id"]
        http.connection.request(
            "GET", "/files/search?" + urllib.parse.urlencode(
                {"timeout": 60, **asked}), None,
            {"Authorization": f"Bearer {daemon.token}"})
        wait.eventually(lambda: programs(daemon), "rg runs")
        daemon.kill()
        http.close()
        daemon.start()
        wait.eventually(lambda: not programs(daemon), "rg is gone")
        http = daemon.http()
        # The terminal has one ring.
        wait.eventually(lambda: sessions(daemon) == 0, "its session is gone")
        self.assertIs(http.terminals()[terminal]["alive"], True)

    @unittest.skipUnless(RG, "ripgrep is not installed")
    def test_a_daemon_that_stops_ends_its_searches(self):
        daemon = fresh(self)
        asked = self.endless(daemon)
        http = daemon.http()
        http.get("/health")
        http.connection.request(
            "GET", "/files/search?" + urllib.parse.urlencode(
                {"timeout": 60, **asked}), None,
            {"Authorization": f"Bearer {daemon.token}"})
        wait.eventually(lambda: programs(daemon), "rg runs")
        self.assertEqual(daemon.terminate(), 0)
        wait.eventually(lambda: not programs(daemon), "rg is gone")

    def test_more_searches_than_there_is_room_for(self):
        daemon = fresh(self, env=WITHOUT_RG)
        asked = self.endless(daemon)
        clients = [daemon.http() for _ in range(14)]
        target = "/files/search?" + urllib.parse.urlencode(
            {"timeout": 2, **asked})
        for client in clients:
            client.get("/health")
            client.connection.request("GET", target, None, {
                "Authorization": f"Bearer {daemon.token}"})
        answers = [client.connection.getresponse() for client in clients]
        statuses = [answer.status for answer in answers]
        self.assertEqual(sorted(statuses), [429] * 2 + [504] * 12)
        for answer in answers:
            if answer.status == 429:
                self.assertGreater(int(answer.headers["Retry-After"]), 0)


if __name__ == "__main__":
    unittest.main()
