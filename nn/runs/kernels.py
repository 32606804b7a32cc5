"""What a convolution looks like as it learns: kept epoch by epoch, and drawn at the end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from nn.config import Experiment
from nn.errors import InputError
from nn.interrupts import uninterrupted
from nn.layers import Conv2d, Elementwise, Layer, Unflatten, leaves, trace
from nn.networks import Network
from nn.runs.files import saving
from nn.runs.folder import Run
from nn.trainer import Trainer

Array = NDArray[np.float64]
_FILE = "kernels.npz"
_KEPT = 12  # epochs, and the last; more are not drawn


class KernelFilm:
    """Keeps the kernels of the first convolution, and its answer to an image, as they change.

    Nothing is kept of a network without a convolution, or of data that are no images.

    Parameters
    ----------
    experiment : Experiment
    run : Run
        Frames are written into its folder, so that a run that goes on has the earlier ones.
    """

    def __init__(self, experiment: Experiment, run: Run) -> None:
        self.experiment, self.run = experiment, run
        self.layer = first_convolution(experiment)
        self.frames: dict[int, tuple[Array, Array]] = {}
        # Early epochs change most, so those kept lie closer there.
        last = experiment.train.epochs
        self.kept = {0, *np.geomspace(1, last, min(last, _KEPT)).round().astype(int).tolist()}

    def begin(self) -> None:
        """Take the frame before the first step; or read those of a run that goes on."""
        if self.layer is None:
            return
        done = self._epochs_done()
        if self.experiment.trainer.steps:
            found = read_frames(self.run.folder)
            self.frames = {epoch: frame for epoch, frame in found.items() if epoch <= done}
        else:
            self.epoch(self.experiment.trainer)

    def epoch(self, trainer: Trainer) -> None:
        """Take a frame at the end of an epoch; it takes the place of one that need not be kept."""
        if self.layer is None:
            return
        self.frames = {epoch: frame for epoch, frame in self.frames.items() if epoch in self.kept}
        answer = first_answer(self.experiment)
        self.frames[self._epochs_done()] = (self.layer.params["W"].copy(), answer)
        with uninterrupted(), saving(self.run.folder / _FILE):
            epochs = sorted(self.frames)
            kernels, activations = zip(*(self.frames[epoch] for epoch in epochs), strict=True)
            arrays = {"epochs": np.array(epochs), "kernels": np.array(kernels)}
            arrays["activations"] = np.array(activations)
            save_checkpoint(self.run.folder / _FILE, Checkpoint(arrays))

    def _epochs_done(self) -> int:
        """How many epochs are done; the trainer may or may not have begun the next."""
        data, train = self.experiment.data, self.experiment.train
        batches = -(-len(data.x_train) // train.batch_size)
        return self.experiment.trainer.steps // batches


def read_frames(folder: Path) -> dict[int, tuple[Array, Array]]:
    """Return the frames of a run by epoch; none where there are none, or they are damaged."""
    try:
        found = load_checkpoint(folder / _FILE).params
        frames = zip(found["kernels"], found["activations"], strict=True)
        return dict(zip(found["epochs"].tolist(), frames, strict=True))
    except (InputError, KeyError):
        return {}


def first_convolution(experiment: Experiment) -> Layer | None:
    """Return the first convolution of a network for images, if it is one."""
    if experiment.data.image_shape is None or not len(experiment.data.x_test):
        return None
    convolutions = (layer for _, layer in leaves(experiment.network.layers))
    return next((layer for layer in convolutions if isinstance(layer, Conv2d)), None)


def first_answer(experiment: Experiment) -> Array:
    """Return what the first convolution makes of an image, with the activation after it."""
    layers = experiment.network.layers
    answers = trace(layers, experiment.data.x_test[:1].astype(np.float64))
    inside = [any(isinstance(leaf, Conv2d) for _, leaf in leaves([layer])) for layer in layers]
    first = last = inside.index(True)
    for place in range(first + 1, len(layers)):
        if inside[place] or answers[place + 1].ndim != 4:
            break
        if isinstance(layers[place], Elementwise):
            last = place
            break
    return np.ascontiguousarray(answers[last + 1][0])


def activations(network: Network, x: Array) -> list[tuple[str, Array]]:
    """Return what each layer makes of one image, while it is an image: name and (C, H, W)."""
    answers = trace(network.layers, np.asarray(x, np.float64)[None])[1:]
    return [
        (type(layer).__name__, z[0])
        for layer, z in zip(network.layers, answers, strict=True)
        if z.ndim == 4 and not isinstance(layer, Unflatten)
    ]


def draw_kernels(experiment: Experiment, run: Run, title: str) -> list[Path]:
    """Draw kernels.png and activations.png, where there is a convolution; return the files."""
    if first_convolution(experiment) is None:
        return []
    from nn import plotting

    data, frames = experiment.data, read_frames(run.folder)
    epochs = sorted(frames)
    return plotting.draw_kernels(
        run.folder,
        title=title,
        image=data.picture(data.x_test[0]),
        image_title=_named(data),
        epochs=epochs,
        kernels=[frames[epoch][0] for epoch in epochs],
        activations=[frames[epoch][1] for epoch in epochs],
        layers=activations(experiment.network, data.x_test[0]),
    )


def _named(data: Any) -> str:
    """Say what the image shows."""
    shows = f": {data.class_names[int(data.t_test[0])]}" if data.class_names else ""
    return f"a test image{shows}"
