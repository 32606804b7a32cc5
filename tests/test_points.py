"""The points that derivatives are judged on are what they claim to be, and so is the judge."""

import json
import math

import numpy as np
import pytest

import nn
from benchmarks.derivatives import __main__ as command
from benchmarks.derivatives.answers import Found, Method, ask
from benchmarks.derivatives.kinks import at_relu, kinks
from benchmarks.derivatives.ours import BEST, best_step, ours, words
from benchmarks.derivatives.rivals import installed, rivals
from benchmarks.derivatives.score import by_family, judge, run, summary
from benchmarks.points import KINKS, SHARP, SMOOTH
from benchmarks.points.problem import exact_gradients, flat, unflat

PROBLEMS = [*SMOOTH, *SHARP]
NAMED = {place.name: place for place in [*PROBLEMS, *KINKS]}
NO_MPMATH = "the exact gradients are computed by mpmath, which is not installed"


def test_the_set_is_large_and_of_many_kinds():
    assert len(SMOOTH) >= 75
    assert len(SHARP) >= 40
    assert sum(not point.away for point in KINKS) >= 40
    assert sum(point.away != 0 for point in KINKS) >= 10
    assert len({problem.family for problem in SMOOTH}) >= 12
    assert {type(problem.x) for problem in SMOOTH} == {float, np.ndarray, dict}
    assert sum(problem.noise > 0 for problem in SMOOTH) >= 10


def test_names_are_unique_and_each_gradient_is_known():
    assert len(NAMED) == len(PROBLEMS) + len(KINKS)
    assert list(exact_gradients()) == [problem.name for problem in PROBLEMS]


def test_f_is_pure_and_finite():
    """Warnings are errors here, so nothing overflows at the point itself either."""
    for place in NAMED.values():
        x = place.start()
        first = place.f(x)
        assert type(first) is float, place.name
        assert math.isfinite(first), place.name
        assert np.array_equal(flat(x), place.vector), place.name
        assert place.f(place.start()) == first, place.name
        assert place.of_vector(place.vector) == pytest.approx(first, rel=1e-14), place.name


def test_exact_gradients_are_like_x():
    def shapes(x):
        return {k: v.shape for k, v in x.items()} if isinstance(x, dict) else np.shape(x)

    for problem in PROBLEMS:
        assert type(problem.exact) is type(problem.x), problem.name
        assert shapes(problem.exact) == shapes(problem.x), problem.name
        assert np.isfinite(problem.exact_vector).all(), problem.name
        again = unflat(problem.exact_vector, problem.x)
        assert np.array_equal(flat(again), problem.exact_vector), problem.name


def test_exact_gradients_are_exact():
    pytest.importorskip("mpmath", reason=NO_MPMATH)
    from benchmarks.points.exact import exact_vector

    for problem in PROBLEMS:
        np.testing.assert_allclose(
            problem.exact_vector, exact_vector(problem), rtol=1e-14, atol=0, err_msg=problem.name
        )


def test_writing_them_again_changes_nothing(tmp_path, monkeypatch, capsys):
    pytest.importorskip("mpmath", reason=NO_MPMATH)
    from benchmarks.points import exact

    monkeypatch.setattr(exact, "EXACT", tmp_path / "exact.json")
    exact.write()
    assert json.loads((tmp_path / "exact.json").read_text()) == exact_gradients()
    assert f"{len(PROBLEMS)} gradients" in capsys.readouterr().out


def test_the_slopes_of_both_sides_are_exact():
    pytest.importorskip("mpmath", reason=NO_MPMATH)
    from benchmarks.points.exact import one_sided

    for point in KINKS:
        for found, told in zip(one_sided(point), (point.left, point.right), strict=True):
            for slope, known in zip(found, np.atleast_1d(told), strict=True):
                if np.isinf(known):
                    assert slope * np.sign(known) > 1e4, point.name
                else:
                    assert slope == pytest.approx(known, rel=1e-14, abs=0), point.name


