"""The pictures of a run whose network has convolutions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib.style
import numpy as np
from numpy.typing import ArrayLike

from .activations import plot_activations
from .kernels_by_epoch import figure_size, plot_kernels_by_epoch
from .pictures import Album
from .style import STYLE


def draw_kernels(
    folder: str | Path,
    *,
    title: str,
    image: ArrayLike,
    image_title: str,
    epochs: Sequence[int],
    kernels: ArrayLike,
    activations: ArrayLike,
    layers: Sequence[tuple[str, ArrayLike]],
) -> list[Path]:
    """Draw kernels.png, how kernels learn, and activations.png, what layers make of an image.

    Parameters
    ----------
    folder : str or Path
        Older pictures of the same names are replaced.
    title : str
        Stands above both.
    image : array_like, (H, W) or (C, H, W)
    image_title : str
    epochs, kernels, activations : (E,), (E, O, C, kh, kw) and (E, O, H', W')
        Of one convolution, epoch by epoch; of none, kernels.png is left out.
    layers : sequence of (name, array_like (C, H, W))
        What each layer makes of the image at the end.

    Returns
    -------
    list of Path
        The files written.
    """
    with matplotlib.style.context(["default", STYLE]):
        album = Album(folder, title)
        if len(epochs):
            weights, answers = np.asarray(kernels), np.asarray(activations)
            size = figure_size(weights.shape, answers.shape)
            with album.picture("kernels", *size) as figure:
                plot_kernels_by_epoch(
                    epochs, weights, answers, image, figure, image_title=image_title
                )
                figure.suptitle(f"{title}\n{figure.get_suptitle()}")
        with album.picture("activations", 13, 1.5 + 1.05 * len(layers)) as figure:
            plot_activations(image, layers, figure, image_title=image_title)
            figure.suptitle(f"{title}\n{figure.get_suptitle()}".rstrip())
    return album.files
