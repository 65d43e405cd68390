"""The part of a page that tells of one sweep: what was asked, what came out, and the pictures."""

from __future__ import annotations

from rnnlab.analysis.blocks import panels
from rnnlab.analysis.sweeps import SweepRecord
from rnnlab.analysis.timeline import idle_share
from rnnlab.report.blocks import comparison
from rnnlab.report.card import figure_card
from rnnlab.report.coordinates import parallel
from rnnlab.report.curves import curves
from rnnlab.report.front import fronts
from rnnlab.report.interactions import alone_or_together
from rnnlab.report.intervals import MOST_ROWS, intervals
from rnnlab.report.markup import Markup, element
from rnnlab.report.parameter_figures import importances, slices
from rnnlab.report.progress import best_so_far
from rnnlab.report.slots import timeline
from rnnlab.report.study import Told, study_cards
from rnnlab.report.summary import commands, facts, heading
from rnnlab.report.tables import failures, trial_table
from rnnlab.report.trials import legend


def sweep_section(sweep: SweepRecord, told: Told | None = None) -> Markup:
    """All that is known of a sweep, its study first; for an unfinished one, what is missing is said."""
    return element(
        "section",
        *(study_cards(told) if told is not None else []),
        *heading(sweep),
        facts(sweep),
        commands(sweep),
        *_blocks(sweep),
        *failures(sweep),
        trial_table(sweep),
        _history(sweep),
        _learning(sweep),
        *_fronts(sweep),
        *_parameters(sweep),
        _slots(sweep),
    )


def _blocks(sweep: SweepRecord) -> list[Markup]:
    return [draw(panel, sweep) for panel in panels(sweep) for draw in (comparison, alone_or_together)]


def _history(sweep: SweepRecord) -> Markup:
    drawn = best_so_far(sweep)
    content = element("div", *drawn, class_="two") if drawn else "No trial has a value yet: there is no history."
    caption = (
        "A dot for each trial that ended, at its mean; the line is the best by then; dots on"
        " the border lie beyond it."
        " A cross at the top: it was pruned or ended without a value, and its training time counts all the same."
    )
    return figure_card("Best so far", caption, content, legend=legend(sweep))


def _learning(sweep: SweepRecord) -> Markup:
    caption = (
        "A line for each run, in the colour of its trial; the thickest is the best."
        " Grey: the run did not complete; a cross: it was pruned there."
    )
    drawn = curves(sweep)
    missing = "No run has logged a validation loss twice yet: there are no learning curves."
    content = missing if not drawn else drawn[0] if len(drawn) == 1 else element("div", *drawn, class_="two")
    return figure_card("Learning curves", caption, content, legend=legend(sweep))


def _fronts(sweep: SweepRecord) -> list[Markup]:
    if len(sweep.objectives) < 2:
        return []
    drawn = fronts(sweep)
    content = element("div", *drawn, class_="two") if drawn else "No trial has a value of each objective yet."
    caption = "A dot for each trial; a ring: no other trial is better in one objective and no worse in the others."
    return [figure_card("Pareto front", caption, content, legend=legend(sweep))]


def _parameters(sweep: SweepRecord) -> list[Markup]:
    importance = figure_card(
        "Importance of parameters",
        "Share of each parameter in what tells the best quarter of the trials from the others,"
        " pruned and diverged ones among them (PED-ANOVA).",
        importances(sweep),
    )
    seeds = figure_card(
        "Seeds' intervals",
        "Large dot: the mean of a trial's runs (small dots), with its 95 % interval,"
        " which goes on beyond the frame where it shows no end.",
        intervals(sweep),
    )
    drawn = slices(sweep)
    sliced = figure_card(
        "Slices",
        "Each dot is a trial; a bar is the mean at one value; a cross at the top is a pruned trial.",
        element("div", *drawn, class_="three") if drawn else "No parameter takes two values among trials with a value.",
    )
    coordinates = figure_card(
        "Parallel coordinates",
        "A line for each trial; the thick one is the best, grey ones were pruned.",
        parallel(sweep),
        legend=legend(sweep),
    )
    beside = sweep.has_intervals and len(sweep.ranked) <= MOST_ROWS
    return [
        *([element("div", seeds, importance, class_="pair")] if beside else [seeds, importance]),
        sliced,
        coordinates,
    ]


def _slots(sweep: SweepRecord) -> Markup:
    idle = f" Idle share: {idle_share(sweep.sittings):.1%} of the slots' time." if sweep.sittings else ""
    caption = f"Each bar is a run; a grey one did not complete.{idle}"
    return figure_card("Slots", caption, timeline(sweep), legend=legend(sweep))
