"""What a family of data answers with (`Samples`), and what a user gets: a split `Dataset`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from datasets.errors import DatasetError

Array = npt.NDArray[np.float64]
Inputs = npt.NDArray[np.floating[Any]]  # float64; float32 for sets of many pictures
Targets = npt.NDArray[Any]  # int64 class indices or float64 values
Task = Literal["classification", "regression"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Samples:
    """All samples of a set, in order: neither split nor standardized.

    Attributes
    ----------
    x : (N, features), any real dtype
    t : (N,) class indices if `class_names` is given, else (N, 1) values
    target_name : str
        What t is, with its unit if it has one.
    feature_names : tuple of str, one per feature
    class_names : tuple of str, one per class; () for regression
    image_shape : tuple of int or None
        Shape in which one sample is a picture.
    divisor : int or None
        If given, x holds whole numbers to be divided by it, and the quotients are kept as
        float32: a large set of pictures takes half of the memory.
    """

    x: npt.NDArray[Any]
    t: Targets
    target_name: str
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...] = ()
    image_shape: tuple[int, ...] | None = None
    divisor: int | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class SamplesWithTest(Samples):
    """Samples to train on, beside a test part fixed by the set's authors.

    A raw loader whose return annotation is this class gets no option `test`.
    """

    x_test: npt.NDArray[Any]
    t_test: Targets


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Dataset:
    """A set split into a training, a validation and a test part.

    Attributes
    ----------
    name : str
    task : "classification" or "regression"
    x_train, x_validation, x_test : float64 (N, features), C-contiguous
        The validation part has N = 0 unless it was asked for. Large sets of pictures are
        float32, to take half of the memory; arithmetic with float64 gives float64.
    t_train, t_validation, t_test : int64 (N,) class indices, or float64 (N, 1) values
    class_names : tuple of str
        One per class; () for regression.
    feature_names : tuple of str
    target_name : str
        What t is, with its unit if it has one.
    image_shape : tuple of int or None
        Shape in which one sample is a picture; None if it is none.
    x_mean, x_std : float64 (features,)
        What standardizing took away and divided by; zeros and ones if it was not asked for.
    t_mean, t_std : float
        The same for the targets of a regression; 0.0 and 1.0 otherwise.
    """

    name: str
    task: Task
    x_train: Inputs
    t_train: Targets
    x_validation: Inputs
    t_validation: Targets
    x_test: Inputs
    t_test: Targets
    class_names: tuple[str, ...]
    feature_names: tuple[str, ...]
    target_name: str
    image_shape: tuple[int, ...] | None
    x_mean: Array
    x_std: Array
    t_mean: float
    t_std: float

    @property
    def features(self) -> int:
        """Number of inputs of one sample."""
        return len(self.x_mean)

    @property
    def outputs(self) -> int:
        """Number of outputs a network needs: one per class, or 1 for regression."""
        return len(self.class_names) or 1

    def original_x(self, x: npt.ArrayLike) -> Array:
        """Undo standardizing: x (..., features) in the units of `feature_names`.

        Raises
        ------
        DatasetError
            If the last axis is not as long as there are features.
        """
        x = np.asarray(x, dtype=np.float64)
        if x.shape[-1:] != (self.features,):
            raise DatasetError(
                f"dataset {self.name!r}: x must have shape (..., {self.features}), got {x.shape}"
            )
        return x * self.x_std + self.x_mean

    def standardized_x(self, x: npt.ArrayLike) -> Inputs:
        """Do to x (..., features), in the units of `feature_names`, what the samples went through.

        The answer has the dtype of the samples, and the same bits where x is one of them.

        Raises
        ------
        DatasetError
            If the last axis is not as long as there are features.
        """
        x = np.asarray(x, dtype=self.x_train.dtype)
        if x.shape[-1:] != (self.features,):
            raise DatasetError(
                f"dataset {self.name!r}: x must have shape (..., {self.features}), got {x.shape}"
            )
        return np.asarray((x - self.x_mean) / self.x_std, dtype=self.x_train.dtype)

    def original_t(self, t: npt.ArrayLike) -> Targets:
        """Undo standardizing: t, or predictions of t, in its own unit; classes are left alone."""
        t = np.asarray(t)
        return t if self.task == "classification" else t * self.t_std + self.t_mean

    def picture(self, x_row: npt.ArrayLike) -> Array:
        """One sample (features,) as an image of `image_shape`, in original pixel values.

        Raises
        ------
        DatasetError
            If the samples are not pictures, or `x_row` is not one sample.
        """
        if self.image_shape is None:
            raise DatasetError(f"dataset {self.name!r}: its samples are not pictures")
        x_row = np.asarray(x_row, dtype=np.float64)
        if x_row.shape != (self.features,):
            raise DatasetError(
                f"dataset {self.name!r}: a picture needs one sample of shape "
                f"({self.features},), got {x_row.shape}"
            )
        return self.original_x(x_row).reshape(self.image_shape)

    def summary(self) -> str:
        """Name, features, classes or target, and how many samples each part has: one line."""
        counted = [
            f"{len(part):,} to {use}".replace(",", " ")
            for part, use in (
                (self.x_train, "train"),
                (self.x_validation, "validate"),
                (self.x_test, "test"),
            )
            if len(part)
        ]
        target = f"{self.outputs} classes" if self.class_names else f"target: {self.target_name}"
        plural = "" if self.features == 1 else "s"
        samples = ", ".join(counted)
        return f"{self.name}: {self.features} feature{plural}, {target}; samples: {samples}"

    def __repr__(self) -> str:
        return f"<Dataset {self.summary()}>"
