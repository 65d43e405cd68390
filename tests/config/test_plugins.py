"""Components of one's own: found, built by name, and refused where names would clash."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rnnlab.config import plugins, registry, store
from rnnlab.config.compose import compose, restore
from rnnlab.config.groups import GROUPS
from rnnlab.config.listing import choices
from rnnlab.config.source import plugin_options
from rnnlab.errors import RequestError
from rnnlab.probes.probing import probe_of
from rnnlab.studies.discovery import find_study
from rnnlab.sweep.studied import check_study

TOY = """
    from dataclasses import dataclass
    from rnnlab.models.cells.{parent} import {Parent}

    class {name}({Parent}):
        '''A toy.'''
"""
ABSTRACT = "from rnnlab.models.cells.base import Cell\nclass Half(Cell):\n    '''Still abstract.'''\n"
Write = Callable[[str, str], None]


@pytest.fixture
def write(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Write a module of the working directory; what it brought in is forgotten after the test."""
    monkeypatch.setattr(registry, "_added", {})
    monkeypatch.setattr(registry, "_loaded", set())
    monkeypatch.setattr(store, "_stored", set())
    monkeypatch.setattr(sys, "path", [*sys.path])
    before = set(sys.modules)

    def write(name: str, content: str) -> None:
        file = workspace / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(content))

    yield write
    for name in set(sys.modules) - before:
        if name.partition(".")[0] not in ("rnnlab", "torch", "hydra"):
            del sys.modules[name]


def toy(name: str, parent: str = "lstm", Parent: str = "LSTM") -> str:  # noqa: N803
    return TOY.format(name=name, parent=parent, Parent=Parent)


def test_a_package_brings_one_component_from_each_module(write: Write) -> None:
    write("boxlab/__init__.py", "")
    write("boxlab/cells/__init__.py", "")
    write("boxlab/cells/leaky.py", toy("Leaky"))
    write("boxlab/cells/calm.py", toy("Calm", "gru", "GRU"))
    write("boxlab/helpers.py", "from rnnlab.models.cells.lstm import LSTM\nNUMBER = 3\n")
    composed = compose(["plugins=[boxlab]", "cell=leaky", "cell.forget_bias=2"])
    assert registry.component("cell", "leaky").__module__ == "boxlab.cells.leaky"
    assert composed.experiment.cell.name == "leaky"
    assert composed.experiment.plugins == ["boxlab"]
    assert {"leaky", "calm"} < set(registry.names("cell"))
    assert list(plugin_options(GROUPS["cell"], "boxlab")) == ["calm", "leaky"]


def test_a_component_without_a_config_of_its_own_is_built_itself(write: Write) -> None:
    """Neither its parent, nor the sibling that shares the Config and was imported last."""
    write("one.py", toy("One"))
    write("two.py", toy("Two"))
    overrides = ["plugins=[one,two]", "cell.hidden_size=4"]
    for name, expected in (("one", "One"), ("two", "Two"), ("lstm", "LSTM")):
        experiment = compose([*overrides, f"cell={name}"]).experiment
        assert type(registry.build("cell", experiment.cell, 3)).__name__ == expected
        assert restore(compose([*overrides, f"cell={name}"]).plain).cell.name == name


def test_a_stored_configuration_does_not_import_its_plugins(write: Write) -> None:
    write("stored_toy.py", toy("Stored"))
    plain = compose(["plugins=[stored_toy]", "cell=stored_toy"]).plain
    registry._added.clear()
    registry._loaded.clear()
    del sys.modules["stored_toy"]
    with pytest.raises(RequestError, match=r"made with plugins=\['stored_toy'\]: name them again"):
        restore(plain)
    assert "stored_toy" not in sys.modules
    assert restore(plain, ["plugins=[stored_toy]"]).cell.name == "stored_toy"


