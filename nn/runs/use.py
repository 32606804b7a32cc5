"""What a run that is there can be asked for: figures, predictions, curves, other formats."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from nn import config
from nn.config import Experiment
from nn.errors import InputError
from nn.runs.exports import read_history, write_csv, write_tensorboard
from nn.runs.loading import evaluation, load_network, run_folder
from nn.runs.predicting import predict_file
from nn.runs.torch_names import export_safetensors

Loaders = Mapping[str, Callable[..., Any]]


def use(asked: Mapping[str, Any], loaders: Loaders) -> str:
    """Do what the command line asks of runs that are there, and say what came of it.

    Parameters
    ----------
    asked : mapping
        One of "evaluate", "predict", "plot", "csv", "tensorboard" and "export", with what belongs
        to it; "out" may name the file to write.
    loaders : mapping of name -> function
        The datasets.
    """
    out = asked.get("out")
    if asked.get("evaluate") is not None:
        return evaluation(_experiment(asked["evaluate"], loaders), asked["evaluate"])
    if asked.get("predict") is not None:
        run, file = asked["predict"]
        return f"saved in {predict_file(_experiment(run, loaders), run, file, out)}"
    if asked.get("plot") is not None:
        return f"saved in {draw_curves(asked['plot'], out)}"
    if asked.get("csv") is not None:
        return f"saved in {write_csv(run_folder(asked['csv']))}"
    if asked.get("tensorboard") is not None:
        folder = write_tensorboard(run_folder(asked["tensorboard"]), out and Path(out))
        return f"saved in {folder}; look at it with: tensorboard --logdir {folder}"
    run, file = asked["export"]
    return f"saved in {export_safetensors(load_network(run), file)}"


def draw_curves(runs: Sequence[str], out: str | None = None) -> Path:
    """Draw the loss of runs, and the metric, side by side: of several in one picture.

    Of one run the picture goes into its folder as curves.png, of several to compare.png, or the
    first of compare-2.png, … that is free; or to `out`.
    """
    from nn import plotting

    folders = [run_folder(run) for run in runs]
    histories = {_name(folder, folders): read_history(folder) for folder in folders}
    metrics = {history.metric for history in histories.values()}
    if len(metrics) > 1:
        raise InputError(
            f"these runs have no metric in common, but {' and '.join(sorted(metrics))}"
        )
    path = Path(out) if out else folders[0] / "curves.png" if len(folders) == 1 else _free()
    plotting.draw_runs(histories, path)
    return path


def _name(folder: Path, folders: Sequence[Path]) -> str:
    alike = [other for other in folders if other.name == folder.name]
    return folder.name if len(alike) == 1 else str(folder)


def _free() -> Path:
    number, path = 1, Path("compare.png")
    while path.exists():
        number += 1
        path = Path(f"compare-{number}.png")
    return path


def _experiment(run: str, loaders: Loaders) -> Experiment:
    file = run_folder(run) / "config.resolved.json"
    return config.build(config.read(file), loaders, file)
