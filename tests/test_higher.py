"""Second derivatives, Hessians and Jacobians: right, and honest about how right."""

import hashlib
import math

import numpy as np
import pytest

from nn.careful.curvatures import hessian, hessian_vector_product
from nn.careful.higher import second_derivative
from nn.careful.outputs import jacobian
from nn.errors import ImpureFunctionError, InputError, NotOneNumberError, ShapeError

E = math.e
SMOOTH = {
    "exp": (math.exp, 1.0, E),
    "exp, steep": (math.exp, 20.0, math.exp(20)),
    "sin": (math.sin, 1.0, -math.sin(1)),
    "sin, far out": (math.sin, 100.0, -math.sin(100)),
    "sin, fast": (lambda x: math.sin(1e3 * x), 1.0, -1e6 * math.sin(1e3)),
    "log": (math.log, 3.0, -1 / 9),
    "log, near 0": (math.log, 1e-8, -1e16),
    "log1p at 0": (math.log1p, 0.0, -1.0),
    "x**4 at 0": (lambda x: x**4, 0.0, 0.0),
    "x**4": (lambda x: x**4, 1.0, 12.0),
    "|x|**3 at 0": (lambda x: abs(x) ** 3, 0.0, 0.0),
    "1/x": (lambda x: 1 / x, 1e-3, 2e9),
    "small": (lambda x: 1e-6 * x * x, 3.0, 2e-6),
    "large": (lambda x: 1e6 * x * x, 3.0, 2e6),
    "beside a large number": (lambda x: x * x + 1e8, 3.0, 2.0),
    "a line": (lambda x: 3 * x + 1, 2.0, 0.0),
    "a constant": (lambda x: 5.0, 2.0, 0.0),
    "sharp tanh": (
        lambda x: math.tanh(100 * x), 0.003, -2e4 * math.tanh(0.3) / math.cosh(0.3) ** 2
    ),
    "softplus": (
        lambda x: math.log1p(math.exp(20 * x)) / 20, 0.1, 20 * E**2 / (1 + E**2) ** 2
    ),
    "sqrt": (math.sqrt, 2.0, -0.25 * 2**-1.5),
    "relu beside its corner": (lambda x: max(x, 0.0), 1.0, 0.0),
}  # fmt: skip


def rough(size):
    """Noise that no step resolves, the same for the same x."""

    def noise(x):
        digest = hashlib.blake2b(np.float64(x).tobytes(), digest_size=8).digest()
        return size * (int.from_bytes(digest, "little") / 2**63 - 1)

    return noise


@pytest.mark.parametrize("name", SMOOTH)
def test_second_derivatives_are_right_and_know_how_right(name):
    f, x, exact = SMOOTH[name]
    found = second_derivative(f, x)
    assert type(found.value) is float
    assert found.state == "converged"
    assert abs(found.value - exact) <= 1e-6 * abs(exact) + 1e-11
    assert abs(found.value - exact) <= 10 * found.error
    assert found.error <= 1e-6 * abs(exact) + 1e-11
    assert found.error == found.truncation + found.rounding
    assert found.evaluations <= 40
    assert found.nature == "steady"


def test_most_need_some_twenty_evaluations():
    asked = [second_derivative(f, x).evaluations for f, x, _ in SMOOTH.values()]
    assert np.median(asked) <= 20


def test_an_array_gives_the_diagonal_and_a_dict_one_like_it():
    x = np.array([[1.0, -0.5], [0.2, 2.0]])
    found = second_derivative(lambda x: float(np.sum(np.exp(x)) + x[0, 0] * x[1, 1]), x)
    np.testing.assert_allclose(found.value, np.exp(x), rtol=1e-8)
    assert found.state.shape == found.error.shape == (2, 2)
    pair = {"a": 1.0, "b": np.array([1.0, 2.0])}
    found = second_derivative(lambda p: float(p["a"]) ** 3 + float(np.sum(p["b"] ** 3)), pair)
    assert found.value["a"] == pytest.approx(6, rel=1e-9)
    np.testing.assert_allclose(found.value["b"], [6, 12], rtol=1e-9)


