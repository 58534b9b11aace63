"""What Linux alone can do for child processes: each function runs in the child, before exec.

Source: prctl(2), user_namespaces(7), capabilities(7). On other systems the first two say so by
raising, and `die_with_parent` does nothing.
"""

import ctypes
import os
import signal
import sys
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)

_PR_SET_PDEATHSIG = 1
_PR_SET_KEEPCAPS = 8
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAP_DAC_OVERRIDE = 1
_CAPABILITY_VERSION = 0x20080522
_CLONE_NEWUSER = 0x10000000
NOBODY = 65534


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _CapabilityData(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def die_with_parent(parent: int, death: signal.Signals) -> None:
    """Have the kernel send `death` to this process when the thread that forked it ends.

    A change of user clears the setting, so this comes last. The parent may have ended before it
    was set: then nobody would ever send the signal, and the child ends here.
    """
    if sys.platform != "linux":
        return
    _libc.prctl(_PR_SET_PDEATHSIG, int(death), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def become_nobody_in_a_namespace() -> None:
    """Root without its powers: a user namespace in which this user is called `nobody`.

    Files stay reachable as their owner; after exec no capability is left. Raises OSError where
    user namespaces are forbidden, as in a container with Docker's default profile.
    """
    uid, gid = os.geteuid(), os.getegid()
    os.setgroups([])
    _check(_libc.unshare(_CLONE_NEWUSER), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} {gid} 1")


def become_user_who_reaches_all_files(uid: int, gid: int) -> None:
    """An ordinary user with the one capability to pass by file permissions (CAP_DAC_OVERRIDE).

    Raises OSError or PermissionError where root itself lacks that capability.
    """
    _check(_libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0), "prctl")
    become_user(uid, gid)
    bit = 1 << _CAP_DAC_OVERRIDE
    header = _CapabilityHeader(_CAPABILITY_VERSION, 0)
    data = (_CapabilityData * 2)(_CapabilityData(bit, bit, bit), _CapabilityData(0, 0, 0))
    _check(_libc.capset(ctypes.byref(header), ctypes.byref(data)), "capset")
    raised = _libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE, 0, 0)
    _check(raised, "prctl")


def become_user(uid: int, gid: int) -> None:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def _check(result: int, call: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")
