"""The pictures that have parameters on an axis. Each is an SVG, or the sentence why there is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rnnlab.analysis.importance import importance
from rnnlab.analysis.sweeps import SweepRecord
from rnnlab.report.chart import CHARACTER, NARROW, Chart
from rnnlab.report.colours import BEST, NEUTRAL
from rnnlab.report.framing import without_outliers
from rnnlab.report.markup import Markup
from rnnlab.report.scales import Linear, for_parameter, linear
from rnnlab.report.trials import described, mean_of, trial_colours
from rnnlab.report.words import short_key

NAME = 32
"""Characters of a parameter's name beside a picture."""
CROSSES = 14.0
"""Pixels from the top of a picture where the crosses of pruned trials stand."""
MOST_COLUMNS = 12
"""Places on an axis at which trials are taken together."""


def importances(sweep: SweepRecord) -> Markup | str:
    """A bar for each parameter: its share in what makes a trial good."""
    found = importance(sweep)
    if isinstance(found, str):
        return found
    left = 24 + CHARACTER * min(NAME, max(map(len, found)))
    chart = Chart(NARROW, 30.0 * len(found) + 58, left=left, right=48)
    x = Linear(0, 1, chart.left, chart.right)
    chart.x_axis(x, "share of importance")
    for place, (key, share) in enumerate(sorted(found.items(), key=lambda pair: -pair[1])):
        y = chart.top + 30 * place
        chart.text(left - 9, y + 19, short_key(key, NAME), anchor="end")
        chart.bar(left, y + 5, x.at(share) - left, 20, BEST, note=f"{key}: {share:.3f}")
        chart.text(x.at(share) + 6, y + 19, f"{share:.2f}")
    return chart.drawn("importance of the parameters")


def slices(sweep: SweepRecord) -> list[Markup]:
    """For each parameter that varies, the trials' means against its values; above them, where trials were pruned."""
    return [drawn for key in sweep.varying if (drawn := _slice(sweep, key)) is not None]


def _slice(sweep: SweepRecord, key: str) -> Markup | None:
    having = [trial for trial in sweep.trials if key in trial.varied and (trial.interval or trial.was_pruned)]
    texts = [trial.varied[key] for trial in having]
    if len(set(texts)) < 2 or not any(trial.interval for trial in having):
        return None
    colours = trial_colours(sweep)
    pruned_too = any(trial.was_pruned for trial in having)
    chart = Chart(360, 270, top=26 if pruned_too else 12, bottom=62)
    x, places = for_parameter(texts, chart.left, chart.right, sweep.space.get(key, ()))
    means = [mean_of(trial) for trial in having if trial.interval]
    y = linear(without_outliers(means, sweep.minimize), chart.bottom, chart.top, air=0.08)
    chart.x_axis(x, short_key(key, NAME + 8))
    chart.y_axis(y, sweep.metric)
    found = [(trial, x.at(place)) for trial, place in zip(having, places, strict=True)]
    _crosses(chart, [at for trial, at in found if trial.interval is None])
    dots = [(trial, at, y.at(mean_of(trial))) for trial, at in reversed(found) if trial.interval]
    for trial, at, height in dots:
        chart.dot(at, height, colours[trial.number], opacity=0.85, note=described(trial))
    _means(chart, [(at, height) for _, at, height in dots])
    return chart.drawn(f"{sweep.metric} against {key}")


def _crosses(chart: Chart, places: Sequence[float]) -> None:
    """A cross above the frame for each pruned trial; where many share few places, how many they are."""
    counts = Counter(places)
    counted = len(counts) <= MOST_COLUMNS and len(counts) < len(places)
    for x, count in counts.items():
        chart.cross(x - 8 if counted else x, CROSSES, NEUTRAL, opacity=0.8, note=f"{count} pruned")
        if counted:
            chart.text(x - 3, CROSSES + 4, str(count))


def _means(chart: Chart, pixels: Sequence[tuple[float, float]]) -> None:
    """A short bar at the mean of the dots above each place on the x axis, where dots share places."""
    columns: dict[float, list[float]] = {}
    for x, y in pixels:
        columns.setdefault(x, []).append(y)
    if len(columns) > MOST_COLUMNS or len(columns) == len(pixels):
        return
    for x, heights in columns.items():
        y = sum(heights) / len(heights)
        chart.line([(x - 12, y), (x + 12, y)], "currentColor", width=2, note="mean at this value")
