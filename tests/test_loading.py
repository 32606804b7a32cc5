"""Trained networks read back: their weights, their figures, and what they predict of a file."""

import csv
import json
import resource
import shutil
from pathlib import Path

import numpy as np
import pytest

import datasets
import nn
from nn import config, runs
from nn.batches import in_pieces
from nn.errors import ArgumentError, InputError, UnknownNameError
from nn.gradients import one_thread
from nn.runs.loading import evaluate_run, evaluation, load_network, load_weights, run_folder
from nn.runs.predicting import predict_file

TABLES = {
    "dataset": {"name": "iris", "standardize": True},
    "model": {"type": "TwoLayerNet", "hidden_size": 3},
    "loss": {"type": "CrossEntropyLoss"},
    "optimizer": {"type": "SGD", "lr": 0.3},
    "train": {"epochs": 2, "batch_size": 30},
}


def trained(folder, **tables):
    """Train a little in `folder`; return the experiment, whose network has the last weights."""
    file = folder.parent / f"{folder.name}.json"
    file.write_text(json.dumps(TABLES | tables))
    made = config.build(config.read(file), datasets.loaders(), file)
    with runs.Run(file, made.resolved, folder) as run:
        runs.perform(made, run, progress=False)
    return made


def rebuilt(folder):
    file = run_folder(folder) / "config.resolved.json"
    return config.build(config.read(file), datasets.loaders(), file)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run of iris, and its experiment."""
    folder = tmp_path_factory.mktemp("loading") / "iris"
    return folder, trained(folder)


@pytest.fixture
def iris(finished, tmp_path, monkeypatch):
    """A copy of that run to be spoilt, in the current folder."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(finished[0], tmp_path / "runs/iris")
    return tmp_path / "runs/iris"


