"""A sweep on disk: ``<runs>/sweeps/<id>/`` with what was asked, the sweep's own log, and its table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rnnlab.errors import RequestError, did_you_mean
from rnnlab.sweep import journal
from rnnlab.sweep.plan import Draft, Plan
from rnnlab.sweep.study import JOURNAL, study_name
from rnnlab.sweep.trial import Run, run_id
from rnnlab.tracking.environment import code_digest
from rnnlab.tracking.folder import LOCK, RESULT, SWEEPS, RunFolder, runs_root

SWEEP = "sweep.json"
TABLE = "table.csv"
STOP = "stop"
"""A file of this name asks the driver of the sweep to end it at the next chunk's end."""


def sweep_folder(sweep_id: str) -> RunFolder:
    """Where this sweep lives, or will live."""
    return RunFolder(runs_root() / SWEEPS / sweep_id)


def find_sweep(reference: str) -> RunFolder:
    """The sweep meant by an id, a unique prefix of one, or ``last``. RequestError for none or several."""
    root = runs_root() / SWEEPS
    folders = [RunFolder(path) for path in root.iterdir() if path.is_dir()] if root.is_dir() else []
    if not folders:
        raise RequestError(f"sweep {reference!r}: there are no sweeps in {root}")
    if reference == "last":
        return max(folders, key=lambda folder: folder.path.stat().st_mtime)
    matches = [folder for folder in folders if folder.id.startswith(reference)]
    if len(matches) == 1:
        return matches[0]
    names = sorted(folder.id for folder in matches or folders)
    what = "is ambiguous" if matches else "no such sweep"
    hint = "" if matches else did_you_mean(reference, names)
    raise RequestError(f"sweep {reference!r}: {what}; there are {', '.join(names)}{hint}")


def find_run_or_sweep(reference: str) -> RunFolder:
    """The run meant, or, where no run is meant, the sweep. RequestError, about runs, for neither."""
    try:
        return RunFolder.find(reference)
    except RequestError as no_run:
        try:
            return find_sweep(reference)
        except RequestError:
            raise no_run from None


def is_sweep(folder: RunFolder) -> bool:
    """Whether this folder is a sweep's and not a run's."""
    return folder.path.parent == runs_root() / SWEEPS


def check_free(draft: Draft) -> None:
    """RequestError where another process runs this sweep, other source code began it, or its journal is damaged."""
    folder = sweep_folder(draft.id)
    if folder.is_locked():
        holder = (folder.path / LOCK).read_text(encoding="utf-8").strip() or "another process"
        raise RequestError(f"sweep {folder.id} is already run by {holder}; `rnnlab stop {folder.id}` ends it")
    before, now = _codes(folder), code_digest(draft.experiment.plugins)
    if before and now not in before and not draft.config.mixed:
        raise RequestError(
            f"sweep {folder.id} was begun by other source code (rnnlab or a plug-in has changed since):"
            " sweep.mixed=true goes on all the same, sweep.new=true starts afresh"
        )
    journal.check(folder.path / JOURNAL, study_name(folder.id))


def check_total(plan: Plan) -> None:
    """RequestError where fewer trials are wanted than the sweep has ended already: ``n_trials`` is a total."""
    folder, wanted = sweep_folder(plan.draft.id), plan.draft.config.n_trials
    if wanted is None or not (folder.path / SWEEP).exists():
        return
    before = folder.read_json(SWEEP)
    done = sum(_ended(plan.draft.id, trial, before["seeds"]) for trial in before["trials"])
    if wanted < done:
        raise RequestError(
            f"sweep.n_trials = {wanted}: sweep {folder.id} has ended {done} trials already,"
            f" and n_trials counts those; give {done} or more, or sweep.new=true"
        )


@contextmanager
def held(draft: Draft) -> Iterator[RunFolder]:
    """The sweep's folder, made if it is not there and held for this process alone; ``check_free`` first.

    RequestError where the folder cannot be written, or another process took it in the meantime.
    """
    folder = sweep_folder(draft.id)
    try:
        folder.path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RequestError(f"{folder.path}: no sweep can be written there: {error.strerror}") from error
    with folder.lock():
        (folder.path / STOP).unlink(missing_ok=True)
        yield folder


def ask_to_stop(folder: RunFolder) -> None:
    """Ask the process that runs this sweep to end it. RequestError where none does."""
    if not folder.is_locked():
        raise RequestError(f"sweep {folder.id} is not running")
    (folder.path / STOP).touch()


def is_asked_to_stop(folder: RunFolder) -> bool:
    """Whether somebody has asked for the end of this sweep since it was started."""
    return (folder.path / STOP).exists()


def _codes(folder: RunFolder) -> list[str]:
    """The digests of the source code that has worked on this sweep so far."""
    return folder.read_json(SWEEP)["code"] if (folder.path / SWEEP).exists() else []


def describe(folder: RunFolder, plan: Plan, runs: Sequence[Run]) -> None:
    """Write sweep.json: what was asked for, and the runs that are known so far."""
    draft, config = plan.draft, plan.draft.config
    now = code_digest(draft.experiment.plugins)
    description = {
        "id": draft.id,
        "arguments": list(draft.arguments),
        "space": {key: list(dimension.listed) for key, dimension in draft.space.dimensions.items()},
        "seeds": list(draft.seeds),
        "sampler": config.sampler.value,
        "seed": config.seed,
        "blocks": list(config.blocks),
        "metric": config.metric,
        "direction": config.direction.value,
        "objectives": [[name, direction.value] for name, direction in config.objectives.items()],
        "pruner": config.pruner.value,
        "constraints": list(config.constraints),
        "study": config.study,
        "code": [*(code for code in _codes(folder) if code != now), now],
        "trials": list(dict.fromkeys(run.trial.hash for run in runs)),
        "runs": [run.id for run in runs],
        "config_dir": draft.place.config_dir,
        "config_name": draft.place.config_name,
    }
    folder.write_json(SWEEP, description)


def ended_runs(folder: RunFolder) -> int:
    """How many runs of this sweep have a result."""
    if not (folder.path / SWEEP).exists():
        return 0
    return sum((runs_root() / run / RESULT).exists() for run in folder.read_json(SWEEP)["runs"])


def _ended(sweep_id: str, trial: str, seeds: list[int]) -> bool:
    """Whether any run of this trial, given by its hash, has a result."""
    return any((runs_root() / run_id(sweep_id, trial, seed) / RESULT).exists() for seed in seeds)