def test_the_slopes_of_both_sides_in_float64():
    """As far as two differences can tell, of h = 1e-7 and a sixteenth of it."""
    for point in KINKS:
        assert point.broken.any(), point.name
        kink = point.vector - point.away
        sides = np.atleast_1d(point.left), np.atleast_1d(point.right)
        finite = np.ravel(sides)[np.isfinite(np.ravel(sides))]
        scale = np.abs(finite).max(initial=0.0)
        for sign, side in zip((-1, 1), sides, strict=True):
            for place, known in enumerate(side):
                slopes = []
                for h in np.array([1, 1 / 16]) * 1e-7 * max(1.0, abs(kink[place])):
                    moved = kink.copy()
                    moved[place] += sign * h
                    rise = point.of_vector(moved) - point.of_vector(kink)
                    slopes.append(rise / (moved[place] - kink[place]))
                if np.isinf(known):
                    assert slopes[1] * np.sign(known) > 1.1 * abs(slopes[0]), point.name
                else:
                    assert abs(slopes[1] - known) <= 1e-3 * scale, point.name


def test_some_step_comes_near_the_exact_gradient():
    """A check of the first two entries that needs no mpmath."""
    for problem in PROBLEMS:
        x, exact = problem.vector, problem.exact_vector
        here = problem.of_vector(x)
        for place in range(min(2, len(x))):
            found = []
            for h in (abs(x[place]) or 1.0) * 10.0 ** -np.arange(-1, 17, 0.25):
                values = []
                for move in (-h, h):
                    moved = x.copy()
                    moved[place] += move
                    try:
                        with np.errstate(all="ignore"):
                            values.append(problem.of_vector(moved))
                    except ValueError:  # math.sqrt
                        values.append(np.nan)
                below, above = values
                with np.errstate(all="ignore"):
                    found += [(above - here) / h, (here - below) / h, (above - below) / (2 * h)]
            off = np.nanmin(np.abs(np.array(found) - exact[place]))
            rounding = np.spacing(abs(here)) / (abs(x[place]) or 1.0)  # of a step of |x|
            assert off <= 1e-3 * (np.abs(exact).max() or 1.0) + 10 * rounding, problem.name


def test_an_answer_is_judged():
    bowl = NAMED["(x - 3)² at 3"]  # 0
    net = NAMED["sum of squares"]  # 6, 8

    def case(problem, *found):
        return judge(problem, ask(Method("", lambda f, x: Found(*found)), problem))

    assert case(bowl, [1e-5]).error == 1e-5
    assert case(net, [6.0, 8.08]).error == pytest.approx(0.01)
    assert case(net, [6.0, np.nan]).error == np.inf
    assert case(net, [6.0, np.nan]).doubted
    assert not case(net, [6.0, 8.08]).doubted
    assert case(net, [6.0, 8.08], [1e-9, 1e-3]).short
    assert not case(net, [6.0, 8.08], [1e-9, 1e-2]).short
    assert not case(net, [6.0, 8.0 + 1e-15], [0.0, 0.0]).short  # the exact one is rounded too
    assert case(net, [6.0, 8.08], [1e-9, 0.1]).doubted
    assert case(net, [6.0, 8.0], None, np.array([False, True])).doubted
    silent = summary([case(net, [6.0, 8.08]), case(net, [6.0, 8.0], [0.0, 1e-9])])
    assert silent["silent"] == 1
    assert silent["right"] == {"1e-06": 1, "1e-08": 1, "1e-10": 1}


def test_what_a_method_raises_or_warns_of_is_part_of_its_answer():
    def raising(f, x):
        f(x)
        raise ArithmeticError("no step is small enough")

    def warning(f, x):
        return Found(np.array([np.log(x[0] - x[0])]))

    answer = ask(Method("", raising), NAMED["sin at 1"])
    assert answer.said == "ArithmeticError: no step is small enough"
    assert answer.doubted.all()
    assert answer.evaluations == 1
    assert "divide by zero" in ask(Method("", warning), NAMED["sin at 1"]).said
    case = judge(NAMED["sin at 1"], answer)
    assert case.error == np.inf
    assert json.dumps(case.record["error"]) == "null"


