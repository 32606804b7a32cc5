"""Every dataset by its name: `load` one, list the `names`, hand out the `loaders`.

A new set is one function `(rng, /, options) -> Samples` in the file of its family, and one line
in `RAW` below; its signature and docstring are what users and config readers are shown.
A set that brings its own test part is annotated `-> SamplesWithTest` and has no option `test`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from datasets import digits, mnist, tables, toy
from datasets.dataset import Dataset, Samples, SamplesWithTest
from datasets.errors import DatasetError, UnknownNameError, check_flag, check_number, nearest
from datasets.split import GENERATE, SPLIT, make_dataset, stream

RAW: dict[str, Callable[..., Samples]] = {
    "blobs": toy.blobs,
    "circles": toy.circles,
    "diabetes": tables.diabetes,
    "digits": digits.digits,
    "fashion-mnist": mnist.fashion_mnist,
    "iris": tables.iris,
    "mnist": mnist.mnist,
    "moons": toy.moons,
    "sine": toy.sine,
    "spiral": toy.spiral,
    "xor": toy.xor,
}


def names() -> tuple[str, ...]:
    """Names that `load` knows, sorted."""
    return tuple(sorted(RAW))


def load(
    name: str,
    *,
    test: float = 0.2,
    validation: float = 0.0,
    standardize: bool = False,
    seed: int | np.random.SeedSequence = 0,
    **options: object,
) -> Dataset:
    """Load a dataset, split and ready to train on.

    Parameters
    ----------
    name : str
        One of `names()`.
    test : float in (0, 1)
        Share of all samples to keep for the test, rounded to whole samples. Leave it alone for
        a set that brings its own test part.
    validation : float in [0, 1)
        Share of the training part (what the test part leaves) to keep for validation.
    standardize : bool
        Shift and divide every feature, and the target of a regression, so that the training
        part has mean 0 and standard deviation 1. Features that are constant there are only
        shifted.
    seed : int >= 0 or numpy.random.SeedSequence
        Decides what is generated and how it is split, by separate streams; a SeedSequence is
        left as it was. The same seed gives the same bits.
    **options
        The set's own, as `inspect.signature(loaders()[name])` shows.

    Returns
    -------
    Dataset

    Raises
    ------
    UnknownNameError
        If there is no such dataset or option.
    DatasetError
        If an option has a wrong type or value, or the data file cannot be read.
    """
    raw = _find(name)
    try:
        signature = _signature(raw)
        _check_names(options, signature.parameters)
        if "test" in signature.parameters:
            check_number("test", test, above=0, below=1)
        elif test != _COMMON["test"].default:
            raise DatasetError("it brings its own test part, so there is no option 'test'")
        check_number("validation", validation, at_least=0, below=1)
        check_flag("standardize", standardize)
        generating, splitting = stream(seed, GENERATE), stream(seed, SPLIT)
        with np.errstate(over="ignore", invalid="ignore"):  # make_dataset looks for inf and nan
            return make_dataset(
                name,
                raw(generating, **options),
                test=test,
                validation=validation,
                standardize=standardize,
                rng=splitting,
            )
    except DatasetError as error:
        raise type(error)(f"dataset {name!r}: {error}") from error


# The options that every set has stand in one place: the signature of `load`. A loader's `seed`
# is announced as an int, which is all that a config can write.
_COMMON: dict[str, inspect.Parameter] = {
    option: parameter.replace(annotation=int) if option == "seed" else parameter
    for option, parameter in inspect.signature(load, eval_str=True).parameters.items()
    if parameter.kind is inspect.Parameter.KEYWORD_ONLY
}


def loaders() -> dict[str, Callable[..., Dataset]]:
    """Name -> a function that loads that set, whose signature shows each of its options.

    Annotations are types, not strings; the docstring begins with what the set is.
    """
    return {name: _loader(name) for name in names()}


def _loader(name: str) -> Callable[..., Dataset]:
    raw = _find(name)
    signature = _signature(raw)

    def loader(**options: Any) -> Dataset:
        try:
            _check_names(options, signature.parameters)
        except UnknownNameError as error:
            raise UnknownNameError(f"dataset {name!r}: {error}") from error
        return load(name, **options)

    loader.__name__ = loader.__qualname__ = name
    loader.__doc__ = raw.__doc__
    loader.__signature__ = signature  # type: ignore[attr-defined]
    loader.__annotations__ = {
        option: parameter.annotation for option, parameter in signature.parameters.items()
    } | {"return": Dataset}
    return loader


def _find(name: str) -> Callable[..., Samples]:
    if not isinstance(name, str) or name not in RAW:
        raise UnknownNameError(f"unknown dataset {name!r}{nearest(name, RAW)}")
    return RAW[name]


def _signature(raw: Callable[..., Samples]) -> inspect.Signature:
    """Signature of the loader: the set's own options first, then those of every set."""
    signature = inspect.signature(raw, eval_str=True)
    own = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for parameter in signature.parameters.values()
        if parameter.kind is not inspect.Parameter.POSITIONAL_ONLY  # the generator `rng`
    ]
    common = _COMMON
    if issubclass(signature.return_annotation, SamplesWithTest):
        common = {option: _COMMON[option] for option in _COMMON if option != "test"}
    return inspect.Signature([*own, *common.values()], return_annotation=Dataset)


def _check_names(options: Iterable[str], known: Iterable[str]) -> None:
    known = list(known)
    for option in options:
        if option not in known:
            raise UnknownNameError(f"unknown option {option!r}{nearest(option, known)}")