def refusal(call, *arguments, **options):
    with pytest.raises(InputError) as caught:
        call(*arguments, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def table(file):
    with file.open(encoding="utf-8", newline="") as text:
        return list(csv.reader(text))


# --- networks ---------------------------------------------------------------------------------

SCALE = (
    "import numpy as np, nn\n"
    "class Scale(nn.Layer):\n"
    "    def __init__(self, size: int, start: float = 1.5):\n"
    "        self.params = {'w': np.full(size, start)}\n"
    "    def forward(self, x):\n"
    "        return x * self.params['w']\n"
)


@pytest.mark.parametrize(
    "tables",
    [
        {},
        {"model": {"layers": [
            {"type": "Linear", "out_features": 4}, "Tanh", "Linear", {"type": "scale.py:Scale",
             "size": 3}]}},
        {"model": {"type": "TwoLayerNet", "hidden_size": 2,
                   "activation": {"type": "scale.py:Scale", "size": 2},
                   "weight_init_std": {"type": "Normal", "std": 0.5}}},
        {"dataset": {"name": "moons", "samples": 60}, "loss": {"type": "BCEWithLogitsLoss"}},
        {"dataset": {"name": "diabetes", "standardize": True},
         "loss": {"type": "HuberLoss", "delta": 0.5}},
    ],
)  # fmt: skip
def test_it_predicts_the_same_bits_without_the_data(tmp_path, monkeypatch, tables):
    (tmp_path / "scale.py").write_text(SCALE)
    made = trained(tmp_path / "run", **tables)
    monkeypatch.setattr(datasets, "load", None)
    network = load_network(str(tmp_path / "run"), which="last")
    assert type(network) is type(made.network)
    assert repr(network.loss_function) == repr(made.network.loss_function)
    x = made.data.x_test
    assert network.predict(x).tobytes() == made.network.predict(x).tobytes()
    assert list(network.params) == list(made.network.params)
    made.network.params.update(made.trainer.best)
    best = load_network(tmp_path / "run")
    assert best.predict(x).tobytes() == made.network.predict(x).tobytes()
    assert network.params["W1" if "W1" in network.params else "0.W"].flags.writeable


def test_which_weights(iris):
    best, last = (load_network(iris / f"{name}.npz").params for name in ("best", "last"))
    for name in ("best", "last"):
        rng = np.random.default_rng(len(name))
        changed = {key: rng.normal(size=p.shape) for key, p in best.items()}
        nn.save_params(iris / f"{name}.npz", changed)
        for found in (load_network(iris, name), load_network(iris / f"{name}.npz")):
            assert all(np.array_equal(changed[key], p) for key, p in found.params.items())
    assert list(best) == list(last)
    network = load_network(iris)
    assert load_weights(network, iris) == iris / "best.npz"
    (iris / "best.npz").unlink()
    assert load_weights(network, iris) == iris / "last.npz"
    with pytest.raises(UnknownNameError, match="unknown weights 'bets'; did you mean 'best'"):
        load_network(iris, "bets")
    with pytest.raises(ArgumentError, match="run must be a run folder"):
        load_network(5)


def test_a_run_that_is_not_there(iris):
    assert refusal(load_network, "runs/irs") == (
        "there is no run folder runs/irs; did you mean 'runs/iris'?"
    )
    assert refusal(load_network, "iris").endswith("did you mean 'runs/iris'?")
    assert refusal(load_network, "runs") == (
        "runs is not a run folder: it has no config.resolved.json; did you mean 'runs/iris'?"
    )
    assert refusal(load_network, iris / "summary.json").startswith(
        f"{iris / 'summary.json'} is no checkpoint: name a run folder"
    )
    assert refusal(load_network, "runs/iris/bst.npz") == (
        "there is no checkpoint runs/iris/bst.npz; did you mean 'best.npz'?"
    )
    for number in range(9):
        shutil.copytree(iris, iris.parent / f"run{number}")
    assert refusal(load_network, "quite/another") == "there is no run folder quite/another"


def test_no_checkpoint(iris):
    (iris / "last.npz").unlink()
    assert refusal(load_network, iris, "last") == (
        f"{iris} has no last.npz; its best.npz can be used"
    )
    (iris / "best.npz").unlink()
    assert refusal(load_network, iris) == (
        f"{iris} has no checkpoint: neither best.npz nor last.npz"
    )


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda p: p.pop("b2"), "no b2"),
        (lambda p: p.update(g=np.ones(1)), "g, unknown to the network"),
        (lambda p: p.update(W1=np.ones((4, 9))), "W1 of shape (4, 9), not (4, 3)"),
        (lambda p: p.update(b1=np.ones(3, complex)), "b1 of dtype complex128, not real numbers"),
        (lambda p: (p.clear(), p.update(x=np.ones(1))), "no W1, no b1, no W2 and 2 faults more"),
    ],
)
def test_weights_of_another_network(iris, change, fault):
    params = nn.load_params(iris / "best.npz")
    change(params)
    nn.save_params(iris / "best.npz", params)
    start = f"{iris / 'best.npz'} holds the weights of another network: {fault}"
    assert refusal(load_network, iris) == f"{start}; {iris / 'last.npz'} can be used"
    network = load_network(iris, "last")
    before = network.params.copy()
    shutil.copy(iris / "best.npz", iris / "last.npz")
    assert refusal(load_weights, network, iris) == start
    assert all(np.array_equal(before[key], p) for key, p in network.params.items())


