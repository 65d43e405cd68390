"""``recipe=NAME``: settings of several groups from one file, over which the command line wins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rnnlab.cli import completion, main
from rnnlab.config import readme
from rnnlab.config.compose import compose, restore
from rnnlab.config.recipes import recipes
from rnnlab.errors import RequestError
from rnnlab.experiment import trial_hash
from rnnlab.sweep.place import Place
from rnnlab.sweep.plan import complete, draft

WHOLE = [name for name, file in recipes("recipe").items() if "override /data" in file.read_text(encoding="utf-8")]
REMEDIES = [name for name in recipes("recipe") if name not in ("none", *WHOLE)]
"""What changes one thing of a network, whatever it learns; the others are trainings that were measured."""
TINY = ["data=python_source", "threads=1", "device=cpu"]


@pytest.fixture
def own(tmp_path: Path) -> str:
    """A folder of one's own with recipes, right and wrong."""
    folder = tmp_path / "mine"
    written = {
        "good": "# @package _global_\n# Mine.\ndefaults:\n  - override /cell: irnn\nseed: 3\nstack: {depth: 2}\n",
        "setting": "# @package _global_\noptimizer:\n  clip_nrm: 3.0\n",
        "value": "# @package _global_\noptimizer:\n  clip_norm: much\n",
        "group": "# @package _global_\noptimiser:\n  lr: 3\n",
        "option": "# @package _global_\ndefaults:\n  - override /cell: irn\n",
        "package": "# Without the line that makes it global.\noptimizer:\n  lr: 3\n",
        "yaml": "# @package _global_\noptimizer: {lr: 3\n",
    }
    (folder / "recipe").mkdir(parents=True)
    for name, text in written.items():
        (folder / "recipe" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return str(folder)


def test_by_default_there_is_none() -> None:
    assert compose(["recipe=none"]).plain == compose([]).plain


def test_it_reaches_over_several_groups_and_stands_in_the_configuration_by_what_it_sets() -> None:
    composed = compose(["recipe=skip"])
    by_hand = compose(["cell=elman", "stack.depth=2", "stack.connections=residual", "optimizer.clip_norm=null"])
    assert composed.plain == by_hand.plain and composed.overrides == ["recipe=skip"]
    assert trial_hash(composed.experiment) == trial_hash(by_hand.experiment)
    assert restore(composed.plain) == composed.experiment


def test_what_the_command_line_says_wins() -> None:
    for words in (["recipe=omega", "bptt.omega=3", "cell=gru"], ["cell=gru", "bptt.omega=3", "recipe=omega"]):
        experiment = compose(words).experiment
        assert (experiment.cell.name, experiment.bptt.omega, experiment.optimizer.clip_norm) == ("gru", 3.0, 1.0)


def test_a_folder_of_ones_own_holds_more_of_them(own: str) -> None:
    experiment = compose(["recipe=good", "stack.depth=3"], own).experiment
    assert (experiment.cell.nonlinearity.value, experiment.seed, experiment.stack.depth) == ("relu", 3, 3)


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["recipe=setting"], ["recipe/setting.yaml", "'optimizer.clip_nrm'", "did you mean 'optimizer.clip_norm'?"]),
        (["recipe=value"], ["recipe/value.yaml: optimizer.clip_norm: 'much' is not a number"]),
        (["recipe=group"], ["recipe/group.yaml: no such setting 'optimiser'"]),
        (["recipe=option"], ["recipe/option.yaml: no such cell: irn;", "did you mean"]),
        (["recipe=package"], ["recipe/package.yaml: it must begin with the line '# @package _global_'"]),
        (["recipe=yaml"], ["yaml.yaml"]),
        (["recipe=god"], ["recipe=god: no such recipe; there are", "did you mean 'good'?"]),
        (["recipe="], ["no such recipe"]),
        (["+recipe=good"], ["without + or @"]),
        (["recipe=good,plain"], ["several values; add -m"]),
        (["recipe=lstm", "cell=gru"], ["recipe/lstm.yaml: no such setting 'cell.forget_bias'; cell has hidden_size"]),
    ],
)
def test_what_is_wrong_is_said_in_a_line_that_names_the_file(own: str, overrides: list[str], words: list[str]) -> None:
    with pytest.raises(RequestError) as error:
        compose(overrides, own)
    assert "\n" not in str(error.value)
    assert all(word in str(error.value) for word in words), str(error.value)


