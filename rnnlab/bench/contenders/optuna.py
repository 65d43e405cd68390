"""Optuna in two processes that share a study by a journal file, as its documentation has it for processes."""

from __future__ import annotations

import multiprocessing
from typing import Any

from rnnlab.bench.contenders.grid import SLOTS, Trial, requested, requested_trials
from rnnlab.bench.contenders.lightning import make_store, train
from rnnlab.errors import WorkError

NAME, JOURNAL = "bench", "study.journal"


def storage() -> Any:
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    return JournalStorage(JournalFileBackend(JOURNAL))


def optimize(listed: dict[str, tuple[Any, ...]], count: int) -> None:
    """One process: take enqueued trials until ``count`` are complete or under way."""
    import optuna
    from optuna.study import MaxTrialsCallback
    from optuna.trial import TrialState

    def objective(trial: optuna.Trial) -> float:
        return train(Trial(**{key: trial.suggest_categorical(key, values) for key, values in listed.items()}))

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    # Complete ones alone are the documented limit: then the last slot to ask gets one trial too many.
    enough = MaxTrialsCallback(count, states=(TrialState.COMPLETE, TrialState.RUNNING))
    optuna.load_study(study_name=NAME, storage=storage()).optimize(objective, callbacks=[enough])


def main() -> None:
    import optuna

    make_store()
    listed, trials = requested(), requested_trials()
    study = optuna.create_study(study_name=NAME, storage=storage())
    for trial in trials:
        study.enqueue_trial(trial._asdict())
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=optimize, args=(listed, len(trials))) for _ in range(SLOTS)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    failed = [process.exitcode for process in processes if process.exitcode]
    if failed:
        raise WorkError(f"a process ended with exit code {failed[0]}")


if __name__ == "__main__":
    main()