def test_plugins_can_be_named_by_the_environment_and_the_project(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write("first.py", toy("First"))
    write("second.py", toy("Second"))
    write("pyproject.toml", '[tool.rnnlab]\nplugins = ["second"]\n')
    monkeypatch.setenv("RNNLAB_PLUGINS", " first ,")
    assert plugins.ambient_plugins() == ["first", "second"]
    assert {"first", "second"} < {choice.name for choice in choices("cell")}
    assert "first" not in sys.modules
    assert compose(["cell=second"]).experiment.plugins == ["first", "second"]


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("lstm.py", toy("Mine"), "would be cell=lstm, which exists: rnnlab.models.cells.lstm"),
        ("several.py", toy("A") + toy("B"), "holds A, B; give each a module of its own"),
        ("syntax.py", "def", "SyntaxError"),
        ("needs.py", "import no_such_module", "No module named 'no_such_module'"),
        ("raises.py", "raise ValueError('on\\nimport')", "ValueError: on"),
        ("pyproject.toml", "[tool", "not valid TOML"),
        ("pyproject.toml", "[tool.rnnlab]\nplugins = 'mylab'", "a list of module names is needed"),
    ],
)
def test_a_wrong_plugin_is_one_line(write: Write, file: str, content: str, said: str) -> None:
    write(file, content)
    with pytest.raises(RequestError) as caught:
        compose([f"plugins=[{Path(file).stem}]"])
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not registry._added


def test_two_plugins_cannot_have_one_name(write: Write) -> None:
    for package in ("here", "there"):
        write(f"{package}/__init__.py", "")
        write(f"{package}/twin.py", toy("Twin"))
    with pytest.raises(RequestError, match="would be cell=twin, which exists: here.twin"):
        compose(["plugins=[here,there]"])


def test_a_setting_without_a_default_must_be_given(write: Write) -> None:
    own = "    @dataclass(kw_only=True, slots=True)\n    class Config(LSTM.Config):\n        width: int = MISSING\n"
    write("wide.py", "from omegaconf import MISSING\n" + textwrap.dedent(toy("Wide")) + own)
    with pytest.raises(RequestError, match="cell.width: no value"):
        compose(["plugins=[wide]", "cell=wide"])
    assert compose(["plugins=[wide]", "cell=wide", "cell.width=3"]).experiment.cell.width == 3


def test_abstract_classes_are_no_options(write: Write) -> None:
    write("half.py", ABSTRACT)
    with pytest.raises(RequestError, match="cell=half: no such cell"):
        compose(["plugins=[half]", "cell=half"])


PROBE_AND_STUDY = {
    "ownlab/__init__.py": "",
    "ownlab/loudness.py": """
        from rnnlab.probes.base import Findings, Probe

        class Loudness(Probe):
            name = "loudness"

            def look(self, subject):
                return Findings({}, {"largest": float(subject.trace.output_BTH.detach().abs().max())})
    """,
    "ownlab/how_loud.py": """
        from rnnlab.studies.base import Study

        class HowLoud(Study):
            question = "How loud are they?"

            def claims(self):
                return []

            def figures(self):
                return []
    """,
}


def test_probes_and_studies_of_one_s_own_are_named_as_rnnlab_s_are(write: Write) -> None:
    for name, content in PROBE_AND_STUDY.items():
        write(name, content)
    with pytest.raises(RequestError, match="probe.names.*no such probe"):
        compose(["probe.names=[loudness]"])
    experiment = compose(["plugins=[ownlab]", "probe.names=[loudness]"]).experiment
    assert probe_of(experiment.probe.names[0]).name == "loudness"
    assert find_study("how_loud").question == "How loud are they?"
    check_study("how_loud", [0, 1])
    with pytest.raises(RequestError, match=r"sweep.study=how_lod: no such study; .* \(did you mean 'how_loud'\?\)"):
        check_study("how_lod", [0, 1])


def test_a_probe_may_not_take_the_name_of_another(write: Write) -> None:
    write("horizon.py", PROBE_AND_STUDY["ownlab/loudness.py"])
    with pytest.raises(RequestError, match="horizon would be probe.names=horizon, which exists"):
        compose(["plugins=[horizon]"])
