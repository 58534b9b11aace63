"""Whom a server program runs as: Postgres refuses to be root.

As an ordinary user, that user. As root the first of these that can run the program and write
under the home, found by trying:

1. the account `postgres` or `nobody`;
2. a user namespace, for programs or a home that only root can reach (a venv under /root);
3. `postgres` or `nobody` with the one capability to pass by file permissions, for the same where
   user namespaces are forbidden.
"""

import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from services.local import kernel
from shared.errors import Misconfigured


class Way(StrEnum):
    SELF = "self"
    ACCOUNT = "account"
    NAMESPACE = "namespace"
    CAPABILITY = "capability"


@dataclass(frozen=True, slots=True)
class Account:
    """`uid`, `gid`: whose the server's files are, as seen from outside."""

    way: Way
    uid: int
    gid: int

    def enter(self) -> None:
        """Become the account; called in the child between fork and exec. Raises OSError."""
        if self.way is Way.ACCOUNT:
            kernel.become_user(self.uid, self.gid)
        elif self.way is Way.NAMESPACE:
            kernel.become_nobody_in_a_namespace()
        elif self.way is Way.CAPABILITY:
            kernel.become_user_who_reaches_all_files(self.uid, self.gid)

    def own(self, path: Path) -> None:
        """Make `path` and all below it the account's."""
        status = path.lstat()
        if self.way is Way.SELF or (status.st_uid, status.st_gid) == (self.uid, self.gid):
            return
        for _, folders, files, folder in os.fwalk(path):
            for name in (*folders, *files):
                os.chown(name, self.uid, self.gid, dir_fd=folder, follow_symlinks=False)
        os.chown(path, self.uid, self.gid, follow_symlinks=False)


def own_account() -> Account:
    """Whoever runs this process."""
    return Account(Way.SELF, os.geteuid(), os.getegid())


def choose_account(home: Path, programs: Sequence[Path]) -> Account:
    """Whom `programs` can run as with their data under `home`; see the module's text.

    As root with an account, `home` is opened to that account's group for passing through (0710).
    Raises Misconfigured if there is no way.
    """
    if os.geteuid() != 0 or not programs:
        return own_account()
    before = home.stat()
    for account in _ways_for_root():
        if account.way is Way.ACCOUNT and not before.st_mode & stat.S_IXOTH:
            os.chown(home, -1, account.gid)
            home.chmod(0o710)
        if _can_run(account, home, programs):
            return account
        os.chown(home, -1, before.st_gid)
        home.chmod(stat.S_IMODE(before.st_mode))
    raise Misconfigured(
        "Postgres does not run as root, and no other account reaches both its programs and "
        f"{home}.",
        how_to_fix="Run as an ordinary user, or choose a home and an installation outside /root.",
    )


def _ways_for_root() -> Iterator[Account]:
    entries = [entry for name in ("postgres", "nobody") for entry in _entries(name)]
    for entry in entries:
        yield Account(Way.ACCOUNT, entry.pw_uid, entry.pw_gid)
    if sys.platform == "linux":
        yield Account(Way.NAMESPACE, os.geteuid(), os.getegid())
        for entry in entries:
            yield Account(Way.CAPABILITY, entry.pw_uid, entry.pw_gid)


def _entries(name: str) -> list[pwd.struct_passwd]:
    try:
        return [pwd.getpwnam(name)]
    except KeyError:
        return []


def _can_run(account: Account, home: Path, programs: Sequence[Path]) -> bool:
    """Whether the account can write in a folder of its own under `home` and run `programs`."""
    folder = Path(tempfile.mkdtemp(prefix=".probe-", dir=home))
    os.chown(folder, account.uid, account.gid)

    def enter_and_write() -> None:
        account.enter()
        (folder / "probe").write_bytes(b"")

    try:
        for program in programs:
            subprocess.run(
                [program, "--version"],
                cwd="/",
                env={"LC_ALL": "C"},
                check=True,
                capture_output=True,
                timeout=10,
                preexec_fn=enter_and_write,  # one thread only, see children.py
            )
    except (OSError, subprocess.SubprocessError):
        return False
    else:
        return True
    finally:
        shutil.rmtree(folder)
