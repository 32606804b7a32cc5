"""Runs that are stopped on purpose: the command as a process, and what it leaves behind."""

import copy
import json
import math
import os
import random
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

from nn.checkpoint import load_checkpoint

from .conftest import ROOT, train_inside

BIN = Path(sys.executable).parent
HEAD = """
seed = 3
[dataset]
name = "spiral"
samples = 120
[loss]
type = "CrossEntropyLoss"
"""
STACK = """
[model]
layers = [{ type = "Linear", out_features = 5 }, { type = "Tanh" }, { type = "Linear" }]
"""
MOMENTUM = f"""{HEAD}{STACK}
[optimizer]
type = "SGD"
lr = 0.2
momentum = 0.9
[schedule]
type = "CosineSchedule"
[early_stopping]
patience = 40
[train]
epochs = 40
batch_size = 8
validation = 0.2
evaluate_every = 5
checkpoint_seconds = 0.05
"""
SHORT = MOMENTUM.replace("epochs = 40", "epochs = 12")
DIRECTION = f"""{HEAD}{STACK}
[gradient]
method = "direction"
directions = 6
distribution = "gaussian"
[optimizer]
type = "Adam"
lr = 0.02
[train]
epochs = 40
batch_size = 8
clip_norm = 1.0
checkpoint_seconds = 0.05
"""
ADAM = f"""{HEAD}{STACK}
[gradient]
method = "node"
[optimizer]
type = "Adam"
lr = 0.02
[schedule]
type = "LinearWarmup"
warmup_steps = 20
[train]
epochs = 60
batch_size = 8
evaluate_every = 3
"""
LOOP = f"""{HEAD}{STACK}
[gradient]
method = "loop"
[optimizer]
type = "SGD"
lr = 0.2
[train]
epochs = 20
batch_size = 8
validation = 0.2
checkpoint_seconds = 0.1
"""
NOISE = f"""{HEAD}
[model]
layers = [
    {{ type = "noise.py:Noise" }}, {{ type = "Linear", out_features = 5 }}, {{ type = "Tanh" }},
    {{ type = "Linear" }},
]
[optimizer]
type = "SGD"
lr = 0.2
[train]
epochs = 30
batch_size = 8
validation = 0.2
evaluate_every = 5
checkpoint_seconds = 0.05
"""
# Draws once for each new batch, so that within one step the loss is a function of the parameters.
NOISE_LAYER = """
import numpy as np
import nn


class Noise(nn.Layer):
    def __init__(self, scale: float = 0.2, seed: int = 5):
        self.scale, self.rng, self.seen = scale, np.random.default_rng(seed), b""

    def forward(self, x):
        if x.tobytes() != self.seen:
            self.seen, self.noise = x.tobytes(), self.scale * self.rng.standard_normal(x.shape)
        return x + self.noise
"""
# Waits where it is given a whole part of the data, and lets one interruption pass.
STUCK = f"""{HEAD}
[model]
layers = [{{ type = "stuck.py:Stuck" }}, {{ type = "Linear" }}]
[optimizer]
type = "SGD"
[train]
epochs = 1
batch_size = 8
"""
STUCK_LAYER = """
import time
import tomllib
import nn


class Stuck(nn.Layer):
    def forward(self, x):
        if len(x) > 20:
            try:
                print("stuck", flush=True)
                time.sleep(60)
            except KeyboardInterrupt:
                print("stuck again", flush=True)
                time.sleep(60)
        return x
"""


def place(folder, config, **files):
    """Make a folder to work in, as a user has it: `train.py` in it, a config, other files."""
    folder.mkdir(exist_ok=True)
    (folder / "train.py").symlink_to(ROOT / "train.py")
    (folder / "config.toml").write_text(config)
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    return folder


def begin(command, cwd, **options):
    """Start a command line that is typed in `cwd`; `python` is this one."""
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "PYTHONWARNINGS": "error"} | options.pop("env", {})
    words = shlex.split(command) if isinstance(command, str) else command
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
    return subprocess.Popen(words, cwd=cwd, env=env, text=True, **pipes)


