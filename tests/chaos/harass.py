"""Faults in a thread of their own, while the main one works."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Harassed:
    """`count`: faults done so far; `over` is set once all wanted ones are."""

    count: int = 0
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def harassed(
    fault: Callable[[], float], wanted: int, *, at_last: Callable[[], None] = lambda: None
) -> Iterator[Harassed]:
    """Do `fault` again and again, pausing the seconds that it says, until `wanted` are done.

    `at_last`: called after the last one, as to let the model answer at once. The block's end waits
    for a fault under way and lets no further one begin.
    """
    told, ending = Harassed(), threading.Event()

    def work() -> None:
        pause = 1.0
        while told.count < wanted and not ending.wait(pause):
            # A process that is starting has no pid to be found.
            with suppress(OSError):
                pause = fault()
                told.count += 1
        at_last()
        told.over.set()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        ending.set()
        thread.join()
