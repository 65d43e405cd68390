"""What MLflow's comparison of a sweep's runs shows: the parameters that vary, and the same figures for all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SMALL = ("data=hello", "bptt.window=4", "trainer.max_steps=4", "trainer.val_every=2", "sweep.workers.inline=true")
FIGURES = {"best/val_loss", "train/loss", "val/loss", "parameters", "seconds"}


def children(workspace: Path, sweep_id: str) -> list[Any]:
    """The runs that MLflow shows below a sweep."""
    from mlflow import MlflowClient
    from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID

    client = MlflowClient(f"sqlite:///{workspace / 'mlflow.db'}")
    (experiment,) = (found for found in client.search_experiments() if found.name == "rnnlab")
    runs = client.search_runs([experiment.experiment_id])
    (parent,) = (run.info.run_id for run in runs if run.data.tags["rnnlab.run_id"] == sweep_id)
    return [run for run in runs if run.data.tags.get(MLFLOW_PARENT_RUN_ID) == parent]


@pytest.mark.parametrize(
    ("space", "varying"),
    [
        (("cell=elman,gru", "cell.hidden_size=4,8", "seed=0,1"), {"cell", "cell.hidden_size", "seed"}),
        (("seed=0,1,2", "cell.hidden_size=8"), {"seed"}),
    ],
)
def test_params_are_what_varies_and_nothing_else(
    cli: Callable[..., Any], workspace: Path, space: tuple[str, ...], varying: set[str]
) -> None:
    answer = cli("train", "-m", *space, *SMALL, "--json")
    assert answer.exit_code == 0, answer.stderr
    runs = children(workspace, answer.data["sweep_id"])
    assert len(runs) == answer.data["runs"] > 2
    for run in runs:
        assert set(run.data.params) == varying
        assert set(run.data.metrics) == set(runs[0].data.metrics) > FIGURES
    for key in varying:
        assert len({run.data.params[key] for run in runs}) > 1, f"{key} is the same in every run"
    assert len({tuple(sorted(run.data.params.items())) for run in runs}) == len(runs), (
        "each run is told from the others"
    )


def test_a_setting_of_one_cell_is_a_param_of_its_runs_alone(cli: Callable[..., Any], workspace: Path) -> None:
    answer = cli("train", "-m", "cell=elman,lstm", "cell.forget_bias=0,1", *SMALL, "--json")
    assert answer.exit_code == 0, answer.stderr
    shown = sorted(
        (run.data.params["cell"], run.data.params.get("cell.forget_bias"))
        for run in children(workspace, answer.data["sweep_id"])
    )
    assert shown == [("elman", None), ("lstm", "0"), ("lstm", "1")]
