"""Neural networks that learn by nudging every weight and watching the loss.

`import nn` alone imports nothing: a room is imported when one of its names is first used. So a
lesson about slopes does not wait for networks, and matplotlib comes only with a picture. Editors
and type checkers find the same names in `__init__.pyi`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

# The rooms, and what `nn` shows of each. Read them in this order: each needs only those before it.
ROOMS: dict[str, tuple[str, ...]] = {
    # what the others stand on
    "errors": (
        "ArgumentError", "ConfigError", "DivergedError", "FallbackWarning", "FunctionError",
        "GradientMismatch",
        "ImpureFunctionError", "InputError", "NotFiniteError", "NotOneNumberError", "NudgeError",
        "SaveError", "ShapeError", "StepError", "StepTooSmallError", "UndefinedMetricError",
        "UnknownNameError", "UnusedInputWarning",
    ),
    "budget": (),
    "functional": (),
    "initializers": ("He", "Initializer", "Normal", "Uniform", "Xavier", "Zeros"),
    "schedules": (
        "ConstantSchedule", "CosineSchedule", "LinearWarmup", "Schedule", "StepSchedule",
    ),
    "metrics": (
        "accuracy", "binary_accuracy", "mean_absolute_error", "r2", "root_mean_squared_error",
    ),
    "batches": ("minibatches",),
    # the lesson: slopes and gradients of any function
    "steps": ("default_step",),
    "probing": (),
    "careful": (
        "Curvature", "Derivative", "StepSweep", "differentiate", "hessian",
        "hessian_vector_product", "jacobian", "second_derivative", "step_sweep",
    ),
    "differences": (
        "TangentLine", "directional_derivative", "gradient_descent", "numerical_diff",
        "numerical_gradient", "partial_derivative", "tangent_line",
    ),
    # perturbed rows: changes that can be followed alone
    "rows": (),
    # what a network is made of
    "layers": (
        "ELU", "GELU", "AvgPool2d", "BatchNorm1d", "BatchNorm2d", "Conv2d", "Dropout",
        "Elementwise", "Embedding", "Flatten", "Layer", "LayerNorm", "LeakyReLU", "Linear",
        "LogSoftmax", "MaxPool2d", "ReLU", "Residual", "Sigmoid", "SiLU", "Softmax",
        "Softplus", "Tanh", "Terms", "TwoMode", "Unflatten",
    ),
    "parameters": (),
    "losses": ("BCEWithLogitsLoss", "CrossEntropyLoss", "HuberLoss", "L1Loss", "Loss", "MSELoss"),
    # the gradient of a network, by differences
    "gradients": (),
    # what learns
    "optimizers": (
        "SGD", "AdaGrad", "Adam", "AdamW", "Optimizer", "RMSprop", "clip_by_global_norm",
        "global_norm",
    ),
    "networks": ("Network", "Sequential", "TwoLayerNet"),
    # pictures
    "plotting": (
        "animate_decision_boundary", "animate_secants", "plot_activations", "plot_confusion",
        "plot_contours", "plot_decision_boundary", "plot_descent", "plot_directions", "plot_fit",
        "plot_gradcheck", "plot_gradient_field", "plot_growth", "plot_kernels",
        "plot_kernels_by_epoch", "plot_loss", "plot_loss_line", "plot_loss_surface", "plot_metric",
        "plot_mistakes", "plot_orders", "plot_partials", "plot_predicted", "plot_quotients",
        "plot_runs", "plot_schedule", "plot_secants", "plot_step_sweep", "plot_surface",
        "plot_tangent", "plot_times", "plot_weights", "show",
    ),
    # gradients written by hand
    "checking": ("gradcheck",),
    "testing": (),
    # the loop
    "history": ("History",),
    "checkpoint": (
        "Checkpoint", "load_checkpoint", "load_params", "save_checkpoint", "save_params",
    ),
    "interrupts": (),
    "early_stopping": ("EarlyStopping",),
    "progress": (),
    "cost": ("seconds_per_gradient",),
    "evaluation": (),
    "trainer": ("Trainer",),
    # from a config to a run folder
    "registry": ("register",),
    "config": (),
    "runs": ("load_network",),
}  # fmt: skip
_HOME = {name: room for room, names in ROOMS.items() for name in names}
__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    """Import the room that a name lives in, or that it is, and remember what was found."""
    if name in ROOMS:
        return import_module(f"nn.{name}")
    if name not in _HOME:
        raise AttributeError(f"module 'nn' has no attribute {name!r}")
    globals()[name] = found = getattr(import_module(f"nn.{_HOME[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *ROOMS, *__all__})