def test_kinks_are_counted():
    corner, beside = NAMED["relu at 0"], NAMED["relu, +1e-10 from its kink at 0"]
    mixed = NAMED["max pool, two the largest"]

    def says(*states):
        return Method("", lambda f, x: Found(np.ones(len(x)), None, None, states[: len(x)]))

    found = kinks(says("kink", "kink", "kink", "converged"), [corner, beside, mixed], SHARP[:1])
    assert (found["found"], found["at"], found["false"]) == (2, 2, 1)
    assert (found["fair"], found["mistaken"]) == (1, [SHARP[0].name])
    found = kinks(says(*["converged"] * 4), [corner, beside, mixed], SHARP[:1])
    assert (found["found"], found["silent"], found["false"], found["mistaken"]) == (0, 2, 0, [])
    assert found["fair"] == 1  # 1 is the slope right of the kink
    assert at_relu(says("kink"), corner) == {"value": 1.0, "claimed": None, "says": "kink"}
    assert words({"W": np.array([["kink", "noisy"]]), "b": "converged"}) == [
        "kink", "noisy", "converged",
    ]  # fmt: skip


def test_the_best_step_is_at_least_as_good_as_ours():
    for name in ("sin at 1", "(x/1e6)² at 1", "rosenbrock", "log at 1e-12"):
        problem = NAMED[name]
        best = judge(problem, ask(best_step(problem), problem)).error
        assert best < 1e-7
        for method in ours()[:3]:
            assert best <= 1.1 * judge(problem, ask(method, problem)).error


def test_the_command(tmp_path, monkeypatch, capsys):
    few = [NAMED[name] for name in ("sin at 1", "rosenbrock", "sin with noise of 1e-6")]
    monkeypatch.setattr(command, "SMOOTH", few)
    monkeypatch.setattr(command, "SHARP", SHARP[:2])
    monkeypatch.setattr(command, "KINKS", KINKS[:3])
    results = command.main(["--no-rivals", "--worst", "1e-8", "--out", str(tmp_path)])
    written = json.loads((tmp_path / "derivatives.json").read_text())
    assert written == json.loads(json.dumps(results))
    methods = {method["name"]: method for method in written["methods"]}
    assert set(methods) == {method.name for method in ours()} | {BEST}
    lesson = methods["central, h = 1e-4"]
    assert lesson["all"]["cases"] == 3
    assert lesson["clean"]["cases"] == 2
    assert lesson["kinks"]["at"] == 3
    printed = capsys.readouterr().out
    assert "3 smooth problems" in printed
    assert "sin with noise of 1e-6" in printed.split("off by more than 1e-08")[1]
    with pytest.raises(SystemExit, match="no method is called finite elements"):
        command.main(["--no-rivals", "--methods", "finite elements", "--out", str(tmp_path)])


@pytest.mark.parametrize("name", ["scipy", "numdifftools", "statsmodels", "jacobi"])
def test_rivals_find_an_easy_gradient(name):
    if name not in installed():
        pytest.skip(f"{name} is not installed")
    found = [method for method in rivals() if name in method.name]
    assert found
    for method in found:
        for problem in (NAMED["sin at 1"], NAMED["determinant"]):
            assert judge(problem, ask(method, problem)).error < 1e-5


def test_careful_derivatives_are_among_ours():
    if not hasattr(nn, "differentiate"):
        pytest.skip("nn.differentiate is not there")
    careful = next(method for method in ours() if method.name == "nn.differentiate")
    cases = run(careful, [NAMED["sin at 1"], NAMED["tanh net, squares"]])
    assert max(case.error for case in cases) < 1e-8
    assert all(case.claimed is not None and not case.short for case in cases)
    assert set(by_family(cases)) == {"classical", "network"}
