"""How `nn.differentiate` asks f: x in all shapes, bounds, many points at once, and faults."""

import math
from fractions import Fraction

import numpy as np
import pytest

import nn
from nn.errors import ImpureFunctionError, InputError, NotOneNumberError, ShapeError

FIELDS = ("value", "error", "truncation", "rounding", "step", "left", "right", "state")


def squares(x):
    return float((np.asarray(x, np.float64) ** 2).sum())


class TestStructures:
    @pytest.mark.parametrize(
        "x",
        [3, 3.0, np.float64(3), np.int64(3), np.array(3.0), np.array(3), Fraction(3), np.uint8(3)],
    )
    def test_a_number(self, x):
        found = nn.differentiate(lambda v: v * v, x)
        assert type(found.value) is float
        assert found.value == pytest.approx(6, rel=1e-13)
        assert type(found.state) is str

    def test_true_is_one(self):
        assert nn.differentiate(lambda v: v * v, True).value == pytest.approx(2)

    @pytest.mark.parametrize(
        "x",
        [
            [1, 2, 3],
            (1.0, 2.0, 3.0),
            np.array([1, 2, 3]),
            np.array([[1.0], [2.0], [3.0]]),
            np.arange(1.0, 7.0)[::2],
            np.arange(1.0, 7.0).reshape(2, 3).T,
            np.asfortranarray(np.arange(1.0, 7.0).reshape(2, 3)),
            np.broadcast_to(1.5, (2, 2)),
            np.ones((1, 2, 3)),
            np.array([7.0]),
        ],
        ids=lambda x: f"{type(x).__name__} {np.shape(x)}",
    )
    def test_an_array(self, x):
        found = nn.differentiate(squares, x)
        for name in FIELDS:
            assert getattr(found, name).shape == np.shape(x), name
        np.testing.assert_allclose(found.value, 2 * np.asarray(x, float), rtol=1e-12)

    def test_parts_in_parts(self):
        x = {
            "layers": [{"W": np.ones((2, 3)), "b": np.zeros(3)}, (np.ones(2), [1, 2])],
            "s": 2.0,
            7: [3],
        }

        def f(p):
            first, (a, b) = p["layers"]
            return (
                squares(first["W"]) + first["b"].sum() + squares(a) + squares(b) + p["s"] * p[7][0]
            )

        found = nn.differentiate(f, x).value
        assert list(found) == ["layers", "s", 7]
        assert isinstance(found["layers"][1], tuple)
        np.testing.assert_allclose(found["layers"][0]["W"], 2 * np.ones((2, 3)), rtol=1e-12)
        np.testing.assert_allclose(found["layers"][0]["b"], np.ones(3), rtol=1e-12)
        np.testing.assert_allclose(found["layers"][1][1], [2, 4], rtol=1e-12)
        assert (float(found["s"]), float(found[7][0])) == pytest.approx((3, 2))

    def test_lists_of_unlike_lengths(self):
        found = nn.differentiate(lambda x: squares(x[0]) + squares(x[1]), [[1, 2], [3]])
        assert [part.tolist() for part in found.value] == [
            pytest.approx([2, 4]),
            pytest.approx([6]),
        ]

    @pytest.mark.parametrize(
        ("x", "message"),
        [
            ([], "x is empty, of shape (0,)"),
            ({}, "x is empty"),
            ({"a": {}}, "a is empty"),
            (1j, "x is complex"),
            ("3", "x must be real numbers"),
            (None, "x must be real numbers"),
            ({"a": [None]}, "a must be real numbers"),
            (math.nan, "x is nan"),
            ([{"W": np.array([1, np.inf])}], r"x[0].W[1] is inf"),
            ({0: 2.0, "0": 3.0}, "two keys of x look alike: 0, '0'"),
            ({"a": {"b": 1.0}, "a.b": 2.0}, "two parts of x are both called a.b"),
        ],
    )
    def test_what_cannot_be_nudged(self, x, message):
        with pytest.raises(InputError) as caught:
            nn.differentiate(lambda x: 1.0, x)
        assert message in str(caught.value)
        assert "\n" not in str(caught.value)

    def test_a_shared_array(self):
        a = np.ones(2)
        with pytest.raises(InputError, match="share memory"):
            nn.differentiate(lambda p: 1.0, {"a": a, "b": [a[:1]]})


class TestWhatFReads:
    def test_the_very_array(self):
        x = np.array([1.0, 2.0])
        assert nn.differentiate(lambda _: squares(x), x).value == pytest.approx([2, 4])

    def test_arrays_deep_in_x(self):
        W = np.array([3.0])
        found = nn.differentiate(lambda _: squares(W), {"layers": [{"W": W}]})
        assert found.value["layers"][0]["W"] == pytest.approx([6])

    def test_a_read_only_array_is_nudged_as_a_copy(self):
        x = np.array([1.0, 2.0])
        x.flags.writeable = False
        assert nn.differentiate(squares, x).value == pytest.approx([2, 4])

    def test_integers_stay(self):
        x = np.array([1, 2])
        nn.differentiate(squares, x)
        assert x.tolist() == [1, 2]


