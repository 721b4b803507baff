"""Archives as bytes, honest and hostile."""
import gzip
import io
import stat
import struct
import tarfile
import zipfile
import zlib


def member(name, kind=tarfile.REGTYPE, link="", mode=0o644, size=None):
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, link, mode
    info.mtime = 1_700_000_000
    if size is not None:
        info.size = size
    return info


def tar(members, compress=True, form=tarfile.PAX_FORMAT):
    """A tar.gz of names and contents, (name, bytes), or of TarInfo."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for one in members:
            if isinstance(one, tarfile.TarInfo):
                archive.addfile(one)
            else:
                name, data = one
                archive.addfile(member(name, size=len(data)),
                                io.BytesIO(data))
    return gzip.compress(out.getvalue(), 1) if compress else out.getvalue()


def zeros_gz(head, count, tail=b""):
    """gzip of `head`, as many zeros, `tail`: made without making them."""
    piece = 16 << 20
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    out = [compressor.compress(head),
           compressor.flush(zlib.Z_FULL_FLUSH)]
    block = compressor.compress(bytes(piece)) + compressor.flush(
        zlib.Z_FULL_FLUSH)
    # After a full flush the same input makes the same bytes.
    out.append(block * (count // piece))
    out.append(compressor.compress(bytes(count % piece) + tail)
               + compressor.flush())
    crc = zlib.crc32(head)
    zero = bytes(piece)
    for _ in range(count // piece):
        crc = zlib.crc32(zero, crc)
    crc = zlib.crc32(bytes(count % piece) + tail, crc)
    total = len(head) + count + len(tail)
    return (b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + b"".join(out)
            + struct.pack("<II", crc, total & 0xFFFFFFFF))


def bomb(size):
    """One file of `size` zeros, a multiple of 512, in a tar.gz."""
    info = member("zeros.bin", size=size)
    head = info.tobuf(tarfile.GNU_FORMAT)
    return zeros_gz(head, size, bytes(1024))


def many(count):
    """Empty files."""
    one = member("n0000000").tobuf(tarfile.USTAR_FORMAT)
    checksum = sum(one[:148]) + 8 * 32 + sum(one[156:512])
    base = sum(b"0000000")
    out = []
    for number in range(count):
        digits = b"%07d" % number
        total = checksum - base + sum(digits)
        out.append(b"n" + digits + one[8:148] + b"%06o\0 " % total
                   + one[156:])
    return gzip.compress(b"".join(out) + bytes(1024), 1)


def hostile_tars():
    """name → (bytes, statuses). All of them begin with a harmless file."""
    good = ("good.txt", b"harmless")
    link, hard = tarfile.SYMTYPE, tarfile.LNKTYPE
    rows = {
        "parent": [("../evil", b"x")],
        "parent below": [("a/../../evil", b"x")],
        "only dots": [("..", b"x")],
        "absolute": [("/tmp/outrigger-evil", b"x")],
        "two slashes": [("//tmp/outrigger-evil", b"x")],
        "a link out": [member("l", link, "../outside")],
        "an absolute link": [member("l", link, "/etc/passwd")],
        "a link out by a detour": [member("d/l", link, "x/../../../outside")],
        "written through a link": [
            member("l", link, "/tmp"), ("l/outrigger-evil", b"x")],
        "written through an inner link": [
            member("d", tarfile.DIRTYPE, mode=0o755), member("l", link, "d"),
            ("l/evil", b"x")],
        "a link in place of a folder": [
            ("d/a", b"x"), member("d", link, "../outside"),
            ("d/evil", b"x")],
        "a link over a file, then the file": [
            member("f", link, "../outside/kept"), ("f", b"x")],
        "a hard link out": [member("h", hard, "../outside/kept")],
        "a hard link, absolute": [member("h", hard, "/etc/passwd")],
        "a hard link to a link": [
            member("l", link, "../outside/kept"), member("h", hard, "l"),
            ("h", b"x")],
        "a FIFO": [member("p", tarfile.FIFOTYPE)],
        "a device": [member("c", tarfile.CHRTYPE)],
        "a block device": [member("b", tarfile.BLKTYPE)],
        "a name twice": [("twice", b"1"), ("twice", b"2")],
        "a name twice, spelled otherwise": [("twice", b"1"),
                                            ("./twice", b"2")],
        "a file that is a folder too": [("f", b"x"), ("f/below", b"x")],
        "a folder that is a file too": [("f/below", b"x"), ("f", b"x")],
        "a backslash": [("..\\evil", b"x")],
        "a long name": [("n" * 300, b"x")],
        "a very long name": [("/".join(["n" * 200] * 25), b"x")],
        "deep": [("/".join("d" * 100) + "/f", b"x")],
    }
    found = {name: (tar([good, *rows[name]]), (400,)) for name in rows}
    for name in ("a very long name", "deep"):
        found[name] = (found[name][0], (400, 413))
    whole = tar([good, ("big", b"0123456789" * 100_000)])
    plain = tar([good, ("big", bytes(100_000))], compress=False)
    found.update({
        "cut": (whole[:len(whole) // 2], (400,)),
        "cut near the end": (whole[:-4], (400,)),
        "cut within a header": (gzip.compress(plain[:700]), (400,)),
        "a byte changed": (whole[:400] + bytes([whole[400] ^ 0xFF])
                           + whole[401:], (400,)),
        "a wrong header sum": (gzip.compress(
            plain[:1024] + b"X" + plain[1025:]), (400,)),
        "no archive": (b"this is no archive at all\n" * 100, (400,)),
        "gzip of something else": (gzip.compress(b"hello " * 1000), (400,)),
        "nothing": (b"", (400,)),
        "a negative size": (gzip.compress(plain[:1024 + 124] + b"-0000000001"
                                          + plain[1024 + 135:]), (400,)),
        "200,000 entries": (many(200_000), (400, 413)),
        "4 GiB of zeros": (bomb(4 << 30), (400, 413)),
    })
    return found


def zip_file(members, password_flag=False):
    """A zip of (name, bytes)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            info = zipfile.ZipInfo(name, (2024, 1, 2, 3, 4, 6))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(info, data)
    data = out.getvalue()
    if password_flag:  # says that it is encrypted
        data = data.replace(b"PK\1\2\x14\3\x14\0\0\0",
                            b"PK\1\2\x14\3\x14\0\1\0")
        data = data.replace(b"PK\3\4\x14\0\0\0", b"PK\3\4\x14\0\1\0")
    return data


