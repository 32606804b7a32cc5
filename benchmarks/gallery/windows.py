"""Wrong places in windows, sequences and edges: convolution, pooling, padding, sums that run on."""

from __future__ import annotations

import numpy as np

import nn
from benchmarks.gallery.case import Given, Room
from benchmarks.gallery.parts import Affine, Array, positive, sample

room = Room()


class Convolution(nn.Layer):
    """Three taps along one axis, zeros at both ends: y[t] = k0 x[t-1] + k1 x[t] + k2 x[t+1]."""

    def __init__(self, seed: int = 0) -> None:
        self.params = {"k": sample(3, seed=seed)}

    def forward(self, x: Array) -> Array:
        """(N, T), kept."""
        self.padded = np.pad(x, ((0, 0), (1, 1)))
        length = x.shape[1]
        return sum(k * self.padded[:, i : i + length] for i, k in enumerate(self.params["k"]))

    def backward(self, dout: Array) -> Array:
        """Each tap hands its share back to where it came from."""
        length = dout.shape[1]
        dpadded = np.zeros_like(self.padded)
        self.grads = {"k": np.zeros(3)}
        for i, k in enumerate(self.params["k"]):
            dpadded[:, i : i + length] += k * dout
            self.grads["k"][i] = (dout * self.padded[:, i : i + length]).sum()
        return dpadded[:, 1:-1]


@room.wrong("x")
def kernel_not_flipped() -> Given:
    """The kernel of a convolution must be turned round on the way back."""

    class NotFlipped(Convolution):
        def backward(self, dout: Array) -> Array:
            super().backward(dout)
            padded, length = np.pad(dout, ((0, 0), (1, 1))), dout.shape[1]
            return sum(k * padded[:, i : i + length] for i, k in enumerate(self.params["k"]))

    return Given(NotFlipped(), sample(4, 6, seed=1))


@room.wrong("x", cause="shifted by one")
def padding_cut_off_at_one_end() -> Given:
    """Of the padding both columns are cut off behind, none in front."""

    class Cut(Convolution):
        def backward(self, dout: Array) -> Array:
            dpadded = np.pad(super().backward(dout), ((0, 0), (1, 1)))
            return dpadded[:, :-2]

    return Given(Cut(), sample(4, 6, seed=2))


@room.wrong("x")
def padding_by_the_edge_taken_for_zeros() -> Given:
    """The ends are padded with their neighbours; their share of the gradient is thrown away."""

    class EdgeBlur(nn.Layer):
        def forward(self, x: Array) -> Array:
            padded = np.pad(x, ((0, 0), (1, 1)), mode="edge")
            return (padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]) / 3

        def backward(self, dout: Array) -> Array:
            padded = np.pad(dout, ((0, 0), (1, 1)))
            return (padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]) / 3

    return Given(EdgeBlur(), sample(4, 6, seed=3))


class Pool(nn.Layer):
    """The larger of each two neighbours."""

    def forward(self, x: Array) -> Array:
        """(N, 2 T) to (N, T)."""
        self.pairs = x.reshape(len(x), -1, 2)
        return self.pairs.max(axis=2)

    def backward(self, dout: Array) -> Array:
        """All to the larger one."""
        largest = self.pairs == self.pairs.max(axis=2, keepdims=True)
        return (dout[..., None] * largest).reshape(len(dout), -1)


@room.wrong("x")
def pooling_gives_to_the_first() -> Given:
    """All of the gradient goes to the first of each pair, whichever is larger."""

    class First(Pool):
        def backward(self, dout: Array) -> Array:
            dpairs = np.zeros_like(self.pairs)
            dpairs[..., 0] = dout
            return dpairs.reshape(len(dout), -1)

    return Given(First(), sample(4, 6, seed=4))


@room.wrong("x")
def pooling_gives_to_both() -> Given:
    """Max-pooling hands the gradient back as if it had averaged."""

    class Both(Pool):
        def backward(self, dout: Array) -> Array:
            return np.repeat(dout, 2, axis=1) / 2

    return Given(Both(), sample(4, 6, seed=5))


@room.wrong("x")
def running_sum_not_turned_round() -> Given:
    """Of a running sum the gradient is a running sum from the end; here it is from the start."""

    class RunningSum(nn.Layer):
        def forward(self, x: Array) -> Array:
            return x.cumsum(axis=1)

        def backward(self, dout: Array) -> Array:
            return dout.cumsum(axis=1)

    return Given(RunningSum(), sample(4, 5, seed=6))


@room.wrong("x")
def unsorted_on_the_way_back() -> Given:
    """After sorting, the gradient must go back by the inverse order, not by the same one again."""

    class Sort(nn.Layer):
        def forward(self, x: Array) -> Array:
            self.order = x.argsort(axis=1)
            return np.take_along_axis(x, self.order, axis=1)

        def backward(self, dout: Array) -> Array:
            return np.take_along_axis(dout, self.order, axis=1)

    return Given(Sort(), sample(4, 6, seed=7))


@room.wrong("W")
def last_row_left_out() -> Given:
    """A loop over the inputs stops one short: the last row of dW stays zero."""

    class Short(Affine):
        def backward(self, dout: Array) -> Array:
            dx = super().backward(dout)
            rows = len(self.params["W"])
            self.grads["W"] = np.zeros_like(self.params["W"])
            for i in range(rows - 1):
                self.grads["W"][i] = self.x[:, i] @ dout
            return dx

    return Given(Short(4, 3), sample(5, 4, seed=8))


@room.wrong("x", index=(2, 4))
def one_pixel() -> Given:
    """The last window skips its middle: one entry of one sample lacks part of its gradient."""

    class Skipping(Convolution):
        def backward(self, dout: Array) -> Array:
            dx = super().backward(dout)
            dx[-1, -1] -= self.params["k"][1] * dout[-1, -1]
            return dx

    return Given(Skipping(), sample(3, 5, seed=9))


@room.wrong("V", index=(1, 3))
def one_entry_of_the_second_factor() -> Given:
    """Of two matrices in a row, one entry of the second takes its gradient from its neighbour."""

    class Bottleneck(nn.Layer):
        def __init__(self) -> None:
            self.params = {"U": sample(5, 2, seed=10), "V": sample(2, 4, seed=11)}

        def forward(self, x: Array) -> Array:
            self.x, self.h = x, x @ self.params["U"]
            return self.h @ self.params["V"]

        def backward(self, dout: Array) -> Array:
            dh = dout @ self.params["V"].T
            self.grads = {"U": self.x.T @ dh, "V": self.h.T @ dout}
            self.grads["V"][1, 3] = self.grads["V"][1, 2]
            return dh @ self.params["U"].T

    return Given(Bottleneck(), positive(4, 5, seed=12))