class TestPutBack:
    X = np.array([0.1, -0.0, 1e-30, 1e17])

    @pytest.mark.parametrize(
        "error", [RuntimeError, KeyboardInterrupt, TypeError, SystemExit, None]
    )
    @pytest.mark.parametrize("after", [1, 2, 3, 6, 30])
    def test_whatever_happens(self, error, after):
        x = self.X.copy()
        calls = 0

        def f(v):
            nonlocal calls
            calls += 1
            if error is not None and calls == after:
                raise error("stop")
            return squares(np.tanh(v))

        if error is None:
            nn.differentiate(f, x)
        else:
            with pytest.raises(error):
                nn.differentiate(f, x)
        assert x.tobytes() == self.X.tobytes()

    @pytest.mark.parametrize("vectorized", [False, True])
    def test_by_an_f_that_writes_into_x(self, vectorized):
        x = self.X.copy()

        def f(v):
            v += 1
            return v.sum(axis=-1)

        if vectorized:  # what it is given is its own
            nn.differentiate(f, x, vectorized=True)
        else:
            with pytest.raises(
                ImpureFunctionError, match=r"f writes into its input: x\[0\] changed"
            ):
                nn.differentiate(f, x)
        assert x.tobytes() == self.X.tobytes()

    def test_by_an_f_that_writes_where_it_was_nudged(self):
        x = self.X.copy()

        def f(v):
            if v[0] != 0.1:
                v[0] = 0.1
            return v.sum()

        with pytest.raises(ImpureFunctionError, match="writes into its input"):
            nn.differentiate(f, x)
        assert x.tobytes() == self.X.tobytes()

    def test_by_an_f_that_puts_another_array_there(self):
        def normalized(p):
            p["a"] = p["a"] / p["a"].sum()
            return squares(p["a"])

        for f in (normalized, lambda p: p.pop("a").sum()):
            p = {"a": np.ones(2)}
            with pytest.raises(ImpureFunctionError, match="f takes a out of its input, or puts"):
                nn.differentiate(f, p)
            assert p["a"].tolist() == [1, 1]


class TestWhatFAnswers:
    @pytest.mark.parametrize(
        "as_one", [np.array, lambda v: [v], lambda v: np.array([[v]]), np.longdouble, Fraction]
    )
    def test_one_number_in_other_clothes(self, as_one):
        assert nn.differentiate(lambda x: as_one(x * x), 1.5).value == pytest.approx(3, rel=1e-12)

    @pytest.mark.parametrize(
        ("answer", "message"),
        [
            (None, "is a `return` missing?"),
            (np.ones(2), "an array of shape (2,)"),
            ([], "an array of shape (0,)"),
            ([[1, 2], [3]], "got list [[1, 2], [3]]"),
            (1j, "complex numbers have no order"),
            ("1.0", "got str '1.0'"),
            (True, "got bool True"),
            ({"loss": 1.0}, "got dict"),
        ],
    )
    def test_anything_else(self, answer, message):
        with pytest.raises(NotOneNumberError) as caught:
            nn.differentiate(lambda x: answer, 1.0)
        assert message in str(caught.value)
        assert "\n" not in str(caught.value)

    def test_errors_of_f_at_x_are_its_own(self):
        for error in (ValueError, ZeroDivisionError, OverflowError, KeyError):
            with pytest.raises(error, match="mine"):
                nn.differentiate(lambda x, error=error: (_ for _ in ()).throw(error("mine")), 1.0)

    @pytest.mark.parametrize("error", [ValueError, ZeroDivisionError, OverflowError])
    def test_errors_away_from_x_are_the_end_of_its_domain(self, error):
        def f(x):
            if x < 1:
                raise error("outside")
            return x**2

        found = nn.differentiate(f, 1.0)
        assert found.state == "edge of domain"
        assert found.value == found.right == pytest.approx(2, rel=1e-9)
        assert math.isnan(found.left)

    def test_other_errors_away_from_x_are_raised(self):
        with pytest.raises(KeyError):
            nn.differentiate(lambda x: {1.0: 1.0}[x], 1.0)

    @pytest.mark.parametrize("answer", [math.nan, math.inf, -math.inf, np.float32(np.nan), 10**400])
    def test_f_is_not_finite_at_x(self, answer):
        found = nn.differentiate(lambda x: answer, np.ones(2))
        assert found.state.tolist() == ["not finite"] * 2
        assert np.isnan(found.value).all()
        assert np.isinf(found.error).all()


