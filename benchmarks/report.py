"""The table in the terminal: a block a net, a line a method."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Record = Mapping[str, Any]
BELOW = (
    "measured powers lie below the predicted ones where part of the time does not grow: each call"
    " of numpy costs some microseconds however small its arrays, and a deeper net has the same"
    " first and last layer"
)
_HEADS = ("method", "threads", "s a step", "least", "loop / it", "it / backprop", "difference",
          "memory")  # fmt: skip


def seconds(value: float) -> str:
    """0.0213 -> "21.3 ms"."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if value >= size:
            return f"{figures(value / size)} {unit}"
    return f"{figures(value / 1e-6)} µs"


def figures(value: float) -> str:
    """Three significant figures, thousands apart."""
    if value >= 1000:
        return whole(int(float(f"{value:.3g}")))
    return f"{value:#.3g}".rstrip(".")


def whole(value: int) -> str:
    """A count, thousands apart."""
    return f"{value:,}".replace(",", " ")


def memory(method: Record) -> str:
    """Bytes as megabytes; "≥" where the gradient was left early, "-" where they are not seen."""
    if method["peak_bytes"] is None:
        return "-"
    return f"{'≥ ' * method['peak_is_at_least']}{figures(method['peak_bytes'] / 1e6)} MB"


def line(method: Record, loop_extrapolated: bool) -> list[str]:
    """Cells of one method; "~" marks what is extrapolated."""
    about = "~" * method["extrapolated"]
    about_loop = "~" * (method["extrapolated"] or loop_extrapolated)
    over, under = method["this_over_backprop"], method["loop_over_this"]
    return [
        method["name"],
        method["threads"],
        about + seconds(method["seconds"]),
        about + seconds(method["least_seconds"]),
        "-" if under is None else about_loop + figures(under),
        "-" if over is None else about + figures(over),
        f"{method['largest_difference']:.1e}",
        memory(method),
    ]


def table(rows: Iterable[list[str]]) -> str:
    """Align columns: the first two to the left, numbers to the right."""
    lines = [list(_HEADS), *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place < 2 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ).rstrip()
        for cells in lines
    )


def describe(net: Record) -> str:
    """The block of one net."""
    head = (
        f"{net['name']}: {whole(net['parameters'])} parameters, batch {net['batch']},"
        f" {net['data']} ({net['share_not_zero']:.0%} of the inputs not zero,"
        f" {net['distinct_values']} distinct values);"
        f" differences from the loop: {net['compared']}"
    )
    rows = [line(method, net["loop_extrapolated"]) for method in net["methods"]]
    notes = [f"  {required(net, name)}" for name in net["required"]]
    notes += [f"  {note}" for note in net["notes"]]
    notes += [f"  {m['name']}: {'; '.join(m['notes'])}" for m in net["methods"] if m["notes"]]
    return "\n".join([head, table(rows), *notes])


def required(net: Record, name: str) -> str:
    """How many times as fast as the loop a method is, and has to be."""
    method = next(method for method in net["methods"] if method["name"] == name)
    about = "~" * (method["extrapolated"] or net["loop_extrapolated"])
    times = figures(method["loop_over_this"])
    return f"{name} is {about}{times} times as fast as the loop; required: {net['required'][name]}"


def powers(axis: Record) -> dict[str, tuple[float, int]]:
    """Measured and predicted power of each method: of the weights P or of the layers d."""
    by_weights = axis["against"] == "parameters"
    measured = axis["exponents_by_parameters" if by_weights else "exponents"]
    return {name: (measured[name], axis["predicted"][name]) for name in axis["seconds"]}


def describe_growth(growth: Record) -> str:
    """A block an axis: seconds a step of each method, and the power they grow with."""
    blocks = []
    for axis in growth.values():
        by_weights = axis["against"] == "parameters"
        of = "P, the weights" if by_weights else "d, the hidden layers"
        lines = [
            f"growth with {axis['axis']}, batch {axis['batch']}: seconds a step, and the power of"
            f" {of}",
            _columns(axis["axis"], axis["values"], "measured", "predicted"),
            _columns("weights", map(whole, axis["parameters"])),
        ]
        for name, (measured, predicted) in powers(axis).items():
            about = "~" * (name in axis["extrapolated"])
            cells = [f"{about}{seconds(value)}" for value in axis["seconds"][name]]
            lines.append(_columns(name, cells, f"{measured:.2f}", predicted))
        blocks.append("\n".join(lines))
    return "\n\n".join([*blocks, BELOW])


def _columns(name: str, cells: Iterable[object], *powers: object) -> str:
    return f"{name:<10}" + "".join(f"{cell!s:>11}" for cell in [*cells, *powers])
