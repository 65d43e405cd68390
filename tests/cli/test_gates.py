"""`rnnlab gates`: tables, pictures and a page from a run's checkpoints, and what is refused."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import Answer

Cli = Callable[..., Answer]
SMALL = [
    "data=text", "bptt.window=8", "cell.hidden_size=6", "embedding.size=4", "data.batch_size=2", "data.val_rows=1",
    "tracking.store=none", "threads=1", "trainer.max_steps=12", "trainer.val_every=5", "trainer.final=false",
]  # fmt: skip
DIGITS = [
    "data=digits", "task=classification", "embedding=none", "cell.hidden_size=6", "data.batch_size=64",
    "tracking.store=none", "threads=1", "trainer.max_steps=3", "trainer.val_every=3", "trainer.final=false",
]  # fmt: skip
FILES = {"gates.html", "gates.png", "gates.csv", "gates_over_training.png", "gates_over_training.csv"}


@pytest.fixture
def trained(cli: Cli, workspace: Path) -> Callable[..., Path]:
    """Train a run; returns its folder."""
    text = workspace / "notes.txt"
    text.write_text("".join(f"{n} green bottles, {n * n} walls; " for n in range(60))[:900])

    def train(*overrides: str) -> Path:
        words = overrides if "data=digits" in overrides else [*SMALL, f"data.path={text}", *overrides]
        answer = cli("train", *words, "--json")
        assert answer.exit_code == 0, answer.stderr
        return workspace / "runs" / str(answer.data["run_id"])

    return train


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text())))


def test_a_probed_run(trained: Callable[..., Path], cli: Cli) -> None:
    folder = trained("probe.names=[saturation]", "probe.at=[0,3,12]", "stack.depth=2")
    answer = cli("gates", "last", "--json")
    assert answer.exit_code == 0, answer.stderr
    assert {Path(file).name for file in answer.data["files"]} == FILES
    told = answer.data["gates"]
    units = rows(folder / "gates.csv")
    assert len(units) == 6 * len(told) and {row["gate"] for row in units} == {"i", "f", "o"}
    for row in told:
        chosen = [unit for unit in units if (unit["step"], unit["layer"], unit["gate"])
                  == (str(row["step"]), row["layer"], row["gate"])]  # fmt: skip
        assert row["below_0.1"] == pytest.approx(np.mean([float(unit["below"]) for unit in chosen]))
        assert row["above_0.9"] == pytest.approx(np.mean([float(unit["above"]) for unit in chosen]))
        assert row["always_open"] == sum(float(unit["above"]) > 0.9 for unit in chosen)
    grown = answer.data["development"]
    assert {row["step"] for row in grown if row["source"] == "probe"} == {0, 3, 12}
    seen = rows(folder / "tables" / "saturation" / "00000003.csv")
    ours = [row for row in grown if row["source"] == "probe" and row["step"] == 3]
    assert [float(row["above"]) for row in seen] == [row["above"] for row in ours]
    assert {row["moment"] for row in told} >= {"init"} and {row["step"] for row in told} >= {0, 12}


def test_page_and_pictures(trained: Callable[..., Path], cli: Cli) -> None:
    folder = trained("cell=gru")
    answer = cli("gates", folder.name)
    assert answer.exit_code == 0, answer.stderr
    assert "gates.html" in answer.stdout and "always_shut" in answer.stdout
    page = (folder / "gates.html").read_text()
    assert page.count("data:image/png;base64,") == 2 and "cell=gru" in page
    assert "http" not in page.replace("http-equiv", "") and "<script" not in page
    for name in ("gates.png", "gates_over_training.png"):
        with Image.open(folder / name) as picture:
            assert len(np.unique(np.asarray(picture.convert("L")))) > 10
    before = {name: (folder / name).read_bytes() for name in FILES}
    assert cli("gates", folder.name).exit_code == 0
    assert {name: (folder / name).read_bytes() for name in FILES} == before
    assert cli("reproduce", folder.name, "--check").exit_code == 0


def test_a_text_of_ones_own(trained: Callable[..., Path], cli: Cli, workspace: Path) -> None:
    trained()
    (workspace / "other.txt").write_text("99 green walls; " * 30)
    answer = cli("gates", "last", "--text", "other.txt", "--symbols", "200", "--json")
    assert answer.exit_code == 0, answer.stderr
    assert answer.data["read"] == "199 steps of other.txt"


def test_sequences_and_both_directions(trained: Callable[..., Path], cli: Cli) -> None:
    trained(*DIGITS, "cell=mgu", "stack.bidirectional=true")
    answer = cli("gates", "last", "--symbols", "500", "--json")
    assert answer.exit_code == 0, answer.stderr
    assert {row["layer"] for row in answer.data["gates"]} == {"layer0.forward", "layer0.backward"}
    refused = cli("gates", "last", "--text", "notes.txt")
    assert refused.exit_code == 2 and "task=classification reads no text" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["nothing"], "no such run"),
        (["last", "--symbols", "0"], "--symbols = 0: it must be at least 1"),
        (["last", "--text", "absent.txt"], "--text absent.txt: no such file"),
        (["last", "--text", "greek.txt"], "'\u03b1' (U+03B1) is not among"),
    ],
)
def test_wrong_requests(arguments: list[str], line: str, trained: Callable[..., Path], cli: Cli) -> None:
    folder = trained()
    Path("greek.txt").write_text("\u03b1 and \u03c9", encoding="utf-8")
    answer = cli("gates", *arguments)
    assert answer.exit_code == 2 and line in answer.stderr and answer.stderr.count("\n") == 1
    assert not FILES & {path.name for path in folder.iterdir()}


def test_a_cell_without_gates_is_named(trained: Callable[..., Path], cli: Cli) -> None:
    folder = trained("cell=elman")
    answer = cli("gates", "last")
    assert answer.exit_code == 2 and answer.stderr.count("\n") == 1
    assert "cell=elman: its equations have no gate that is a sigmoid" in answer.stderr
    assert not FILES & {path.name for path in folder.iterdir()}


def test_a_damaged_table_ends_it_in_one_line(trained: Callable[..., Path], cli: Cli) -> None:
    folder = trained("probe.names=[saturation]", "probe.at=[3]")
    (folder / "tables" / "saturation" / "00000003.csv").write_text("layer,gate,below\n")
    answer = cli("gates", "last")
    assert answer.exit_code == 1 and "is no saturation table" in answer.stderr and answer.stderr.count("\n") == 1
