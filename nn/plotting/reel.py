"""Films small enough to send: few colours, still axes, and time to look at the last frame."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from matplotlib.animation import FuncAnimation

_LAST = 2000  # milliseconds that the last frame stays


def reel(
    figure: Figure,
    draw: Callable[[int], None],
    count: int,
    interval: float,
    *,
    shades: int,
    first: float = 0.0,
) -> FuncAnimation:
    """Film what is drawn of frames 0 to `count` - 1.

    Parameters
    ----------
    figure : Figure
        Its axes stand where they are to stand.
    draw : callable, int -> None
        Draws a frame.
    count : int >= 1
    interval : float > 0
        Milliseconds between two frames.
    shades : int >= 1
        Of red, green and blue: with less than 256 colours in a frame a GIF is half as large.
    first : float >= 0
        Milliseconds that the first frame stays.
    """
    from matplotlib.animation import FuncAnimation  # brings pyplot along

    def few_colors(image: ArrayLike, _: float) -> tuple[NDArray[Any], int, int]:
        """Round the colours of an image; matplotlib calls it on all that is drawn of a frame."""
        return np.round(np.asarray(image) * shades) / shades, 0, 0

    figure.set_agg_filter(few_colors)
    figure.set_layout_engine("none")  # the axes are not to move from frame to frame
    begin, end = (max(1, math.ceil(rest / interval)) for rest in (first, _LAST))
    order = [0] * begin + list(range(1, count - 1)) + [count - 1] * end
    return FuncAnimation(figure, draw, frames=order, interval=interval, cache_frame_data=False)
