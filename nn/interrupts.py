"""Stretches of code that Ctrl-C and SIGTERM wait for, so that no update is left half made."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_NAMES = ("SIGHUP", "SIGTERM", "SIGINT")  # given back in this order: most know only the last
_WAITING = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold SIGINT and SIGTERM back; what came meanwhile is handled at the end.

    Only the main thread is ever interrupted. A mask of that thread would not do: another one, of
    BLAS say, would take the signal, and the main thread would be interrupted all the same. A
    stretch should last microseconds.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def hold(number: int, frame: FrameType | None) -> None:
        came.append(number)

    before = {number: signal.getsignal(number) for number in _WAITING}
    try:
        for number, handler in before.items():
            if handler is not None:  # else it is not Python's, and could not be put back
                signal.signal(number, hold)
        yield
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) is hold:
                signal.signal(number, handler)
        for arrived in came[:1]:
            signal.raise_signal(arrived)
