"""Stop when the validation loss has not improved for a while."""

from __future__ import annotations

from dataclasses import dataclass

from nn.errors import check_count, check_number


@dataclass(frozen=True)
class EarlyStopping:
    """Stop after `patience` evaluations in a row without a validation loss that is clearly lower.

    Parameters
    ----------
    patience : int >= 1
        Evaluations to wait.
    min_change : float >= 0
        By how much a loss must be lower to count.
    restore_best : bool
        Whether the weights of the lowest validation loss are put back at the end.

    References
    ----------
    Prechelt, Early Stopping - But When?, in Neural Networks: Tricks of the Trade, 1998.
    """

    patience: int
    min_change: float = 0.0
    restore_best: bool = True

    def __post_init__(self) -> None:
        check_count("patience", self.patience)
        check_number("min_change", self.min_change, at_least=0)

    def improved(self, loss: float, lowest: float) -> bool:
        """Whether a loss is clearly lower than the lowest that counted."""
        return loss < lowest - self.min_change
