"""The frame of the command line: verbs, help, exit codes, --json, and that names cost no imports."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rnnlab import cli as command
from rnnlab.cli.console import Outcome
from rnnlab.errors import Interrupted, RequestError, WorkError

HEAVY = "{'torch', 'mlflow', 'ray', 'pytorch_lightning', 'hydra', 'omegaconf', 'optuna', 'numpy'}"


def test_help_lists_every_verb_with_its_line(cli: Callable[..., Any]) -> None:
    answer = cli("--help")
    assert answer.exit_code == 0
    for verb, line in command.verbs().items():
        assert verb in answer.stdout and line in answer.stdout
    assert {"train", "ls", "completion"} <= set(command.verbs())


@pytest.mark.parametrize("verb", command.verbs())
def test_every_verb_has_help_with_examples_and_json(verb: str, cli: Callable[..., Any]) -> None:
    module = command.verb_module(verb)
    assert module.EXAMPLES and all(f"rnnlab {verb}" in example for example in module.EXAMPLES)
    answer = cli(verb, "--help")
    assert answer.exit_code == 0
    assert "--json" in answer.stdout
    assert module.EXAMPLES[0] in answer.stdout


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["--version"],
        ["train", "--help"],
        ["ls"],
        ["ls", "cells"],
        ["completion", "words", "rnnlab train cell."],
    ],
)
def test_names_and_help_import_nothing_heavy(words: list[str], workspace: Path) -> None:
    code = (
        "import sys\nfrom rnnlab.cli import main\n"
        f"try:\n    main({words!r})\nexcept SystemExit:\n    pass\n"
        f"heavy = {HEAVY} & set(sys.modules)\nassert not heavy, heavy"
    )
    checkout = str(Path(command.__file__).parents[2])
    subprocess.run(
        [sys.executable, "-c", code], check=True, cwd=workspace, env={"PYTHONPATH": checkout}, stdout=subprocess.DEVNULL
    )


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (RequestError("asked\nwrongly"), 2),
        (WorkError("disk full"), 1),
        (Interrupted("stopped; `rnnlab resume x` goes on"), 130),
        (KeyboardInterrupt(), 130),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_an_end_that_is_no_bug_is_one_line(
    error: BaseException, exit_code: int, as_json: bool, cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> Outcome:
        raise error

    verb = SimpleNamespace(EXAMPLES=["rnnlab ls"], __doc__="Fails.", add_arguments=lambda parser: None, run=fail)
    monkeypatch.setattr(command, "verb_module", lambda name: verb)
    answer = cli("ls", *(["--json"] if as_json else []))
    assert answer.exit_code == exit_code
    assert len(answer.stderr.splitlines()) == 1
    assert (
        (json.loads(answer.stdout) == {"error": answer.stderr.strip().removeprefix("rnnlab: ")})
        if as_json
        else not answer.stdout
    )


def test_a_bug_keeps_its_traceback(cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Outcome:
        raise ZeroDivisionError

    verb = SimpleNamespace(EXAMPLES=["rnnlab ls"], __doc__="Fails.", add_arguments=lambda parser: None, run=fail)
    monkeypatch.setattr(command, "verb_module", lambda name: verb)
    with pytest.raises(ZeroDivisionError):
        cli("ls")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["trian"], "did you mean 'train'?"),
        (["ls", "sells"], "did you mean 'cells'?"),
        (["train", "--cgf", "job"], "unrecognized arguments: --cgf"),
        (["train", "--cfg", "jobb"], "invalid choice: 'jobb'"),
        (["train", "--resolve"], "--cfg"),
        (["train", "-m", "--cfg", "job"], "one at a time"),
    ],
)
def test_a_wrong_word_is_one_line(words: list[str], said: str, cli: Callable[..., Any], workspace: Path) -> None:
    answer = cli(*words)
    assert answer.exit_code == 2
    assert said in answer.stderr
    assert len(answer.stderr.splitlines()) == 1
    assert not answer.stdout
    assert not list(workspace.iterdir())
