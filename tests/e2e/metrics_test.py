"""GET /metrics: strict Prometheus text, and numbers that move by what was
done."""
import os
import re
import signal
import socket
import time
import unittest

from support import numbered_lines, processes
from support.case import DaemonCase, eventually, fresh
from support.exposition import Exposition, Malformed
from support.http_client import HttpClient, raw, status_of
from support.ws_client import Refused, WebSocket, pump

REQUESTS = "outrigger_http_requests_total"
DURATIONS = "outrigger_http_request_duration_seconds"
AUTH = "outrigger_auth_failures_total"
REFUSED = "outrigger_requests_refused_total"
DOCS = os.path.join(os.path.dirname(__file__), "..", "..", "docs")
SMALL = 16 * 1024  # receive buffer of a client that is going to stop


def documented(page, pattern):
    with open(os.path.join(DOCS, page)) as file:
        return set(re.findall(pattern, file.read(), re.M))


class MetricsCase(DaemonCase):
    def setUp(self):
        super().setUp()
        # One of its own, so that what a test does with others is all there is.
        self.scraper = self.daemon.http()
        self.addCleanup(self.scraper.close)

    def scrape(self):
        answer = self.scraper.get("/metrics")
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.headers["Content-Type"],
                         "text/plain; version=0.0.4; charset=utf-8")
        return Exposition(answer.body.decode())

    def reaches(self, name, wanted, what=None, **labels):
        """Waits until a series has the value; returns that scrape."""
        def there():
            page = self.scrape()
            return page if page.value(name, **labels) == wanted else None
        return eventually(there, what or f"{name} {labels} at {wanted}")

    def with_series(self, *names):
        """Waits until all of these families have a series."""
        def there():
            page = self.scrape()
            return page if all(map(page.series, names)) else None
        return eventually(there, f"{names} in the scrape")

    def stranger(self, method="GET", path="/terminals", **headers):
        client = HttpClient(self.daemon.port)
        try:
            return client.request(
                method, path, headers={name.replace("_", "-"): value
                                       for name, value in headers.items()})
        finally:
            client.close()


class FormTest(MetricsCase):
    def test_every_scrape_is_strict(self):
        terminal = self.shell()
        client = self.ext()
        self.prompt(client, terminal)
        self.stranger(path='/terminals/%22%0A%5C')
        self.stranger(path="/nothing")
        self.scrape()
        page = self.scrape()  # this one counts the first
        self.assertGreater(len(page.families), 30)

    def test_every_family_is_documented_and_well_named(self):
        self.shell()
        self.stranger()
        self.ext().close()
        page = self.with_series("outrigger_websockets_closed_total",
                                "process_open_fds")
        known = documented("metrics.md", r"^\| `([a-z_]+)`")
        for name, family in page.families.items():
            with self.subTest(name):
                self.assertIn(name, known)
                self.assertRegex(name, r"^(outrigger|process)_")
                self.assertEqual(family.type == "counter",
                                 name.endswith("_total"), family.type)
                self.assertNotRegex(name, r"_(ms|us|kib|percent)(_|$)")
        missing = known - set(page.families)
        self.assertEqual(missing, {"outrigger_terminal_viewer_lag_bytes"},
                         "no viewer is connected, all else is told")

    def test_without_a_credential_there_is_nothing(self):
        for path, headers in (("/metrics", {}),
                              ("/metrics", {"Authorization": "Bearer x"}),
                              ("/metrics?token=", {}),
                              ("/oblien/metrics", {})):
            with self.subTest(path=path, headers=headers):
                answer = self.stranger(path=path, **headers)
                self.assertEqual(answer.status, 401)
                self.assertNotIn(b"outrigger_", answer.body)
        by_query = self.stranger(path=f"/metrics?token={self.daemon.token}")
        self.assertEqual(by_query.status, 200)

    def test_other_methods_are_refused(self):
        self.assertEqual(self.http.request("POST", "/metrics").status, 405)
        head = self.http.request("HEAD", "/metrics")
        self.assertEqual((head.status, head.body), (200, b""))

    def test_the_parser_here_is_strict(self):
        good = "# HELP a x\n# TYPE a counter\na 1\n"
        Exposition(good)
        histogram = ("# HELP h x\n# TYPE h histogram\n"
                     'h_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\n'
                     "h_sum 3\nh_count 2\n")
        Exposition(histogram)
        for bad in (good[:-1], good + "a 2\n", good + "b 1\n",
                    good.replace("counter", "count"), good + "\n",
                    good.replace("a 1", "a{b=1} 1"),
                    good.replace("a 1", 'a{b="\\x"} 1'),
                    good.replace("a 1", 'a{b="c",b="d"} 1'),
                    good.replace("a 1", "a 0x1"), good.replace("a 1", "a -1"),
                    good.replace("a 1", "a  1"), "a 1\n",
                    histogram.replace("h_count 2", "h_count 3"),
                    histogram.replace('"+Inf"} 2', '"+Inf"} 0'),
                    histogram.replace('"+Inf"', '"2"')):
            with self.subTest(bad):
                with self.assertRaises(Malformed):
                    Exposition(bad)


