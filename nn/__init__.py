"""Neural networks that learn by nudging every weight and watching the loss.

Read the rooms in this order; each needs only those before it:

    errors, budget, functional, initializers, schedules, metrics, batches
    steps, probing, differences     the lesson: slopes and gradients of any function
    rows                            perturbed rows: changes that can be followed alone
    layers, parameters, losses      what a network is made of
    gradients                       the gradient of a network, by differences
    optimizers, networks            what learns
    plotting                        pictures
    history, checkpoint, progress, cost, evaluation, trainer    the loop
    registry, config, runs          from a config to a run folder
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nn.batches import minibatches
from nn.checkpoint import load_params, save_params
from nn.differences import (
    TangentLine,
    directional_derivative,
    gradient_descent,
    numerical_diff,
    numerical_gradient,
    partial_derivative,
    tangent_line,
)
from nn.errors import (
    ArgumentError,
    ConfigError,
    DivergedError,
    FallbackWarning,
    FunctionError,
    ImpureFunctionError,
    InputError,
    NotFiniteError,
    NotOneNumberError,
    NudgeError,
    ShapeError,
    StepError,
    StepTooSmallError,
    UndefinedMetricError,
    UnknownNameError,
    UnusedInputWarning,
)
from nn.history import History
from nn.initializers import He, Initializer, Normal, Uniform, Xavier, Zeros
from nn.layers import (
    GELU,
    Elementwise,
    Flatten,
    Layer,
    LeakyReLU,
    Linear,
    ReLU,
    Sigmoid,
    Softmax,
    Softplus,
    Tanh,
)
from nn.losses import BCEWithLogitsLoss, CrossEntropyLoss, HuberLoss, L1Loss, Loss, MSELoss
from nn.metrics import (
    accuracy,
    binary_accuracy,
    mean_absolute_error,
    r2,
    root_mean_squared_error,
)
from nn.networks import Network, Sequential, TwoLayerNet
from nn.optimizers import (
    SGD,
    AdaGrad,
    Adam,
    AdamW,
    Optimizer,
    RMSprop,
    clip_by_global_norm,
    global_norm,
)
from nn.registry import register
from nn.schedules import ConstantSchedule, CosineSchedule, LinearWarmup, Schedule, StepSchedule
from nn.steps import default_step
from nn.trainer import Trainer

if TYPE_CHECKING:
    from nn.plotting import (
        plot_confusion,
        plot_decision_boundary,
        plot_fit,
        plot_loss,
        plot_metric,
        plot_mistakes,
        plot_predicted,
    )

__all__ = [
    "GELU",
    "SGD",
    "AdaGrad",
    "Adam",
    "AdamW",
    "ArgumentError",
    "BCEWithLogitsLoss",
    "ConfigError",
    "ConstantSchedule",
    "CosineSchedule",
    "CrossEntropyLoss",
    "DivergedError",
    "Elementwise",
    "FallbackWarning",
    "Flatten",
    "FunctionError",
    "He",
    "History",
    "HuberLoss",
    "ImpureFunctionError",
    "Initializer",
    "InputError",
    "L1Loss",
    "Layer",
    "LeakyReLU",
    "Linear",
    "LinearWarmup",
    "Loss",
    "MSELoss",
    "Network",
    "Normal",
    "NotFiniteError",
    "NotOneNumberError",
    "NudgeError",
    "Optimizer",
    "RMSprop",
    "ReLU",
    "Schedule",
    "Sequential",
    "ShapeError",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "StepError",
    "StepSchedule",
    "StepTooSmallError",
    "TangentLine",
    "Tanh",
    "Trainer",
    "TwoLayerNet",
    "UndefinedMetricError",
    "Uniform",
    "UnknownNameError",
    "UnusedInputWarning",
    "Xavier",
    "Zeros",
    "accuracy",
    "binary_accuracy",
    "clip_by_global_norm",
    "default_step",
    "directional_derivative",
    "global_norm",
    "gradient_descent",
    "load_params",
    "mean_absolute_error",
    "minibatches",
    "numerical_diff",
    "numerical_gradient",
    "partial_derivative",
    "plot_confusion",
    "plot_decision_boundary",
    "plot_fit",
    "plot_loss",
    "plot_metric",
    "plot_mistakes",
    "plot_predicted",
    "r2",
    "register",
    "root_mean_squared_error",
    "save_params",
    "tangent_line",
]


def __getattr__(name: str) -> Any:
    """Import matplotlib, through `nn.plotting`, only when something is to be drawn."""
    if name.startswith("plot_") and name in __all__:
        from nn import plotting

        return getattr(plotting, name)
    raise AttributeError(f"module 'nn' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
