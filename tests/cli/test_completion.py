"""Completion offers what can follow, and the shell script hands it on."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rnnlab.cli.completion import SCRIPTS, complete

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("rnnlab tra", ["train ", "translate "]),
        ("rnnlab train ce", ["cell.", "cell="]),
        ("rnnlab train cell=lst", ["cell=lstm", "cell=lstm_torch"]),
        ("rnnlab train -m cell=elman,lst", ["cell=elman,lstm", "cell=elman,lstm_torch"]),
        ("rnnlab train cell.", ["cell.chrono_steps=", "cell.forget_bias=", "cell.hidden_size=", "cell.input_start="]),
        ("rnnlab train cell=gru cell.", ["cell.hidden_size=", "cell.input_start="]),
        ("rnnlab train cell=irnn cell.nonl", ["cell.nonlinearity="]),
        ("rnnlab train see", ["seed="]),
        ("rnnlab train --mul", ["--multirun "]),
        ("rnnlab ls c", ["cells "]),
        ("rnnlab sweep smo", ["smoke "]),
        ("rnnlab resume la", ["last "]),
        ("rnnlab resume last trainer.max_s", ["trainer.max_steps="]),
        ("rnnlab train nothing=", []),
        ("rnnlab nothing --x", []),
        ("rnnlab train nothing.", []),
    ],
)
def test_what_can_follow(line: str, words: list[str], workspace: Path) -> None:
    assert complete(line) == words


def test_runs_are_offered(workspace: Path) -> None:
    (workspace / "runs" / "0a1b2c3d").mkdir(parents=True)
    assert complete("rnnlab resume 0") == ["0a1b2c3d "]


@pytest.mark.parametrize("shell", SCRIPTS)
def test_the_script_is_printed_alone(shell: str, cli: Callable[..., Any]) -> None:
    assert cli("completion", shell).stdout.strip() == SCRIPTS[shell]
    assert cli("completion", shell, "--json").data == {"script": SCRIPTS[shell]}


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize(
    ("line", "reply"),
    [("rnnlab trai", "train "), ("rnnlab train cell=slst", "slstm"), ("rnnlab train cell=elman,slst", "elman,slstm")],
)
def test_bash_gets_what_stands_after_the_equals_sign(line: str, reply: str, workspace: Path) -> None:
    """Bash takes "=" as the end of a word: what it replaces is the part behind it."""
    script = f"""
        rnnlab() {{ {sys.executable} -m rnnlab "$@"; }}
        {SCRIPTS["bash"]}
        COMP_LINE='{line}' COMP_POINT={len(line)}
        _rnnlab_complete
        printf '%s|' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, env={"PYTHONPATH": str(CHECKOUT)}, cwd=workspace
    )
    assert done.stdout == f"{reply}|"
