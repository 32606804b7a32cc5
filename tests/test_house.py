"""The house itself: arrows, names, sizes, what is imported when, what the wheel ships."""

import ast
import functools
import importlib
import pkgutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import nn

from .conftest import ROOT

# Floors from the ground up. An import goes to a lower floor, or further left on the same one.
FLOORS = [
    ["errors", "budget", "functional", "initializers", "schedules", "metrics", "batches", "steps",
     "probing", "careful", "differences"],
    ["rows"],
    ["layers", "parameters", "losses"],
    ["gradients"],
    ["optimizers", "networks"],
    ["plotting"],
    ["checking", "testing"],
    ["history", "checkpoint", "interrupts", "early_stopping", "progress", "cost", "evaluation",
     "trainer"],
    ["registry", "config", "runs"],
]  # fmt: skip
PLACE = {
    room: (floor, place) for floor, rooms in enumerate(FLOORS) for place, room in enumerate(rooms)
}
PLACE["__main__"] = (len(FLOORS), 0)  # the command stands on all floors, and nothing on it
SOURCES = [
    *(
        p
        for top in ("nn", "datasets", "benchmarks", "docs", "lessons")
        for p in ROOT.glob(f"{top}/**/*.py")
    ),
    ROOT / "train.py",
]


@functools.cache
def text_of(path):
    return path.read_text(encoding="utf-8")


def tree_of(path):
    return ast.parse(text_of(path))


@functools.cache
def imports(path):
    """List (module, whether inside a function) for every import of a file."""
    return list(find_imports(path))


def find_imports(path):
    package = path.relative_to(ROOT).with_suffix("").parts
    tree = tree_of(path)
    inner = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                # `import nn` binds the whole house, whatever it names
                yield "nn.(all)" if alias.name == "nn" else alias.name, id(node) in inner
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: -node.level]) if node.level else ""
            module = ".".join(filter(None, [base, node.module or ""]))
            yield module, id(node) in inner
            for alias in node.names:  # `from nn import layers` names a room
                if f"{module}.{alias.name}".count(".") == 1 and module == "nn":
                    yield f"{module}.{alias.name}", id(node) in inner


def room_of(module):
    parts = module.split(".")
    return parts[1] if parts[0] == "nn" and len(parts) > 1 else None


def test_every_room_has_a_floor():
    rooms = {path.stem for path in (ROOT / "nn").glob("*.py")}
    rooms |= {path.parent.name for path in (ROOT / "nn").glob("*/__init__.py")}
    assert rooms - {"__init__"} == set(PLACE)


