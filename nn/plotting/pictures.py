"""The pictures of a run folder: drawn without pyplot, so that no window or backend is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TypeAlias

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from nn.errors import InputError

from .arrays import FloatArray, Predict, as_floats, as_numbers, as_probabilities
from .boundary import plot_decision_boundary
from .confusion import plot_confusion
from .curves import RunHistory, plot_loss, plot_metric
from .mistakes import plot_mistakes, sheet_size
from .regression import plot_fit, plot_predicted
from .style import STYLE

ToOriginal: TypeAlias = Callable[[FloatArray], ArrayLike]


class Album:
    """Pictures of one run, saved as PNG files into one folder under one title."""

    def __init__(self, folder: str | Path, title: str) -> None:
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.title = title
        self.files: list[Path] = []

    @contextmanager
    def picture(self, name: str, width: float, height: float) -> Iterator[Figure]:
        """Give an empty figure (inches) to draw on, then save it as `name`.png."""
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure
        path = self.folder / f"{name}.png"
        figure.savefig(path, dpi=150, bbox_inches="tight", pad_inches=0.15)
        self.files.append(path)

    @contextmanager
    def page(self, name: str, width: float, height: float) -> Iterator[Axes]:
        """Give the axes of a picture that has but one, then head it with the title and save."""
        with self.picture(name, width, height) as figure:
            ax = figure.add_subplot()
            yield ax
            ax.set_title(f"{self.title}\n{ax.get_title()}".rstrip())


def shift_and_scale(x: FloatArray, to_original: ToOriginal | None) -> tuple[FloatArray, FloatArray]:
    """Find origin and scale, (K,) each, with to_original(x) = origin + scale * x for x (N, K).

    Raises
    ------
    InputError
        If `to_original` does anything else than shift and scale each feature.
    """
    zero, one = np.zeros(x.shape[1]), np.ones(x.shape[1])
    if to_original is None:
        return zero, one
    origin, end = np.asarray(to_original(np.stack([zero, one])), dtype=np.float64)
    scale = end - origin
    if not (scale != 0).all() or not np.allclose(to_original(x), origin + scale * x):
        raise InputError("x_to_original must shift and scale each feature, and nothing else")
    return origin, scale


def draw_run(
    folder: str | Path,
    history: RunHistory,
    *,
    task: Literal["classification", "regression"],
    title: str,
    predict: Predict,
    x: ArrayLike,
    t: ArrayLike,
    class_names: Sequence[str] = (),
    target_name: str = "",
    feature_names: Sequence[str] = (),
    images: ArrayLike | None = None,
    x_train: ArrayLike | None = None,
    t_train: ArrayLike | None = None,
    x_to_original: ToOriginal | None = None,
    t_to_original: ToOriginal | None = None,
) -> list[Path]:
    """Draw all that there is to see of a run into its folder, as PNG files.

    Always loss.png. Of a classifier confusion.png, with two features decision_boundary.png,
    with images mistakes.png. Of a regression with one target predicted.png, and with one
    feature fit.png.

    Parameters
    ----------
    folder : str or Path
        Made if it is not there; older pictures of the same names are replaced.
    history : RunHistory
    task : "classification" or "regression"
    title : str
        Stands above every picture.
    predict : callable, (M, …) -> probabilities, or predicted targets
        Takes and gives arrays as the network sees them.
    x, t : array_like, (N, …) and (N,), (N, 1) or one-hot (N, C)
        The test part, as the network sees it.
    class_names, feature_names : sequence of str, optional
    target_name : str
        What is predicted, with its unit.
    images : array_like, (N, H, W), (N, 1, H, W) or (N, 3, H, W), optional
        x as pictures.
    x_train, t_train : array_like, optional
        The training part, for the pictures that show points.
    x_to_original, t_to_original : callable, optional
        Undo the standardising of features, and of targets: the axes are then in their units.
        The first must shift and scale each feature on its own.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    InputError
        If the arrays do not fit each other, or the task is neither of the two.
    """
    if task not in ("classification", "regression"):
        raise InputError(f"task must be 'classification' or 'regression', got {task!r}")
    inputs, targets = as_numbers("x", x), as_floats("t", t)
    answer = as_floats("predict(x)", predict(inputs))
    features = inputs.shape[1] if inputs.ndim == 2 else 0
    with matplotlib.style.context(["default", STYLE]):
        album = Album(folder, title)
        with album.picture("loss", 11, 5.4) as figure:
            figure.suptitle(title)
            left, right = figure.subplots(1, 2)
            plot_loss(history, left)
            plot_metric(history, right)
        if task == "classification":
            table = as_probabilities("predict(x)", answer, len(inputs))
            with album.page("confusion", 7.4, 6.4) as ax:
                plot_confusion(targets, table.argmax(1), ax, class_names)
            if features == 2:
                origin, scale = shift_and_scale(inputs, x_to_original)
                with album.page("decision_boundary", 8, 5.6) as ax:
                    plot_decision_boundary(
                        lambda z: predict((z - origin) / scale),
                        origin + scale * inputs,
                        targets,
                        ax,
                        class_names,
                        feature_names=feature_names or ("x₀", "x₁"),
                        x_train=None if x_train is None else origin + scale * np.asarray(x_train),
                        t_train=t_train,
                    )
            if images is not None:
                with album.picture("mistakes", 10, 10) as figure:
                    axes = plot_mistakes(images, targets, table, class_names, figure)
                    figure.set_size_inches(*sheet_size(len(axes)))
                    figure.suptitle(f"{title}\n{figure.get_suptitle()}")
        elif targets.size == len(inputs):  # one target; several need not share a unit
            unit = t_to_original or np.asarray
            with album.page("predicted", 6.4, 6.4) as ax:
                plot_predicted(unit(targets), unit(answer), ax, target_name)
            if features == 1:
                origin, scale = shift_and_scale(inputs, x_to_original)
                with album.page("fit", 7.4, 5.2) as ax:
                    plot_fit(
                        lambda z: unit(as_floats("predict(x)", predict((z - origin) / scale))),
                        origin + scale * inputs,
                        unit(targets),
                        ax,
                        input_name=feature_names[0] if feature_names else "x",
                        target_name=target_name or "t",
                        x_train=None if x_train is None else origin + scale * np.asarray(x_train),
                        t_train=None if t_train is None else unit(as_floats("t_train", t_train)),
                    )
    return album.files
