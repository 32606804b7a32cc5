"""Handwritten digits on 8x8 pixels: the smallest real pictures."""

from __future__ import annotations

import numpy as np

from datasets.dataset import Samples
from datasets.errors import DatasetError
from datasets.files import read_table

SHAPE = (8, 8)


def digits(_rng: np.random.Generator, /) -> Samples:
    """Handwritten digits: 8x8 pixels of value 0 to 16, 10 classes, 1797 pictures.

    Each pixel counts the inked dots in a 4x4 block of a 32x32 bitmap. Features run row by row
    from the top left. Three pixels at the border are blank in every picture.

    References
    ----------
    E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits (the test part), UCI
    Machine Learning Repository, 1998, doi 10.24432/C50P49.
    """
    pixels = tuple(f"pixel_{row}_{column}" for row, column in np.ndindex(*SHAPE))
    table = read_table("digits.csv.gz", 1797, (*pixels, "label"))
    x, t = table[:, :-1], table[:, -1]
    if not (np.isin(x, range(17)).all() and np.isin(t, range(10)).all()):
        raise DatasetError(
            "data file digits.csv.gz: expected 1797 rows of 64 pixels with values 0 to 16 and a "
            "label 0 to 9, but other values stand there"
        )
    return Samples(
        x=x,
        t=t,
        target_name="digit",
        feature_names=pixels,
        class_names=tuple(str(digit) for digit in range(10)),
        image_shape=SHAPE,
    )
