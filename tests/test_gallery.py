"""The gallery is what it claims to be, by differences that know nothing of the checker."""

import collections
import inspect

import numpy as np
import pytest

from benchmarks.gallery import CASES, NAMED
from benchmarks.gallery import __main__ as leaf
from benchmarks.gallery.parts import BatchNorm

OF_KIND = {k: [c for c in CASES if c.kind == k] for k in ("wrong", "right", "unstable")}
SMOOTH = [case for case in OF_KIND["right"] if not case.kink]
# Where the numbers themselves have fewer digits, or a formula loses some.
LOOSE = collections.defaultdict(
    lambda: 1e-9,
    float32_inside=1e-4,
    float32_throughout=1e-5,
    layer_norm_with_large_mean=1e-6,
    batch_norm_of_two=1e-7,
    ripple_on_a_mountain=1e-4,
    one_minus_cosine=1e-6,
    huber_where_it_turns_straight=1e-7,  # its bend jumps
)


def by_name(cases):
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.name)


class Handled:
    """A thing with its inputs and parameters in one dict, whatever it looks like."""

    def __init__(self, given):
        self.thing, self.options = given.thing, given.options
        self.function = "grad" in self.options
        self.book = hasattr(self.thing, "gradient")
        self.t = [self.options["t"]] if "t" in self.options else []
        if isinstance(given.x, dict):
            self.x = dict(given.x)
        elif isinstance(given.x, tuple):
            names = inspect.signature(self.thing.forward).parameters
            self.x = dict(zip(names, given.x, strict=True))
        else:
            self.x = {"x": given.x}
        self.mapping = isinstance(given.x, dict)
        self.params = {} if self.function else self.find()

    def find(self):
        """Return pairs of an array and a function that fetches its gradient."""
        own, thing = vars(self.thing), self.thing
        if "params" in self.options:
            grads = self.options["grads"]
            return {
                name: (own[at], lambda name=name: own[grads[name]])
                for name, at in self.options["params"].items()
            }
        params = own.get("params", {})
        if isinstance(params, list):
            return {f"params[{i}]": (p, lambda i=i: thing.grads[i]) for i, p in enumerate(params)}
        found = {n: (p, lambda n=n: thing.grads.get(n)) for n, p in params.items()}
        for name, value in own.items():
            for gradient in (f"d{name}", f"{name}_grad"):
                if gradient in own:
                    found[name] = (value, lambda at=gradient: own[at])
        return found

    def forward(self, x=None):
        x = self.x if x is None else x
        if self.function:
            return np.array(self.thing(x if self.mapping else x["x"]))
        ask = self.thing.loss if self.book else self.thing.forward
        return np.array(ask(*x.values(), *self.t))

    def backward(self, dout):
        if self.function:
            return self.of_function(dout)
        if self.book:
            return self.thing.gradient(*self.x.values(), *self.t)
        dx = self.thing.backward() if self.t else self.thing.backward(dout)
        dx = dx if isinstance(dx, tuple) else (dx,)
        found = {name: np.array(d) for name, d in zip(self.x, dx, strict=True)}
        for name, (_, gradient) in self.params.items():
            found[name] = None if gradient() is None else np.array(gradient())
        return found

    def of_function(self, dout):
        grad = self.options["grad"]
        if self.mapping:
            return grad(self.x)
        if len(inspect.signature(grad).parameters) == 2:
            return {"x": grad(self.x["x"], dout)}
        slopes = grad(self.x["x"])
        whole = slopes.shape == dout.shape + self.x["x"].shape and dout.ndim
        return {"x": np.tensordot(dout, slopes, dout.ndim) if whole else dout * slopes}

    def dout(self, rng):
        z = self.forward()
        return rng.standard_normal(z.shape) if z.ndim else np.array(1.0)


def differences(handled, array, index, dout):
    """Slopes of the sum of dout * forward at one entry, by five points and many steps."""
    start = array[index]
    for step in 10.0 ** -np.arange(1, 9) * (abs(start) or 1):
        answers = []
        for k in (1, -1, 2, -2):
            array[index] = start + k * step
            answers.append(handled.forward().astype(float))
        array[index] = start
        near, far = answers[0] - answers[1], answers[2] - answers[3]
        yield float((dout * (8 * near - far)).sum() / (12 * step))


def prepared(case):
    """Return a case after two rounds, the arrays to nudge, and the second round's gradients.

    The first round is one of another batch: what is kept from it, or added to, is wrong later.
    """
    rng = np.random.default_rng(7)
    handled = Handled(case.build())
    if not handled.mapping:
        handled.forward({name: x[::-1].copy() for name, x in handled.x.items()})
    for _ in range(2):
        dout = handled.dout(rng)
        gradients = handled.backward(dout.copy())
    arrays = {name: p for name, (p, _) in handled.params.items()}
    if "E" not in arrays:  # an embedding wants whole numbers
        handled.x = {name: x.astype(float) for name, x in handled.x.items()}
        if not handled.book:
            arrays |= handled.x
    return handled, arrays, dout, gradients


def wrong_entries(case):
    """Return the wrong entries of each tensor that has some: no difference comes near them."""
    handled, arrays, dout, gradients = prepared(case)
    largest = max(np.abs(g).max(initial=0) for g in gradients.values() if g is not None)
    found = {}
    for name, array in arrays.items():
        gradient = gradients[name]
        if gradient is None or gradient.shape != array.shape:
            found[name] = "all"
            continue
        slopes = np.zeros((8, *array.shape))
        for index in np.ndindex(array.shape):
            slopes[(slice(None), *index)] = list(differences(handled, array, index, dout))
        best = np.abs(slopes - gradient).min(axis=0)
        scale = max(np.abs(slopes).min(axis=0).max(initial=0), np.abs(gradient).max(initial=0))
        off = ~(best <= LOOSE[case.name] * scale + 1e-13 * largest)
        if off.any():
            found[name] = [tuple(map(int, index)) for index in np.argwhere(off)]
    return found


