"""Unix socket and TLS listeners, with curl as the client."""
import json
import os
import re
import shutil
import socket
import ssl
import stat
import subprocess
import unittest

from support import wait
from support.case import fresh
from support.daemon import Daemon


def curl(*arguments):
    return subprocess.run(
        ["curl", "--silent", "--show-error", "--max-time", "20", *arguments],
        capture_output=True, text=True, check=False)


@unittest.skipUnless(shutil.which("curl"), "curl is not installed")
class UnixSocketTest(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon()
        self.addCleanup(self.daemon.close)
        self.path = os.path.join(self.daemon.run, "http.sock")
        self.daemon.options += ["--listen", f"unix:{self.path}"]
        self.daemon.start()

    def refused(self, path, why):
        """Another daemon cannot listen there, and says why."""
        other = Daemon(listen=f"unix:{path}")
        self.addCleanup(other.close)
        result = other.run_to_end()
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn(f"listen on unix:{path}: {why}", result.stderr)

    def test_needs_no_token(self):
        result = curl("--unix-socket", self.path,
                      "http://localhost/terminals")
        self.assertEqual(json.loads(result.stdout),
                         {"success": True, "terminals": []}, result)

    def test_a_wrong_token_is_not_a_way_in_elsewhere(self):
        result = curl("-o", os.devnull, "-w", "%{http_code}",
                      f"{self.daemon.url}/terminals")
        self.assertEqual(result.stdout, "401")

    def test_is_private(self):
        mode = stat.S_IMODE(os.stat(self.path).st_mode)
        self.assertEqual(mode & 0o077, 0, oct(mode))

    def test_is_announced_and_removed(self):
        self.assertIn(f"listening unix:{self.path}", self.daemon.lines)
        self.assertEqual(self.daemon.terminate(), 0)
        self.assertFalse(os.path.exists(self.path))

    def test_a_stale_socket_file_is_replaced(self):
        self.daemon.kill()
        self.assertTrue(os.path.exists(self.path))
        self.daemon.start()
        result = curl("--unix-socket", self.path, "http://localhost/health")
        self.assertEqual(json.loads(result.stdout)["status"], "ok")

    def test_a_socket_in_use_is_left_alone(self):
        self.refused(self.path, "Address already in use")
        result = curl("--unix-socket", self.path, "http://localhost/health")
        self.assertEqual(json.loads(result.stdout)["status"], "ok")

    def test_a_file_of_that_name_is_left_alone(self):
        path = os.path.join(self.daemon.run, "precious")
        with open(path, "w", encoding="ascii") as file:
            file.write("data")
        self.refused(path, "File exists")
        with open(path, encoding="ascii") as file:
            self.assertEqual(file.read(), "data")

    def test_a_foreign_origin_is_refused_here_too(self):
        result = curl("-o", os.devnull, "-w", "%{http_code}",
                      "--unix-socket", self.path,
                      "-H", "Origin: https://evil.example",
                      "http://localhost/terminals")
        self.assertEqual(result.stdout, "403")

    def test_a_terminal_through_curl(self):
        made = json.loads(curl(
            "--unix-socket", self.path, "--json", '{"cmd":["echo","hi"]}',
            "http://localhost/terminals").stdout)
        self.assertIs(made["success"], True)
        wait.eventually(lambda: '"size":4' in curl(
            "--unix-socket", self.path,
            f"http://localhost/terminals/{made['id']}/scrollback").stdout)


class AllAddressesTest(unittest.TestCase):
    def test_both_versions_are_served(self):
        daemon = Daemon("--insecure", listen=":0")
        self.addCleanup(daemon.close)
        daemon.start()
        self.assertRegex(daemon.lines[0], r"^listening http://\[::\]:\d+$")
        self.assertRegex(daemon.lines[1], r"^console http://127\.0\.0\.1:\d+/#")
        for host in ("127.0.0.1", "[::1]", "localhost"):
            result = curl(f"http://{host}:{daemon.port}/health")
            self.assertEqual(json.loads(result.stdout)["status"], "ok", host)


@unittest.skipUnless(shutil.which("openssl"), "openssl is not installed")
class TlsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon()
        cls.addClassCleanup(cls.daemon.close)
        cls.cert = os.path.join(cls.daemon.folder, "cert.pem")
        key = os.path.join(cls.daemon.folder, "key.pem")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-keyout",
             key, "-out", cls.cert, "-subj", "/CN=localhost", "-addext",
             "subjectAltName=DNS:localhost,IP:127.0.0.1"],
            check=True, capture_output=True)
        os.chmod(key, 0o600)
        cls.daemon.options += ["--tls-cert", cls.cert, "--tls-key", key]
        cls.daemon.start()

    def test_both_lines_say_https(self):
        self.assertRegex(self.daemon.lines[0],
                         r"^listening https://127\.0\.0\.1:\d+$")
        self.assertTrue(self.daemon.lines[1].startswith(
            f"console {self.daemon.url}/#token="))

    def test_curl_verifies_it(self):
        result = curl("--cacert", self.cert, f"{self.daemon.url}/health")
        self.assertEqual(json.loads(result.stdout)["status"], "ok", result)

    def test_old_versions_are_refused(self):
        context = ssl.create_default_context(cafile=self.cert)
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
        with socket.create_connection(("127.0.0.1", self.daemon.port)) as raw:
            raw.settimeout(wait.scaled(10))
            with self.assertRaises(OSError):
                context.wrap_socket(raw, server_hostname="localhost")

    def test_its_end_is_told(self):
        """Without it a client cannot tell an answer's end from a cut."""
        context = ssl.create_default_context(cafile=self.cert)
        with socket.create_connection(("127.0.0.1", self.daemon.port)) as raw:
            raw.settimeout(wait.scaled(10))
            with context.wrap_socket(raw, server_hostname="localhost",
                                     suppress_ragged_eofs=False) as client:
                client.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n"
                               b"Connection: close\r\n\r\n")
                answer = b""
                while more := client.recv(4096):  # an error when it is cut
                    answer += more
        self.assertIn(b'"status":"ok"', answer)

    def test_a_key_with_a_password_is_refused(self):
        """And nobody is asked for it, who may not be there."""
        daemon = Daemon()
        self.addCleanup(daemon.close)
        key = os.path.join(daemon.folder, "key.pem")
        subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-aes256", "-pass",
                        "pass:secret", "-out", key],
                       check=True, capture_output=True)
        result = daemon.run_to_end("--tls-cert", self.cert, "--tls-key", key)
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertIn(f"--tls-key {key}: needs a password", result.stderr)

    def test_plain_http_is_not_answered_as_http(self):
        result = curl(self.daemon.url.replace("https:", "http:") + "/health")
        self.assertNotIn('"status":"ok"', result.stdout)

    def test_a_terminal_over_a_secure_websocket(self):
        import asyncio

        import websockets

        token = self.daemon.token
        made = json.loads(curl(
            "--cacert", self.cert, "-H", f"Authorization: Bearer {token}",
            "--json", '{"cmd":["cat"]}',
            f"{self.daemon.url}/terminals").stdout)
        url = self.daemon.url.replace("https:", "wss:") + f"/ws?token={token}"
        context = ssl.create_default_context(cafile=self.cert)

        async def talk():
            async with websockets.connect(url, ssl=context) as client:
                await client.send(bytes([int(made["id"])]) + b"hello tls\n")
                seen = b""
                while b"hello tls\r\nhello tls\r\n" not in seen:
                    frame = await client.recv()
                    seen += frame[1:]

        asyncio.run(asyncio.wait_for(talk(), wait.scaled(15)))

    def test_beyond_loopback_is_allowed_with_tls(self):
        daemon = fresh(self, *self.daemon.options, listen="0.0.0.0:0",
                       start=False)
        daemon.start()
        self.assertTrue(re.match(r"listening https://0\.0\.0\.0:\d+$",
                                 daemon.lines[0]), daemon.lines)


if __name__ == "__main__":
    unittest.main()
