"""Clients of other people: curl, wscat and the vendor's TypeScript SDK."""
import json
import os
import shutil
import subprocess
import threading
import unittest

from support import wait
from support.case import DaemonCase

HERE = os.path.dirname(os.path.abspath(__file__))
WSCAT = os.path.join(HERE, "node_modules", "wscat", "bin", "wscat")
SDK = os.path.join(HERE, "node_modules", "oblien")
NO_NODE = None if shutil.which("node") else "node is not installed"


@unittest.skipUnless(shutil.which("curl"), "curl is not installed")
class CurlTest(DaemonCase):
    def curl(self, *arguments):
        result = subprocess.run(
            ["curl", "--silent", "--show-error", "--fail-with-body",
             "--max-time", "20", "--oauth2-bearer", self.daemon.token,
             *arguments],
            capture_output=True, text=True, check=False)
        return result.returncode, result.stdout, result.stderr

    def test_a_terminal_from_birth_to_death(self):
        url = self.daemon.url + "/terminals"
        code, body, error = self.curl(
            "--json", '{"cmd":["sh","-c","echo hi; exit 4"]}', url)
        self.assertEqual(code, 0, error)
        terminal = json.loads(body)["id"]

        def ended():
            listed = json.loads(self.curl(url)[1])["terminals"]
            return listed[0] if not listed[0]["alive"] else None
        self.assertEqual(wait.eventually(ended)["exit_code"], 4)
        body = json.loads(self.curl(f"{url}/{terminal}/scrollback")[1])
        self.assertEqual(body["scrollback"], "aGkNCg==")
        code, body, _ = self.curl("-X", "DELETE", f"{url}/{terminal}")
        self.assertEqual((code, json.loads(body)["terminal_id"]),
                         (0, terminal))
        self.assertEqual(self.curl(f"{url}/{terminal}/scrollback")[0], 22)

    def test_compressed_pages_and_several_requests_on_one_connection(self):
        code, _, error = self.curl(
            "-v", "--compressed", "-o", os.devnull, self.daemon.url + "/",
            "-o", os.devnull, self.daemon.url + "/health")
        self.assertEqual(code, 0, error)
        self.assertIn("Re-using existing connection", error)
        self.assertRegex(error.lower(), r"content-encoding: (br|gzip)")

    def test_expect_100_continue(self):
        code, body, error = self.curl(
            "-H", "Expect: 100-continue", "--expect100-timeout", "10",
            "--json", '{"cmd":["true"]}', self.daemon.url + "/terminals")
        self.assertEqual(code, 0, error)
        self.assertIn('"id"', body)

    def test_a_chunked_body(self):
        code, body, error = self.curl(
            "-H", "Transfer-Encoding: chunked", "--json",
            '{"cmd":["echo","chunked"]}', self.daemon.url + "/terminals")
        self.assertEqual(code, 0, error)
        self.assertIn("chunked", body)


@unittest.skipIf(NO_NODE, NO_NODE)
@unittest.skipUnless(os.path.exists(WSCAT),
                     "wscat is not there: npm ci in tests/e2e")
class WscatTest(DaemonCase):
    def wscat(self, *arguments):
        process = subprocess.Popen(
            ["node", WSCAT, "--no-color", *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stdin.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def read_until(self, process, text):
        watchdog = threading.Timer(
            wait.scaled(20), process.kill)
        watchdog.start()
        try:
            seen = ""
            while text not in seen:
                part = process.stdout.readline()
                if not part:
                    self.fail(f"{text!r} did not come, but {seen!r}")
                seen += part
            return seen
        finally:
            watchdog.cancel()

    def url(self, query=""):
        return f"ws://127.0.0.1:{self.daemon.port}/ws{query}"

    def test_scrollback_exit_and_resize(self):
        dead = self.http.create("sh", "-c", "exit 9")["id"]
        self.http.wait_exit(dead)
        live = self.http.create(
            "sh", "-c", "echo shown first; trap 'stty size' WINCH; "
            "while :; do sleep 0.05; done")["id"]
        self.http.wait_output(live, b"shown first")
        process = self.wscat(
            "-c", self.url(), "-H",
            f"Authorization:Bearer {self.daemon.token}", "-w", "-1", "-x",
            json.dumps({"channel": "terminal", "type": "resize", "id": live,
                        "cols": 93, "rows": 27}))
        seen = self.read_until(process, "27 93")
        self.assertIn("shown first", seen)
        self.assertIn('"type":"exit"', seen)
        self.assertIn('"code":9', seen)

    def test_a_subprotocol_carries_the_token(self):
        terminal = self.http.create("sh", "-c", "echo by subprotocol; cat")[
            "id"]
        self.http.wait_output(terminal, b"by subprotocol")
        process = self.wscat("-c", self.url("?dialect=oblien"), "-s",
                             "Bearer", "-s", self.daemon.token, "-w", "-1",
                             "-x", "{}")
        self.read_until(process, "by subprotocol")

    def test_it_is_told_that_the_token_is_wrong(self):
        process = self.wscat("-c", self.url("?token=wrong"))
        self.read_until(process, "401")


@unittest.skipIf(NO_NODE, NO_NODE)
@unittest.skipUnless(os.path.exists(SDK),
                     "the SDK is not there: npm ci in tests/e2e")
class SdkTest(DaemonCase):
    def session(self, base):
        result = subprocess.run(
            ["node", "sdk_client.mjs", base, self.daemon.token], cwd=HERE,
            capture_output=True, text=True, check=False,
            timeout=wait.scaled(60))
        self.assertEqual(result.returncode, 0,
                         result.stdout + result.stderr)

    def test_a_whole_session(self):
        self.session(self.daemon.url)

    def test_a_whole_session_below_a_prefix(self):
        self.session(self.daemon.url + "/oblien")


if __name__ == "__main__":
    unittest.main()
