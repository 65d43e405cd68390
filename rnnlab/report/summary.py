"""What a sweep came to, in words and figures: its state, its best configuration, its winner's test score."""

from __future__ import annotations

import shlex

from rnnlab.analysis.sweep_runs import NOT_ENDED
from rnnlab.analysis.sweeps import SweepRecord, Winner
from rnnlab.analysis.timeline import idle_share
from rnnlab.report.markup import Markup, element
from rnnlab.report.names import search_name
from rnnlab.report.tables import bounds, command
from rnnlab.report.words import counted, duration, figure

NAMED = 7
"""Parameters that the title names."""


def heading(sweep: SweepRecord) -> list[Markup]:
    """What was asked, how it was searched for, and, for an unfinished sweep, what is missing."""
    named = [*sweep.space][:NAMED]
    more = [f"{len(sweep.space) - NAMED} more"] if len(sweep.space) > NAMED else []
    searched = ", ".join([*named, *more]) or "seeds alone"
    trials, seeds = counted(len(sweep.trials), "trial"), counted(len(sweep.seeds), "seed")
    allowed = f"; only where {' and '.join(sweep.constraints)}" if sweep.constraints else ""
    return [
        element("h1", f"What makes {sweep.metric} {'low' if sweep.minimize else 'high'}: {searched}"),
        element("p", f"Sweep {sweep.id}, {search_name(sweep)}: {trials} begun, {seeds} each{allowed}", class_="soft"),
        *_missing(sweep),
    ]


def facts(sweep: SweepRecord) -> Markup:
    """The figures that stand first."""
    best = sweep.ranked[0].interval if sweep.ranked else None
    took = sum(max(s.end for s in sitting) - min(s.start for s in sitting) for sitting in sweep.sittings)
    trained = sum(run.seconds for run in sweep.runs)
    idle = f"{idle_share(sweep.sittings):.1%}" if sweep.sittings else "none yet"
    shown = [
        ("state", sweep.state, sweep.states),
        *(
            (("metric" if not k else "and"), objective.key, objective.wish)
            for k, objective in enumerate(sweep.objectives)
        ),
        ("best mean", "none yet" if best is None else figure(best.estimate), bounds(best)),
        *_test_facts(sweep.winner),
        ("time", duration(took), f"in {counted(len(sweep.sittings), 'sitting')}; {duration(trained)} of training"),
        ("slots' idle share", idle, "start-up not counted"),
    ]
    cells = [
        element("div", element("dt", name), element("dd", value, element("small", more))) for name, value, more in shown
    ]
    return element("dl", *cells, class_="facts")


def commands(sweep: SweepRecord) -> Markup:
    """What began the sweep, what trains the best configuration again, and how that does on the test part."""
    began = shlex.join(["rnnlab", "train", "-m", *sweep.arguments])
    parts = [element("h2", "The command that began it"), element("pre", began)]
    if sweep.ranked:
        best = sweep.ranked[0]
        title = "The best single trial" if sweep.blocks else "The best configuration"
        parts += [element("h2", f"{title}: {best.brief}"), element("pre", command(best))]
    if sweep.blocks:
        word = f"One trial says nothing of its {sweep.blocks[0]}: see the comparison at equal budgets."
        parts.append(element("p", word, class_="soft"))
    if sweep.winner is not None:
        parts += _tested(sweep, sweep.winner)
    return element("div", *parts, class_="card")


def _missing(sweep: SweepRecord) -> list[Markup]:
    if not sweep.missing:
        return []
    counts = ", ".join(f"{n} {s}" for s in NOT_ENDED if (n := sum(run.state == s for run in sweep.runs)))
    goes_on = "" if sweep.state == "running" else " The command below goes on where it stopped."
    text = f"Not finished: {sweep.missing} of {len(sweep.runs)} runs have not ended ({counts}).{goes_on}"
    return [element("p", text, class_="warn")]


def _scores(winner: Winner) -> list[tuple[str, str, str]]:
    """Each figure of the test part: its name, its value, its 95 % interval where it has one."""
    scores, known = [], winner.metrics
    for key, value in known.items():
        if not key.startswith("test/") or key.endswith(("_low", "_high")):
            continue
        low, high = known.get(f"{key}_low"), known.get(f"{key}_high")
        interval = "" if low is None or high is None else f"{figure(low)} to {figure(high)}"
        scores.append((key, figure(value), interval))
    return scores


def _test_facts(winner: Winner | None) -> list[tuple[str, str, str]]:
    return [(f"winner's {key}", value, more) for key, value, more in (_scores(winner) if winner else [])[:1]]


def _tested(sweep: SweepRecord, winner: Winner) -> list[Markup]:
    """The winner was tested once, at the end; should the sweep have gone on since, that is said."""
    scores = ", ".join(f"{key} {value}{f' ({more})' if more else ''}" for key, value, more in _scores(winner))
    text = f"Run {winner.run_id}, tested once when the sweep had ended: {scores or 'its data has no test part'}."
    best_runs = [run.id for run in sweep.ranked[0].runs] if sweep.ranked else []
    later = "" if winner.run_id in best_runs else " Another trial is the best by now."
    same = sweep.ranked and command(sweep.ranked[0]) == winner.command
    repeat = [] if same else [element("pre", winner.command)]
    return [element("h2", "The winner's test score"), element("p", text + later), *repeat]
