"""Pages of how a run grows: who asks for them, when they are written, and that they change nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rnnlab.config.compose import compose
from rnnlab.errors import RequestError
from rnnlab.parts import Show
from rnnlab.tracking.folder import RunFolder, list_runs
from rnnlab.tracking.log import read_log
from rnnlab.train import Result, run
from tests.conftest import Answer

SMALL = [
    "data=text", "bptt.window=8", "cell.hidden_size=6", "embedding.size=4", "data.batch_size=2", "data.val_rows=1",
    "tracking.store=none", "threads=1", "trainer.max_steps=20", "trainer.val_every=9", "trainer.checkpoint_every=7",
    "trainer.final=false", "stack.dropout=0.2",
]  # fmt: skip
LOOKS = ["probe=growth", "probe.at=[0,4,9,17]", "probe.rows=3", "probe.lags=20"]
PAGES = {"pages/histograms.html", "pages/samples.html", "pages/graph.html"}
DIGITS = ["data=digits", "task=classification", "embedding=none", "cell.hidden_size=6", "data.batch_size=64",
          "tracking.store=none", "threads=1", "trainer.max_steps=3", "trainer.val_every=3", "trainer.final=false",
          "trainer.checkpoint_every=3"]  # fmt: skip


class StopAt:
    """A reporter that interrupts a run."""

    def __init__(self, step: int) -> None:
        self.step = step

    def heartbeat(self, step: int) -> str:
        return "stop" if step >= self.step else "continue"

    def report(self, share: float, figures: dict[str, float]) -> str:
        return "continue"


@pytest.fixture
def start(workspace: Path) -> Callable[..., Result]:
    path = workspace / "notes.txt"
    path.write_text("".join(f"{n} green bottles, {n * n} walls; " for n in range(60))[:900])

    def train(*overrides: str, **settings: Any) -> Result:
        return run(compose([*SMALL, f"data.path={path}", *overrides]).experiment, overrides, **settings)

    return train


def files(run_id: str, folder: str) -> dict[str, bytes]:
    """Every file below a folder of a run by its path, with no run's name in it."""
    place = RunFolder.find(run_id).path
    return {
        str(path.relative_to(place)): path.read_bytes().replace(run_id.encode(), b"RUN")
        for path in sorted((place / folder).rglob("*"))
        if path.is_file()
    }


def handed_on(run_id: str) -> set[str]:
    return {entry["path"] for entry in read_log(RunFolder.find(run_id)) if entry["kind"] == "file"}


def test_a_run_is_the_same_with_its_pages_and_without(start: Callable[..., Result]) -> None:
    plain, grown = start(), start(*LOOKS)
    assert grown.weights_sha256 == plain.weights_sha256
    assert grown.metrics["val/loss"] == plain.metrics["val/loss"]
    assert not (RunFolder.find(plain.run_id).path / "pages").exists()
    assert set(files(grown.run_id, "pages")) == PAGES <= handed_on(grown.run_id)
    tables = {Path(name).parent.name for name in files(grown.run_id, "tables")}
    assert tables == {"histograms", "samples", "saturation"}
    kinds = [entry["kind"] for entry in read_log(RunFolder.find(grown.run_id))]
    assert kinds[-1] == "finish"


@pytest.mark.parametrize("stop", [1, 9, 16])
def test_an_interrupted_run_has_the_same_pages(stop: int, start: Callable[..., Result]) -> None:
    whole = start(*LOOKS)
    first = start(*LOOKS, reporter=StopAt(stop))
    assert first.state == "interrupted"
    folder = RunFolder.find(first.run_id)
    assert not (folder.path / "pages").exists(), "the last word comes at the end"
    second = start(*LOOKS, folder=folder)
    assert second.weights_sha256 == whole.weights_sha256
    assert files(second.run_id, "tables") == files(whole.run_id, "tables")
    assert files(second.run_id, "pages") == files(whole.run_id, "pages")


def test_a_run_that_diverges_has_its_pages(start: Callable[..., Result]) -> None:
    ended = start("probe.names=[samples]", "probe.at=[0]", "optimizer.lr=1e30", "trainer.max_steps=60")
    assert ended.state == "diverged"
    assert set(files(ended.run_id, "pages")) == {"pages/samples.html"}


def test_all_means_what_measures_and_not_these(start: Callable[..., Result]) -> None:
    """A sweep with probe=all has hundreds of runs, whose pages nobody would open."""
    measured = start("probe=all", "probe.at=[20]", "probe.lags=20")
    assert not (RunFolder.find(measured.run_id).path / "pages").exists()
    assert not {"tables/histograms/00000020.csv", "tables/samples/00000020.csv"} & set(files(measured.run_id, "tables"))
    both = start("probe.names=[all,growth]", "probe.at=[20]", "probe.lags=20")
    assert set(files(both.run_id, "tables")) > set(files(measured.run_id, "tables"))
    assert set(files(both.run_id, "pages")) == PAGES


def test_what_cannot_answer_is_said(workspace: Path) -> None:
    said: list[str] = []
    ended = run(compose([*DIGITS, "cell=elman", "probe=growth"]).experiment, show=Show(saying=said.append))
    assert any("samples with task=classification: it writes no text" in line for line in said)
    assert any("saturation with cell=elman" in line for line in said)
    assert all("\n" not in line for line in said)
    assert set(files(ended.run_id, "pages")) == PAGES - {"pages/samples.html"}
    with pytest.raises(RequestError, match="samples with task=classification"):
        run(compose([*DIGITS, "probe.names=[samples]"]).experiment)
    assert [folder.id for folder in list_runs()] == [ended.run_id]


def test_a_look_from_outside_writes_the_pages_too(start: Callable[..., Result], cli: Callable[..., Answer]) -> None:
    run_id = start().run_id
    answer = cli("probe", run_id, "--names", "samples,graph", "--at", "last", "--json")
    assert answer.exit_code == 0, answer.stderr
    assert set(files(run_id, "pages")) == {"pages/samples.html", "pages/graph.html"}
    table = answer.data["tables"]["samples"]
    written = json.loads(table["text"][0])
    page = files(run_id, "pages")["pages/samples.html"].decode()
    assert "Step 20" in page and written[:20].split("\n")[0] in page
