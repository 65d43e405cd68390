"""The part of a page that tells of one sweep: what was asked, what came out, and the pictures."""

from __future__ import annotations

import shlex

from rnnlab.analysis.search import history
from rnnlab.analysis.sweep_runs import NOT_ENDED
from rnnlab.analysis.sweeps import SweepRecord
from rnnlab.analysis.timeline import idle_share
from rnnlab.report import figures, time_figures
from rnnlab.report.card import figure_card
from rnnlab.report.colours import DISTINCT, NEUTRAL
from rnnlab.report.intervals import MOST_ROWS, intervals
from rnnlab.report.markup import Markup, element
from rnnlab.report.tables import bounds, command, failures, trial_table
from rnnlab.report.trials import trial_colours


def sweep_section(sweep: SweepRecord) -> Markup:
    """All that is known of a sweep; for an unfinished one, what is missing is said."""
    return element(
        "section",
        element("h1", f"What makes {sweep.metric} {'low' if sweep.minimize else 'high'}: {_searched(sweep)}"),
        element("p", f"Sweep {sweep.id}, {_size(sweep)}", class_="soft"),
        *_missing(sweep),
        _facts(sweep),
        _commands(sweep),
        *failures(sweep),
        trial_table(sweep),
        *_pictures(sweep),
    )


def _searched(sweep: SweepRecord) -> str:
    return ", ".join(sweep.space) or "seeds alone"


def _size(sweep: SweepRecord) -> str:
    return (
        f"{sweep.sampler} search: {_count(len(sweep.trials), 'trial')} begun, {_count(len(sweep.seeds), 'seed')} each"
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number != 1 else ''}"


def _missing(sweep: SweepRecord) -> list[Markup]:
    if not sweep.missing:
        return []
    counts = ", ".join(f"{n} {s}" for s in NOT_ENDED if (n := sum(run.state == s for run in sweep.runs)))
    goes_on = "" if sweep.state == "running" else " The command below goes on where it stopped."
    text = f"Not finished: {sweep.missing} of {len(sweep.runs)} runs have not ended ({counts}).{goes_on}"
    return [element("p", text, class_="warn")]


def _facts(sweep: SweepRecord) -> Markup:
    best = sweep.ranked[0].interval if sweep.ranked else None
    spans = sweep.spans
    took = sum(max(s.end for s in sitting) - min(s.start for s in sitting) for sitting in sweep.sittings)
    finished = history(sweep)
    facts = [
        ("state", sweep.state, sweep.states),
        ("metric", sweep.metric, f"{'lower' if sweep.minimize else 'higher'} is better"),
        ("best mean", "none yet" if best is None else f"{best.estimate:.5g}", bounds(best)),
        ("best single run", "none yet" if not finished else f"{finished[-1].best:.5g}", ""),
        ("time", time_figures.duration(took), f"in {_count(len(sweep.sittings), 'sitting')}"),
        ("slots' idle share", f"{idle_share(sweep.sittings):.1%}" if spans else "none yet", "start-up not counted"),
    ]
    cells = [
        element("div", element("dt", name), element("dd", value, element("small", more))) for name, value, more in facts
    ]
    return element("dl", *cells, class_="facts")


def _commands(sweep: SweepRecord) -> Markup:
    began = shlex.join(["rnnlab", "train", "-m", *sweep.arguments])
    parts = [element("h2", "The command that began it"), element("pre", began)]
    if sweep.ranked:
        best = sweep.ranked[0]
        parts += [element("h2", f"The best configuration: {best.title}"), element("pre", command(best))]
    return element("div", *parts, class_="card")


def _pictures(sweep: SweepRecord) -> list[Markup]:
    legend = _legend(sweep)
    curves = figure_card(
        "Learning curves", "A line for each run, in the colour of its trial.", figures.curves(sweep), legend=legend
    )
    best = figure_card(
        "Best so far",
        "A dot for each complete run; the line is the best by then.",
        time_figures.best_so_far(sweep),
        legend=legend,
    )
    seeds = figure_card(
        "Seeds' intervals",
        "Large dot: the mean of a trial's runs (small dots), with its 95 % interval,"
        " which goes on beyond the frame where it shows no end.",
        intervals(sweep),
    )
    caption = "Share of each parameter in what tells the best quarter of the trials from the others."
    importance = figure_card("Importance of parameters", caption, figures.importances(sweep))
    beside = len(sweep.ranked) <= MOST_ROWS
    coordinates = figure_card(
        "Parallel coordinates",
        "A line for each trial; the thick one is the best.",
        figures.parallel(sweep),
        legend=legend,
    )
    slots = figure_card("Slots", f"Each bar is a run. {_idle(sweep)}", time_figures.timeline(sweep), legend=legend)
    return [
        element("div", curves, best, class_="pair"),
        *([element("div", seeds, importance, class_="pair")] if beside else [seeds, importance]),
        _slices(sweep),
        coordinates,
        slots,
    ]


def _legend(sweep: SweepRecord) -> list[tuple[str, str]]:
    """Each trial with its colour where they are few, else what the colours mean."""
    colours = trial_colours(sweep)
    named = [(trial.title, colours[trial.number]) for trial in sweep.ranked]
    if len(named) > len(DISTINCT):
        named = [("best trial", named[0][1]), ("in the middle", NEUTRAL), ("worst trial", named[-1][1])]
    unranked = len(sweep.trials) > len(sweep.ranked)
    return [*named, ("no value", NEUTRAL)] if unranked and len(named) < len(DISTINCT) else named


def _slices(sweep: SweepRecord) -> Markup:
    drawn = figures.slices(sweep)
    content = (
        element("div", *drawn, class_="three") if drawn else "No parameter takes two values among trials with a value."
    )
    return figure_card("Slices", "Each dot is a trial; a bar is the mean at one value.", content)


def _idle(sweep: SweepRecord) -> str:
    return f"Idle share: {idle_share(sweep.sittings):.1%} of the slots' time." if sweep.spans else ""
