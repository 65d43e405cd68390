"""List what there is: cells, data, tasks, optimizers, runs, sweeps, or the parts of every group."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rnnlab.cli.console import Console, Outcome
from rnnlab.config.groups import CHOSEN
from rnnlab.config.listing import choices
from rnnlab.errors import RequestError, did_you_mean

EXAMPLES = ["rnnlab ls", "rnnlab ls cells", "rnnlab ls runs --all", "rnnlab ls sweeps --json"]

LAST_RUNS = 20
PLURALS = {"data": "data", "stack": "stacks", "bptt": "bptt", "tracking": "tracking", "sweep": "sweep"}
"""Groups whose plural is not group + s; ``sweeps`` are the named sweeps, not the group of settings."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", metavar="WHAT", nargs="?", help=f"one of {', '.join(kinds())}")
    parser.add_argument("--all", action="store_true", help=f"every run, not the last {LAST_RUNS} only")


def run(arguments: argparse.Namespace, console: Console) -> Outcome:
    what = arguments.what
    if what is None:
        return overview(console)
    if what == "runs":
        return table_of("runs", runs(None if arguments.all else LAST_RUNS), console)
    if what == "sweeps":
        return table_of("sweeps", sweeps(), console)
    group = next((name for name in CHOSEN if what in (name, plural(name))), None)
    if group is None:
        raise RequestError(f"rnnlab ls {what}: nothing of that name; there are {', '.join(kinds())}{near(what)}")
    rows = [{"name": c.name, "what": c.summary, "class": c.class_name or "recipe"} for c in choices(group)]
    return table_of(plural(group), rows, console, f"{group}=NAME")


def overview(console: Console) -> Outcome:
    """All groups, each with its options."""
    found = {plural(group): [choice.name for choice in choices(group)] for group in CHOSEN}
    console.table([{"what": what, "options": ", ".join(names)} for what, names in found.items()])
    console.say("`rnnlab ls WHAT` says more of one, as do `rnnlab ls runs` and `rnnlab ls sweeps`")
    return Outcome(found)


def table_of(what: str, rows: list[dict[str, Any]], console: Console, title: str = "") -> Outcome:
    console.table(rows, title)
    if not rows:
        console.say(f"no {what} yet")
    return Outcome({what: rows})


def runs(last: int | None) -> list[dict[str, Any]]:
    """Rows for the runs on this disk, oldest first."""
    from rnnlab.tracking.folder import list_runs

    found = list_runs()
    return [run_row(folder) for folder in (found if last is None else found[-last:])]


def run_row(folder: Any) -> dict[str, Any]:
    """One run: what was chosen, how far it is, and its best validation."""
    from datetime import datetime

    result = folder.result()
    config = folder.config() if (folder.path / "config.yaml").exists() else {}
    state = result["state"] if result else ("running" if folder.is_locked() else "interrupted")
    return {
        "run": folder.id,
        "name": config.get("run_name") or "",
        "state": state,
        "cell": config.get("cell", {}).get("name", ""),
        "data": config.get("data", {}).get("name", ""),
        "seed": config.get("seed", ""),
        "best/val_loss": (result or {}).get("metrics", {}).get("best/val_loss"),
        "created": datetime.fromtimestamp(folder.created).isoformat(" ", "minutes"),
    }


def sweeps() -> list[dict[str, Any]]:
    """The named sweeps, then those that were begun here."""
    from rnnlab.sweep.presets import presets, summary

    return [{"sweep": name, "state": "", "what": summary(name)} for name in presets()] + begun_sweeps()


def begun_sweeps() -> list[dict[str, Any]]:
    """Rows for the sweeps in the runs folder."""
    from rnnlab.tracking.folder import SWEEPS, RunFolder, runs_root

    place: Path = runs_root() / SWEEPS
    folders = [RunFolder(path) for path in sorted(place.iterdir()) if path.is_dir()] if place.is_dir() else []
    return [begun_row(folder) for folder in folders]


def begun_row(folder: Any) -> dict[str, Any]:
    result = folder.result()
    state = result["state"] if result else ("running" if folder.is_locked() else "interrupted")
    counts = (result or {}).get("counts", {})
    return {"sweep": folder.id, "state": state, "what": ", ".join(f"{n} {name}" for name, n in counts.items())}


def kinds() -> list[str]:
    return [*map(plural, CHOSEN), "runs", "sweeps"]


def plural(group: str) -> str:
    return PLURALS.get(group, f"{group}s")


def near(what: str) -> str:
    return did_you_mean(what, kinds())