def test_many_points_at_once_give_the_same():
    x = np.array([0.3, -1.0, 2.0])
    one = second_derivative(lambda x: float(np.sin(x).sum() + x[0] * x[1] ** 2), x)
    many = second_derivative(
        lambda x: np.sin(x).sum(axis=-1) + x[:, 0] * x[:, 1] ** 2, x, vectorized=True
    )
    np.testing.assert_allclose(one.value, many.value, rtol=1e-8)
    assert one.state.tolist() == many.state.tolist() == ["converged"] * 3
    table = hessian(lambda x: np.sin(x).sum(axis=-1) + x[:, 0] * x[:, 1] ** 2, x, vectorized=True)
    exact = np.array([[-math.sin(0.3), -2, 0], [-2, -math.sin(-1) + 0.6, 0], [0, 0, -math.sin(2)]])
    np.testing.assert_allclose(table.value, exact, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize(
    ("f", "value"),
    [
        (lambda x: max(x, 0.0), math.inf),
        (lambda x: -abs(x), -math.inf),
        (lambda x: abs(x) ** 1.5, math.inf),
        (lambda x: 1.0 if x > 0 else 0.0, math.nan),
    ],
)
def test_at_a_corner_it_is_infinite_and_at_a_jump_nothing(f, value):
    found = second_derivative(f, 0.0)
    assert found.state == "kink"
    assert found.value == pytest.approx(value, nan_ok=True)
    assert found.error == math.inf


@pytest.mark.parametrize(
    ("f", "below", "above"),
    [
        (lambda x: max(x, 0.0) ** 2, 0.0, 2.0),
        (lambda x: x * abs(x), -2.0, 2.0),
        (lambda x: x if x > 0 else math.expm1(x), 1.0, 0.0),
    ],
)
def test_where_it_jumps_the_bound_holds_both_sides(f, below, above):
    found = second_derivative(f, 0.0)
    assert found.state == "kink"
    assert abs(found.value - (below + above) / 2) < 1e-2
    assert max(abs(found.value - below), abs(found.value - above)) <= 1.01 * found.error


def test_at_an_edge_the_side_that_there_is_speaks():
    for sign in (1, -1):
        found = second_derivative(
            lambda x, sign=sign: math.exp(x) if sign * (x - 1) >= 0 else math.nan, 1.0
        )
        assert found.state == "edge of domain"
        assert abs(found.value - E) <= min(1e-5, 10 * found.error)
    upright = second_derivative(math.sqrt, 0.0)
    assert (upright.state, upright.value, upright.error) == ("edge of domain", -math.inf, math.inf)
    inside = second_derivative(math.exp, 1.0, bounds=(1.0, None))
    assert inside.state == "edge of domain"
    assert inside.value == pytest.approx(E, rel=1e-5)


def test_what_is_not_finite_is_told():
    assert second_derivative(lambda x: math.nan, 1.0).state == "not finite"
    lonely = second_derivative(lambda x: 1.0 if x == 1 else math.nan, 1.0)
    assert lonely.state == "not finite"
    assert math.isnan(lonely.value)
    table = hessian(lambda x: math.inf, np.ones(2))
    assert (table.state == "not finite").all()
    assert (table.error == math.inf).all()


@pytest.mark.parametrize("size", [1e-4, 1e-6, 1e-8])
def test_noise_is_told_and_held_by_the_bound(size):
    noise = rough(size)
    found = second_derivative(lambda x: math.exp(x) + noise(x), 1.0)
    assert found.state == "noisy"
    assert abs(found.value - E) <= 10 * found.error
    assert found.error < 0.5


def test_random_and_forgetful_functions_are_told():
    rng = np.random.default_rng(0)
    found = second_derivative(lambda x: math.exp(x) + 1e-6 * rng.normal(), 1.0)
    assert (found.state, found.nature) == ("noisy", "random")
    assert abs(found.value - E) <= 10 * found.error
    calls = []

    def remembers(x):
        calls.append(x)
        return math.exp(x) + 1e-6 * len(calls)

    assert second_derivative(remembers, 1.0).nature == "remembers"


def test_float32_inside_or_rounded_answers():
    single = second_derivative(lambda x: float(np.exp(np.float32(x))), 1.0)
    rounded = second_derivative(lambda x: round(math.exp(x), 6), 1.0)
    for found in (single, rounded):
        assert abs(found.value - E) <= min(1e-3, 10 * found.error)
    assert rounded.state == "noisy"


def rosenbrock(x):
    return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2


def rosenbrock_hessian(x):
    return np.array([[1200 * x[0] ** 2 - 400 * x[1] + 2, -400 * x[0]], [-400 * x[0], 200.0]])


def two_layers(rng, inputs=2, hidden=3, samples=12):
    """Return the loss of a tanh net as a function of all its weights, and its exact Hessian."""
    X, t = rng.normal(size=(samples, inputs)), rng.normal(size=samples)
    size = (inputs + 2) * hidden

    def parts(p):
        W, b, w = np.split(p, [inputs * hidden, (inputs + 1) * hidden])
        return W.reshape(inputs, hidden), b, w

    def loss(p):
        W, b, w = parts(p)
        return float(np.mean((np.tanh(X @ W + b) @ w - t) ** 2))

    def exact(p):
        W, b, w = parts(p)
        H = np.zeros((size, size))
        for x, target in zip(X, t, strict=True):
            a = np.tanh(x @ W + b)
            g, z = 1 - a**2, np.append(x, 1.0)
            J, S = np.zeros(size), np.zeros((size, size))
            for j in range(hidden):
                into, out = np.arange(inputs + 1) * hidden + j, size - hidden + j
                J[into], J[out] = w[j] * g[j] * z, a[j]
                S[np.ix_(into, into)] = -2 * w[j] * a[j] * g[j] * np.outer(z, z)
                S[into, out] = S[out, into] = g[j] * z
            H += 2 / samples * (np.outer(J, J) + (a @ w - target) * S)
        return H

    return loss, exact, size


def problems():
    rng = np.random.default_rng(1)
    A = rng.normal(size=(5, 5))
    A += A.T
    scale = 10.0 ** np.arange(-3, 2)
    B = scale[:, None] * A * scale
    loss, exact, size = two_layers(rng)

    def softmax_hessian(x):
        p = np.exp(x) / np.exp(x).sum()
        return np.diag(p) - np.outer(p, p)

    return {
        "Rosenbrock": (rosenbrock, np.array([-1.2, 1.0]), rosenbrock_hessian),
        "Rosenbrock at its minimum": (rosenbrock, np.ones(2), rosenbrock_hessian),
        "quadratic form": (lambda x: x @ A @ x / 2, rng.normal(size=5), lambda x: A),
        "at zero": (lambda x: x @ A @ x / 2, np.zeros(5), lambda x: A),
        "badly scaled": (lambda x: x @ B @ x / 2 + x @ scale, rng.normal(size=5), lambda x: B),
        "product": (lambda x: x[0] * x[1], np.zeros(2), lambda x: np.eye(2)[::-1]),
        "log of sum of exp": (
            lambda x: float(np.log(np.exp(x).sum())), rng.normal(size=4), softmax_hessian
        ),
        "two-layer net": (loss, rng.normal(size=size) * 0.7, exact),
        "two-layer net, small weights": (loss, rng.normal(size=size) * 0.05, exact),
    }  # fmt: skip


PROBLEMS = problems()


@pytest.mark.parametrize("name", PROBLEMS)
def test_hessians_are_right_symmetric_and_know_how_right(name):
    f, x, exact = PROBLEMS[name]
    H, n = exact(x), len(x)
    found = hessian(f, x)
    assert found.value.shape == found.state.shape == (n, n)
    assert np.array_equal(found.value, found.value.T)
    usual = np.sqrt(np.abs(np.outer(np.diag(H), np.diag(H))))
    assert np.all(np.abs(found.value - H) <= 1e-6 * np.maximum(np.abs(H), usual) + 1e-14)
    assert np.all(np.abs(found.value - H) <= 10 * found.error)
    assert (found.state == "converged").all()
    assert found.evaluations <= 4 + 40 * n + 20 * n * (n - 1) / 2


@pytest.mark.parametrize("name", PROBLEMS)
def test_hessian_vector_products_are_h_times_v(name):
    f, x, exact = PROBLEMS[name]
    v = np.random.default_rng(2).normal(size=x.shape)
    found = hessian_vector_product(f, x, v)
    Hv = exact(x) @ v
    assert found.value.shape == x.shape
    assert np.all(np.abs(found.value - Hv) <= 1e-6 * np.abs(Hv).max())
    assert np.all(np.abs(found.value - Hv) <= 10 * found.error + 1e-15)
    assert found.evaluations <= 60 + 50 * len(x)


def test_shapes_of_hessians():
    x = np.arange(1.0, 5.0).reshape(2, 2)
    found = hessian(lambda x: float(x[0, 0] * x[1, 1] ** 2), x)
    assert found.value.shape == (2, 2, 2, 2)
    assert found.value[0, 0, 1, 1] == pytest.approx(8)
    number = hessian(math.exp, 1.0)
    assert type(number.value) is float
    assert number.value == pytest.approx(E, rel=1e-9)
    still = hessian_vector_product(lambda x: float(x @ x), np.ones(3), np.zeros(3))
    assert still.value.tolist() == [0, 0, 0]


def test_a_kink_in_a_hessian_stays_where_it_is():
    found = hessian(lambda x: abs(x[0]) + x[0] * x[1] + x[1] ** 2, np.zeros(2))
    assert found.state.tolist() == [["kink", "converged"], ["converged", "converged"]]
    np.testing.assert_allclose(found.value, [[math.inf, 1], [1, 2]], rtol=1e-9)
    ridge = hessian(lambda x: abs(x[0] - x[1]), np.ones(2))
    assert (ridge.state == "kink").all()
    assert ridge.value.tolist() == [[math.inf, -math.inf], [-math.inf, math.inf]]
    fold = hessian(lambda x: abs(x[0]) * x[1], np.zeros(2))  # straight along both axes
    assert fold.state[0, 1] == "kink"
    assert fold.error[0, 1] == pytest.approx(1)


def test_an_edge_or_noise_in_a_hessian():
    edge = hessian(lambda x: x[0] * math.exp(x[1]) + 0 * math.sqrt(x[0]), np.array([0.0, 1.0]))
    assert edge.state[0, 1] == "edge of domain"
    assert edge.value[0, 1] == pytest.approx(E, rel=1e-5)
    assert edge.value[1, 1] == pytest.approx(0, abs=1e-9)
    noise = rough(1e-6)
    found = hessian(lambda x: math.exp(x[0] * x[1]) + noise(x[0] + 2 * x[1]), np.ones(2))
    assert (found.state == "noisy").all()
    assert np.all(np.abs(found.value - E * np.array([[1, 2], [2, 1]])) <= 10 * found.error)


def curve(x):
    first = math.exp(x[0] * x[1])
    return np.array([first, x[1] ** 2 * math.sin(x[2]), abs(x[0] - 0.5) + x[2], np.sum(x**3), 7])


def test_jacobians_are_right_and_a_kink_spoils_one_entry_only():
    x = np.array([0.5, -1.2, 2.0])
    e, s, c = math.exp(-0.6), math.sin(2), math.cos(2)
    exact = [[-1.2 * e, 0.5 * e, 0], [0, -2.4 * s, 1.44 * c], [0, 0, 1], 3 * x**2, [0, 0, 0]]
    found = jacobian(curve, x)
    assert found.value.shape == (5, 3)
    np.testing.assert_allclose(found.value, exact, rtol=1e-9, atol=1e-12)
    expected = np.full((5, 3), "converged", object)
    expected[2, 0] = "kink"
    assert found.state.tolist() == expected.tolist()
    assert (found.left[2, 0], found.right[2, 0]) == pytest.approx((-1, 1))
    assert found.error[2, 0] >= 1
    smooth = expected == "converged"
    assert np.all((np.abs(found.value - exact) <= 10 * found.error)[smooth])
    assert found.evaluations <= 3 + 40 * 3  # outputs share their points


def test_shapes_of_jacobians():
    x = np.arange(6.0).reshape(2, 3) + 1
    found = jacobian(lambda x: x @ np.ones((3, 4)), x)
    assert found.value.shape == found.error.shape == found.state.shape == (2, 4, 2, 3)
    assert found.value[1, 2, 1, 0] == pytest.approx(1)
    assert found.value[1, 2, 0, 0] == 0
    assert jacobian(lambda x: np.array([math.sin(x), x]), 1.0).value.shape == (2,)
    assert type(jacobian(math.sin, 1.0).value) is float
    views = jacobian(lambda x: x[:, :2], x)  # an answer that is a view of x
    assert views.value[0, 0, 0, 0] == pytest.approx(1)


def test_a_jacobian_of_many_points_at_once():
    W = np.random.default_rng(0).normal(size=(4, 5))
    x = np.linspace(-1, 1, 5)
    found = jacobian(lambda x: np.tanh(x @ W.T), x, vectorized=True)
    exact = (1 - np.tanh(W @ x) ** 2)[:, None] * W
    np.testing.assert_allclose(found.value, exact, rtol=1e-9)


def test_each_output_has_a_state_of_its_own():
    noise, x = rough(1e-7), np.array([1.0, 0.5])
    found = jacobian(
        lambda x: np.array([x[0] * x[1], np.exp(x[0]) + noise(x[0]), np.sqrt(x[0] - 1), np.inf]), x
    )
    assert found.state[:, 0].tolist() == ["converged", "noisy", "edge of domain", "not finite"]
    np.testing.assert_allclose(found.value[0], [0.5, 1], rtol=1e-9)
    assert abs(found.value[1, 0] - E) <= 10 * found.error[1, 0]


ALL = [
    lambda f, x: second_derivative(f, x),
    hessian,
    lambda f, x: hessian_vector_product(f, x, np.ones_like(x)),
    jacobian,
]


@pytest.mark.parametrize("find", ALL)
def test_x_is_put_back_to_the_same_bits(find):
    x = np.array([0.1, -0.7, 1e-9, 3e5])
    before = x.tobytes()
    find(lambda _: float(np.sin(x).sum() + x[0] * x[1]), x)  # reads the array it captured
    assert x.tobytes() == before
    calls = []

    def stops(x):
        calls.append(1)
        if len(calls) == 9:
            raise RuntimeError("enough")
        return float(x @ x)

    with pytest.raises(RuntimeError, match="enough"):
        find(stops, x)
    assert x.tobytes() == before


@pytest.mark.parametrize("find", ALL)
def test_a_function_that_writes_into_x_is_told(find):
    def writes(x):
        x[0] = 5.0
        return 1.0

    x = np.ones(2)
    with pytest.raises(ImpureFunctionError, match=r"writes into its input: x\[0\]"):
        find(writes, x)
    assert x.tolist() == [1, 1]


@pytest.mark.parametrize("find", ALL[:3])
def test_one_number_is_wanted(find):
    with pytest.raises(NotOneNumberError, match="one number"):
        find(lambda x: x, np.ones(3))


def test_mistakes_are_told_in_a_sentence():
    with pytest.raises(InputError, match="not a mapping"):
        hessian(lambda p: 1.0, {"a": np.ones(2)})
    with pytest.raises(InputError, match="not a mapping or list"):
        jacobian(lambda p: p[0], [np.ones(2), np.ones(3)])
    with pytest.raises(ShapeError, match=r"v has shape \(2,\), x has \(3,\)"):
        hessian_vector_product(lambda x: 1.0, np.ones(3), np.ones(2))
    with pytest.raises(NotOneNumberError, match="array of real numbers"):
        jacobian(lambda x: ["a", "b"], np.ones(2))
    with pytest.raises(NotOneNumberError, match="got an array of shape"):
        jacobian(lambda x: np.zeros(0), np.ones(2))
    with pytest.raises(ShapeError, match=r"shape \(1,\), and a point nearby with shape \(2,\)"):
        jacobian(lambda x: np.ones(1 if x[0] == 1 else 2), np.ones(2))
    with pytest.raises(NotOneNumberError, match="vectorized=True"):
        hessian(lambda x: 1.0, np.ones(2), vectorized=True)
    with pytest.raises(InputError, match="complex"):
        hessian(lambda x: 1.0, np.ones(2, complex))