def test_a_damaged_checkpoint_names_the_other(iris):
    whole = (iris / "last.npz").read_bytes()
    for bad in (b"", b"text", whole[:-9], whole[: len(whole) // 2], whole.replace(b"W1", b"W9", 1)):
        (iris / "last.npz").write_bytes(bad)
        text = refusal(load_network, iris, "last")
        assert text.startswith(f"{iris / 'last.npz'} ")
        assert text.endswith(f"; {iris / 'best.npz'} can be used")
    (iris / "best.npz").write_bytes(b"")
    assert "can be used" not in refusal(load_network, iris)


def test_a_damaged_config(iris):
    file = iris / "config.resolved.json"
    resolved = json.loads(file.read_text())

    def with_model(**changes):
        file.write_text(json.dumps(resolved | changes))
        return refusal(load_network, iris)

    assert with_model(model=3) == f"{file} is not the config of a run: it has no table 'model'"
    assert "no table 'loss'" in with_model(loss={})
    sizeless = {key: v for key, v in resolved["model"].items() if key != "input_size"}
    assert with_model(model=sizeless) == f"{file}: [model]: input_size (int) is missing"
    assert "did you mean 'TwoLayerNet'" in with_model(model={"type": "TwoLayersNet"})
    assert "did you mean 'CrossEntropyLoss'" in with_model(loss={"type": "CrosEntropyLoss"})
    assert "holds the weights of another" in with_model(
        model=resolved["model"] | {"hidden_size": 9}
    )
    file.write_text("{")
    assert refusal(load_network, iris).startswith(f"{file} is damaged: is not JSON")


def test_a_file_of_the_users_that_moved(tmp_path):
    own = tmp_path / "own.py"
    own.write_text(SCALE)
    model = {"type": "TwoLayerNet", "hidden_size": 2,
             "activation": {"type": "own.py:Scale", "size": 2}}  # fmt: skip
    trained(tmp_path / "run", model=model)
    load_network(tmp_path / "run")
    own.rename(tmp_path / "moved.py")
    file = tmp_path / "run/config.resolved.json"
    assert refusal(load_network, tmp_path / "run") == (
        f"Scale was in {own}, and there is no such file any more; put it back, or write into"
        f" {file} where it is now"
    )
    file.write_text(file.read_text().replace("own.py", "moved.py"))
    assert load_network(tmp_path / "run").params["activation.w"].shape == (2,)


# --- figures ----------------------------------------------------------------------------------


def test_the_last_weights_have_the_final_figures(finished):
    folder, _ = finished
    summary = json.loads((folder / "summary.json").read_text())
    made = rebuilt(folder)
    assert evaluate_run(made, folder, "last") == summary["final"]
    best = evaluate_run(made, folder)
    assert best["validation_loss"] == summary["best"]["validation_loss"]


def test_figures_are_said_beside_the_checkpoint(iris):
    made = rebuilt(iris)
    figures = evaluate_run(made, iris)
    (iris / "last.npz").write_bytes(b"")
    lines = evaluation(made, iris).splitlines()
    assert lines[0] == str(iris / "best.npz")
    assert lines[3] == (
        f"  test        loss {figures['test_loss']:.4f}, accuracy {figures['test_accuracy']:.4f};"
        " 30 samples"
    )
    assert [line.split()[0] for line in lines[1:]] == ["train", "validation", "test"]


# --- files of the user's ----------------------------------------------------------------------


def predicted(made, folder, file, **options):
    """The lines of what was written, without the head."""
    found = table(predict_file(made, folder, file, **options))
    return found[0], found[1:]


def expected(network, x):
    with one_thread():
        return in_pieces(network.predict, x)


def raw(data, rows=7):
    """Samples of the test part in their own units, rounded to what was measured."""
    return data.original_x(data.x_test[:rows]).round(6)


def write(file, rows, head=None):
    with file.open("w", encoding="utf-8", newline="") as text:
        csv.writer(text).writerows([*([head] if head else []), *rows])
    return file


def test_classes_and_probabilities(iris):
    made = rebuilt(iris)
    x, names = raw(made.data), made.data.feature_names
    bare = write(iris.parent / "flowers.csv", x.tolist())
    out = predict_file(made, iris, bare)
    assert out.resolve() == iris.parent.parent / "flowers-predictions.csv"
    head, *rows = table(out)
    assert head == ["class", "P(setosa)", "P(versicolor)", "P(virginica)"]
    y = expected(load_network(iris), made.data.x_test[:7])
    assert np.array_equal(np.array([row[1:] for row in rows], float), y)
    assert [row[0] for row in rows] == [made.data.class_names[k] for k in y.argmax(axis=1)]
    np.save("x.npy", x)
    mixed = write(
        iris.parent / "mixed.csv", [[9, *row[::-1], "note"] for row in x], ["id", *names[::-1], ""]
    )
    bom = iris.parent / "bom.csv"
    bom.write_bytes(b"\xef\xbb\xbf" + bare.read_bytes().replace(b"\n", b"\n\n"))
    for file in ("x.npy", mixed, bom):
        assert table(predict_file(made, iris, file)) == [head, *rows]
    worse = predicted(made, iris, "x.npy", which="last")[1]
    assert np.array_equal(
        np.array([row[1:] for row in worse], float),
        expected(load_network(iris, "last"), made.data.x_test[:7]),
    )


def test_yes_or_no(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = trained(tmp_path / "run", dataset={"name": "moons", "samples": 60},
                   loss={"type": "BCEWithLogitsLoss"})  # fmt: skip
    np.save("x.npy", made.data.x_test)
    head, rows = predicted(made, "run", "x.npy", which="last")
    names = made.data.class_names
    assert head == ["class", *(f"P({name})" for name in names)]
    yes = expected(made.network, made.data.x_test)[:, 0]
    assert [float(row[2]) for row in rows] == yes.tolist()
    assert [row[0] for row in rows] == [names[int(p >= 0.5)] for p in yes]
    assert all(float(row[1]) == 1 - float(row[2]) for row in rows)


def test_numbers_in_their_own_unit(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = trained(tmp_path / "run", dataset={"name": "diabetes", "standardize": True},
                   loss={"type": "MSELoss"})  # fmt: skip
    data = made.data
    write(tmp_path / "patients.csv", raw(data).tolist(), data.feature_names)
    head, rows = predicted(made, "run", "patients.csv", which="last")
    assert head == ["disease progression after one year"]
    y = expected(made.network, data.standardized_x(raw(data)))
    assert np.array(rows, float).tolist() == data.original_t(y).tolist()
    assert 20 < np.mean(np.array(rows, float)) < 350


def test_pictures(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = trained(tmp_path / "run", dataset={"name": "digits"},
                   train={"epochs": 1, "batch_size": 900})  # fmt: skip
    x = made.data.x_test[:5]
    np.save("flat.npy", x.astype(np.uint8))
    np.save("pictures.npy", x.reshape(5, 8, 8).astype(">f4"))
    flat = predicted(made, "run", "flat.npy")
    assert flat == predicted(made, "run", "pictures.npy")
    assert flat[0][:3] == ["class", "P(0)", "P(1)"]
    np.save("one.npy", x[0].reshape(8, 8))
    assert refusal(predict_file, made, "run", "one.npy") == (
        "one.npy has shape (8, 8), and samples have (N, 64) or (N, 8, 8); one sample is a batch of"
        " one, x[None]"
    )
    np.save("bright.npy", x * 15)
    assert refusal(predict_file, made, "run", "bright.npy") == (
        "bright.npy: pixels of 0 to 240, and those of 'digits' are 0 to 16; bring them to that"
        " range first"
    )


def test_nothing_is_overwritten(iris):
    made = rebuilt(iris)
    np.save("x.npy", raw(made.data))
    names = [predict_file(made, iris, "x.npy").name for _ in range(3)]
    assert names == ["x-predictions.csv", "x-predictions-2.csv", "x-predictions-3.csv"]
    assert predict_file(made, iris, "x.npy", "runs/mine.csv") == Path("runs/mine.csv")
    assert refusal(predict_file, made, iris, "x.npy", "runs/mine.csv") == (
        "runs/mine.csv is there already; name another file, nothing is overwritten"
    )
    assert refusal(predict_file, made, iris, "x.npy", "no/mine.csv") == (
        "cannot write no/mine.csv: No such file or directory"
    )


ROW = "5.1,3.5,1.4,0.2\n"
HEAD = "sepal length (cm),sepal width (cm),petal length (cm),petal width (cm)\n"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", " is empty"),
        ("\n \n", " is empty"),
        (HEAD, " holds no samples"),
        (ROW + "\n5.1,x,1.4,0.2\n", ", row 3, column 2, 'sepal width (cm)': 'x' is no number"),
        ("5.1,x,1.4,0.2\n", ", row 1, column 2, 'sepal width (cm)': 'x' is no number"),
        (HEAD + "5.1,,1.4,0.2\n", ", row 2, column 2, 'sepal width (cm)': '' is no number"),
        (ROW + "5.1,3,1_0,0.2\n", ", row 2, column 3, 'petal length (cm)': '1_0' is no number"),
        (ROW + "5.1,3,1,nan\n", ", row 2, column 4, 'petal width (cm)': 'nan' is not finite"),
        ("inf,3,1,1\n", ", row 1, column 1, 'sepal length (cm)': 'inf' is not finite"),
        ("id," + HEAD + "1,5,3,?,1\n", ", row 2, column 4, 'petal length (cm)': '?' is no number"),
        (ROW + "5.1,3.5,1.4\n", ", row 2: expected 4 columns, got 3"),
        ("1,2,3,4,5\n", ", row 1: expected 4 columns, got 5"),
        ("id," + HEAD + ROW, ", row 2: expected 5 columns, got 4"),
        (HEAD.replace("petal w", "petl w") + ROW,
         " has no column 'petal width (cm)'; did you mean 'petl width (cm)'?"),
        ("a,b,c,d\n" + ROW, " has no column 'sepal length (cm)', nor 3 other features"),
        ("sepal width (cm)," + HEAD + "3," + ROW, " has two columns 'sepal width (cm)'"),
        (ROW.replace(",", ";"), ": cells must be separated by commas"),
        (HEAD.replace(",", "\t"), ": cells must be separated by commas"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_csv_file(finished, tmp_path, text, fault):
    folder, made = finished
    file = tmp_path / "bad.csv"
    file.write_text(text, encoding="utf-8")
    assert refusal(predict_file, made, folder, file, tmp_path / "out.csv") == f"{file}{fault}"
    assert not (tmp_path / "out.csv").exists()


def test_files_that_are_no_tables(finished, tmp_path):
    folder, made = finished

    def fault(name, content):
        file = tmp_path / name
        if isinstance(content, bytes):
            file.write_bytes(content)
        else:
            np.save(file, content, allow_pickle=True)
        return refusal(predict_file, made, folder, file).removeprefix(str(file))

    assert fault("a.csv", (HEAD + ROW).encode("utf-16")).startswith(" is not UTF-8: ")
    assert fault("b.csv", b"1," + b"2" * 200_000).startswith(" is not CSV: ")
    for content in (b"", b"text", b"PK\x03\x04", np.array([{}], object)):
        assert fault("c.npy", content).startswith(" does not hold an array of numbers: ")
    assert fault("d.npy", np.full((2, 4), "x")) == " must hold real numbers, not dtype <U1"
    assert (
        fault("d.npy", np.ones((2, 4), complex)) == " must hold real numbers, not dtype complex128"
    )
    assert fault("e.npy", np.ones((2, 3))) == " has shape (2, 3), and samples have (N, 4)"
    assert fault("e.npy", np.ones(4)).endswith("; one sample is a batch of one, x[None]")
    assert fault("f.npy", np.ones((0, 4))) == " holds no samples"
    x = np.ones((3, 4))
    x[1, 2] = np.nan
    assert fault("g.npy", x) == " is not finite at sample 2, feature 3"
    assert fault("i.xlsx", b"") == ": samples are read from a .csv or a .npy file"
    gone = tmp_path / "gone.csv"
    assert refusal(predict_file, made, folder, gone) == f"there is no file {gone}"
    (tmp_path / "j.csv").mkdir()
    assert refusal(predict_file, made, folder, tmp_path / "j.csv").startswith("cannot read ")


def test_a_full_disk_leaves_no_half_of_a_file(iris):
    made = rebuilt(iris)
    np.save("x.npy", raw(made.data))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
        text = refusal(predict_file, made, iris, "x.npy")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert text == "cannot write x-predictions.csv: File too large"
    assert not Path("x-predictions.csv").exists()


def test_a_prediction_that_is_not_finite(iris):
    made = rebuilt(iris)
    made.network.params["W2"] = np.full((3, 3), 1.7e308)
    nn.save_params(iris / "best.npz", made.network.params)
    np.save("x.npy", np.zeros((2, 4)))
    text = refusal(predict_file, made, iris, "x.npy")
    assert text.startswith("x.npy: the prediction for sample 1 is not finite")
