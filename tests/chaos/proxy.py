"""A TCP proxy before Postgres: it falls silent, resets, and cuts a connection around a COMMIT."""

import asyncio
import ctypes
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import make_url

_COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
"""As libpq sends it: the one message of the protocol that this proxy knows."""
_CHUNK_BYTES = 2**16
_SO_ATTACH_FILTER, _SO_DETACH_FILTER = 26, 27
"""Of Linux; Python has no names for them."""
_DROP_EVERYTHING = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))
_AT_ONCE = struct.pack("ii", 1, 0)
"""A close that resets the connection."""


@dataclass(eq=False)
class _Pair:
    """A client's connection, and its own to the server."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    sent: int = 0
    """Bytes of the client since its last COMMIT."""
    committing: "_Cut | None" = None
    """Its COMMIT went to the server, whose answer will go nowhere."""

    def reset(self) -> None:
        for end in (self.client, self.server):
            with suppress(OSError):  # closed already
                one = end.get_extra_info("socket")
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            end.transport.abort()


@dataclass(eq=False)
class _Cut:
    """To be made at the next COMMIT of a transaction in which so many bytes were sent."""

    least: int
    arrived: bool
    made: threading.Event = field(default_factory=threading.Event)


@dataclass
class Proxy:
    """Faults are for any other thread than the proxy's own."""

    host: str
    port: int
    """Of the server."""
    own_port: int = 0
    _pairs: set[_Pair] = field(default_factory=set)
    _forgotten: set[_Pair] = field(default_factory=set)
    _cut: _Cut | None = None
    _listener: Any = None
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def url(self, direct: str) -> str:
        """The same through the proxy."""
        through = make_url(direct).set(host="127.0.0.1", port=self.own_port)
        return through.render_as_string(hide_password=False)

    def reset(self) -> None:
        """RST to both ends of every connection."""

        def reset() -> None:
            for pair in self._pairs:
                pair.reset()

        self._do(reset)

    def go_dark(self) -> None:
        """From now on no packet arrives, not even an acknowledgement, and nobody can connect."""

        def deafen() -> None:
            for one in self._sockets():
                _deafen(one)

        self._do(deafen)

    def light_up(self, *, forget: bool = False) -> None:
        """What is sent again arrives. `forget`: connections of before stay dark, unknown to all."""

        def restore() -> None:
            if forget:
                self._forgotten |= self._pairs
                self._pairs.clear()
            for one in self._sockets():
                _hear(one)

        self._do(restore)

    def cut(self, *, arrived: bool, least: int, seconds: float) -> bool:
        """Reset a connection at a COMMIT, once the server has done it (`arrived`) or before.

        Of a transaction in which the client sent at least so many bytes. False if none came in
        these seconds.
        """
        cut = self._cut = _Cut(least, arrived)
        made = cut.made.wait(seconds)
        self._cut = None
        return made or cut.made.is_set()

    def _sockets(self) -> list[Any]:
        ends = [end for pair in self._pairs for end in (pair.client, pair.server)]
        return [self._listener, *(end.get_extra_info("socket") for end in ends)]

    def _do(self, act: Callable[[], object]) -> None:
        """In the proxy's thread: no connection begins or ends meanwhile."""

        async def once() -> None:
            act()

        asyncio.run_coroutine_threadsafe(once(), self._loop).result(10)

    async def _serve(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        try:
            back, server = await asyncio.open_connection(self.host, self.port)
        except OSError:
            client.transport.abort()
            return
        pair = _Pair(client, server)
        self._pairs.add(pair)
        pumps = [
            asyncio.create_task(self._up(reader, pair)),
            asyncio.create_task(_down(back, pair)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in (client, server):
                end.close()
            await asyncio.wait(pumps)
            self._pairs.discard(pair)
            self._forgotten.discard(pair)

    async def _up(self, reader: asyncio.StreamReader, pair: _Pair) -> None:
        with suppress(OSError):
            while data := await reader.read(_CHUNK_BYTES):
                pair.sent += len(data)
                if data.endswith(_COMMIT):
                    if (cut := self._cut) and pair.sent >= cut.least:
                        self._cut = None
                        if not cut.arrived:
                            pair.reset()
                            cut.made.set()
                            return
                        pair.committing = cut
                    pair.sent = 0
                pair.server.write(data)
                await pair.server.drain()


async def _down(reader: asyncio.StreamReader, pair: _Pair) -> None:
    with suppress(OSError):
        while data := await reader.read(_CHUNK_BYTES):
            if cut := pair.committing:
                pair.reset()
                cut.made.set()
                return
            pair.client.write(data)
            await pair.client.drain()


@contextmanager
def proxying(url: str) -> Iterator[Proxy]:
    """A proxy before the server of this URL."""
    address = make_url(url)
    proxy = Proxy(str(address.host), int(address.port or 5432))
    ready, ending = threading.Event(), asyncio.Event()

    async def serve() -> None:
        server = await asyncio.start_server(proxy._serve, "127.0.0.1", 0)
        proxy._listener = server.sockets[0]
        proxy.own_port = proxy._listener.getsockname()[1]
        ready.set()
        await ending.wait()
        server.close()
        for pair in proxy._pairs | proxy._forgotten:
            pair.reset()
        if rest := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(rest, timeout=5)

    thread = threading.Thread(target=proxy._loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    assert ready.wait(10), "the proxy does not start"
    try:
        yield proxy
    finally:
        proxy._loop.call_soon_threadsafe(ending.set)
        thread.join(10)
        proxy._loop.close()


def _deafen(one: Any) -> None:  # noqa: ANN401 - asyncio's view of a socket has no public type
    """The kernel drops what arrives before TCP sees it, as if the network had."""
    program = struct.pack("HP", 1, ctypes.addressof(_DROP_EVERYTHING))
    one.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)


def _hear(one: Any) -> None:  # noqa: ANN401 - as above
    with suppress(OSError):  # nothing is attached to a connection that began later
        one.setsockopt(socket.SOL_SOCKET, _SO_DETACH_FILTER, struct.pack("i", 0))