class RequestTest(MetricsCase):
    def test_requests_count_by_pattern_method_and_status(self):
        before = self.scrape()
        for _ in range(3):
            self.http.get("/terminals")
        for number in (77, 78):
            self.http.get(f"/terminals/{number}")
        self.http.request("DELETE", "/terminals/79")
        self.stranger()
        after = self.scrape()

        def moved(route, method, status):
            labels = {"route": route, "method": method, "status": status}
            return (after.value(REQUESTS, **labels) or 0) - (
                before.value(REQUESTS, **labels) or 0)
        self.assertEqual(moved("/terminals", "GET", "200"), 3)
        self.assertEqual(moved("/terminals/{id}", "GET", "404"), 2)
        self.assertEqual(moved("/terminals/{id}", "DELETE", "404"), 1)
        self.assertEqual(moved("/metrics", "GET", "200"), 1, "the first one")
        # Refused before its route was known to matter: anything but a 200.
        self.assertEqual(after.sum(REQUESTS, status="401")
                         - before.sum(REQUESTS, status="401"), 1)

    def test_durations_count_as_often_and_add_up(self):
        before = self.scrape()
        for _ in range(20):
            self.http.get("/runtime")
        after = self.scrape()
        labels = {"route": "/runtime", "method": "GET"}
        count = after.value(DURATIONS + "_count", **labels) - (
            before.value(DURATIONS + "_count", **labels) or 0)
        self.assertEqual(count, 20)
        took = after.value(DURATIONS + "_sum", **labels) - (
            before.value(DURATIONS + "_sum", **labels) or 0)
        self.assertGreater(took, 0)
        self.assertLess(took, 20 * 5)

    def test_what_clients_choose_makes_no_series(self):
        self.http.get("/terminals/1000")
        self.http.get("/nothing-0")
        self.scrape()
        before = len(self.scrape().series(REQUESTS))
        for number in range(50):
            self.http.get(f"/nothing-{number}")
            self.http.get(f"/terminals/{1000 + number}")
            self.http.get(f"/terminals?x={number}")
        page = self.scrape()
        self.assertLessEqual(len(page.series(REQUESTS)), before + 1)
        patterns = documented("wire.md", r"^\| [A-Z]+ \| `([^`]+)` \|")
        for labels in page.series(REQUESTS):
            self.assertIn(dict(labels)["route"], patterns | {"none"})

    def test_connections_are_counted(self):
        page = self.scrape()
        http = page.value("outrigger_connections", kind="http")
        accepted = page.value("outrigger_connections_accepted_total")
        with socket.create_connection(("127.0.0.1", self.daemon.port)):
            page = self.reaches("outrigger_connections", http + 1, kind="http")
            self.assertEqual(
                page.value("outrigger_connections_accepted_total"),
                accepted + 1)
            self.reaches("outrigger_connections_unauthenticated", 1)
        self.reaches("outrigger_connections", http, kind="http")
        self.reaches("outrigger_connections_unauthenticated", 0)


