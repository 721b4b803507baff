"""Every route that takes a path, in one table: a row makes a request out of
the path alone. And paths that lead out of the workspace."""
import json
import urllib.parse

from . import archives, multipart

V1 = "/api/v1/files"
JSON = {"Content-Type": "application/json"}
BYTES = {"Content-Type": "application/octet-stream"}
SEARCHED = "CANARY"  # what the files outside begin with


class Route:
    """`looks`: changes nothing. `itself`: of a link, this is about the link
    and not about what it leads to. `always`: answers with 2xx, and says in the
    body what went wrong."""

    def __init__(self, dialect, name, request, looks=False, itself=False,
                 always=False, only_name=False):
        self.dialect, self.name, self.request = dialect, name, request
        self.looks, self.itself, self.always = looks, itself, always
        self.only_name = only_name
        # The edge refuses dots in a target with 400, wherever they lead.
        self.in_target = name in ("get", "get raw", "head raw", "put",
                                  "put raw", "put append", "put offset",
                                  "delete path")

    def __repr__(self):
        return f"{self.dialect} {self.name}"


def quoted(path):
    return urllib.parse.quote(path, safe="/")


def text(path):
    """A JSON string of bytes, as a client that does not care sends it."""
    return b'"' + path.replace(b"\\", b"\\\\").replace(b"\0", b"\\u0000") \
        .replace(b'"', b'\\"').replace(b"\n", b"\\n") + b'"'


def by_query(method, target, name="path", body=None, headers=None):
    def request(path):
        join = "&" if "?" in target else "?"
        return method, f"{target}{join}{name}={quoted(path)}", body, \
            headers or {}
    return request


def by_json(method, target, field, rest=None, many=False):
    def request(path):
        value = text(path)
        body = b"{" + json.dumps(field).encode() + b":" + (
            b"[" + value + b"]" if many else value)
        for name, other in (rest or {}).items():
            body += b"," + json.dumps(name).encode() + b":" + \
                json.dumps(other).encode()
        return method, target, body + b"}", JSON
    return request


def by_batch(path):
    return "POST", V1 + "/content/batch", (
        b'{"files":[{"path":' + text(path) + b',"content":"x"}]}'), JSON


def by_target(method, query="", body=None, headers=None):
    def request(path):
        return method, f"{V1}/{quoted(path.lstrip(b'/'))}{query}", body, \
            headers or {}
    return request


def by_form(path):
    body = (multipart.header("targetPath") + path + b"\r\n"
            + multipart.header("files", "uploaded.txt") + b"x\r\n"
            + multipart.end())
    return "POST", V1 + "/upload", body, multipart.content_type()


def by_filename(path):
    name = path.replace(b'"', b"%22").replace(b"\r", b"").replace(b"\n", b"")
    body = (multipart.header("targetPath") + b"/\r\n"
            + multipart.header("files", "NAME").replace(b"NAME", name)
            + b"x\r\n" + multipart.end())
    return "POST", V1 + "/upload", body, multipart.content_type()


def oblien():
    packed = archives.tar([("unpacked.txt", b"x")])
    rows = (
        ("list", by_query("GET", "/files"), {"looks": True}),
        ("list all", by_query("GET", "/files?nested=true&include_content="
                              "true&include_hash=true"), {"looks": True}),
        ("stream", by_query("GET", "/files/stream?include_content=true"),
         {"looks": True}),
        ("read", by_query("GET", "/files/read"), {"looks": True}),
        ("read lines", by_query("GET", "/files/read?start_line=1"),
         {"looks": True}),
        ("stat", by_query("GET", "/files/stat"),
         {"looks": True, "itself": True}),
        ("search", by_query("GET", f"/files/search?q={SEARCHED}"),
         {"looks": True}),
        ("search files", by_query("GET", "/files/search/files?q=f"),
         {"looks": True}),
        ("write", by_json("POST", "/files/write", "path",
                          {"content": "x"}), {}),
        ("write below", by_json("PUT", "/files/write", "path",
                                {"content": "x", "create_dirs": True}), {}),
        ("append", by_json("POST", "/files/write", "path",
                           {"content": "x", "append": True}), {}),
        ("mkdir", by_json("POST", "/files/mkdir", "path"), {}),
        ("delete", by_json("POST", "/files/delete", "path"),
         {"itself": True}),
        ("delete by query", by_query("DELETE", "/files/delete"),
         {"itself": True}),
        ("delete by body", by_json("DELETE", "/files/delete", "path"),
         {"itself": True}),
        ("download", by_json("POST", "/files/transfer/download", "paths",
                             many=True), {"looks": True, "itself": True}),
        ("download content", lambda path: by_json(
            "POST", "/files/transfer/download", "paths",
            many=True)(path + b"/."), {"looks": True}),
        ("upload", by_query("POST", "/files/transfer/upload", "dest", packed,
                            {"Content-Type": "application/gzip"}), {}),
        ("watch", by_json("POST", "/watchers", "path"), {"looks": True}),
        ("watch root", by_json("POST", "/watchers", "root"),
         {"looks": True}),
    )
    return [Route("oblien", name, request, **more)
            for name, request, more in rows]


