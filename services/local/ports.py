"""Ports of this machine's loopback address."""

import random
import socket
from contextlib import suppress
from pathlib import Path

LOOPBACK = "127.0.0.1"
_LOWEST = 15_000
_TRIES = 100


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            probe.bind((LOOPBACK, port))
            return True
    return False


def free_port() -> int:
    """A free port below those that the kernel gives to outgoing connections.

    Clients of a killed server try its port again and again; from the range of outgoing ports such
    a connection can get that very port as its own, meet itself, and keep the server from it.
    """
    for _ in range(_TRIES):
        port = random.randrange(_LOWEST, max(_lowest_outgoing_port(), _LOWEST + 1))  # noqa: S311
        if is_free(port):
            return port
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _lowest_outgoing_port() -> int:
    try:
        return int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except (OSError, ValueError):
        return 32_768  # the usual one