class DenialTest(MetricsCase):
    def moved(self, action, name, reason):
        before = self.scrape()
        action()
        after = self.scrape()
        changed = {}
        for family in (AUTH, REFUSED):
            for labels, value in after.series(family).items():
                step = value - before.series(family)[labels]
                if step:
                    changed[(family, dict(labels)["reason"])] = step
        self.assertEqual(changed, {(name, reason): 1})

    def test_each_reason_counts_alone(self):
        port = self.daemon.port
        token = self.daemon.token
        bearer = f"Bearer {token}"
        cases = {
            (AUTH, "missing"): lambda: self.stranger(),
            (AUTH, "invalid"): lambda: self.stranger(
                Authorization="Bearer " + "0" * 64),
            (REFUSED, "host"): lambda: self.stranger(
                Authorization=bearer, Host="evil.example"),
            (REFUSED, "origin"): lambda: self.stranger(
                Authorization=bearer, Origin="https://evil.example"),
            (REFUSED, "malformed"): lambda: raw(
                port, b"GET / HTTP/1.1\r\nno colon\r\n\r\n"),
        }
        for (name, reason), action in cases.items():
            with self.subTest(reason):
                self.moved(action, name, reason)

    def test_an_upgrade_is_denied_under_the_same_reasons(self):
        def upgrade(path, *headers):
            with self.assertRaises(Refused):
                WebSocket(self.daemon.port, path, headers)
        self.moved(lambda: upgrade("/ws?token=" + "1" * 64), AUTH, "invalid")
        self.moved(lambda: upgrade(
            f"/ws?token={self.daemon.token}",
            ("Origin", "https://evil.example")), REFUSED, "origin")

    def test_a_good_request_counts_nowhere(self):
        before = self.scrape()
        self.http.get("/terminals")
        self.stranger(path="/health")
        after = self.scrape()
        for family in (AUTH, REFUSED):
            self.assertEqual(after.series(family), before.series(family))


class ThrottleTest(MetricsCase):
    def test_guessing_is_counted_as_throttled(self):
        def guess():
            answer = self.stranger(Authorization="Bearer " + "2" * 64)
            return answer.status == 429
        eventually(guess, "429 for wrong tokens")
        page = self.scrape()
        self.assertGreater(page.value(REFUSED, reason="throttled"), 0)


