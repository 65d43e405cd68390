"""What happens on a node of a cluster: one slot's process, in folders of the node's own if it must."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from dataclasses import dataclass, replace
from pathlib import Path

from rnnlab.data.places import cache_root
from rnnlab.errors import RequestError, WorkError
from rnnlab.sweep.courier import Courier, fresh_folder
from rnnlab.sweep.folder import sweep_folder
from rnnlab.sweep.parcels import Parcel
from rnnlab.sweep.states import State
from rnnlab.sweep.work import Assignment, Outcome, Reporter, Work, perform
from rnnlab.sweep.workers import Setup
from rnnlab.tracking import environment
from rnnlab.tracking.folder import RunFolder, runs_root

EXCHANGE_SECONDS = 0.25
"""How often driver and run hear of each other."""
OF_THE_NODE = ("RNNLAB_RUNS", "RNNLAB_DATA", "RNNLAB_CACHE")
"""Variables that are the node's own business, where it has them."""
MARK = "driver-"
"""So begins the name of a file in the sweep's folder: a node that sees it shares the driver's storage."""
APART = ".node"
"""The folder below RNNLAB_RUNS where a node works that does not: nothing that the driver might own is touched."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A machine, and the versions of everything there that a run's bits depend on."""

    host: str
    versions: dict[str, str]

    @classmethod
    def here(cls) -> Origin:
        # Builds of one version (2.13.0+cpu, 2.13.0+cu130) may be mixed: a driver need not have a GPU.
        versions = {package: version.split("+")[0] for package, version in environment.versions().items()}
        return cls(socket.gethostname(), versions | {"source code": environment.code_digest()[:12]})

    def check(self, driver: Origin) -> None:
        """WorkError where this node has something else than the driver: its runs would not be the same to the bit."""
        for what, here in driver.versions.items():
            there = self.versions.get(what)
            if there != here:
                raise WorkError(f"node {self.host} has {what} {there}, and the driver {here}: they have to be the same")


@dataclass(frozen=True, slots=True)
class News:
    """What a slot has to say: reports (run id, place, value), what its run wrote, and whether that has ended."""

    reports: list[tuple[str, int, float]]
    parcel: Parcel | None
    ended: bool


def leave_mark(sweep_id: str) -> Path:
    """For the driver: make a file of a new name where only those who share its storage see it.

    A name that nobody has looked for is in no cache of a network file system.
    """
    folder = sweep_folder(sweep_id).path
    for old in folder.glob(f"{MARK}*"):
        old.unlink()
    mark = folder / f"{MARK}{secrets.token_hex(16)}"
    mark.touch()
    return mark


def on_this_node(setup: Setup, runs: str) -> Setup:
    """The driver's Setup as it fits here. ``runs``: where the driver keeps its runs.

    A node keeps its own variables. Where the driver's working directory does not exist, a folder in the cache of the
    node takes its place.
    """
    own = {key: os.environ[key] for key in OF_THE_NODE if os.environ.get(key)}
    variables = {**setup.environment, "RNNLAB_RUNS": runs, **own}
    if Path(setup.directory).is_dir():
        return replace(setup, environment=variables)
    home = cache_root() / "node"
    home.mkdir(parents=True, exist_ok=True)
    if "RNNLAB_RUNS" not in own and not Path(runs).is_dir():
        variables["RNNLAB_RUNS"] = str(home / "runs")
    return replace(setup, directory=str(home), environment=variables)


class Worker:
    """One slot's process. ``run`` and ``exchange`` are called from two different threads."""

    def __init__(self, setup: Setup, runs: str) -> None:
        on_this_node(setup, runs).take_over()
        self._changed = threading.Condition()
        self._run_id, self._ended = "", False
        self._reports: list[tuple[str, int, float]] = []
        self._answer = "continue"
        self._courier = Courier()
        self._is_apart: bool | None = None

    def ready(self) -> Origin:
        """Returns when everything is imported."""
        return Origin.here()

    def run(self, assignment: Assignment, work: Work, mark: str, known: Parcel) -> tuple[Outcome, Parcel | None]:
        """Train one run to its end. ``known``: what the driver has of it; also returns what it has not heard yet."""
        with self._changed:
            self._run_id, self._ended, self._answer = assignment.run_id, False, "continue"
        try:
            if self._works_apart(assignment.parent, mark):
                self._courier = Courier(fresh_folder(assignment.run_id, known))
            outcome = perform(assignment, self, _naming_this_node(work))
        except (RequestError, WorkError) as error:
            outcome = Outcome(State.failed, {}, 0.0, f"{error} (on node {socket.gethostname()})")
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        courier, self._courier = self._courier, Courier()
        return outcome, courier.last()

    def heartbeat(self) -> str:
        """The run's side of the exchange: the latest answer."""
        with self._changed:
            return self._answer

    def report(self, place: int, value: float) -> str:
        """Leaves a message for the driver, and takes the latest answer: a run waits for nobody."""
        with self._changed:
            self._reports.append((self._run_id, place, value))
            return self._answer

    def exchange(self, run_id: str, answer: str) -> News:
        """The driver's side: an answer for this run, and a little later, or at its end, what is new."""
        with self._changed:
            if run_id == self._run_id:
                self._answer = answer
            self._changed.wait_for(lambda: self._has_ended(run_id), EXCHANGE_SECONDS)
            ended = self._has_ended(run_id)
            reports, self._reports = self._reports, []
        return News(reports, self._courier.next(), ended)

    def _works_apart(self, sweep_id: str, mark: str) -> bool:
        """Whether this node has storage of its own; found out once, and then runs are kept apart there."""
        if self._is_apart is None:
            self._is_apart = not (sweep_folder(sweep_id).path / mark).exists()
            if self._is_apart:
                os.environ["RNNLAB_RUNS"] = str(runs_root() / APART)
        return self._is_apart

    def _has_ended(self, run_id: str) -> bool:
        return self._ended and run_id == self._run_id


def _naming_this_node(work: Work) -> Work:
    """The same work, whose errors say where it was done: its data may be missing on one node only."""

    def named(assignment: Assignment, folder: RunFolder, reporter: Reporter) -> object:
        try:
            return work(assignment, folder, reporter)
        except (RequestError, WorkError) as error:
            raise type(error)(f"{error} (on node {socket.gethostname()})") from error

    return named
