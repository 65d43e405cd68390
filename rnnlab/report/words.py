"""Times, counts, figures and names as people read them."""

from __future__ import annotations

MINUTE, HOUR = 60.0, 3600.0


def time_unit(longest: float) -> tuple[float, str]:
    """(seconds of a unit, its symbol) to show times of up to ``longest`` seconds in."""
    if longest > 3 * HOUR:
        return HOUR, "h"
    return (MINUTE, "min") if longest > 3 * MINUTE else (1.0, "s")


def duration(seconds: float) -> str:
    """``88 s``, ``12.5 min``, ``7.2 h``."""
    divisor, symbol = time_unit(seconds)
    return f"{seconds:.0f} s" if symbol == "s" else f"{seconds / divisor:.1f} {symbol}"


def counted(number: int, noun: str) -> str:
    """``1 trial``, ``3 trials``."""
    return f"{number} {noun}{'s' if number != 1 else ''}"


def figure(value: float) -> str:
    """Five digits; all of a large whole number, as a number of parameters is."""
    return f"{value:,.0f}" if abs(value) >= 1000 and value == int(value) else f"{value:.5g}"


def shortened(text: str, longest: int) -> str:
    """The text, cut to ``longest`` characters with an ellipsis."""
    return text if len(text) <= longest else f"{text[: longest - 1]}\u2026"


def short_key(key: str, longest: int) -> str:
    """A parameter's name, cut at its front: of ``group.part.name`` the name tells most."""
    return key if len(key) <= longest else f"\u2026{key[1 - longest :]}"
