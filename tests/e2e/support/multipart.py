"""multipart/form-data by hand, for uploads of every kind."""

BOUNDARY = "----outrigger-e2e-3c7d1f"


def header(name, filename=None, kind=None):
    """The head of one part, its blank line included."""
    line = f'Content-Disposition: form-data; name="{name}"'
    if filename is not None:
        line += f'; filename="{filename}"'
    lines = [f"--{BOUNDARY}", line]
    if kind or filename is not None:
        lines.append(f"Content-Type: {kind or 'application/octet-stream'}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def form(fields, files=()):
    """Fields as a dict, files as (filename, bytes); the body."""
    body = b"".join(header(name) + str(value).encode() + b"\r\n"
                    for name, value in fields.items())
    for filename, data in files:
        body += header("files", filename) + data + b"\r\n"
    return body + end()


def end():
    return f"--{BOUNDARY}--\r\n".encode()


def content_type():
    return {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
