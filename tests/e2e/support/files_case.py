"""The test case of the file interface: a workspace that is empty before each
test, its content on the disk, and what an answer of each dialect must look
like."""
import datetime
import hashlib
import json
import os
import re
import stat
import subprocess
import time
import urllib.parse

from . import shield
from .case import DaemonCase
from .daemon import Daemon

TEMPORARY = re.compile(r"^\.outrigger-.*\.tmp$")
RAW = {"Content-Type": "application/octet-stream"}
IDLE = 20  # seconds
V1 = "/api/v1/files"
ETAG = r'^"[!#-~]+"$'
MODIFIED = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"


def query(target, /, **parameters):
    """`target` with its query; True and False as the SDK sends them."""
    sent = {name: str(value).lower() if isinstance(value, bool) else value
            for name, value in parameters.items() if value is not None}
    if not sent:
        return target
    return target + "?" + urllib.parse.urlencode(
        sent, quote_via=urllib.parse.quote, safe="/")


def escaped(path):
    """A path as a part of a target."""
    return urllib.parse.quote(path, safe="/")


def snapshot(folder):
    """Everything below a folder: path → (kind and mode, target or content,
    of which little is shown when it is long). For saying that nothing has
    changed."""
    found = {}
    for base, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(base, name)
            info = os.lstat(path)
            content = None
            if stat.S_ISLNK(info.st_mode):
                content = os.readlink(path)
            elif stat.S_ISREG(info.st_mode):
                with open(path, "rb") as file:
                    content = brief(file.read())
            found[os.path.relpath(path, folder)] = (info.st_mode, content)
    return found


def brief(data):
    """Bytes, or a digest of them when they are many."""
    return data if len(data) <= 100 else (
        len(data), data[:20], hashlib.sha256(data).hexdigest())


def temporary_files(folder):
    """What a write that was not finished would leave."""
    return [os.path.join(base, name)
            for base, folders, files in os.walk(folder)
            for name in folders + files if TEMPORARY.match(name)]


def moment(text):
    """ISO 8601, with `Z` or an offset, as seconds since 1970."""
    value = datetime.datetime.fromisoformat(re.sub("Z$", "+00:00", text))
    if value.tzinfo is None:
        raise AssertionError(f"a time without a zone: {text}")
    return value.timestamp()


class FilesCase(DaemonCase):
    """`shielded`: the daemon cannot harm the machine even if it is wrong;
    mounts made later are not seen by it then."""
    shielded = True
    env = None

    @classmethod
    def new_daemon(cls, *options, **more):
        daemon = Daemon(*options, auth=cls.auth, env=cls.env, **more)
        if cls.shielded and not shield.unavailable():
            daemon.preexec = lambda: shield.enter(daemon.folder)
        return daemon

    @classmethod
    def setUpClass(cls):
        cls.daemon = cls.new_daemon(*cls.options)
        cls.addClassCleanup(cls.daemon.close)
        cls.root = os.path.realpath(cls.daemon.root)
        cls.before_start()
        cls.daemon.start()

    @classmethod
    def before_start(cls):
        pass

    def setUp(self):
        super().setUp()
        self.asked_at = time.monotonic()
        self.empty_workspace()

    def _tidy(self):
        self.http.close()  # it may have been idle for long
        super()._tidy()

    def empty_workspace(self):
        names = [self.at(name) for name in os.listdir(self.root)]
        if names:  # not shutil.rmtree: some tests make very deep trees
            subprocess.run(["rm", "-rf", "--", *names], check=True)

    # -- the disk -----------------------------------------------------------

    def at(self, path=""):
        """The absolute path of one in the workspace."""
        return os.path.join(self.root, path.lstrip("/")).rstrip("/")

    def make(self, path, content=b"", mode=None):
        """A file, with the folders it is in; its absolute path."""
        where = self.at(path)
        os.makedirs(os.path.dirname(where), exist_ok=True)
        with open(where, "wb") as file:
            file.write(content.encode() if isinstance(content, str)
                       else content)
        if mode is not None:
            os.chmod(where, mode)
        return where

    def folder(self, path):
        where = self.at(path)
        os.makedirs(where, exist_ok=True)
        return where

    def link(self, path, target):
        where = self.at(path)
        os.makedirs(os.path.dirname(where), exist_ok=True)
        os.symlink(target, where)
        return where

    def content(self, path):
        with open(self.at(path), "rb") as file:
            return file.read()

    def exists(self, path):
        return os.path.lexists(self.at(path))

    def check_nothing_temporary(self):
        self.assertEqual(temporary_files(self.root), [])

    # -- requests -----------------------------------------------------------

    def ask(self, method, target, body=None, headers=None):
        """On a connection the daemon has not closed for being idle."""
        now = time.monotonic()
        if now - self.asked_at > IDLE:
            self.http.close()
        self.asked_at = now
        return self.http.request(method, target, body, headers)

    def get(self, target, /, headers=None, **parameters):
        return self.ask("GET", query(target, **parameters), None, headers)

    def post(self, target, /, body=None, headers=None, **parameters):
        return self.ask("POST", query(target, **parameters), body, headers)

    def put(self, target, /, body=None, headers=None, **parameters):
        return self.ask("PUT", query(target, **parameters), body, headers)

    def delete(self, target, /, body=None, headers=None, **parameters):
        return self.ask("DELETE", query(target, **parameters), body, headers)

    def put_raw(self, path, data, /, headers=None, **parameters):
        """PUT /api/v1/files/{path} of bytes."""
        return self.put(f"{V1}/{escaped(path.lstrip('/'))}", data,
                        {**RAW, **(headers or {})}, **parameters)

    def get_raw(self, path, /, headers=None, **parameters):
        return self.get(f"{V1}/{escaped(path.lstrip('/'))}", headers,
                        raw=True, **parameters)

    # -- answers ------------------------------------------------------------

    def check(self, answer, status=200):
        """A good answer's body."""
        self.assertEqual(answer.status, status, answer)
        body = answer.json
        if "success" in body:
            self.assertIs(body["success"], True, answer)
        return body

    def refused(self, answer, status, code=None):
        """An error of the terminals dialect: judged by its body there."""
        wanted = status if isinstance(status, tuple) else (status,)
        self.assertIn(answer.status, wanted, answer)
        body = answer.json
        self.assertIs(body["success"], False)
        self.assertRegex(body["error"], r"[ :]")
        self.assertEqual(body["status_code"], answer.status)
        for name in ("code", "message", "request_id"):
            self.assertTrue(body[name], name)
        if code:
            self.assertEqual(body["code"], code)
        return body

    def refused_v1(self, answer, status, code=None):
        """An error of the workspace runtime API; its detail."""
        wanted = status if isinstance(status, tuple) else (status,)
        self.assertIn(answer.status, wanted, answer)
        body = answer.json
        self.assertEqual(body["error"], "HTTP Error")
        self.assertEqual(body["status_code"], answer.status)
        self.assertIn("request_id", body)
        detail = body["detail"]
        if code:
            codes = code if isinstance(code, tuple) else (code,)
            self.assertIsInstance(detail, dict)
            self.assertIn(detail["code"], codes)
            self.assertEqual(detail.get("errorCode"), detail["code"])
            self.assertTrue(detail["message"])
            self.assertIsInstance(detail["details"], dict)
        return detail

    def check_time(self, text, path):
        """Says when the file on the disk was changed."""
        self.assertAlmostEqual(moment(text), os.stat(self.at(path)).st_mtime,
                               delta=1)


def as_json(data):
    """Bytes of a JSON body that the client sends as they are."""
    return json.dumps(data).encode()