def do(command, cwd, timeout=120, **options):
    """Run such a command line to its end; return its exit status, and both of its outputs."""
    process = begin(command, cwd, **options)
    out, err = process.communicate(timeout=timeout)
    return process.returncode, out or "", err or ""


def inside(command, cwd):
    """Do the same within this process, for what no signal and no full disk is to meet."""
    done = train_inside(*shlex.split(command)[2:], cwd=cwd)
    return done.returncode, done.stdout, done.stderr


def state(folder):
    """What summary.json says."""
    return json.loads((folder / "summary.json").read_text())["state"]


def lines(folder):
    """How many whole lines the metrics have."""
    try:
        return (folder / "metrics.jsonl").read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0


def records(folder):
    """The lines of the metrics, but for the seconds."""
    found = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [{k: v for k, v in record.items() if k != "seconds"} for record in found]


def wait(process, enough, seconds=60):
    """Wait until `enough()`, or until the process has ended."""
    end = time.monotonic() + seconds
    while process.poll() is None and not enough():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.0005)


def stop_at_random(process, folder, rng, most=100):
    """Let a run make up to `most` more records, and stop it one way or another; say which."""
    goal = lines(folder) + 1 + rng.randrange(most)
    number = rng.choice([signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
    wait(process, lambda: lines(folder) >= goal)
    time.sleep(rng.random() * 0.004)
    if process.poll() is None:
        process.send_signal(number)
    return number


def told(out, err, number, code):
    """Check what a stopped run says and how it ends; return the command that goes on, if any."""
    if code == -signal.SIGKILL == -number:
        return None
    assert err == ""
    if code == 0:
        return None
    assert code == {signal.SIGINT: 130, signal.SIGTERM: 143}[number]
    *_, sentence, command = out.splitlines()
    if "the training had finished" in command:
        return None
    assert sentence.startswith("interrupted after ")
    return command.removeprefix("go on with: ")


def survive(cwd, out, rng, times, most=100, quoted=None):
    """Train, stopped `times` times at random moments; return how it was stopped each time."""
    folder, how = cwd / out, []
    fresh = f"python train.py --config config.toml --out {quoted or out}"
    command = fresh
    for _ in range(times):
        process = begin(command, cwd)
        number = stop_at_random(process, folder, rng, most)
        said = process.communicate(timeout=60)
        how.append(process.returncode)
        resume = told(*said, number, process.returncode)
        if state(folder) == "finished":
            return how
        if process.returncode != -signal.SIGKILL:
            assert state(folder) == "interrupted"
            assert resume is not None
            kept = load_checkpoint(folder / "last.npz").state["records"]
            assert lines(folder) == kept == len(records(folder))
        command = resume or f"python train.py --resume {quoted or out}"
        if not (folder / "last.npz").exists():  # killed before there was anything to go on from
            assert process.returncode == -signal.SIGKILL
            shutil.rmtree(folder)
            command = fresh
    code, _, err = do(command, cwd)
    assert (code, err) == (0, "")
    return how


def assert_same(one, other):
    """Check that two run folders hold the same run, to the bit."""
    for name in ("last.npz", "best.npz"):
        assert (one / name).read_bytes() == (other / name).read_bytes(), name
    assert records(one) == records(other)
    assert state(one) == state(other) == "finished"
    kept = ("final", "steps", "stopped", "seed", "parameters")
    found = [json.loads((folder / "summary.json").read_text()) for folder in (one, other)]
    assert [found[0].get(key) for key in kept] == [found[1].get(key) for key in kept]


def no_file_beyond(size):
    """Return what makes a process unable to make a file larger than `size` bytes, as if full."""

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


# Configs with faults in them


VALUES = [
    True, False, None, "", "word", "nan", "é" * 200, [], [1, 2], [[]], {}, {"type": "ReLU"},
    {"type": 3}, {"type": "Linear", "out_features": 3}, 0, 1, -1, 3, 2.5, -0.0, 1e-300, 1e300,
    -1e300, 2**63, 10**18, -(10**18), 10**400, math.inf, -math.inf, math.nan,
]  # fmt: skip
NAMES = [
    "moons", "iris", "sine", "Linear", "ReLU", "Softmax", "TwoLayerNet", "Sequential", "Xavier",
    "SGD", "Adam", "AdamW", "MSELoss", "L1Loss", "HuberLoss", "CrossEntropyLoss",
    "BCEWithLogitsLoss", "CosineSchedule", "StepSchedule", "LinearWarmup", "auto", "node",
    "direction", "relu", "nowhere.py:Layer", "config.json:X", ":", "..", "/",
]  # fmt: skip


def mutant(number):
    """Return the tables of a config of ours changed in one or two places, mostly for the worse."""
    rng = random.Random(number)
    name = rng.choice(["moons", "iris", "sine", "xor", "spiral", "diabetes"])
    document = tomllib.loads((ROOT / f"configs/{name}.toml").read_text())
    document["early_stopping"] = {"patience": 3}
    document.setdefault("schedule", {"type": "CosineSchedule"})
    for _ in range(rng.randint(1, 2)):
        rng.choice(
            [_misspell, _retype, _delete, _rename, _garble, _add, _scale, _scale, _scale, _scale]
        )(document, rng)
    return document


def _tables(thing):
    """Every table in a config, however deep."""
    if isinstance(thing, dict):
        yield thing
        thing = list(thing.values())
    if isinstance(thing, list):
        for item in thing:
            yield from _tables(item)


def _pick(document, rng):
    """Pick a table that is not empty, and a key of it."""
    table = rng.choice([table for table in _tables(document) if table] or [{"seed": 0}])
    return table, rng.choice(list(table))


def _misspell(document, rng):
    table, key = _pick(document, rng)
    at = rng.randrange(len(key) + 1)
    table[key[:at] + rng.choice("xé.= ") + key[at + rng.randint(0, 1) :]] = table.pop(key)


def _scale(document, rng):
    """Make a number another one, which may well be allowed."""
    numbers = [(t, k) for t in _tables(document) for k, v in t.items() if _is_number(v)]
    table, key = rng.choice(numbers or [_pick(document, rng)])
    if numbers:
        old = table[key]
        table[key] *= rng.choice([-1, 0, 0.5, 2, 3, 0.1, 10, 1e15])
        table[key] = rng.choice([int, type(old), type(old)])(table[key])


def _is_number(value):
    return type(value) in (int, float) and abs(value) < 1e15


def _retype(document, rng):
    table, key = _pick(document, rng)
    table[key] = copy.deepcopy(rng.choice(VALUES))


def _delete(document, rng):
    table, key = _pick(document, rng)
    del table[key]


def _rename(document, rng):
    named = [t for t in _tables(document) if isinstance(t.get("type", t.get("name")), str)]
    table = rng.choice(named or [document])
    table["name" if "name" in table else "type"] = rng.choice(NAMES)


def _garble(document, rng):
    layers = [{"type": "Linear", "out_features": 4}, {"type": "Tanh"}, {"type": "Linear"}]
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(layers) + 1)
        layers.insert(at, copy.deepcopy(rng.choice([*VALUES, *map(_named, NAMES)])))
    rng.shuffle(layers)
    document["model"] = {"layers": layers[: rng.randint(0, 5)]}


def _named(name):
    return {"type": name}


def _add(document, rng):
    table, _ = _pick(document, rng)
    key = rng.choice(
        ["h", "lr", "rng", "loss", "seed", "type", "layers", "params", "self", "x", ""]
    )
    table[key] = copy.deepcopy(rng.choice(VALUES))


_CHANGES = [_misspell, _retype, _delete, _rename, _garble, _add]
