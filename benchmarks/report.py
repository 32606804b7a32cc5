"""The table in the terminal: a block a net, a line a method."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Record = Mapping[str, Any]
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
    notes = [f"  {note}" for note in net["notes"]]
    notes += [f"  {m['name']}: {'; '.join(m['notes'])}" for m in net["methods"] if m["notes"]]
    return "\n".join([head, table(rows), *notes])


def describe_growth(growth: Record) -> str:
    """A block an axis: seconds a step of each method, and the power they grow with."""
    blocks = []
    for axis in growth.values():
        lines = [f"growth with {axis['axis']}, batch {axis['batch']}: seconds a step"]
        lines.append("".join(f"{v:>12}" for v in [axis["axis"], *axis["values"], "power"]))
        for name, values in axis["seconds"].items():
            about = "~" * (name in axis["extrapolated"])
            cells = [f"{about}{seconds(v)}" for v in values]
            cells.append(f"{axis['exponents'][name]:.2f}")
            lines.append("".join(f"{cell:>12}" for cell in [name, *cells]))
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)
