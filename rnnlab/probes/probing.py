"""Which probes look at a run, at which steps, and where their findings go.

With no name asked for, nothing of this package but this file's settings is in use.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from rnnlab.config import registry
from rnnlab.config.groups import PROBE
from rnnlab.config.schema import ComponentConfig, aside, require
from rnnlab.errors import RequestError, did_you_mean
from rnnlab.probes.base import (
    ALL,
    DEFAULT_LAGS,
    GROWTH,
    ONE_ERROR,
    CannotAnswer,
    Error,
    Probe,
    Source,
    Subject,
    Table,
    there_are,
)
from rnnlab.tracking.folder import RunFolder

if TYPE_CHECKING:
    from rnnlab.data.base import Dataset
    from rnnlab.data.spec import DataSpec
    from rnnlab.models.tasks.base import Task


class Log(Protocol):
    """Where findings go: the log of a run."""

    def metrics(self, values: Mapping[str, float], step: int) -> None: ...

    def table(self, name: str, columns: Table) -> None: ...

    def page(self, name: str, html: str) -> None: ...


class Probing:
    """The probes of a run. They change nothing in it, so none of these settings is part of what a run is."""

    @dataclass(kw_only=True, slots=True)
    class Config(ComponentConfig):
        """names: which probes look; none by default, [all] for each measurement that can answer, [growth] for pages
        of how a run grows. times: how often: at step 0, at the last, and between them evenly on a logarithmic axis.
        at: at these steps instead. rows: rows of the validation part that are looked at. lags: how many steps back
        from the last, at most; null for all there are, up to 200. error: at which steps the loss counts, the last
        that is asked or every one."""

        names: list[str] = aside(default_factory=list)
        times: int = aside(6)
        at: list[int] = aside(default_factory=list)
        rows: int = aside(8)
        lags: int | None = aside(None)
        error: Error = aside(Error.last)

        def __post_init__(self) -> None:
            known = [ALL, GROWTH, *there_are()]
            for name in self.names:
                possible = f"no such probe; there are {', '.join(known)}{did_you_mean(name, known)}"
                require(name in known, "probe.names", name, possible)
            require(self.times >= 1, "probe.times", self.times, "it must be at least 1")
            require(all(step >= 0 for step in self.at), "probe.at", self.at, "each must be at least 0")
            require(self.rows >= 1, "probe.rows", self.rows, "it must be at least 1")
            require(self.lags is None or self.lags >= 1, "probe.lags", self.lags, "it must be at least 1, or null")


def steps_of(config: Probing.Config, max_steps: int) -> tuple[int, ...]:
    """The steps at which a run of so many is looked at, ascending."""
    if not config.names:
        return ()
    if config.at:
        return tuple(sorted({step for step in config.at if step <= max_steps}))
    between = max(config.times - 2, 1)
    steps = {max_steps} if config.times == 1 else {0, max_steps}
    if config.times > 2:
        steps |= {round(max_steps ** (number / between)) for number in range(between)}
    return tuple(sorted(steps))


def probe_of(name: str) -> Probe:
    """The one probe in the file of its name."""
    probe: Probe = registry.component(PROBE, name)()
    return probe


class Prober:
    """The probes of one run, made once: they have been asked whether they can answer, and the rows are drawn.

    unanswered: for each that was not asked for by its name and cannot answer, the reason in a line.
    """

    def __init__(self, probes: Iterable[Probe], source: Source, unanswered: Iterable[str] = ()) -> None:
        self.probes = list(probes)
        self.source = source
        self.unanswered = list(unanswered)
        self.batch = source.batch(source.rows)

    def look(self, model: Task, step: int, log: Log, picture: bool = True) -> tuple[dict[str, Table], dict[str, float]]:
        """Let every probe look at the model as it is at ``step``; returns the tables by name, and the figures."""
        subject = Subject(model, self.source, self.batch, picture)
        tables: dict[str, Table] = {}
        figures: dict[str, float] = {}
        for probe in self.probes:
            findings = probe.look(subject)
            tables |= findings.tables
            figures |= {f"probe/{probe.name}/{name}": value for name, value in findings.figures.items()}
        for name, columns in tables.items():
            log.table(f"{name}/{step:08d}", columns)
        figures = {key: value for key, value in figures.items() if math.isfinite(value)}
        log.metrics(figures, step)
        return tables, figures

    def tell(self, model: Task, folder: RunFolder, log: Log) -> None:
        """The last word: the pages of every probe on the whole run."""
        for probe in self.probes:
            for name, html in probe.pages(model, folder).items():
                log.page(name, html)


def prober_for(config: Probing.Config, model: Task, spec: DataSpec, dataset: Dataset) -> Prober | None:
    """The probes that are asked for; None where none is. RequestError where one cannot answer, or lags are too many."""
    if not config.names:
        return None
    if config.error is Error.every and spec.shape in ONE_ERROR:
        raise RequestError(
            f"probe.error = 'every': with data={dataset.config.name} a row is asked at its last step alone;"
            " possible: probe.error=last"
        )
    split = dataset.split("val")

    def ngrams() -> dict[int, float]:
        from rnnlab.data.baselines import baselines

        grams = baselines(dataset) if spec.shape == "stream" else {}
        return {int(name.removesuffix("-gram")): loss for name, loss in grams.items() if name.endswith("-gram")}

    source = Source(split, spec, config.error, config.rows, lags_of(config, spec, dataset), ngrams)
    probes, unanswered = [], []
    for probe in wanted(config.names):
        try:
            probe.asked(model, source)
            probes.append(probe)
        except CannotAnswer as reason:
            if probe.name in config.names:
                raise
            unanswered.append(str(reason))
    return Prober(probes, source, unanswered)


def wanted(names: Sequence[str]) -> Iterator[Probe]:
    """The probes that are asked for: by their own names, or by a word for several."""
    words = {ALL, GROWTH} & set(names)
    for name in there_are():
        if name in names or words:
            probe = probe_of(name)
            if name in names or words & set(probe.together):
                yield probe


def lags_of(config: Probing.Config, spec: DataSpec, dataset: Dataset) -> int:
    """How many steps back: what is asked for, or all there are up to 200. RequestError where there are fewer."""
    steps = spec.target_length if spec.target_symbols else spec.max_length
    longest = max(steps - 1, 0) if steps else spec.sizes.get("val", 0) - 2
    if config.lags is None:
        return max(1, min(DEFAULT_LAGS, longest))
    if config.lags > longest:
        raise RequestError(
            f"probe.lags = {config.lags}: a row of data={dataset.config.name} reaches {max(longest, 0)} steps back from"
            f" its last one; possible: 1 to {max(longest, 1)}, or null for as many as there are"
        )
    return config.lags
