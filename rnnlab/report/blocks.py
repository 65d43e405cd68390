"""What the options of a list came to at equal budgets: a picture, and a table of verdicts."""

from __future__ import annotations

import math
from collections import Counter

from rnnlab.analysis.blocks import Contrast, Panel, Standing, Verdict, best_quarter, fewest_draws
from rnnlab.analysis.sweeps import SweepRecord
from rnnlab.report.card import figure_card
from rnnlab.report.chart import WIDE, Chart
from rnnlab.report.colours import BEST, DISTINCT, NEUTRAL, WORST
from rnnlab.report.framing import without_outliers
from rnnlab.report.markup import Markup, element
from rnnlab.report.scales import Categories, Linear, linear
from rnnlab.report.words import counted, figure
from rnnlab.statistics import Interval

SPREAD = 0.3
"""How far dots stand aside from the middle of their option, as a share of its room."""
MEDIAN = 14.0
"""Pixels of half a median's bar."""
REFERENCE = "currentColor"
COLOURS = {Verdict.better: BEST, Verdict.worse: WORST, Verdict.unclear: DISTINCT[3]}
LEGEND = [("the reference", REFERENCE), *((verdict.value, colour) for verdict, colour in COLOURS.items())]
SPREAD = 0.3
"""How far dots stand aside from the middle of their option, as a share of its room."""
BEFORE = ("option", "best trial", "95 %, seeds", "median of best quarter", "95 %, draws")
AFTER = ("95 %, draws", "p (Holm)", "verdict", "without a value")


def comparison(panel: Panel, sweep: SweepRecord) -> Markup:
    """A column of dots for each option, and a row that says how it stands to the reference."""
    draws = max(len(standing.scores) for standing in panel.standings)
    caption = (
        f"{sweep.metric}, {sweep.objectives[0].wish}. Each {panel.key} had the same {counted(draws, 'draw')} of all"
        f" else, {counted(len(sweep.seeds), 'seed')} each. Small dot: a trial's mean over seeds; coloured: the best"
        " quarter, with its median and the 95 % bootstrap interval over draws. A verdict is on the mean difference"
        " over all common draws, by a sign-flip test adjusted for all comparisons (Holm), at 5 %. The best trial of"
        " many flatters: it is no verdict."
    )
    few = _too_few(draws, len(panel.standings) - 1)
    picture = element("div", _picture(panel, sweep), class_="picture")
    content = element("div", element("p", _answer(panel)), *few, picture, _table(panel))
    return figure_card(f"Compared at equal budgets: {panel.title}", caption, content, legend=LEGEND)


def _answer(panel: Panel) -> str:
    """How many of the options do better, do worse, and cannot be told apart."""
    counts = Counter(standing.contrast.verdict for standing in panel.standings if standing.contrast)
    said = ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict)
    return f"Beside {panel.reference}: {said}."


def _too_few(draws: int, comparisons: int) -> list[Markup]:
    """Where no result at all could be a verdict, that is said."""
    needed = fewest_draws(comparisons)
    if draws >= needed:
        return []
    return [
        element("p", f"{counted(draws, 'draw')} cannot give a verdict: {needed} are needed at least.", class_="warn")
    ]


def _picture(panel: Panel, sweep: SweepRecord) -> Markup:
    chart = Chart(WIDE, 380, bottom=62)
    x = Categories(tuple(standing.option for standing in panel.standings), chart.left, chart.right)
    scores = [score for standing in panel.standings for score in standing.scores.values()]
    y = linear(without_outliers(scores, sweep.minimize), chart.bottom, chart.top)
    chart.x_axis(x, panel.key)
    chart.y_axis(y, sweep.metric)
    order = {draw: place for place, draw in enumerate({draw: 0 for s in panel.standings for draw in s.scores})}
    room = (chart.right - chart.left) / len(panel.standings) * SPREAD
    for place, standing in enumerate(panel.standings):
        colour = _colour(standing)
        border = best_quarter(list(standing.scores.values()), sweep.minimize)[-1]
        for draw, score in standing.scores.items():
            aside = room * (2 * (order[draw] + 0.5) / len(order) - 1)
            tuned = score <= border if sweep.minimize else score >= border
            look = (colour, 3.5, 0.8) if tuned else (NEUTRAL, 2.5, 0.6)
            note = f"{standing.option}: {figure(score)}"
            chart.dot(x.at(place) + aside, y.at(score), look[0], radius=look[1], opacity=look[2], note=note)
        _interval(chart, x.at(place), standing.top, y, colour)
    return chart.drawn(f"{sweep.metric} of each {panel.key}")


def _colour(standing: Standing) -> str:
    return REFERENCE if standing.contrast is None else COLOURS[standing.contrast.verdict]


def _interval(chart: Chart, x: float, found: Interval, y: Linear, colour: str) -> None:
    """The median as a bar, its interval as a line through its middle."""
    chart.line([(x - MEDIAN, y.at(found.estimate)), (x + MEDIAN, y.at(found.estimate))], colour, width=3)
    if math.isfinite(found.low):
        chart.line([(x, y.at(found.low)), (x, y.at(found.high))], colour, width=2)


def _table(panel: Panel) -> Markup:
    minus = f"minus {panel.reference} (95 %, draws)"
    names = (
        "",
        "best trial (95 %, seeds)",
        "median of best quarter (95 %, draws)",
        minus,
        "p (Holm)",
        "verdict",
        "no value",
    )
    head = element("tr", *(element("th", name) for name in names))
    rows = [element("tr", *_row(standing)) for standing in panel.standings]
    table = element("table", element("thead", head), element("tbody", *rows))
    return element("div", table, class_="scroll wrap")


def _row(standing: Standing) -> list[Markup]:
    """Rows stand in the order that the options were listed in: a ranking would say more than is known."""
    lost, ended = standing.lost, len(standing.scores)
    share = f"95 % interval of the share: {lost.low:.0%} to {lost.high:.0%}"
    best = _with_bounds(standing.best) if standing.best else ""
    texts = [standing.option, best, _with_bounds(standing.top), *_contrasted(standing.contrast)]
    count = element("td", f"{round(lost.estimate * ended)} of {ended}", title=share)
    return [*(element("td", text) for text in texts), count]


def _contrasted(contrast: Contrast | None) -> list[str]:
    if contrast is None:
        return ["", "", "the reference"]
    return [_with_bounds(contrast.difference), f"{contrast.p:.2g}", contrast.verdict]


def _with_bounds(interval: Interval) -> str:
    estimate, low, high, _ = interval
    return f"{estimate:.4g} ({low:.4g} to {high:.4g})" if math.isfinite(low) else f"{estimate:.4g}"
