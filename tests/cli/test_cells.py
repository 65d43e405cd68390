"""``rnnlab cells check``: tables and JSON, exit codes, and a cell of one's own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rnnlab.checks.examine import CHECKS
from rnnlab.config import registry, store

CELL = '''
from torch import nn

from rnnlab.models.cells.lstm import LSTM


class Calm(LSTM):
    """Somebody 2030: an LSTM whose output is halved.

        i_t = sigmoid(W_i x_t + R_i h_(t-1) + b_i)
        f_t = sigmoid(W_f x_t + R_f h_(t-1) + b_f)
        g_t = tanh(W_g x_t + R_g h_(t-1) + b_g)
        o_t = sigmoid(W_o x_t + R_o h_(t-1) + b_o)
        c_t = f_t * c_(t-1) + i_t * g_t
        h_t = FACTOR * o_t * tanh(c_t)
    """

    has_native = False

    def step(self, p_BG, state, w, edit):
        def halved(name, value):
            return edit(name, 0.5 * value if name == "h" else value)

        return super().step(p_BG, state, w, halved)
'''


@pytest.fixture
def calm(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Write ``cell=calm`` into a plug-in mylab.py with this factor in its equations; 0.5 is the right one."""
    monkeypatch.setattr(registry, "_added", {})
    monkeypatch.setattr(registry, "_loaded", set())
    monkeypatch.setattr(store, "_stored", set())
    monkeypatch.setattr(sys, "path", [*sys.path])

    def write(factor: str) -> None:
        (workspace / "mylab").mkdir()
        (workspace / "mylab" / "__init__.py").write_text("")
        (workspace / "mylab" / "calm.py").write_text(CELL.replace("FACTOR", factor))

    yield write
    for name in [name for name in sys.modules if name.partition(".")[0] == "mylab"]:
        del sys.modules[name]


def test_one_cell(cli: Callable[..., Any]) -> None:
    answer = cli("cells", "check", "gru")
    assert answer.exit_code == 0
    lines = answer.stdout.splitlines()
    assert [line.split()[0] for line in lines[2 : 2 + len(CHECKS)]] == list(CHECKS)
    assert "beside torch.nn.GRU" in answer.stdout and "gru, gru_cho" in answer.stdout
    assert lines[-1] == "1 of 1 cells pass"


def test_json_is_one_object(cli: Callable[..., Any]) -> None:
    data = cli("cells", "check", "gru", "--json").data
    assert data.keys() == {"cells", "twins"}
    (cell,) = data["cells"]
    assert (cell["cell"], cell["passed"]) == ("gru", True)
    assert [check["check"] for check in cell["checks"]] == list(CHECKS)
    assert cell["checks"][0].keys() == {"check", "passed", "figure", "tolerance", "line"}
    equations = next(check for check in cell["checks"] if check["check"] == "equations")
    assert equations["figure"] <= equations["tolerance"] == 1e-10


def test_a_cell_of_one_s_own_is_checked_like_ours(calm: Callable[[str], None], cli: Callable[..., Any]) -> None:
    calm("0.5")
    answer = cli("cells", "check", "calm", "--plugins", "mylab", "--json")
    assert answer.exit_code == 0
    assert answer.data["cells"][0]["passed"] and answer.data["twins"] == []


def test_a_wrong_cell_is_exit_code_1(calm: Callable[[str], None], cli: Callable[..., Any]) -> None:
    calm("0.6")
    answer = cli("cells", "check", "calm", "--plugins", "mylab")
    assert answer.exit_code == 1
    (equations,) = [line for line in answer.stdout.splitlines() if line.split()[:1] == ["equations"]]
    assert equations.split()[1] == "NO"
    assert answer.stdout.splitlines()[-1] == "0 of 1 cells pass; not calm"


def test_all_in_one_table(calm: Callable[[str], None], cli: Callable[..., Any], monkeypatch: Any) -> None:
    """A row for each cell, and in it the first thing that is wrong."""
    calm("0.6")
    monkeypatch.setattr(registry, "names", lambda group: ["calm", "gru"])
    answer = cli("cells", "check", "--all", "--plugins", "mylab")
    assert answer.exit_code == 1
    header, wrong, right = answer.stdout.splitlines()[:3]
    assert wrong.split()[:4] == ["calm", str(len(CHECKS) - 1), "of", str(len(CHECKS))] and "equations: " in wrong
    assert right.split()[:4] == ["gru", str(len(CHECKS)), "of", str(len(CHECKS))]


@pytest.mark.slow
def test_all_there_are(cli: Callable[..., Any]) -> None:
    answer = cli("cells", "check", "--all", "--json")
    assert [cell["cell"] for cell in answer.data["cells"]] == registry.names("cell")
    assert [cell["cell"] for cell in answer.data["cells"] if not cell["passed"]] == []
    assert answer.exit_code == 0


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["check", "lsmt"], "cell=lsmt: no such cell"),
        (["check", "lsmt"], "(did you mean 'lstm'?)"),
        (["check"], "give the NAME of one cell, or --all"),
        (["check", "gru", "--all"], "give the NAME of one cell, or --all"),
        (["check", "gru", "lstm"], "'lstm' is too much"),
        (["check", "gru", "--backends", "lop"], "there are native, scan, compiled, loop (did you mean 'loop'?)"),
        (["check", "gru", "--plugins", "nolab"], "nolab"),
        (["sing", "gru"], "invalid choice: 'sing'"),
        (["show"], "rnnlab cells show: give the NAME of a cell"),
    ],
)
def test_a_wrong_request_is_one_line(words: list[str], reason: str, cli: Callable[..., Any]) -> None:
    answer = cli("cells", *words)
    assert answer.exit_code == 2 and answer.stdout == ""
    (line,) = answer.stderr.splitlines()
    assert reason in line
