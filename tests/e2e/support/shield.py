"""A daemon that could do no harm if it were wrong: to it, and to all it
starts, every file of the machine but those in its own folder is read-only. For
tests that ask it to remove or overwrite what is outside of its workspace."""
import ctypes
import os
import struct

CLONE_NEWNS = 0x20000
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
SYS_MOUNT_SETATTR = 442
AT_FDCWD, AT_RECURSIVE = -100, 0x8000
MOUNT_ATTR_RDONLY = 1

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result, what):
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _set_read_only(path, on, flags):
    attributes = struct.pack("<4Q", MOUNT_ATTR_RDONLY if on else 0,
                             0 if on else MOUNT_ATTR_RDONLY, 0, 0)
    _check(_libc.syscall(SYS_MOUNT_SETATTR, AT_FDCWD, path.encode(), flags,
                         attributes, len(attributes)), f"protect {path}")


def enter(folder):
    """For preexec: a mount namespace in which only `folder` can be
    changed. Raises when that cannot be had."""
    name = folder.encode()
    _check(_libc.unshare(CLONE_NEWNS), "unshare")
    _check(_libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None),
           "make mounts private")
    _check(_libc.mount(name, name, None, MS_BIND | MS_REC, None), "bind")
    _set_read_only("/", True, AT_RECURSIVE)
    _set_read_only(folder, False, 0)


def unavailable():
    """Why there can be no shield here; None when there can."""
    if os.geteuid() != 0:
        return "mount namespaces need root"
    child = os.fork()
    if child == 0:
        try:
            enter("/tmp")
            os._exit(0)
        except OSError:
            os._exit(1)
    if os.waitpid(child, 0)[1]:
        return "no mount namespaces of one's own here"
    return None
