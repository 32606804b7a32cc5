"""One BLAS thread while weights are nudged.

The matrices of one forward pass are small; on a busy machine a second thread made the textbook
loop six times slower than one alone. It also keeps sums in one order, whatever the machine.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController


@cache
def _controller() -> ThreadpoolController:
    """The one controller: finding the libraries costs half a millisecond."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def one_thread() -> AbstractContextManager[Any]:
    """Hold BLAS to one thread inside a `with`."""
    limited: AbstractContextManager[Any] = _controller().limit(limits=1, user_api="blas")
    return limited
