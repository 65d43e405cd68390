"""The README's commands, executed as they stand there, in their order, in one fresh folder."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from rnnlab.cli import verbs

README = Path(__file__).resolve().parent.parent / "README.md"


def commands() -> list[list[str]]:
    """The words of every line in a ```bash block."""
    blocks = re.findall(r"```bash\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)
    return [shlex.split(line) for block in blocks for line in block.splitlines() if line.strip()]


def test_the_tour_has_commands_and_each_is_a_verb() -> None:
    assert len(commands()) >= 8
    for words in commands():
        assert words[0] == "rnnlab"
        assert words[1] in verbs(), words


def test_each_training_command_composes(workspace: Path) -> None:
    from rnnlab.config.compose import compose

    for words in commands():
        if words[1] == "train" and "-m" not in words:
            compose(words[2:])


def test_each_link_leads_to_a_file() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README.read_text(encoding="utf-8")):
        assert (README.parent / target).exists(), target


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_tour_runs_as_written(rnnlab_process: Callable, workspace: Path) -> None:
    for words in commands():
        answer = rnnlab_process(*words[1:], timeout=900)
        assert answer.exit_code == 0, f"{shlex.join(words)}\n{answer.stdout}\n{answer.stderr}"
        if words[1:4] == ["sample", "last", "--primer"] and words[4] == "h":
            assert answer.stdout.strip() == "hello"
    assert (workspace / "my-model" / "model.pt2").is_file()
    assert (workspace / "mlflow.db").is_file()
