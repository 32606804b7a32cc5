"""The machine under the arrays: one BLAS thread, memory that is kept, and two cores where it pays.

All of it is about time. Results are the same to the last bit whatever the number of cores.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from functools import cache
from threading import local
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

_LARGEST = 31 << 20  # bytes; glibc keeps blocks up to 32 MiB


@cache
def _controller() -> ThreadpoolController:
    """The one controller: finding the libraries costs half a millisecond."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


class _OneThread(local):
    """Holds BLAS to one thread, for each thread of Python that enters until it has left."""

    inside = 0
    limit: Any = None

    def __enter__(self) -> None:
        if not self.inside:  # a fresh limit takes some 8 µs
            self.limit = _controller().limit(limits=1, user_api="blas")
        self.inside += 1

    def __exit__(self, *_: object) -> None:
        self.inside -= 1
        if not self.inside:
            self.limit.restore_original_limits()


_ONE_THREAD = _OneThread()


def one_thread() -> AbstractContextManager[None]:
    """Hold BLAS to one thread inside a `with`.

    The matrices of a nudged network are small; on a busy machine a second thread made the
    textbook loop six times slower than one alone. It also keeps sums in one order.
    """
    return _ONE_THREAD


@cache
def keep_memory() -> None:
    """Have glibc keep freed arrays for the next ones, rather than return them to the system.

    It learns from the first large block that is freed to keep blocks of that size. Fresh memory
    comes page by page: without this, weight perturbation took three times as long.
    """
    np.empty(_LARGEST, np.uint8)


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def spread(work: Callable[[int], None], firsts: Iterable[int], two: bool) -> None:
    """Call `work` with each of `firsts`, on two cores if `two` and there are two.

    Each call must fill a part of the answer of its own, so that the order does not matter.
    """
    if not two or cores() < 2:
        for first in firsts:
            work(first)
        return

    from concurrent.futures import ThreadPoolExecutor

    def quietly(first: int) -> None:
        with one_thread(), np.errstate(all="ignore"):  # another thread inherits neither
            work(first)

    with ThreadPoolExecutor(2) as pool:
        try:
            for _ in pool.map(quietly, firsts):
                pass
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
