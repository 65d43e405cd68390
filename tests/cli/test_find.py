"""`rnnlab find` and `rnnlab ablate` on a run whose weights were set by hand, and what they refuse."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from rnnlab.models.tasks.language_model import LanguageModel
from rnnlab.rerun import load
from rnnlab.tracking.folder import BEST_CHECKPOINT, RunFolder
from rnnlab.training import checkpoints
from tests.conftest import Answer
from tests.inside.planted import UNIT, UNITS, characters_of, plant, planted_text

Cli = Callable[..., Answer]
SMALL = [
    "data=text", "cell=lstm", "embedding=one_hot", f"cell.hidden_size={UNITS}", "bptt.window=8", "data.batch_size=2",
    "data.val_rows=1", "tracking.store=none", "threads=1", "trainer.max_steps=2", "trainer.val_every=1",
    "trainer.final=false",
]  # fmt: skip
PLANTED = f"0:h:{UNIT}"
QUICK = ["--untrained", "2", "--null-symbols", "4000"]


@pytest.fixture
def notes(workspace: Path) -> Path:
    path = workspace / "notes.txt"
    path.write_text(characters_of(planted_text(6000)))
    return path


@pytest.fixture
def run_id(cli: Cli, notes: Path) -> str:
    """A run whose best weights have a unit that tracks quotes."""
    answer = cli("train", *SMALL, f"data.path={notes}", "--json")
    assert answer.exit_code == 0, answer.stderr
    run_id = str(answer.data["run_id"])
    loaded = load(run_id)
    assert isinstance(loaded.model, LanguageModel)
    plant(loaded.model, list(loaded.spec.symbols))
    folder = RunFolder.find(run_id)
    best = folder.path / BEST_CHECKPOINT
    checkpoint = checkpoints.load(best if best.exists() else folder.checkpoint)
    checkpoints.save(best, {**checkpoint, "model": loaded.model.state_dict()})
    return run_id


def test_the_planted_unit_is_found_and_shown(run_id: str, cli: Cli, notes: Path, workspace: Path) -> None:
    answer = cli("find", run_id, "--text", str(notes), *QUICK, "--untrained", "5", "--json")
    assert answer.exit_code == 0, answer.stderr
    first = answer.data["features"][0]
    assert (first["feature"], first["unit"], first["verdict"], first["score"]) == ("quotes", PLANTED, "found", 1.0)
    assert "quotes" in answer.data["found"] and first["untrained_highest"] < 1
    shown = first["excerpt"]
    assert shown["characters"] == notes.read_text()[shown["start"] :][: len(shown["characters"])]
    assert len(shown["values"]) == len(shown["characters"]) and '"' in shown["characters"]
    folder = workspace / "runs" / run_id
    assert [Path(file).name for file in answer.data["files"]] == ["find.html", "find.csv", "find_units.csv"]
    rows = list(csv.DictReader((folder / "find_units.csv").open()))
    assert len(rows) == len(answer.data["features"]) * 2 * UNITS
    planted = [row for row in rows if row["feature"] == "quotes" and row["unit"] == str(UNIT) and row["name"] == "h"]
    assert float(planted[0]["choosing"]) == float(planted[0]["scoring"]) == 1.0
    page = (folder / "find.html").read_text()
    assert "quotes" in page and "<script" not in page and "http" not in page.replace("http-equiv", "")


def test_the_table_and_named_features_and_parts(run_id: str, cli: Cli, notes: Path) -> None:
    answer = cli("find", run_id, "--text", str(notes), *QUICK, "--feature", "quotes", "--parts", "c,f")
    assert answer.exit_code == 0, answer.stderr
    assert f"0:c:{UNIT}" in answer.stdout and "AUC 1.000" in answer.stdout and "untrained" in answer.stdout
    assert "word" not in answer.stdout and "\x1b" not in answer.stdout


def test_holding_the_planted_unit_costs_inside_quotes_only(run_id: str, cli: Cli, notes: Path) -> None:
    answer = cli("ablate", run_id, "--cell", PLANTED, "--text", str(notes), "--json")
    assert answer.exit_code == 0, answer.stderr
    assert answer.data["clamped"] == {PLANTED: 0.0}
    first = answer.data["features"][0]
    assert first["feature"] == "quotes" and first["inside_low"] > 0.5
    assert abs(first["outside"]) < 1e-5 and len(first["controls"]) == 3
    assert all(abs(control["inside"]) < 1e-5 for control in first["controls"])
    shown = cli("ablate", run_id, "--cell", f"0:{UNIT}", "--cell", "0:c:1", "--value", "mean", "--text", str(notes),
                "--feature", "quotes", "--controls", "0")  # fmt: skip
    assert shown.exit_code == 0, shown.stderr
    assert "rises inside" in shown.stdout and "random" not in shown.stdout and "word" not in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["find", "--feature", "quote"], "did you mean 'quotes'?"),
        (["find", "--feature", "digit"], "feature digit: never true"),
        (["find", "--feature", "triple_quotes"], "it is a feature of python"),
        (["find", "--parts", "h,q"], "no cell of this run has 'q'"),
        (["find", "--parts", ","], "name at least one"),
        (["find", "--untrained", "1"], "it must be at least 2"),
        (["find", "--null-symbols", "10"], "it must be at least 4000"),
        (["find", "--symbols", "3000"], "two halves need at least 4,000"),
        (["find", "--fdr", "1"], "it must be between 0 and 1"),
        (["find", "--language", "latin"], "no such language"),
        (["ablate", "--cell", "0:99"], "layer 0 has no unit 99"),
        (["ablate", "--cell", "0:k:1"], "cell=lstm has no k"),
        (["ablate", "--cell", "0:1", "--value", "high"], "give a number, or mean"),
        (["ablate", "--cell", "0:1", "--value", "inf"], "give a number, or mean"),
        (["ablate", "--cell", "0:1", "--controls", "-1"], "it must be at least 0"),
        (["ablate", "--cell", "0:1", "--symbols", "900"], "an interval needs at least 4,000"),
        (["ablate"], "the following arguments are required: --cell"),
    ],
)
def test_wrong_requests(arguments: list[str], line: str, run_id: str, cli: Cli, notes: Path, workspace: Path) -> None:
    verb, *others = arguments
    answer = cli(verb, run_id, "--text", str(notes), *others)
    assert answer.exit_code == 2 and line in answer.stderr and answer.stderr.count("\n") == 1, answer.stderr
    assert not list((workspace / "runs" / run_id).glob("find*"))


def test_a_text_with_unseen_characters_and_no_such_run(run_id: str, cli: Cli, workspace: Path) -> None:
    other = workspace / "other.txt"
    other.write_text("ab\nQ")
    answer = cli("find", run_id, "--text", str(other))
    assert answer.exit_code == 2 and "line 2: 'Q'" in answer.stderr
    assert cli("ablate", "nothing", "--cell", "0:1").exit_code == 2


def test_a_feature_of_ones_own(
    run_id: str, cli: Cli, notes: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workspace / "ownfeature.py").write_text(
        "import numpy as np\nfrom rnnlab.features.base import Source, feature\n\n\n"
        "@feature\ndef after_quote(source: Source) -> np.ndarray:\n"
        '    """a quote has just been read"""\n    return source.each(lambda character: character == \'"\')\n'
    )
    monkeypatch.syspath_prepend(workspace)
    answer = cli("find", run_id, "--text", str(notes), *QUICK, "--feature", "after_quote", "--plugins", "ownfeature",
                 "--json")  # fmt: skip
    assert answer.exit_code == 0, answer.stderr
    assert [row["feature"] for row in answer.data["features"]] == ["after_quote"]