def test_a_stored_run_takes_none() -> None:
    with pytest.raises(RequestError, match="recipe=omega: the parts of a stored run cannot be exchanged"):
        restore(compose([]).plain, ["recipe=omega"])


@pytest.mark.parametrize("name", REMEDIES)
def test_each_remedy_cites_its_paper_and_cuts_gradients_only_where_it_says_so(name: str) -> None:
    text = recipes("recipe")[name].read_text(encoding="utf-8")
    assert text.startswith("# @package _global_\n# ") and any(year in text for year in map(str, range(1990, 2020)))
    optimizer = compose([f"recipe={name}"]).experiment.optimizer
    cut = (optimizer.clip_norm, optimizer.clip_value)
    assert cut == {"clip_norm": (1.0, None), "omega": (1.0, None), "clip_value": (None, 0.1)}.get(name, (None, None))


def test_all_remedies_are_different_trials() -> None:
    assert len({trial_hash(compose([f"recipe={name}"]).experiment) for name in REMEDIES}) == len(REMEDIES)


RANDOM = ["sweep.sampler=random", "sweep.n_trials=4"]


@pytest.mark.parametrize("sampler", [[], RANDOM, [*RANDOM, "sweep.blocks=[recipe]"]], ids=["grid", "random", "blocks"])
def test_it_is_swept_over(sampler: list[str]) -> None:
    lr = "optimizer.lr=1e-3,3e-3"
    plan = complete(draft(["recipe=plain,omega", lr, *TINY, *sampler, "sweep.seeds=[0,1]"], Place()))
    assert len(plan.trials) == 4
    assert {trial.varied["recipe"] for trial in plan.trials} == {"plain", "omega"}
    assert all(f"recipe={trial.varied['recipe']}" in trial.overrides for trial in plan.trials)


def test_a_sweep_goes_on_with_more_recipes_and_not_with_another_setting() -> None:
    def name(*words: str) -> str:
        return draft([*words, *TINY], Place()).id

    assert name("recipe=plain,omega") == name("recipe=chrono,omega,plain")
    assert name("recipe=plain,omega") != name("recipe=plain,omega", "stack.dropout=0")
    assert name("recipe=plain,omega") != name("cell=elman,lstm")


def test_they_are_listed_completed_and_in_the_map_of_conf(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ls", "recipes"]) == 0
    shown = capsys.readouterr()
    assert all(name in shown.out + shown.err for name in REMEDIES)
    assert completion.overrides(["recipe="]) == [f"recipe={name}" for name in recipes("recipe")]
    assert "recipe=" in completion.overrides([""])
    assert "## recipe" in readme.text() and "| **`recipe=none`** |" in readme.text()


def test_a_run_is_resumed_and_reproduced_without_its_recipe(own: str, cli: Callable[..., Any]) -> None:
    words = [
        "recipe=good", "bptt.omega=0.5", "cell.hidden_size=4", "embedding.size=4", "data=hello", "data.batch_size=1",
        "data.val_rows=1", "bptt.window=4", "trainer.max_steps=6", "trainer.val_every=3", "tracking=none",
    ]  # fmt: skip
    first = cli("train", *words, "--config-dir", own, "--json")
    assert first.exit_code == 0, first.stderr
    (Path(own) / "recipe" / "good.yaml").unlink()
    again = cli("reproduce", "last", "--check", "--json")
    assert again.exit_code == 0, again.stderr
    longer = cli("resume", first.data["run_id"], "trainer.max_steps=9", "--json")
    assert longer.exit_code == 0 and longer.data["steps"] == 9, longer.stderr