class TestBounds:
    @pytest.mark.parametrize("bounds", [(0.5, 1), (None, 1), (0.5, None), ([0.5] * 2, np.ones(2))])
    def test_f_is_not_asked_outside(self, bounds):
        asked = []
        x = np.array([1.0, 0.75]) if bounds[1] is not None else np.array([0.5, 0.75])
        found = nn.differentiate(
            lambda v: asked.append(v.copy()) or np.exp(v).sum(), x, bounds=bounds
        )
        low, high = (np.inf if b is None else np.max(b) for b in bounds)
        assert np.max(asked) <= high
        assert np.min(asked) >= (-np.inf if bounds[0] is None else low)
        assert found.state.tolist() == ["edge of domain", "converged"]
        assert found.value == pytest.approx(np.exp(x), rel=1e-9)
        assert (np.abs(found.value - np.exp(x)) <= 10 * found.error).all()

    def test_the_other_side_stands_at_a_bound(self):
        top, bottom = (nn.differentiate(math.exp, x, bounds=(0, 1)) for x in (1.0, 0.0))
        assert (math.isnan(top.right), math.isnan(top.left)) == (True, False)
        assert (math.isnan(bottom.right), math.isnan(bottom.left)) == (False, True)
        assert top.value == top.left
        assert bottom.value == bottom.right

    @pytest.mark.parametrize("bounds", [5, (1, 2, 3), "ab", ({"a": 1}, None), (0, "one")])
    def test_what_are_none(self, bounds):
        with pytest.raises(InputError, match=r"bounds must be \(low, high\)"):
            nn.differentiate(math.sin, 1.0, bounds=bounds)

    def test_x_outside(self):
        with pytest.raises(
            InputError, match=r"x lies outside its bounds: 2.0 is not in \[0.0, 1.0\]"
        ):
            nn.differentiate(math.sin, 2.0, bounds=(0, 1))

    def test_the_wrong_number_of_them(self):
        with pytest.raises(ShapeError, match="one an entry of x, 2; got 3"):
            nn.differentiate(squares, np.ones(2), bounds=(None, [1, 2, 3]))


def of_numbers(x):
    return np.sin(x) * np.exp(x / 3)


def of_rows(x):
    """Written with no sums, so that one row and many are rounded alike."""
    return np.abs(x[..., 0]) + np.sin(x[..., 1] * x[..., 2]) + np.maximum(x[..., 3], 1) ** 2


def of_parts(p):
    return p["W"][..., 0, 0] * np.tanh(p["W"][..., 0, 1]) + p["s"] ** 2 * p["b"][..., 0]


class TestManyPointsAtOnce:
    @pytest.mark.parametrize(
        ("f", "x"),
        [
            (of_numbers, 2.0),
            (of_rows, np.array([0.0, 1e3, 0.3, 1.0])),
            (of_parts, {"W": np.array([[0.5, 2.0]]), "s": 3.0, "b": [1.0]}),
            (lambda x: np.log(x[..., 0]) + np.sqrt(x[..., 1]), np.array([1e-9, 0.0])),
        ],
    )
    def test_is_the_plain_way_bit_for_bit(self, f, x):
        calls = []
        many = nn.differentiate(lambda v: calls.append(0) or f(v), x, vectorized=True)
        one = nn.differentiate(f, x)
        for name in FIELDS:
            a, b = getattr(many, name), getattr(one, name)
            for k in a if isinstance(a, dict) else [...]:
                part, other = (a, b) if k is ... else (a[k], b[k])
                np.testing.assert_array_equal(part, other, err_msg=name)
        assert (many.evaluations, many.nature, many.noise) == (
            one.evaluations,
            one.nature,
            one.noise,
        )
        assert len(calls) <= 22

    def test_calls_do_not_grow_with_the_entries(self):
        calls = []
        x = np.linspace(0.5, 2, 300)
        found = nn.differentiate(
            lambda v: calls.append(len(v)) or (v**3).sum(axis=1), x, vectorized=True
        )
        np.testing.assert_allclose(found.value, 3 * x**2, rtol=1e-9)
        assert len(calls) < 40 < sum(calls) == found.evaluations

    @pytest.mark.parametrize(
        "answers",
        [
            lambda v: 1.0,
            lambda v: None,
            lambda v: v,
            lambda v: v[:, 0] + 1j,
            lambda v: ["a"] * len(v),
        ],
    )
    def test_answers_of_another_shape(self, answers):
        with pytest.raises(NotOneNumberError, match="vectorized=True, f is given 1 points at once"):
            nn.differentiate(answers, np.ones(3), vectorized=True)


def test_a_batch_that_leaves_the_domain_is_asked_point_by_point():
    def root(x):
        if (x < 0).any():
            raise ValueError("math domain error")
        return np.sqrt(x) * x + x

    found = nn.differentiate(root, 0.0, vectorized=True)
    assert found.state == "edge of domain"
    assert found.value == pytest.approx(1, abs=1e-6)


def test_an_array_for_an_answer_is_told_what_to_do_about():
    with pytest.raises(nn.NotOneNumberError, match=r"vectorized=True, .* nn\.jacobian"):
        nn.differentiate(lambda x: [x, x], 1.0)
