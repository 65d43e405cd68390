"""`rnnlab paint`: a page, a terminal, a picture; wrong requests end in one line and write nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Answer

Cli = Callable[..., Answer]
SMALL = [
    "data=text", "data.path=notes.txt", "bptt.window=8", "cell.hidden_size=6", "embedding.size=4", "data.batch_size=2",
    "data.val_rows=1", "tracking.store=none", "threads=1", "trainer.max_steps=4", "trainer.final=false",
]  # fmt: skip


@pytest.fixture
def trained(cli: Cli, workspace: Path) -> Callable[..., str]:
    (workspace / "notes.txt").write_text("".join(f"{n} green bottles,\n{n * n} (walls); " for n in range(90))[:1500])

    def train(*overrides: str) -> str:
        answer = cli("train", *SMALL, *overrides, "--json")
        assert answer.exit_code == 0, answer.stderr
        return str(answer.data["run_id"])

    return train


def test_a_page_of_held_out_text(trained: Callable[..., str], cli: Cli, workspace: Path) -> None:
    run_id = trained()
    answer = cli("paint", "last", "--symbols", "60", "--json")
    assert answer.exit_code == 0, answer.stderr
    page = Path(answer.data["page"])
    assert page == workspace / "runs" / run_id / "paint.html"
    assert f"of run {run_id}" in page.read_text(encoding="utf-8")
    assert answer.data["symbols"] == 60 and answer.data["units"] == answer.data["units_on_page"] == 36
    assert answer.data["unit"].startswith("0:h:") and answer.data["scale"] == [-1, 1]
    assert 0 < answer.data["bits_per_char"] < 10
    again = page.read_bytes()
    assert cli("paint", run_id, "--symbols", "60").exit_code == 0 and page.read_bytes() == again


def test_a_text_of_ones_own_and_one_unit(trained: Callable[..., str], cli: Cli, workspace: Path) -> None:
    trained("stack.depth=2", "cell=gru")
    (workspace / "mine.txt").write_text("12 green walls\n")
    options = ("--text", "mine.txt", "--cell", "1:z:3", "--to", "mine.html", "--parts", "h")
    answer = cli("paint", "last", *options, "--json")
    assert answer.exit_code == 0, answer.stderr
    assert answer.data["unit"] == "1:z:3" and answer.data["scale"] == [0, 1]
    assert answer.data["units"] == 3 * 6 and answer.data["text"] == "mine.txt"
    assert "Unit <span" in (workspace / "mine.html").read_text()


def test_the_best_unit_for_a_feature(trained: Callable[..., str], cli: Cli) -> None:
    trained()
    answer = cli("paint", "last", "--top", "digit", "--json")
    assert answer.exit_code == 0, answer.stderr
    assert answer.data["unit"].split(":")[1] in ("h", "c")


def test_on_the_terminal_and_for_print(trained: Callable[..., str], cli: Cli, workspace: Path) -> None:
    run_id = trained()
    options = ("--text", "notes.txt", "--cell", "0:2", "--first", "3", "--lines", "2", "--png", "notes.png")
    answer = cli("paint", "last", "--ansi", *options)
    assert answer.exit_code == 0, answer.stderr
    said, ends, *lines, written = answer.stdout.splitlines()
    assert said == f"run {run_id}, unit 0:h:2: 1,500 symbols, notes.txt"
    low, high = re.fullmatch(r"(-\S+) is blue, (\S+) is red", ends).groups()  # type: ignore[union-attr]
    assert float(low) == -float(high) and 0 < float(high) <= 1 and "notes.png" in written
    assert len(lines) == 2 and lines[0].count("\x1b[0m") == lines[0].endswith("\x1b[0m") == 1
    assert (workspace / "notes.png").read_bytes().startswith(b"\x89PNG")
    assert not (workspace / "runs" / run_id / "paint.html").exists()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--cell", "0:6"], "--cell 0:6: layer 0 has no unit 6; it has 0 to 5"),
        (["--cell", "1:0"], "no layer 1"),
        (["--cell", "0:x:0"], "cell=lstm has no x"),
        (["--cell", "seven"], "give LAYER:UNIT"),
        (["--parts", "q"], "--parts q"),
        (["--text", "absent.txt"], "--text absent.txt: no such file"),
        (["--text", "empty.txt"], "the file is empty"),
        (["--text", "foreign.txt"], "line 2: '\u03c9' (U+03C9) is not among the"),
        (["--symbols", "0"], "--symbols = 0"),
        (["--lines", "0"], "--lines = 0"),
        (["--first", "4000"], "--first 4000: the text has lines 1 to"),
        (["--megabytes", "0"], "--megabytes = 0"),
        (["--to", "nowhere/page.html"], "--to = 'nowhere/page.html'"),
        (["--to", "runs"], "--to = 'runs': it must name a file"),
        (["--png", "nowhere/a.png"], "--png = 'nowhere/a.png'"),
        (["--top", "digits"], "did you mean 'digit'?"),
        (["--top", "url"], "url"),
        (["--top", "digit", "--cell", "0:0"], "not allowed with argument"),
    ],
)
def test_wrong_requests(
    arguments: list[str], line: str, trained: Callable[..., str], cli: Cli, workspace: Path
) -> None:
    trained()
    (workspace / "empty.txt").touch()
    (workspace / "foreign.txt").write_text("1 green\n\u03c9", encoding="utf-8")
    before = {path for path in workspace.rglob("*")}
    answer = cli("paint", "last", *arguments)
    assert answer.exit_code == 2 and line in answer.stderr and answer.stderr.strip().count("\n") == 0
    assert {path for path in workspace.rglob("*")} == before


def test_runs_that_cannot_be_painted(trained: Callable[..., str], cli: Cli, workspace: Path) -> None:
    assert "no run" in cli("paint", "last").stderr
    run_id = trained()
    for checkpoint in (workspace / "runs" / run_id).glob("*.ckpt"):
        checkpoint.unlink()
    answer = cli("paint", run_id)
    assert answer.exit_code == 2 and run_id in answer.stderr and answer.stderr.count("\n") == 1
