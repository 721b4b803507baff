"""What changes under a running daemon: certificates, and the credentials of
sockets that are open."""
import os
import signal
import ssl
import subprocess
import tempfile
import unittest

from support.case import DaemonCase, eventually, fresh
from support.daemon import OUTRIGGER
from support.ws_client import WebSocket


def make_certificate(folder, name):
    """A self-signed one; the paths of certificate and key."""
    paths = [os.path.join(folder, f"{name}.{kind}") for kind in ("pem", "key")]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-keyout",
         paths[1], "-out", paths[0], "-subj", f"/CN={name}"],
        check=True, capture_output=True)
    return paths


class CertificateTest(unittest.TestCase):
    def setUp(self):
        self.daemon = fresh(self, start=False)
        self.shown = os.path.join(self.daemon.folder, "cert.pem")
        self.key = os.path.join(self.daemon.folder, "key.pem")
        self.use("first")
        self.daemon.options += ["--tls-cert", self.shown,
                                "--tls-key", self.key]
        self.daemon.start()

    def use(self, name):
        """Puts a new certificate where the daemon looks for one: as other
        files, because that is how they are renewed."""
        cert, key = make_certificate(self.daemon.folder, name)
        os.replace(key, self.key)
        os.replace(cert, self.shown)

    def certificate(self):
        return ssl.get_server_certificate(("127.0.0.1", self.daemon.port))

    def hang_up(self):
        self.daemon.process.send_signal(signal.SIGHUP)

    def test_a_renewed_certificate_is_shown_after_sighup(self):
        with open(self.shown, encoding="ascii") as file:
            self.assertEqual(self.certificate(), file.read())
        self.use("second")
        with open(self.shown, encoding="ascii") as file:
            renewed = file.read()
        self.assertNotEqual(self.certificate(), renewed)
        self.hang_up()
        eventually(lambda: self.certificate() == renewed,
                   "the renewed certificate")

    def test_a_renewed_link_is_followed(self):
        """As certbot renews: the names stay links, to other files."""
        with tempfile.TemporaryDirectory() as archive:
            def link(name):
                made = make_certificate(archive, name)
                for shown, file in zip((self.shown, self.key), made):
                    os.symlink(file, shown + ".new")
                    os.replace(shown + ".new", shown)
            self.assertEqual(self.daemon.terminate(), 0)
            link("first")
            self.daemon.start()
            before = self.certificate()
            link("second")
            self.hang_up()
            eventually(lambda: self.certificate() != before,
                       "the renewed certificate")

    def test_a_broken_one_leaves_the_old_one(self):
        before = self.certificate()
        with open(self.shown, "w", encoding="ascii") as file:
            file.write("no certificate")
        self.hang_up()
        eventually(lambda: "the certificate stays as it was"
                   in self.daemon.log(), "the reason in the log")
        self.assertEqual(self.certificate(), before)


class SocketTest(DaemonCase):
    def token(self, *more):
        """A token of its own and the id to revoke it by."""
        made = subprocess.run(
            [OUTRIGGER, "token", "create", "--state-dir", self.daemon.state,
             *more], check=True, capture_output=True, text=True,
            env=self.daemon.environment())
        ident = made.stderr.split("id ", 1)[1].split()[0]
        value = made.stdout.strip()
        # The daemon reads it as soon as it is told.
        eventually(lambda: self.daemon.http(token=value).request(
            "GET", "/terminals").status == 200, "the token is known")
        return value, ident

    def socket(self, value):
        socket = WebSocket(self.daemon.port, f"/ws?ext=1&token={value}")
        self.addCleanup(socket.close)
        return socket

    def auth(self, socket, kind):
        return [text for text in socket.texts
                if text.get("channel") == "auth" and text["type"] == kind]

    def test_a_revoked_token_closes_its_sockets_and_no_other(self):
        terminal = self.http.create("cat")["id"]
        value, ident = self.token("--scope", "terminal")
        revoked, other = self.socket(value), self.socket(self.daemon.token)
        subprocess.run(
            [OUTRIGGER, "token", "revoke", ident, "--state-dir",
             self.daemon.state], check=True, capture_output=True,
            env=self.daemon.environment())
        self.assertEqual(revoked.wait_closed(), 4401)
        other.send_input(terminal, "still here\n")
        other.until(lambda: any(b"still here" in data
                                for data in other.binaries), "an echo")
        self.assertTrue(self.http.terminals()[terminal]["alive"])

    def test_an_expired_token_is_announced_and_can_be_renewed(self):
        fresh_one, _ = self.token("--scope", "terminal")
        narrow, _ = self.token("--scope", "read")
        value, _ = self.token("--scope", "terminal", "--expires", "2s")
        socket = self.socket(value)
        socket.until(lambda: self.auth(socket, "auth_expiring"), "a notice")
        self.assertEqual(
            self.auth(socket, "auth_expiring")[0]["grace_seconds"], 60)
        self.assertEqual(self.daemon.http(token=value).request(
            "GET", "/terminals").status, 401)

        def refresh(token):
            socket.send_text({"channel": "auth", "type": "refresh",
                              "token": token})
        for wrong in ("nonsense", value, narrow):
            before = len(self.auth(socket, "error"))
            refresh(wrong)
            socket.until(lambda: len(self.auth(socket, "error")) > before,
                         "a refusal")
        refresh(fresh_one)
        socket.until(lambda: self.auth(socket, "auth_refreshed"), "a renewal")
        self.assertTrue(socket.is_open())
        for text in socket.texts:
            self.assertNotIn(fresh_one, str(text))

    def test_narrow_tokens_see_and_do_only_what_they_are_for(self):
        mine = self.http.create("cat")["id"]
        other = self.http.create("cat")["id"]
        value, _ = self.token("--scope", f"terminal:{mine}:view")
        guest = self.daemon.http(token=value)
        self.assertEqual(list(guest.terminals()), [mine])
        for method, path, status in (
                ("GET", f"/terminals/{mine}", 200),
                ("GET", f"/terminals/{mine}/scrollback", 200),
                ("GET", f"/terminals/{other}", 403),
                ("DELETE", f"/terminals/{mine}", 403),
                ("GET", "/runtime", 403), ("GET", "/metrics", 403)):
            with self.subTest(f"{method} {path}"):
                self.assertEqual(guest.request(method, path).status, status)
        socket = self.socket(value)
        socket.send_input(mine, "typed by a guest\n")
        socket.until(lambda: [text for text in socket.texts
                              if text.get("type") == "error"], "a refusal")
        self.assertEqual({text["id"] for text in socket.texts
                          if text.get("type") == "attached"}, {mine})
        self.assertNotIn(b"guest", self.http.scrollback(mine)[0])