def bent_entries(case):
    """Return the entries at which the slopes of both sides differ."""
    handled, arrays, *_ = prepared(case)
    found = collections.defaultdict(list)
    for name, array in arrays.items():
        for index in np.ndindex(array.shape):
            start, answers = array[index], []
            for step in (1e-6, 0, -1e-6):
                array[index] = start + step
                answers.append(handled.forward())
            array[index] = start
            if np.abs(answers[0] - 2 * answers[1] + answers[2]).max() > 1e-8:
                found[name].append(index)
    return found


def violated(case):
    """Return all that does not hold of what must hold before gradients can be judged."""
    handled, found = Handled(case.build()), set()
    arrays = {name: p for name, (p, _) in handled.params.items()}
    before = {name: p.copy() for name, p in arrays.items()}
    x = {name: array.copy() for name, array in handled.x.items()}
    first = handled.forward(x)
    if any((x[name] != array).any() for name, array in handled.x.items()):
        found.add("forward changes x")
    if any((p != before[name]).any() for name, p in arrays.items()):
        found.add("forward changes parameters")
    if not np.array_equal(handled.forward({n: a.copy() for n, a in handled.x.items()}), first):
        found |= {"random forward", "forward remembers"}
    if not (found or handled.function or handled.t):
        alone = handled.forward({name: array[:1].copy() for name, array in handled.x.items()})
        if not np.allclose(alone, first[:1], rtol=1e-6, atol=0):
            found.add("mixes samples")
    if found:
        return found
    dout = handled.dout(np.random.default_rng(7))
    kept = {n: a.copy() for n, a in handled.x.items()}, dout.copy()
    once = handled.backward(dout)
    if (dout != kept[1]).any():
        found.add("backward changes dout")
    if any((a != kept[0][n]).any() for n, a in handled.x.items()):
        found.add("backward changes x")
    if any((p != before[name]).any() for name, p in arrays.items()):
        found.add("backward changes parameters")
    again = handled.backward(kept[1])
    if not found and any(not np.array_equal(once[n], again[n], equal_nan=True)
                         for n in once if once[n] is not None):  # fmt: skip
        found.add("backward differs")
    return found


def test_there_are_many_of_each():
    assert len(OF_KIND["wrong"]) >= 40
    assert len(OF_KIND["right"]) >= 25
    assert len(OF_KIND["unstable"]) >= 6
    assert sum(case.index is not None for case in CASES) >= 6
    assert len({case.cause for case in CASES}) >= 12
    assert len({case.violation for case in CASES}) >= 9


def test_each_has_a_name_and_a_line_of_its_own():
    assert len(NAMED) == len(CASES)
    assert len({case.about for case in CASES}) == len(CASES)
    for case in CASES:
        assert case.about.endswith("."), case.name
        assert "\n" not in case.about, case.name


def test_what_is_claimed_fits_the_kind():
    for case in CASES:
        assert bool(case.tensors) == (case.kind == "wrong"), case.name
        assert bool(case.violation) == (case.kind == "unstable"), case.name
        assert not case.kink or case.kind == "right", case.name
        assert case.index is None or len(case.tensors) == 1, case.name
        assert case.cause is None or case.kind == "wrong", case.name


@by_name(CASES)
def test_each_is_built_anew(case):
    def arrays(given):
        handled = Handled(given)
        return [*handled.x.values(), *(p for p, _ in handled.params.values())]

    one, other = case.build(), case.build()
    for a, b in zip(arrays(one), arrays(other), strict=True):
        assert np.array_equal(a, b)
        assert not np.shares_memory(a, b)


@by_name(SMOOTH)
def test_right_ones_agree_with_differences(case):
    assert wrong_entries(case) == {}


@by_name([case for case in OF_KIND["right"] if case.kink])
def test_kinks_are_there_and_the_rest_is_right(case):
    bent = bent_entries(case)
    assert bent
    for name, places in wrong_entries(case).items():
        assert set(places) <= set(bent[name])


@by_name(OF_KIND["wrong"])
def test_wrong_ones_differ_where_it_is_said(case):
    found = wrong_entries(case)
    assert found.keys() == set(case.tensors)
    if case.index is not None:
        assert found[case.tensors[0]] == [case.index]


@by_name(OF_KIND["unstable"])
def test_unstable_ones_do_what_is_said(case):
    assert case.violation in violated(case)


@by_name([case for case in CASES if case.kind != "unstable"])
def test_others_do_nothing_of_the_kind(case):
    allowed = set()
    if isinstance(case.build().thing, BatchNorm):
        allowed = {"mixes samples"}
    elif case.cause in ("accumulated over calls", "overwritten cache"):
        allowed = {"backward differs"}
    assert violated(case) <= allowed


def test_the_gallery_can_be_leafed_through(capsys, tmp_path):
    leaf.main([])
    assert len(capsys.readouterr().out.splitlines()) == len(CASES)
    leaf.main(["--kind", "unstable"])
    assert len(capsys.readouterr().out.splitlines()) == sum(c.kind == "unstable" for c in CASES)
    leaf.main(["one_flipped_sign", "--plot", str(tmp_path / "sign.png")])
    shown = capsys.readouterr().out
    assert shown.startswith("@room.wrong(")
    assert "wrong, in 1 of 54 entries" in shown
    assert (tmp_path / "sign.png").exists()
    with pytest.raises(SystemExit):
        leaf.main(["one_fliped_sign"])
    assert "did you mean 'one_flipped_sign'?" in capsys.readouterr().err