def runtime():
    rows = (
        ("files", by_query("GET", V1), {"looks": True}),
        ("tree", by_query("GET", V1 + "/tree?includeHidden=true"),
         {"looks": True}),
        ("children", by_query("GET", V1 + "/tree/children"),
         {"looks": True}),
        ("content", by_query("GET", V1 + "/content"), {"looks": True}),
        ("raw content", by_query("GET", V1 + "/content?raw=true"),
         {"looks": True}),
        ("put content", by_json("PUT", V1 + "/content", "path",
                                {"content": "x"}), {}),
        ("batch", by_batch, {"always": True}),
        ("create", by_json("POST", V1, "path", {"type": "file"}), {}),
        ("create folder", by_json("POST", V1, "path",
                                  {"type": "directory"}), {}),
        ("delete", by_query("DELETE", V1), {"itself": True}),
        ("delete all", by_query("DELETE", V1 + "?recursive=true"),
         {"itself": True}),
        ("batch delete", by_json("POST", V1 + "/batch-delete", "paths",
                                 {"recursive": True}, many=True),
         {"itself": True, "always": True}),
        ("copy from", by_json("POST", V1 + "/copy", "sourcePath",
                              {"destPath": "copied"}), {"itself": True}),
        ("copy to", by_json("POST", V1 + "/copy", "destPath",
                            {"sourcePath": "inside.txt",
                             "overwrite": True}), {"itself": True}),
        ("move from", by_json("POST", V1 + "/move", "sourcePath",
                              {"destPath": "moved"}), {"itself": True}),
        ("move to", by_json("POST", V1 + "/move", "destPath",
                            {"sourcePath": "inside.txt",
                             "overwrite": True}), {"itself": True}),
        ("extract", by_json("POST", V1 + "/extract", "archivePath",
                            {"targetPath": "extracted"}),
         {"always": True}),
        ("extract to", by_json("POST", V1 + "/extract", "targetPath",
                               {"archivePath": "inside.zip"}),
         {"always": True}),
        ("upload", by_form, {}),
        ("upload filename", by_filename, {"only_name": True}),
        ("get", by_target("GET"), {"looks": True}),
        ("get raw", by_target("GET", "?raw=true"), {"looks": True}),
        ("head raw", by_target("HEAD", "?raw=true"), {"looks": True}),
        ("put", by_target("PUT", body=b'{"content":"x"}', headers=JSON), {}),
        ("put raw", by_target("PUT", body=b"x", headers=BYTES), {}),
        ("put append", by_target("PUT", "?append=true", b"x", BYTES), {}),
        ("put offset", by_target("PUT", "?offset=0", b"x", BYTES), {}),
        ("delete path", by_target("DELETE", "?recursive=true"),
         {"itself": True}),
    )
    return [Route("runtime", name, request, **more)
            for name, request, more in rows]


def routes():
    return oblien() + runtime()


def leading_out():
    """Paths whose `..` leads out of every workspace."""
    ways = [b"..", b"../", b"../..", b"../.", b"../../../../../../../..",
            b"../root-secret", b"../root-secret/", b"../root-secret/.",
            b"../root-secret/f", b"a/../../root-secret/f",
            b"a/b/../../../root-secret/f", b"./../root-secret/f",
            b".//..//root-secret//f", b"/../root-secret/f",
            b"//../root-secret/f", b"a/..//../root-secret/./f",
            b"../root/../root-secret/f", b"inside.txt/../../root-secret/f",
            b"../root-secret/demo.zip", b"../root-secret/new",
            b"../../../../../../../../etc/passwd", b"no/such/../../../../x"]
    return ways


def malformed():
    """Paths that are none."""
    return [b"..\0", b"a\0b", b"inside.txt\0", b"\0", b"../root-secret/f\0.txt",
            b"\xff", b"a/\xc0\xae\xc0\xae/f", b"..\xc0\xaf..", b"\xed\xa0\x80",
            b"a" * 5000, b"a/" * 2500, b"../" * 1700]


def absolute(folder):
    """Paths outside for those who take absolute ones; harmless elsewhere."""
    base = folder.encode()
    return [b"/etc/passwd", b"/etc", b"//etc/passwd", b"/proc/self/environ",
            b"/proc/self/root/etc/passwd", b"/dev/zero",
            base + b"/root-secret", base + b"/root-secret/f",
            base + b"/root/../root-secret/f", base, base + b"/state/token",
            base + b"/root/../state/token", base + b"/rootx"]


def harmless():
    """Names that only look like an escape."""
    return [b"%2e%2e%2froot-secret%2ff", b"%2e%2e/root-secret/f",
            b"%252e%252e%252froot-secret%252ff", b"..%2froot-secret%2ff",
            b"..%00", b"..\\root-secret\\f", b"...", b".. /root-secret/f",
            b"~/root-secret/f", b"file:///etc/passwd", b"$HOME", b"*", b"-rf"]
