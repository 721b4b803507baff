"""The test case the others derive from: a daemon for the class, its
terminals deleted after each test, its log shown when one fails."""
import unittest

from . import wait
from .daemon import Daemon
from .terminal_client import ExtClient, PlainClient


class DaemonCase(unittest.TestCase):
    options = ()
    auth = True

    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon(*cls.options, auth=cls.auth)
        cls.addClassCleanup(cls.daemon.close)
        cls.daemon.start()

    def setUp(self):
        self.http = self.daemon.http()
        self.addCleanup(self.http.close)
        self.addCleanup(self._tidy)

    def _tidy(self):
        if not self.daemon.running():
            raise AssertionError(
                "the daemon is gone:\n" + self.daemon.log()[-4000:])
        self.http.delete_all()

    def plain(self, *args, **options):
        client = PlainClient(self.daemon, *args, **options)
        self.addCleanup(client.close)
        return client

    def ext(self, *args, **options):
        client = ExtClient(self.daemon, *args, **options)
        self.addCleanup(client.close)
        return client

    def shell(self, **fields):
        """A bash without start-up files, with the prompt `$ `; its id."""
        fields.setdefault("env", {})
        fields["env"] = {"PS1": "ready$ ", **fields["env"]}
        return self.http.create(
            "/bin/bash", "--norc", "--noprofile", "--noediting",
            **fields)["id"]

    def prompt(self, client, terminal):
        client.wait_output(terminal, "ready$ ")


def fresh(case, *options, start=True, **kwargs):
    """A daemon for one test."""
    daemon = Daemon(*options, **kwargs)
    case.addCleanup(daemon.close)
    if start:
        daemon.start()
    return daemon


scaled = wait.scaled
eventually = wait.eventually
