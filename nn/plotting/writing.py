"""Numbers as a picture writes them: few digits, a true minus, powers of ten that can be read."""

from __future__ import annotations

import math

import numpy as np

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def figures(value: float, digits: int = 4) -> str:
    """Write 0.19999999999909 as 0.2, -1.5 as −1.5 and 2e-7 as 2 × 10⁻⁷: for sentences."""
    rounded = float(f"{value:.{digits}g}")
    if rounded == 0 or not np.isfinite(rounded) or 1e-4 <= abs(rounded) < 10 ** max(digits, 6):
        text = np.format_float_positional(rounded, trim="-")
    else:
        mantissa, _, exponent = f"{rounded:.{digits - 1}e}".partition("e")
        power = f"10{str(int(exponent)).translate(_RAISED)}"
        mantissa = np.format_float_positional(float(mantissa), trim="-")
        text = {"1": power, "-1": f"-{power}"}.get(mantissa, f"{mantissa} × {power}")
    return "0" if text == "-0" else text.replace("-", "−")


def plain(value: float, _: object = None) -> str:
    """Write -0.5 as −0.5, 2e-09 as 2e−9 and 1e+06 as 1e6: for ticks."""
    return shortened(f"{value:g}") if value else "0"


def shortened(text: str) -> str:
    """Take from a number what nobody needs: the plus and the leading zero of its exponent."""
    return text.replace("e-0", "e-").replace("e+0", "e").replace("e+", "e").replace("-", "−")


def spaced(value: float) -> str:
    """Write a large whole number with its thousands apart: 18 000."""
    return f"{value:,.0f}".replace(",", "\N{NO-BREAK SPACE}")


def rounded_up(value: float) -> str:
    """Write a positive number by the next larger one of a single digit."""
    if not 1e-300 < value < math.inf:
        return plain(value)
    text = f"{value:.0e}"
    if float(text) < value:
        text = f"{int(text[0]) + 1}{text[1:]}"
    return plain(float(text))


def power_of_ten(value: float) -> str:
    """Write 9.1e-06 as mathtext, 9 × 10⁻⁶; nan as a dash."""
    if math.isnan(value):
        return "–"
    digit, _, exponent = f"{value:.0e}".partition("e")
    return f"${digit}\\times 10^{{{int(exponent)}}}$" if value else "0"


def signed_power(value: float, _: object = None) -> str:
    """Write the power -1e-06 as mathtext, −10⁻⁶."""
    if not value:
        return "0"
    power = round(math.log10(abs(value)))
    return f"${'-' if value < 0 else ''}10^{{{power}}}$"
