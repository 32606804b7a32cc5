"""The gradient check: `nn.gradcheck`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.checking.comparing import compare, not_finite
from nn.checking.functions import Function
from nn.checking.objects import Object
from nn.checking.observing import observe
from nn.checking.report import Report
from nn.checking.subject import Subject
from nn.errors import GradientMismatch, InputError, check_count
from nn.gradients import one_thread

Array = NDArray[Any]


def gradcheck(
    thing: Any,
    x: Any,
    t: Any = None,
    *,
    grad: Callable[..., Any] | None = None,
    params: Any = None,
    grads: Any = None,
    mixes_samples: bool = False,
    entries: int = 4096,
    seed: int = 0,
    raise_on_mismatch: bool = False,
    progress: bool = False,
) -> Report:
    """Check a gradient written by hand, by differences that know their own error.

    Every entry of x and of every parameter is compared with the slope of Σ dout * forward(x), for
    a random dout, and is right, wrong or undecided by the bound of that slope itself: there is no
    tolerance to choose. Before that it is asked whether forward and backward can be judged at all.

    Parameters
    ----------
    thing : layer, loss, network, or function with `grad`
        Anything with forward(x) and backward(dout), a subclass of `nn.Layer` or not. backward
        returns dx, or a tuple where forward takes several inputs. A loss takes targets, forward(x,
        t), and backward() or backward(dout=1); the network of the book has loss(x, t) and
        gradient(x, t). It is asked as it is, and given back as it was.
    x : (N, ...) array, or tuple of arrays
        Samples along axis 0. Whole numbers count as float64, unless forward refuses that.
    t : optional
        Targets, handed to forward after x.
    grad : callable, optional
        For a function `thing`: grad(x) like x where thing(x) is one number, the Jacobian of shape
        thing(x) + x, or the slopes of an elementwise function; grad(x, dout) the product. x may be
        a number, or arrays in dicts and lists.
    params, grads : mappings, optional
        Where parameters lie: name -> array, or name of an attribute ("linear.weight"). And their
        gradients after backward: name -> attribute, or a function of `thing` that returns a
        mapping. Without them: dicts `params` and `grads`, lists of these names, attributes as W
        and dW or weight and weight_grad, those of parts that have a backward.
    mixes_samples : bool
        Samples are meant to depend on each other. True batch norm need not say so.
    entries : int >= 1
        An array of more is looked at along signed random directions, and at single entries where
        one of these is wrong; so is one where all entries would take too long.
    seed : int
        Of dout, and of directions.
    raise_on_mismatch : bool
        Raise `GradientMismatch` where the verdict is "wrong" or "unstable".
    progress : bool
        Show a bar.

    Returns
    -------
    Report
        `verdict` is "right", "wrong", "undecided" or "unstable"; `worst` the entry that is off
        most; `cause` why, where a pattern fits. `print` says all of it.

    Raises
    ------
    GradientMismatch
        An AssertionError that carries the report.
    InputError
        If there is nothing to check: no backward, x that is empty or no numbers.

    Notes
    -----
    What is compared is dout times the Jacobian. An error in one entry of the Jacobian shows there
    for almost every dout; a sum over many samples, in float32 say, can hide one that is smaller
    than its rounding.

    Examples
    --------
    >>> report = gradcheck(Scale(5), x)
    >>> report.verdict, report.worst.place, report.cause.tag
    ('wrong', 'w[2]', 'sign')
    """
    __tracebackhide__ = True  # pytest shows the caller's line
    check_count("entries", entries)
    start = time.perf_counter()
    subject = _subject(thing, x, t, grad, params, grads)
    rng = np.random.default_rng(seed)
    with subject.held() as memory, one_thread():
        found = observe(subject, memory, rng, mixes_samples)
        report = Report(subject.title, "unstable", violations=found.violations, notes=found.notes)
        report.dout = found.dout
        if not found.violations and not np.isfinite(found.z).all():
            report.verdict = "undecided"
            report.notes.append(not_finite(subject, found))
        elif not found.violations:
            with _bar(subject, progress) as advance:
                compare(subject, found, report, memory, entries, rng, advance)
    report.evaluations = subject.evaluations
    report.seconds = time.perf_counter() - start
    if raise_on_mismatch and report.verdict in ("wrong", "unstable"):
        raise GradientMismatch(report)
    return report


@contextmanager
def _bar(subject: Subject, shown: bool) -> Iterator[Callable[[int], object] | None]:
    """Yield what tells a progress bar of entries that are done; None without a bar."""
    if not shown:
        yield None
        return
    from tqdm import tqdm

    total = sum(array.size for array in subject.tensors.values())
    with tqdm(total=total, unit=" entries", leave=False, disable=None) as bar:
        yield bar.update


def _subject(thing: Any, x: Any, t: Any, grad: Any, params: Any, grads: Any) -> Subject:
    """See a function and its gradient, or whatever has a forward and a backward, in one way."""
    if isinstance(thing, type):
        raise InputError(f"{thing.__name__} is a class; give an object, {thing.__name__}(…)")
    if grad is None:
        return Object(thing, x, t, params, grads)
    for name, value in (("t", t), ("params", params), ("grads", grads)):
        if value is not None:
            raise InputError(f"{name} has no meaning beside grad=, which goes with a function of x")
    return Function(thing, x, grad)
