"""Stretches of code that Ctrl-C and SIGTERM wait for, so that no update is left half made."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_WAITING = {signal.SIGINT, signal.SIGTERM}


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold SIGINT and SIGTERM back; what came meanwhile is handled at the end.

    Only the main thread is ever interrupted, and Windows cannot hold signals back; there it does
    nothing. A stretch should last microseconds.
    """
    holds = hasattr(signal, "pthread_sigmask")
    if not holds or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _WAITING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
