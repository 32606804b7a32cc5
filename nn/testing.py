"""Gradients in a test: one line that fails with a report, to be read at a glance."""

from __future__ import annotations

from typing import Any

from nn.checking import Report, gradcheck
from nn.errors import GradientMismatch


def assert_gradients(
    thing: Any, x: Any, t: Any = None, *, undecided: bool = False, **options: Any
) -> Report:
    """Fail unless `nn.gradcheck(thing, x, t, **options)` finds every gradient right.

    Parameters
    ----------
    thing, x, t, options
        As `nn.gradcheck` takes them.
    undecided : bool
        Whether gradients that cannot be judged, as at a kink, will do.

    Returns
    -------
    Report

    Raises
    ------
    GradientMismatch
        An AssertionError whose message is the report, and which carries it as `report`.

    Examples
    --------
    >>> def test_scale():
    ...     nn.testing.assert_gradients(Scale(5), np.random.default_rng(0).normal(size=(8, 5)))
    """
    __tracebackhide__ = True
    report = gradcheck(thing, x, t, **options)
    if report.verdict != "right" and not (undecided and report.verdict == "undecided"):
        raise GradientMismatch(report)
    return report
