"""The verb ``train``: wrong requests create nothing, Hydra's flags, one run, and a multirun."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

QUICK = ["data=hello", "embedding=one_hot", "cell.hidden_size=4", "bptt.window=2", "data.batch_size=1"]
RUN = [*QUICK, "trainer=smoke", "tracking=none", "threads=1"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["cell.hiden_size=1"], "did you mean 'cell.hidden_size'?"),
        (["+cell.hiden_size=1"], "did you mean 'cell.hidden_size'?"),
        (["cell.hidden_size=abc"], "not a whole number"),
        (["cell.hidden_size=0"], "at least 1"),
        (["cell=lsmt"], "did you mean 'lstm'?"),
        (["cell=elman,lstm"], "add -m"),
        (["data=text"], "data.path"),
        (["data=digits"], "task=classification"),
        (["-m", "cell=elman,lsmt"], "did you mean 'lstm'?"),
        (["-m", "cell.hiden_size=1,2"], "did you mean 'cell.hidden_size'?"),
        (["-m", "cell.hidden_size=1,abc", "tracking=none"], "not a whole number"),
        (["-m", "cell.hidden_size=4,0", "tracking=none"], "at least 1"),
        (["-m", "cell=elman,lstm", "device=gpu"], "auto, cpu, cuda"),
        (["--config-dir", "nowhere"], "no such folder"),
        (["--config-name", "nowhere"], "nowhere"),
        (["-m", "--config-name", "mine", "cell=elman,lstm"], "--config-dir"),
        (["-m", "cell=elman,lstm", "hydra.nothing=1"], "Hydra has no such setting"),
        (["-m", "cell=elman,lstm", "cell.nonlinearity=relu", "tracking=none"], "cell.nonlinearity"),
    ],
)
def test_a_wrong_request_is_one_line_and_creates_nothing(
    words: list[str], said: str, cli: Callable[..., Any], workspace: Path
) -> None:
    answer = cli("train", *words)
    assert answer.exit_code == 2
    assert said in answer.stderr
    assert len(answer.stderr.splitlines()) == 1
    assert not answer.stdout
    assert not list(workspace.iterdir())


def test_the_configuration_is_shown_and_nothing_made(cli: Callable[..., Any], workspace: Path) -> None:
    shown = yaml.safe_load(cli("train", "cell=gru", "--cfg", "job").stdout)
    assert shown["cell"]["name"] == "gru"
    assert yaml.safe_load(cli("train", "--cfg", "job", "-p", "stack").stdout)["depth"] == 1
    assert "sweeper" in yaml.safe_load(cli("train", "--cfg", "hydra").stdout)["hydra"]
    assert cli("train", "--cfg", "job", "--json").data["config"]["cell"]["name"] == "lstm"
    linked = cli("train", "stack.depth=${seed}", "seed=2", "--cfg", "job", "--resolve").stdout
    assert yaml.safe_load(linked)["stack"]["depth"] == 2
    assert cli("train", "--cfg", "job", "-p", "sell").exit_code == 2
    assert "hidden_size" in cli("train", "--cfg", "job", "-p", "cell.nothing").stderr
    assert not list(workspace.iterdir())


@pytest.mark.parametrize("what", ["all", "config", "defaults", "defaults-tree", "plugins", "searchpath"])
def test_how_it_is_composed_is_shown(what: str, cli: Callable[..., Any], workspace: Path) -> None:
    answer = cli("train", "--info", what)
    assert answer.exit_code == 0
    assert answer.stdout.strip()
    assert not list(workspace.iterdir())


def test_hydras_own_settings_are_shown(cli: Callable[..., Any]) -> None:
    assert "RnnlabSweeper" in cli("train", "--hydra-help").stdout


def test_own_recipes_by_config_dir(cli: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "mine" / "cell").mkdir(parents=True)
    (tmp_path / "mine" / "cell" / "tiny.yaml").write_text("defaults: [elman]\nhidden_size: 3\n")
    answer = cli("train", "--config-dir", str(tmp_path / "mine"), "cell=tiny", "--cfg", "job", "-p", "cell")
    assert yaml.safe_load(answer.stdout)["hidden_size"] == 3


def test_a_run_and_what_it_prints(cli: Callable[..., Any], workspace: Path) -> None:
    answer = cli("train", *RUN, "--json")
    assert answer.exit_code == 0, answer.stderr
    fields = {"run_id", "metrics", "weights_sha256", "parameters", "seconds", "steps", "checkpoint"}
    assert fields <= set(answer.data)
    assert f"rnnlab sample {answer.data['run_id']}" in answer.stderr
    assert [path.name for path in workspace.iterdir()] == ["runs"]
    rows = cli("ls", "runs", "--json").data["runs"]
    assert [(row["run"], row["state"], row["cell"]) for row in rows] == [(answer.data["run_id"], "complete", "lstm")]


def test_a_multirun_goes_through_our_sweeper(cli: Callable[..., Any], workspace: Path) -> None:
    answer = cli("train", "-m", *RUN, "cell=elman,lstm", "seed=0,1", "sweep.workers.inline=true", "--json")
    assert answer.exit_code == 0, answer.stderr
    assert answer.data["runs"] == 4
    assert sorted(path.name for path in workspace.iterdir()) == ["runs"]


def test_a_multirun_takes_settings_that_only_the_swept_options_have(cli: Callable[..., Any]) -> None:
    words = ["cell=elman,irnn", "cell.identity_scale=0.5", "sweep.workers.inline=true"]
    answer = cli("train", "-m", *RUN, *words, "--json")
    assert answer.exit_code == 0, answer.stderr
    assert answer.data["counts"] == {"complete": 2}


def test_a_multirun_takes_own_recipes(cli: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "mine" / "cell").mkdir(parents=True)
    (tmp_path / "mine" / "cell" / "tiny.yaml").write_text("defaults: [elman]\nhidden_size: 3\n")
    words = ["--config-dir", str(tmp_path / "mine"), "cell=tiny,lstm", "sweep.workers.inline=true"]
    answer = cli("train", "-m", *RUN, *words, "--json")
    assert answer.exit_code == 0, answer.stderr
    assert answer.data["counts"] == {"complete": 2}


@pytest.mark.parametrize("first", ["import rnnlab", "from rnnlab.train import run", "import rnnlab.train"])
def test_rnnlab_train_is_called_and_imported_from_in_any_order(first: str, workspace: Path) -> None:
    code = f"""
        {first}
        import rnnlab
        result = rnnlab.train({RUN!r})
        from rnnlab.train import run
        again = rnnlab.train({RUN!r})
        assert callable(run)
        assert result.weights_sha256 == again.weights_sha256
        assert rnnlab.load(result.run_id).run_id == result.run_id
    """
    lines = "\n".join(line.strip() for line in code.strip().splitlines())
    subprocess.run([sys.executable, "-c", lines], check=True, cwd=workspace)


def test_importing_rnnlab_imports_nothing_heavy() -> None:
    code = "import rnnlab, sys; assert rnnlab.__version__; assert not {'torch', 'hydra', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
