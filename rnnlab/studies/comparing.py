"""One number of each run, compared between the options of a list: rows, verdicts and the sentence."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rnnlab.analysis.contrasts import LEVEL, Difference, differences, fewest_runs
from rnnlab.statistics import Interval, mean_interval, wilson_interval
from rnnlab.studies.base import Claim, Row, Verdict

TEST = (
    "Runs are the units. Exact permutation test of each option's mean beside {reference}'s, two-sided at 5 %,"
    " adjusted for {comparisons} (Holm), for which a verdict takes {needed} runs of each; 95 % intervals by"
    " Student's t over runs."
)


@dataclass(frozen=True, slots=True)
class Measure:
    """What is compared.

    name      of the columns
    unit      of the shown number
    words     for an option with more of it than the reference, and for one with less
    shown     from a mean or its bound to what people read; where that turns their order, they are put right
    raw       what the numbers themselves are called, where others are shown
    is_share  whether numbers lie from 0 to 1; of such as are one of the two, the interval is Wilson's
    """

    name: str
    unit: str
    words: tuple[str, str] = ("more", "less")
    shown: Callable[[float], float] = float
    raw: str = ""
    is_share: bool = False

    def interval(self, values: Sequence[float]) -> tuple[float, float, float]:
        """The mean and its bounds, as they are shown."""
        mean = self._interval(values)
        ends = sorted((self.shown(mean.low), self.shown(mean.high))) if not math.isnan(mean.low) else [math.nan] * 2
        return self.shown(mean.estimate), ends[0], ends[1]

    def _interval(self, values: Sequence[float]) -> Interval:
        if not self.is_share:
            return mean_interval(values)
        if set(values) <= {0.0, 1.0}:
            return wilson_interval(round(sum(values)), len(values))
        mean = mean_interval(values)
        return mean._replace(low=max(0.0, mean.low), high=min(1.0, mean.high)) if len(values) > 1 else mean


@dataclass(frozen=True, slots=True)
class Question:
    """A claim on the values of a reference and of others.

    more    whether the claim says that others have more than the reference
    target  the option that decides; None: any one does
    """

    name: str
    text: str
    more: bool
    target: str | None = None


def compare(
    values: Mapping[str, Sequence[float]], reference: str, question: Question, measure: Measure, key: str = "cell"
) -> Claim:
    """The claim and its verdict. values: of each option's runs, finite; an option without any may be there."""
    others = [option for option in values if option != reference]
    needed = fewest_runs(len(others))
    found = differences(values, reference)
    test = TEST.format(reference=reference, comparisons=_counted(len(others), "comparison"), needed=needed)
    base = len(values.get(reference, ()))
    runs = {option: min(len(each), base) for option, each in values.items()}
    rows = [_row(option, key, values[option], found.get(option), measure, runs[option], needed) for option in values]
    if reference in values:
        rows[list(values).index(reference)]["verdict"] = "the reference"
    deciding = [question.target] if question.target else others
    verdicts = {
        option: _verdict(found.get(option), question.more, runs[option], needed)
        for option in deciding
        if option in values
    }
    verdict = _together(list(verdicts.values()))
    missing = _missing(values, reference, deciding, needed) if verdict is Verdict.too_few else ""
    answer = _answer(values, reference, deciding, measure, found)
    return Claim(question.name, question.text, test, verdict, answer, missing, tuple(rows))


def estimate(values: Sequence[float], measure: Measure) -> str:
    """``3.1 steps (2.9 to 3.4)``; one run alone has no interval."""
    if not values:
        return "no run yet"
    middle, low, high = measure.interval(values)
    bounds = f" ({figure(low)} to {figure(high)})" if not math.isnan(low) else ""
    return f"{figure(middle)} {measure.unit}{bounds}".replace("  ", " ")


def figure(value: float) -> str:
    """Three digits; whole numbers of three or more as they are."""
    return f"{value:,.0f}" if 100 <= abs(value) < math.inf else f"{value:.3g}"


def _row(
    option: str,
    key: str,
    values: Sequence[float],
    found: Difference | None,
    measure: Measure,
    runs: int,
    needed: int,
) -> Row:
    """runs: of the smaller of the two groups."""
    row: Row = {key: option, "runs": len(values)}
    shown = measure.interval(values) if values else (None, None, None)
    row |= dict(zip((measure.name, f"{measure.name}_low", f"{measure.name}_high"), shown, strict=True))
    if measure.raw and values:
        row |= dict(
            zip((measure.raw, f"{measure.raw}_low", f"{measure.raw}_high"), mean_interval(values), strict=False)
        )
    mean = found.mean if found is not None else Interval(math.nan, math.nan, math.nan, 0)
    row |= {"difference": mean.estimate, "difference_low": mean.low, "difference_high": mean.high}
    row |= {"p": math.nan if found is None else found.p}
    if _is_significant(found, runs):
        return row | {"verdict": measure.words[mean.estimate < 0]}
    return row | {"verdict": Verdict.unclear.value if runs >= needed else f"{runs} of {needed} runs"}


def _verdict(found: Difference | None, more: bool, runs: int, needed: int) -> Verdict:
    """runs: of the smaller group."""
    if _is_significant(found, runs):
        assert found is not None
        return Verdict.supported if (found.mean.estimate > 0) == more else Verdict.contradicted
    return Verdict.unclear if runs >= needed else Verdict.too_few


def _is_significant(found: Difference | None, runs: int) -> bool:
    """Where one group has fewer runs than a single comparison takes, a small p-value is its partner's size alone."""
    return found is not None and found.p <= LEVEL and runs >= fewest_runs(1)


def _together(verdicts: list[Verdict]) -> Verdict:
    """Of several options each of which decides: the first of these that one of them has."""
    order = (Verdict.supported, Verdict.too_few, Verdict.unclear, Verdict.contradicted)
    return next((verdict for verdict in order if verdict in verdicts), Verdict.too_few)


def _missing(values: Mapping[str, Sequence[float]], reference: str, deciding: list[str], needed: int) -> str:
    have = ", ".join(f"{option} has {len(values.get(option, ()))}" for option in dict.fromkeys([reference, *deciding]))
    return f"A verdict needs {needed} runs of each with this number; {have}. More seeds add them: seed=range({needed})."


def _answer(
    values: Mapping[str, Sequence[float]],
    reference: str,
    deciding: list[str],
    measure: Measure,
    found: Mapping[str, Difference],
) -> str:
    named = [option for option in dict.fromkeys([reference, *deciding]) if option in values]
    said = [f"{option} {estimate(values[option], measure)}" for option in named]
    chances = [f"p = {found[option].p:.2g} for {option}" for option in deciding if option in found]
    return "; ".join([", ".join(said), *chances]) + "."


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number != 1 else ''}"
