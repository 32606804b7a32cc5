"""Made-up sets with one lesson each: five in the plane to classify, one curve to fit.

Every function draws from the generator `rng` alone. `samples` counts all samples; classes are
dealt out in turn, so their sizes differ by one at most. `noise` is the standard deviation of
normal noise, in the unit of what it is added to.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from datasets.dataset import Array, Samples
from datasets.errors import DatasetError, check_count, check_number

MOST = 10_000_000  # more would only be a typing mistake that fills the memory
PLANE = ("x1", "x2")


def xor(rng: np.random.Generator, /, samples: int = 200, noise: float = 0.1) -> Samples:
    """Exclusive or: the corners of a square, class 1 where one coordinate is 1 and one is 0.

    The smallest problem that no single layer solves.

    Parameters
    ----------
    samples : int, >= 4
        One per corner in turn; 4 with noise 0 is the classic.
    noise : float, >= 0

    References
    ----------
    M. Minsky, S. Papert, Perceptrons, MIT Press, 1969.
    """
    corner = np.arange(_checked(samples, noise, at_least=4)) % 4
    a, b = corner // 2, corner % 2
    return _plane(a, b, a ^ b, rng, noise, ("same", "different"))


def moons(rng: np.random.Generator, /, samples: int = 200, noise: float = 0.1) -> Samples:
    """Two half moons that reach into each other: 2 classes that no straight line separates.

    Class 0 is the upper half of the unit circle around (0, 0), class 1 the lower half of the
    one around (1, 0.5).

    Parameters
    ----------
    samples : int, >= 2
    noise : float, >= 0

    References
    ----------
    `make_moons` of scikit-learn has the same curves.
    """
    t, rank, size = _deal(_checked(samples, noise, at_least=2), 2)
    angle = math.pi * rank / np.maximum(size - 1, 1)
    upper = t == 0
    x1 = np.where(upper, np.cos(angle), 1 - np.cos(angle))
    x2 = np.where(upper, np.sin(angle), 0.5 - np.sin(angle))
    return _plane(x1, x2, t, rng, noise, ("upper moon", "lower moon"))


def circles(
    rng: np.random.Generator, /, samples: int = 200, noise: float = 0.05, factor: float = 0.5
) -> Samples:
    """A circle within a circle: 2 classes that only the distance from the middle tells apart.

    Parameters
    ----------
    samples : int, >= 2
    noise : float, >= 0
    factor : float in (0, 1)
        Radius of the inner circle, class 1; the outer one, class 0, has radius 1.

    References
    ----------
    `make_circles` of scikit-learn has the same curves.
    """
    check_number("factor", factor, above=0, below=1)
    t, rank, size = _deal(_checked(samples, noise, at_least=2), 2)
    angle = 2 * math.pi * rank / size
    radius = np.where(t == 0, 1.0, factor)
    x1, x2 = radius * np.cos(angle), radius * np.sin(angle)
    return _plane(x1, x2, t, rng, noise, ("outer circle", "inner circle"))


def spiral(
    rng: np.random.Generator,
    /,
    samples: int = 300,
    noise: float = 0.2,
    classes: int = 3,
    turns: float = 0.64,
) -> Samples:
    """Interleaved spiral arms around the origin, one per class: hard for a small network.

    Arm j is x = (r sin a, r cos a), with the angle a = 2π (j / classes + turns r) + noise and
    the radius r from 0 to 1.

    Parameters
    ----------
    samples : int, >= classes
    noise : float, >= 0
        In radians, added to the angle.
    classes : int from 2 to 100
    turns : float
        Turns from the middle to the end of an arm; 0.64 is an angle of 4.0.

    References
    ----------
    A. Karpathy, CS231n: Convolutional Neural Networks for Visual Recognition, Stanford, minimal
    network case study; K. Saito, Deep Learning from Scratch 2, section 1.4.
    """
    check_count("classes", classes, at_least=2, at_most=100)
    check_number("turns", turns)
    t, rank, size = _deal(_checked(samples, noise, at_least=classes), classes)
    radius = rank / np.maximum(size - 1, 1)
    angle = 2 * math.pi * (t / classes + turns * radius) + rng.normal(0, noise, samples)
    x1, x2 = radius * np.sin(angle), radius * np.cos(angle)
    return _plane(x1, x2, t, rng, 0.0, tuple(f"arm {j}" for j in range(classes)))


def blobs(
    rng: np.random.Generator, /, samples: int = 300, noise: float = 0.25, classes: int = 3
) -> Samples:
    """Round clouds of points, evenly spaced on the unit circle, one per class: the easy case.

    Parameters
    ----------
    samples : int, >= classes
    noise : float, >= 0
        The clouds' standard deviation in each direction.
    classes : int from 2 to 100
    """
    check_count("classes", classes, at_least=2, at_most=100)
    t, _, _ = _deal(_checked(samples, noise, at_least=classes), classes)
    angle = 2 * math.pi * t / classes
    return _plane(
        np.cos(angle), np.sin(angle), t, rng, noise, tuple(f"blob {j}" for j in range(classes))
    )


def sine(
    rng: np.random.Generator,
    /,
    samples: int = 200,
    noise: float = 0.1,
    start: float = -math.pi,
    stop: float = math.pi,
) -> Samples:
    """Regression of t = sin(x) + noise on an interval: one input, one output.

    Parameters
    ----------
    samples : int, >= 2
        Evenly spaced from `start` to `stop`, both included.
    noise : float, >= 0
    start, stop : float
        In radians, start < stop.
    """
    check_number("start", start)
    check_number("stop", stop)
    if not start < stop:
        raise DatasetError(f"stop must be greater than start = {start:g}, got {stop:g}")
    x = np.linspace(start, stop, _checked(samples, noise, at_least=2))[:, np.newaxis]
    return Samples(
        x=x,
        t=np.sin(x) + rng.normal(0, noise, x.shape),
        target_name="sin(x)",
        feature_names=("x (rad)",),
    )


def _checked(samples: int, noise: float, *, at_least: int) -> int:
    """Check the two options that every toy has; answer `samples`."""
    check_count("samples", samples, at_least=at_least, at_most=MOST)
    check_number("noise", noise, at_least=0)
    return samples


def _deal(
    samples: int, classes: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Class of each sample, its rank 0, 1, … within the class, and the size of the class."""
    i = np.arange(samples, dtype=np.int64)
    t, rank = i % classes, i // classes
    return t, rank, (samples - t + classes - 1) // classes


def _plane(
    x1: npt.NDArray[np.generic],
    x2: npt.NDArray[np.generic],
    t: npt.NDArray[np.int64],
    rng: np.random.Generator,
    noise: float,
    class_names: tuple[str, ...],
) -> Samples:
    """Samples (x1, x2) with normal noise added to both coordinates."""
    x: Array = np.stack([x1, x2], axis=1).astype(np.float64)
    return Samples(
        x=x + rng.normal(0, noise, x.shape),
        t=t,
        target_name="class",
        feature_names=PLANE,
        class_names=class_names,
    )