class TerminalTest(MetricsCase):
    def test_terminals_are_counted_by_state(self):
        page = self.scrape()
        self.assertEqual(page.value("outrigger_terminals_limit"), 10)
        self.http.create("cat")
        ended = self.http.create("true")["id"]
        self.http.wait_exit(ended)
        page = self.scrape()
        self.assertEqual(page.value("outrigger_terminals_alive"), 1)
        self.assertEqual(page.value("outrigger_terminals_listed"), 2)
        self.http.delete(ended)
        page = self.scrape()
        self.assertEqual(page.value("outrigger_terminals_listed"), 1)

    def test_health_counts_a_terminal_at_once(self):
        for count in range(1, 6):
            self.http.create("cat")
            self.assertEqual(self.http.get("/health").json["terminals"], count)
        self.http.delete(next(iter(self.http.terminals())))
        self.assertEqual(self.http.get("/health").json["terminals"], 4)

    def test_bytes_count_as_clients_see_them(self):
        before = self.scrape()
        client = self.ext("attach=none")
        reader = self.http.create(
            "sh", "-c", "stty raw -echo; printf ready; exec cat >/dev/null",
        )["id"]
        client.attach(reader)
        client.wait_output(reader, "ready")
        client.send_input(reader, b"x" * 1000)
        wanted = before.value("outrigger_terminal_input_bytes_total") + 1000
        after = self.reaches("outrigger_terminal_input_bytes_total", wanted)
        self.assertEqual(
            after.value("outrigger_terminal_output_bytes_total")
            - before.value("outrigger_terminal_output_bytes_total"),
            len(client.seen(reader)))

    def test_a_stopped_viewer_is_left_behind_and_its_gap_counted(self):
        before = self.scrape()
        stopped = self.ext("attach=none", receive_buffer=SMALL)
        reader = self.ext("attach=none")
        flood = self.http.create(*numbered_lines.program(0))["id"]
        check = numbered_lines.Checker()
        reader.stream(flood).sink = check
        stopped.stream(flood).sink = numbered_lines.Checker()
        for client in (stopped, reader):
            client.attach(flood)
            client.wait_attached(flood)
        behind = "outrigger_terminal_viewers_left_behind_total"
        start = before.value(behind)

        def left():
            reader.read_once()
            page = self.scrape()
            return page if page.value(behind) > start else None
        end = time.monotonic() + 60
        page = None
        while not page and time.monotonic() < end:
            page = left()
        self.assertTrue(page, "the stopped viewer was never left behind")

        # While it is stopped it lags, and by more than the one that reads.
        pump([reader], lambda: check.checked > (8 << 20))
        page = self.scrape()
        lags = page.series("outrigger_terminal_viewer_lag_bytes")
        self.assertEqual({dict(labels)["terminal"] for labels in lags},
                         {flood})
        self.assertEqual(len(lags), 2)
        most = page.value("outrigger_terminal_viewer_max_lag_bytes",
                          terminal=flood)
        self.assertEqual(most, max(lags.values()))
        self.assertGreater(most, 1 << 20)
        self.assertEqual(
            page.value("outrigger_terminal_viewers", terminal=flood), 2)
        self.assertGreater(page.value("outrigger_terminal_pauses_total"),
                           before.value("outrigger_terminal_pauses_total"))

        # It wakes up and is told what it missed; then nothing more happens.
        gaps = stopped.stream(flood).gaps
        stopped.until(lambda: gaps)
        self.http.delete(flood)
        pump([stopped, reader], lambda: all(
            flood in client.exits for client in (stopped, reader)))
        after = self.scrape()
        every = [gap for client in (stopped, reader)
                 for gap in client.stream(flood).gaps]

        def moved(name):
            return after.value(name) - before.value(name)
        self.assertEqual(moved("outrigger_terminal_gaps_total"), len(every))
        self.assertEqual(moved("outrigger_terminal_dropped_bytes_total"),
                         sum(end - start for start, end in every))
        self.assertEqual(check.bad, [])

    def test_a_late_return_is_a_gap(self):
        flood = self.http.create(*numbered_lines.program(20000))["id"]
        self.http.wait_exit(flood)
        before = self.scrape()
        client = self.ext(after={flood: 0})
        stream = client.stream(flood)
        client.until(lambda: stream.gaps)
        after = self.scrape()
        self.assertEqual(after.value("outrigger_terminal_gaps_total")
                         - before.value("outrigger_terminal_gaps_total"), 1)
        self.assertEqual(
            after.value("outrigger_terminal_dropped_bytes_total")
            - before.value("outrigger_terminal_dropped_bytes_total"),
            stream.gaps[0][1] - stream.gaps[0][0])


