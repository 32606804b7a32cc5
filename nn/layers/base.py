"""What a layer is: arrays in, arrays out, named parameters, and a way to push changes through."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from nn.errors import InputError, ShapeError
from nn.layers.terms import Terms
from nn.rows import Rows

Array = NDArray[np.float64]


def forget(cls: type, root: type, method: str, facts: Sequence[str]) -> None:
    """Take from a class what it inherits about a `method` that is no longer the one it has.

    A Linear with a forward of its own is not pushed as a Linear is. What is said of an abstract
    method holds for those who fill it in, and no longer for those who fill it in anew.
    """
    for fact in facts:
        source = _source(cls, fact)
        filled_in = [
            c
            for c in cls.__mro__
            if method in vars(c) and not getattr(vars(c)[method], "__isabstractmethod__", False)
        ]
        # Not issubclass: an ABC that is still being made spoils the caches of its parents.
        later = [c for c in filled_in if c not in source.__mro__]
        as_meant = not later or (len(later) == 1 == len(filled_in) and source in later[0].__mro__)
        if not as_meant:
            setattr(cls, fact, vars(root)[fact])


def _source(cls: type, name: str) -> type:
    return next(c for c in cls.__mro__ if name in vars(c))


def ours(thing: type, *methods: str) -> bool:
    """Whether these methods of a class, as far as it has them, are of this package."""
    found = (getattr(thing, method, None) for method in methods)
    return all(
        str(getattr(method, "__module__", None)).startswith("nn.") for method in found if method
    )


class Layer(ABC):
    """What every layer is: `params`, and a `forward` that gives the same answer every time.

    `forward` is all that must be written. The rest says what is special about it, and makes
    gradients cheaper; a class that overrides the `forward` of another starts without any of it.

    Attributes
    ----------
    params : dict of name -> float64 array
        What is learnt; empty unless the layer says otherwise.
    buffers : dict of name -> float64 array
        What is remembered from step to step and not learnt, such as running means; it is kept
        with the parameters wherever they are kept.
    grads : dict of name -> array
        Filled by `backward`, where an author wrote one.
    mixes : bool
        Whether the answer to a sample depends on the others. `push` of our own layers is then given
        whole batches alone, grids of all samples in order; others are found out.
    ties : bool
        Whether several inputs that are exactly equal share a kink, as those of a maximum do: what
        nudging each of them does, then does not add up to what nudging all of them does.
    """

    params: dict[str, Array]
    buffers: dict[str, Array]
    grads: dict[str, Array]
    mixes: bool = False
    ties: ClassVar[bool] = False

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Give each layer dicts of its own; no `super().__init__()` needed."""
        layer = super().__new__(cls)
        layer.params, layer.buffers, layer.grads = {}, {}, {}
        return layer

    def __init__(self) -> None:
        super().__init__()  # a layer without options takes none: ReLU(0.1) fails

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Forget what a parent said of its `forward` where this class has another."""
        super().__init_subclass__(**kwargs)
        forget(cls, Layer, "forward", ("push", "terms", "room", "mixes", "ties"))

    @abstractmethod
    def forward(self, x: Array) -> Array:
        """Return the output for a batch: samples along axis 0, of x and of the answer."""

    def push(self, rows: Rows, x: Array, z: Array) -> Rows:
        """Return the changes of the output that come of changes of the input.

        Parameters
        ----------
        rows : Rows
            Changes of samples of x.
        x, z : (N, ...) arrays
            The unchanged batch, and `forward(x)`.

        Returns
        -------
        Rows
            Of the same grid: changes of samples of z. Here each changed sample goes through
            `forward` in full, which is right for every layer that treats samples alone.
        """
        samples = rows.whole(x)
        changed = answer(self, samples).reshape(*rows.grid, *z.shape[1:])
        return rows.widened(changed - rows.samples(z))

    def room(self, rows: Rows, x: Array) -> int:
        """Return how many numbers `push` holds for these rows beside the changes it returns."""
        slices, samples = rows.grid
        return slices * samples * x[0].size if type(self).push is Layer.push else 0

    def terms(self, name: str, x: Array) -> Terms | Array | None:
        """Return what the parameter `name` is multiplied by, where the output is a sum over it.

        Returns
        -------
        Terms, (N, I) array or None
            An array a says that z[n, j] = Σ_i a[n, i] p[i, j] and more that is not of this
            parameter, where p of shape (I, units) holds its numbers in their order; `Terms` can
            say more. None where it is not so.
        """
        return None

    def __call__(self, x: Any) -> Array:
        """Return `forward(x)`, of x as float64."""
        return self.forward(np.asarray(x, np.float64))

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Elementwise(Layer):
    """A layer that works on each number alone, whatever the shape: only what changed is computed.

    To be inherited from; the class adds `forward`.
    """

    def push(self, rows: Rows, x: Array, z: Array) -> Rows:
        """Apply `forward` to the changed numbers alone."""
        moved = self.forward(rows.moved(x))
        fresh = ours(type(self), "forward")  # an array that nobody else knows
        found = np.subtract(moved, rows.of(z), out=moved if fresh else None)
        return rows.with_delta(np.asarray(found, np.float64))


def answer(layer: Layer, x: Array) -> Array:
    """Return `layer.forward(x)`, checked: one row of float64 a sample.

    Raises
    ------
    ShapeError, InputError
        If it is anything else, or if the layer writes into an x that is not its own.
    """
    try:
        z = layer.forward(x)
    except ValueError as error:
        if "read-only" in str(error):
            raise InputError(
                "forward changes its input; let it work on a copy, x.copy()"
            ) from error
        raise
    if not isinstance(z, np.ndarray) or z.shape[:1] != x.shape[:1]:
        got = f"shape {z.shape}" if isinstance(z, np.ndarray) else type(z).__name__
        raise ShapeError(
            f"forward must return an array with a row for each of the {len(x)} samples, got {got}"
        )
    if z.dtype.kind in "iub":
        return z.astype(np.float64)
    if z.dtype != np.float64:
        raise InputError(
            f"forward must return float64, got {z.dtype}; what a nudge changes is lost in another"
            " precision"
        )
    return z


def run(layers: Sequence[Layer], x: Array, first: int = 0, above: str = "") -> Array:
    """Push a batch through the layers, in order; the first is called layer `first` in errors.

    Raises
    ------
    ShapeError, InputError
        If a layer cannot take what the one before it gives, or does not answer with one row of
        float64 a sample; says which layer, and if it is inside of another, "3.", which there.
    """
    for place, layer in enumerate(layers, first):
        try:
            x = answer(layer, x)
        except (ShapeError, InputError) as error:
            kind = ShapeError if isinstance(error, ShapeError) else InputError
            what = str(error)
            if what.startswith("layer "):  # said by one of the layers inside of this one
                raise kind(f"layer {above}{place}.{what.removeprefix('layer ')}") from error
            raise kind(f"layer {above}{place}, {layer!r}: {what}") from error
    return x


def foreign(layer: Layer) -> bool:
    """Whether the forward of a layer is not one of ours."""
    return not ours(type(layer), "forward")
