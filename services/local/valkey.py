"""Valkey of this machine: its configuration, how to start it, and whether it answers."""

import json
import socket
from dataclasses import dataclass
from pathlib import Path

from services.local.accounts import Account
from services.local.children import Program
from services.local.files import write_private
from services.local.orphans import end_processes_in
from services.local.ports import LOOPBACK


@dataclass(frozen=True, slots=True)
class Valkey:
    """One embedded server. It is up once `answers()` is true."""

    server: Path
    data: Path
    account: Account
    port: int
    password: str

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@{LOOPBACK}:{self.port}/0"

    @property
    def configuration(self) -> Path:
        return self.data / "valkey.conf"

    def program(self) -> Program:
        return Program(
            name="redis",
            argv=(str(self.server), str(self.configuration)),
            environment={"LC_ALL": "C", "TZ": "UTC"},
            account=self.account,
            folder="/",
            before_start=self._prepare,
        )

    def answers(self) -> bool:
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=2) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                told = connection.makefile("rb")
                return (told.readline(), told.readline()) == (b"+OK\r\n", b"+PONG\r\n")
        except OSError:
            return False

    def _prepare(self) -> None:
        """Write the configuration: the password must not stand in the arguments."""
        self.data.mkdir(mode=0o700, exist_ok=True)
        end_processes_in(self.data, self.server)
        settings = {
            "bind": LOOPBACK,
            "port": self.port,
            "dir": json.dumps(str(self.data), ensure_ascii=False),
            "requirepass": self.password,
            "daemonize": "no",
            "appendonly": "yes",
            "save": '""',
            # A queue that forgets quietly is worse than one that says that it is full.
            "maxmemory-policy": "noeviction",
        }
        lines = [f"{name} {value}\n" for name, value in settings.items()]
        write_private(self.configuration, "".join(lines))
        self.account.own(self.data)
        self.account.own(self.configuration)