class SocketTest(MetricsCase):
    def test_sockets_messages_and_close_codes(self):
        before = self.scrape()
        closed = "outrigger_websockets_closed_total"
        client = self.ext("attach=none")
        page = self.reaches("outrigger_connections", 1, kind="websocket")
        for _ in range(3):
            client.resize(9, 80, 24)  # there is no such terminal
        client.until(lambda: len(client.errors) == 3)
        page = self.scrape()

        def moved(name, **labels):
            return page.value(name, **labels) - (
                before.value(name, **labels) or 0)
        messages = "outrigger_websocket_messages_total"
        self.assertEqual(moved(messages, direction="in"), 3)
        self.assertGreaterEqual(moved(messages, direction="out"), 3)
        self.assertGreater(
            moved("outrigger_websocket_bytes_total", direction="in"), 100)
        client.protocol.send_close(1000)
        client._collect()
        client.wait_closed()
        self.reaches(closed, (before.value(closed, code="1000") or 0) + 1,
                     code="1000")
        bare = self.ext("attach=none")
        bare.send_raw(b"\x88\x80\0\0\0\0")  # a close frame without a code
        bare.wait_closed()
        self.reaches(closed, (before.value(closed, code="1005") or 0) + 1,
                     code="1005")
        self.ext("attach=none").close()  # without a close frame
        self.reaches(closed, (before.value(closed, code="1006") or 0) + 1,
                     code="1006")
        self.reaches("outrigger_connections", 0, kind="websocket")

    def test_close_codes_of_clients_make_no_series(self):
        for code in (3001, 3002, 4998, 4999):
            client = self.ext("attach=none")
            client.protocol.send_close(code)
            client._collect()
            client.wait_closed()
        page = self.reaches("outrigger_websockets_closed_total", 4,
                            code="other")
        for labels in page.series("outrigger_websockets_closed_total"):
            self.assertIn(dict(labels)["code"],
                          {"other", "4401", *map(str, range(1000, 1016))})


class DaemonTest(MetricsCase):
    def test_the_process_is_as_the_kernel_says(self):
        pid = self.daemon.process.pid
        # Read once a second by the daemon: wait for the first reading.
        page = self.with_series("process_resident_memory_bytes")
        resident = page.value("process_resident_memory_bytes")
        self.assertLess(abs(resident / 1024 - processes.resident_kib(pid)),
                        processes.resident_kib(pid) / 2)
        self.assertLess(abs(page.value("process_open_fds")
                            - processes.open_files(pid)), 10)
        self.assertGreater(page.value("process_max_fds"), 10)
        started = page.value("process_start_time_seconds")
        self.assertLess(abs(time.time() - started), 600)
        self.assertGreaterEqual(page.value("process_cpu_seconds_total"), 0)

    def test_the_daemon_tells_about_itself(self):
        page = self.scrape()
        version = self.http.get("/health").json["version"]
        self.assertEqual(
            page.value("outrigger_build_info", version=version), 1)
        self.assertEqual(page.value("outrigger_holder_up"), 1)
        self.assertEqual(page.value("outrigger_overload_level"), 0)
        self.assertGreaterEqual(page.value("outrigger_actors"), 4)
        ratios = page.series("outrigger_overload_pressure_ratio")
        self.assertIn(frozenset({("input", "memory")}), ratios)
        for labels, ratio in ratios.items():
            self.assertTrue(0 <= ratio < 1, f"{labels}: {ratio}")

    def test_counters_never_fall(self):
        terminal = self.shell()
        client = self.ext()
        self.prompt(client, terminal)
        before = self.scrape()
        client.send_input(terminal, "exit\n")
        client.wait_exit(terminal)
        client.close()
        self.http.delete(terminal)
        after = self.scrape()
        for name, family in before.families.items():
            if family.type != "counter":
                continue
            for key, value in family.series.items():
                self.assertGreaterEqual(
                    after.families[name].series[key], value, key)


class HolderTest(unittest.TestCase):
    def test_a_holder_that_does_not_answer_is_down(self):
        daemon = fresh(self)
        http = daemon.http()
        [holder] = daemon.holder_pids()

        def told(up):
            page = Exposition(http.get("/metrics").body.decode())
            return (page.value("outrigger_holder_up") == int(up)
                    and http.get("/health").json["holder"] == up)
        self.assertTrue(told(True))
        processes.kill(holder, signal.SIGSTOP)
        self.addCleanup(processes.kill, holder, signal.SIGCONT)
        eventually(lambda: told(False), "the holder is down", 30)
        processes.kill(holder, signal.SIGCONT)
        eventually(lambda: told(True), "the holder is up again", 30)


if __name__ == "__main__":
    unittest.main()
