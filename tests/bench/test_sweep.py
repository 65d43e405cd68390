"""The trials that every contender runs, and the commands that run them."""

from __future__ import annotations

import torch

from rnnlab.bench.contenders.grid import ROWS, WINDOW, rows, text, trials, windows
from rnnlab.bench.sweep import NEEDS, rnnlab_command
from rnnlab.cli.bench import AGAINST


def test_there_are_32_different_trials() -> None:
    assert len(set(trials())) == len(trials()) == 32


def test_rows_hold_the_text_in_order() -> None:
    stream, symbols = rows()
    characters = text()
    assert stream.shape == (ROWS, len(characters) // ROWS) and symbols == len(set(characters))
    alphabet = sorted(set(characters))
    assert "".join(alphabet[i] for i in stream.flatten()[:5000]) == characters[:5000]


def test_targets_are_one_symbol_later() -> None:
    stream, _ = rows()
    (inputs, targets), (following, _) = list(windows(stream, 2))
    assert inputs.shape == targets.shape == (ROWS, WINDOW)
    assert torch.equal(inputs[:, 1:], targets[:, :-1]) and torch.equal(targets[:, -1], following[:, 0])


def test_rnnlab_runs_the_same_grid() -> None:
    from rnnlab.sweep.space import parse

    command = rnnlab_command(300)
    words = command[command.index("-m", 3) + 1 :]
    words = words[words.index("-m") + 1 :] if "-m" in words else words
    space = parse(words, lambda group: [])
    assert len(list(space.grid())) * len(space.seeds) == len(trials())


def test_every_contender_says_what_it_needs() -> None:
    assert {*AGAINST, "rnnlab"} == set(NEEDS)


def test_an_unknown_contender_is_one_line(cli) -> None:
    answer = cli("bench", "sweep", "--against", "hydra")
    assert answer.exit_code == 2 and "hydra_basic" in answer.stderr