def zip_link(name, target):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo(name)
        info.create_system = 3
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, target)
    return out.getvalue()


def hostile_zips():
    good = ("good.txt", b"harmless")
    rows = {
        "parent": [("../evil", b"x")],
        "parent below": [("a/../../evil", b"x")],
        "absolute": [("/tmp/outrigger-evil", b"x")],
        "a backslash": [("..\\evil", b"x")],
        "a drive": [("C:\\evil", b"x")],
        "a file that is a folder too": [("f", b"x"), ("f/below", b"x")],
        "deep": [("/".join("d" * 100) + "/f", b"x")],
        "a long name": [("n" * 300, b"x")],
    }
    found = {name: zip_file([good, *rows[name]]) for name in rows}
    whole = zip_file([good, ("big", bytes(range(256)) * 4000)])
    found.update({
        "a link out": zip_link("l", "../outside"),
        "an absolute link": zip_link("l", "/etc/passwd"),
        "encrypted": zip_file([good], password_flag=True),
        "cut": whole[:len(whole) // 2],
        "no archive": b"PK\3\4 and then nothing of the kind" * 50,
        "zeros": zip_file([good, ("zeros", bytes(1 << 27))]),
        "120,000 entries": zip_file([good] + [(f"n{number}", b"")
                                            for number in range(120_000)]),
    })
    return found
