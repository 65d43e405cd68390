"""Train in processes of its own that are killed with -9 at random moments, and resume until the run is done.

    python killed_run.py SEED KILLS OVERRIDES...

Prints one JSON object: the ids of the run that was killed and of one that was not, and how often the
kill found its process alive. Each process is forked from this one, which has imported everything and
computed nothing: so a start costs milliseconds, and a kill can fall anywhere.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Iterator

import pytorch_lightning  # noqa: F401

from rnnlab.config.compose import compose
from rnnlab.experiment import Experiment
from rnnlab.tracking.folder import RunFolder
from rnnlab.train import run


def start(experiment: Experiment, folder: RunFolder) -> int:
    """Fork a process that begins the run, or goes on with it; returns its number."""
    process = os.fork()
    if process:
        return process
    try:
        run(experiment, folder=folder)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def finished(process: int) -> bool:
    """Wait for the process: whether it came to its end, and wasn't killed. An error ends this program."""
    _, status = os.waitpid(process, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        sys.exit("the run failed")
    return os.WIFEXITED(status)


def kill_and_resume(experiment: Experiment, moments: Iterator[float]) -> tuple[RunFolder, int]:
    """A run that is killed after each of the `moments` (seconds from its start) until it is done; the hits."""
    folder, hits = RunFolder.create(), 0
    for moment in moments:
        process = start(experiment, folder)
        time.sleep(moment)
        os.kill(process, signal.SIGKILL)  # not waited for yet, so the number is still its own
        if finished(process):
            break
        hits += 1
    assert finished(start(experiment, folder))
    return folder, hits


def main(seed: int, kills: int, overrides: list[str]) -> None:
    experiment, chance = compose(overrides).experiment, random.Random(seed)
    undisturbed = RunFolder.create()
    for folder in (RunFolder.create(), undisturbed):  # the first one also prepares the data
        began = time.perf_counter()
        assert finished(start(experiment, folder))
        length = time.perf_counter() - began
    hits = 0
    while not hits:  # a machine that was slow a moment ago may be done before the first kill: try earlier ones
        killed, hits = kill_and_resume(experiment, (chance.uniform(0, 0.7 * length) for _ in range(kills)))
        length /= 2
    print(json.dumps({"undisturbed": undisturbed.id, "killed": killed.id, "hits": hits}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
