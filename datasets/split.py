"""Cuts samples into training, validation and test parts, and standardizes them.

All randomness comes from streams of one seed, without changing it: the same seed object
gives the same data however often it is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from datasets.dataset import Array, Dataset, Inputs, Samples, SamplesWithTest
from datasets.errors import DatasetError, check_count

# Keys of the streams. Far from 0, 1, 2, ..., which the owner of a seed gets from `spawn`.
GENERATE, SPLIT = 2**32 - 1, 2**32 - 2

PIECE = 2**20  # values

Indices = npt.NDArray[np.intp]


def stream(seed: int | np.random.SeedSequence, key: int) -> np.random.Generator:
    """Random stream number `key` of a seed, independent of the streams of other keys.

    `SeedSequence.spawn` would count its calls in `seed` and answer differently each time.

    Raises
    ------
    DatasetError
        If `seed` is neither a whole number >= 0 nor a SeedSequence.
    """
    if not isinstance(seed, np.random.SeedSequence):
        check_count("seed", seed, at_least=0)
        seed = np.random.SeedSequence(int(seed))
    child = np.random.SeedSequence(
        seed.entropy, spawn_key=(*seed.spawn_key, key), pool_size=seed.pool_size
    )
    return np.random.default_rng(child)


def split(
    count: int, test: float, validation: float, rng: np.random.Generator
) -> tuple[Indices, Indices, Indices]:
    """Deal the indices 0..count-1 out to (training, validation, test), shuffled.

    Parameters
    ----------
    count : int
        Number of samples.
    test : float in [0, 1)
        Share of all samples.
    validation : float in [0, 1)
        Share of what is left after the test part.
    rng : numpy.random.Generator

    Returns
    -------
    three int arrays
        Each share is rounded to the nearest whole number; a share of 0 gives an empty part.

    Raises
    ------
    DatasetError
        If the training part, or a part that was asked for, would be empty.
    """
    n_test = round(test * count)
    n_validation = round(validation * (count - n_test))
    n_train = count - n_test - n_validation
    wanted = (("training", n_train, 1), ("validation", n_validation, validation))
    for part, size, share in (*wanted, ("test", n_test, test)):
        if share > 0 and size == 0:
            raise DatasetError(
                f"test = {test:g} and validation = {validation:g} leave the {part} part empty: "
                f"{count} samples become {n_train} + {n_validation} + {n_test}"
            )
    order = rng.permutation(count)
    return order[n_test + n_validation :], order[n_test : n_test + n_validation], order[:n_test]


def scale(train: Inputs) -> tuple[Array, Array]:
    """Mean and standard deviation (features,) of the training part (N, features), in float64.

    A constant feature gets 1 for its deviation: nothing else can be divided by.
    """
    mean: Array = train.mean(axis=0, dtype=np.float64)
    squares = np.zeros_like(mean)
    for rows in _pieces(train):
        squares += ((train[rows] - mean) ** 2).sum(axis=0)
    std = np.sqrt(squares / len(train))
    # Rounding can leave a constant column a deviation of 1e-17, which would blow up test samples.
    constant = (np.ptp(train, axis=0) == 0) | (std == 0)
    return mean, np.where(constant, 1.0, std)


def make_dataset(
    name: str,
    samples: Samples,
    *,
    test: float,
    validation: float,
    standardize: bool,
    rng: np.random.Generator,
) -> Dataset:
    """Split `samples`, give every array its dtype, standardize.

    Mean and deviation are those of the training part alone; validation and test parts are
    shifted and divided by the same numbers. Targets are standardized for regression only.
    If the samples bring their own test part, `test` is not used and that part keeps its order.

    Raises
    ------
    DatasetError
        If a part would be empty, or the samples are not finite.
    """
    classification = bool(samples.class_names)
    dtype = np.int64 if classification else np.float64
    own_test = isinstance(samples, SamplesWithTest)
    i_train, i_validation, i_test = split(
        len(samples.x), 0.0 if own_test else test, validation, rng
    )
    if isinstance(samples, SamplesWithTest):
        x_test, t_test, i_test = samples.x_test, samples.t_test, np.arange(len(samples.x_test))
    else:
        x_test, t_test = samples.x, samples.t
    # Both ways copy: nobody who writes into a Dataset writes into what a raw loader keeps.
    x = {
        part: _taken(source, rows, samples.divisor)
        for part, source, rows in (
            ("train", samples.x, i_train),
            ("validation", samples.x, i_validation),
            ("test", x_test, i_test),
        )
    }
    t = {"train": samples.t[i_train], "validation": samples.t[i_validation], "test": t_test[i_test]}
    t = {part: np.array(a, dtype=dtype, order="C") for part, a in t.items()}

    x_mean, x_std = np.zeros(x["train"].shape[1]), np.ones(x["train"].shape[1])
    t_mean, t_std = 0.0, 1.0
    if standardize:
        x_mean, x_std = scale(x["train"])
        for a in x.values():
            for rows in _pieces(a):
                a[rows] = (a[rows] - x_mean) / x_std
    if standardize and not classification:
        t_mean, t_std = (float(a[0]) for a in scale(t["train"]))
        t = {part: (a - t_mean) / t_std for part, a in t.items()}
    _check_finite({**{f"x_{k}": a for k, a in x.items()}, **{f"t_{k}": a for k, a in t.items()}})
    return Dataset(
        name=name,
        task="classification" if classification else "regression",
        x_train=x["train"],
        t_train=t["train"],
        x_validation=x["validation"],
        t_validation=t["validation"],
        x_test=x["test"],
        t_test=t["test"],
        class_names=samples.class_names,
        feature_names=samples.feature_names,
        target_name=samples.target_name,
        image_shape=samples.image_shape,
        x_mean=x_mean,
        x_std=x_std,
        t_mean=t_mean,
        t_std=t_std,
    )


def _taken(x: npt.NDArray[Any], rows: Indices, divisor: int | None) -> Inputs:
    """Those rows of x as float64, or x / divisor as float32."""
    taken: Inputs = np.empty(
        (len(rows), *x.shape[1:]), dtype=np.float64 if divisor is None else np.float32
    )
    for piece in _pieces(taken):
        taken[piece] = x[rows[piece]] if divisor is None else x[rows[piece]] / np.float32(divisor)
    return taken


def _pieces(x: npt.NDArray[Any]) -> Iterator[slice]:
    """Slices of rows: work on large sets goes by these, so that no copy of a whole set is made."""
    rows = max(1, PIECE * len(x) // max(1, x.size))
    return (slice(start, start + rows) for start in range(0, len(x), rows))


def _check_finite(arrays: dict[str, npt.NDArray[Any]]) -> None:
    for name, array in arrays.items():
        if not all(np.isfinite(array[rows]).all() for rows in _pieces(array)):
            raise DatasetError(f"{name} is not finite: do the options ask for too large numbers?")
