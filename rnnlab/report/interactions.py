"""How much of a comparison's variance single parameters, pairs and more of them explain."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlab.analysis.blocks import Panel
from rnnlab.analysis.interactions import Interactions, interactions
from rnnlab.analysis.sweeps import SweepRecord
from rnnlab.report.card import figure_card
from rnnlab.report.chart import CHARACTER, NARROW, Chart
from rnnlab.report.colours import BEST
from rnnlab.report.markup import Markup, element
from rnnlab.report.scales import Linear
from rnnlab.report.words import counted, short_key
from rnnlab.statistics import Interval

MOST_BARS = 12
NAME = 34
"""Characters of a name beside a bar."""


def alone_or_together(panel: Panel, sweep: SweepRecord) -> Markup:
    """A bar for each share, and a sentence on what such shares are worth with so few draws."""
    title = f"Alone or together: {panel.title}"
    found = interactions(panel, sweep)
    if isinstance(found, str):
        return figure_card(title, "", found)
    caption = (
        f"Shares in the variance of {sweep.metric} over the searched space: functional ANOVA of"
        f" {found.effects.alone.n} trees, each on draws drawn with replacement; a line holds 95 % of them."
        " A pair's bar is what it does beyond its two."
    )
    content = element("div", *(element("p", line) for line in _sentences(found)), _bars(found.named()))
    return figure_card(title, caption, content)


def _sentences(found: Interactions) -> list[str]:
    sums = found.effects
    few = f" So {counted(found.draws, 'draw')} are too few to tell whether parameters act independently."
    return [
        f"Single parameters: {_percent(sums.alone)}; pairs: {_percent(sums.pairs)};"
        f" three and more, and noise: {_percent(sums.rest)}.",
        f"A control on the same draws: of made-up scores that are products of two parameters, {found.control:.0%} are"
        f" put down to single ones, where 0% is true.{few if found.is_blind else ''}",
    ]


def _percent(share: Interval) -> str:
    return f"{share.estimate:.0%} ({max(0.0, share.low):.0%} to {share.high:.0%})"


def _bars(shares: Sequence[tuple[str, Interval]]) -> Markup:
    """The largest shares, single parameters before pairs."""
    seen = sorted(shares, key=lambda one: -one[1].estimate)[:MOST_BARS]
    shown = [one for one in shares if one in seen]
    left = 24 + CHARACTER * min(NAME, max(len(name) for name, _ in shown))
    chart = Chart(NARROW, 26.0 * len(shown) + 58, left=left, right=48)
    x = Linear(0, 1, chart.left, chart.right)
    chart.x_axis(x, "share of the variance")
    for place, (name, share) in enumerate(shown):
        y = chart.top + 26 * place
        chart.text(left - 9, y + 17, short_key(name, NAME), anchor="end")
        chart.bar(left, y + 5, x.at(share.estimate) - left, 16, BEST, opacity=0.8, note=f"{name}: {share.estimate:.3f}")
        chart.line([(x.at(share.low), y + 13), (x.at(share.high), y + 13)], "currentColor", width=1.5)
    return element("div", chart.drawn("share of each parameter and pair in the variance"), class_="picture")