@pytest.mark.parametrize(
    "path", [p for p in SOURCES if p.parts[-2:] != ("nn", "__init__.py")],
    ids=lambda p: str(p.relative_to(ROOT)),
)  # fmt: skip
def test_arrows(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    own = parts[1] if parts[0] == "nn" else None
    for module, inside in imports(path):
        if parts[0] == "nn" and module.split(".")[0] == "nn":
            room = room_of(module)
            assert module == "nn" or room in PLACE, f"{module} is no room"
        top, room = module.split(".")[0], room_of(module)
        if parts[0] == "datasets":
            assert top != "nn", "datasets never imports nn"
        if parts[0] == "nn":
            assert top != "datasets", "nn never imports datasets"
            if top == "matplotlib":
                assert own == "plotting"
            if room in PLACE and room != own and not (room == "plotting" and inside):
                assert PLACE[room] < PLACE[own], f"{own} may not import {room}"


def test_arrows_would_be_seen(tmp_path, monkeypatch):
    """The reader of imports sees all ways to write one."""
    text = (
        "import nn.runs\nfrom nn import config\nfrom nn.trainer import Trainer\n"
        "def f():\n    from ..layers import Layer\n"
    )
    (tmp_path / "nn/differences").mkdir(parents=True)
    file = tmp_path / "nn/differences/x.py"
    file.write_text(text)
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    seen = {(room_of(module), inside) for module, inside in imports(file)}
    assert {("runs", False), ("config", False), ("trainer", False), ("layers", True)} <= seen


def test_no_exported_function_hides_a_module():
    """`nn/accuracy.py` beside a metric `nn.accuracy` would replace each other."""
    for name in nn.__all__:
        assert name not in PLACE


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_is_one_concept_and_can_be_read_at_a_sitting(path):
    assert len(text_of(path).splitlines()) <= 250
    assert ast.get_docstring(tree_of(path))


def test_everything_public_has_a_docstring():
    for info in pkgutil.walk_packages(nn.__path__, "nn."):
        module = importlib.import_module(info.name)
        for name, thing in vars(module).items():
            own = getattr(thing, "__module__", None) == info.name
            if own and callable(thing) and not name.startswith("_"):
                assert thing.__doc__, f"{info.name}.{name}"


def test_all_names_are_there():
    for name in nn.__all__:
        assert getattr(nn, name) is not None
    assert set(nn.__all__) <= set(dir(nn))
    with pytest.raises(AttributeError, match="no attribute 'plot_nothing'"):
        getattr(nn, "plot_nothing")  # noqa: B009


def test_the_rooms_are_listed_in_the_order_of_the_floors():
    assert list(nn.ROOMS) == [room for floor in FLOORS for room in floor]


def test_type_checkers_are_told_the_same_names():
    """`__init__.pyi` is what mypy and editors read; `ROOMS` is what happens."""
    told = {}
    for node in ast.parse((ROOT / "nn/__init__.pyi").read_text(encoding="utf-8")).body:
        for alias in node.names:
            assert alias.asname == alias.name  # `import A as A` is what makes a name public
            told.setdefault(node.module.removeprefix("nn."), []).append(alias.name)
    assert told == {room: list(names) for room, names in nn.ROOMS.items() if names}


def test_a_room_is_imported_when_it_is_entered():
    code = (
        "import sys, nn\nrooms = lambda: sorted(m for m in sys.modules if m.startswith('nn.'))\n"
        "print(rooms())\nnn.numerical_diff(lambda x: x * x, 3.0)\n"
        "print('nn.differences' in rooms(), 'nn.layers' in rooms(), 'nn.networks' in rooms())\n"
        "print(nn.layers.Linear is nn.Linear)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "[]\nTrue False False\nTrue\n", done.stderr


def test_import_is_light():
    code = (
        "import sys, nn\n"
        "heavy = {*nn.ROOMS['plotting'], *nn.ROOMS['runs']}  # pictures, and configs\n"
        "light = [name for name in nn.__all__ if name not in heavy]\n"
        "assert all(getattr(nn, name) for name in light)\n"
        "print(sorted({'matplotlib', 'tqdm', 'msgspec', 'threadpoolctl', 'datasets', 'tomllib'}"
        " & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr


def test_import_costs_at_most_as_much_again_as_numpy():
    """Medians of pairs, so that a busy machine slows both."""
    code = (
        "import sys, time\n"
        "start = time.perf_counter()\nimport numpy\nmiddle = time.perf_counter()\n"
        "import nn\nprint((time.perf_counter() - start) / (middle - start))\n"
    )
    ratios = [
        float(subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True).stdout)
        for _ in range(7)
    ]
    assert sorted(ratios)[3] <= 2


def test_nothing_draws_on_global_randomness():
    for path in SOURCES:
        if "random." not in text_of(path):
            continue
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) in (
                "np.random",
                "random",
            ):
                allowed = ["Generator", "default_rng", "SeedSequence"]
                if path.name == "memory.py":  # gives back what code of others has drawn
                    allowed += ["RandomState", "Random", "get_state", "set_state"]
                    allowed += ["getstate", "setstate"]
                assert node.attr in allowed, f"{path}: {node.attr}"


def test_no_pickle_and_no_running_of_text():
    for path in SOURCES:
        if "eval(" in text_of(path) or "exec(" in text_of(path):
            for node in ast.walk(tree_of(path)):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    assert node.func.id not in ("eval", "exec"), path
        assert not {"pickle", "marshal", "shelve"} & {m.split(".")[0] for m, _ in imports(path)}


def test_the_wheel_ships_nn_alone(tmp_path):
    backend = pytest.importorskip("setuptools.build_meta", reason="needs setuptools to build")
    assert backend
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    for path in SOURCES:
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    (tmp_path / "nn/py.typed").touch()
    code = "import setuptools.build_meta as b; print(b.build_wheel('dist'))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    import zipfile

    (wheel,) = tmp_path.glob("dist/*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"nn"}
    assert {"nn/py.typed", "nn/differences/gradient.py", "nn/config/call.py"} <= set(names)


def test_dependencies_stay_few():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {requirement.partition(">=")[0] for requirement in project["dependencies"]}
    assert names == {"numpy", "matplotlib", "tqdm", "msgspec", "threadpoolctl"}


def test_ci_runs_the_command_of_the_readme():
    commands = [
        line for line in (ROOT / "README.md").read_text().splitlines() if ".venv/bin/pip" in line
    ]
    assert len(commands) == 2
    ci = (ROOT / ".ci/run").read_text()
    assert commands[1] in ci.splitlines()
    for tool in ("ruff check", "ruff format --check", "mypy", "pytest -m slow"):
        assert tool in ci
    assert Path(ROOT / ".ci/run").stat().st_mode & 0o111
