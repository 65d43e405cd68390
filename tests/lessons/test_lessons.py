"""Every lesson, quick: it tells, JSON has its numbers, and its page is whole. And the numbers against closed forms."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnlab.lessons.base import Lesson
from rnnlab.lessons.blocks import Block, Picture, Table, Text, numbers_of
from rnnlab.lessons.discovery import find_lesson, lessons
from rnnlab.lessons.page import page

NAMES = [lesson.name for lesson in lessons()]
REPEATED = ["hello", "unrolling", "visualising", "deep-bptt", "embeddings", "encoder-decoder", "tensorboard"]
Told = tuple[type[Lesson], list[Block], dict[str, Any]]
_told: dict[str, Told] = {}


@pytest.fixture
def told(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Told]:
    """A lesson's class, its blocks and its numbers; each is run once, quick, on data that every machine has."""
    monkeypatch.delenv("RNNLAB_DATA", raising=False)

    def tell(name: str) -> Told:
        if name not in _told:
            kind = find_lesson(name)
            blocks = list(kind(quick=True).run())
            _told[name] = kind, blocks, numbers_of(blocks)
        return _told[name]

    return tell


@pytest.mark.parametrize("name", NAMES)
def test_it_tells_and_its_numbers_are_json(name: str, told: Callable[[str], Told]) -> None:
    _, blocks, numbers = told(name)
    assert blocks and numbers
    json.dumps(numbers, allow_nan=False)


@pytest.mark.parametrize("name", NAMES)
def test_its_page_is_offline_and_holds_its_pictures(name: str, told: Callable[[str], Told]) -> None:
    kind, blocks, _ = told(name)
    html = page(kind, name, blocks)
    pictures = [block for block in blocks if isinstance(block, Picture)]
    assert html.count("<svg") + html.count("<img") >= len(pictures)
    assert not re.search(r"<script|src=\"(?!data:)|https?://(?!www\.w3\.org/2000/svg)", html)
    assert "default-src 'none'" in unescape(html)


@pytest.mark.parametrize(
    "name", ["hello", "unrolling", "visualising", "deep-bptt", "embeddings", "encoder-decoder", "tensorboard"]
)
def test_twice_the_same(name: str, told: Callable[[str], Told]) -> None:
    """Lessons are seeded: whoever repeats one sees the same numbers."""
    assert numbers_of(find_lesson(name)(quick=True).run()) == told(name)[2]


def test_hello_before_training_is_its_equations(told: Callable[[str], Told]) -> None:
    """Softmax, loss and h_t again in plain NumPy, from the weights that the lesson starts with."""
    from rnnlab.lessons.hello import SETTINGS
    from rnnlab.lessons.running import assembled

    weights = {name: value.detach().numpy() for name, value in assembled(*SETTINGS).model.named_parameters()}
    W_x, W_h = weights["stack.cells.0.W_x_HD"], weights["stack.cells.0.W_h_HH"]
    h = np.zeros(3)
    for step in told("hello")[2]["before"]:
        h = np.tanh(W_x @ np.array(step["one_hot"]) + W_h @ h + weights["stack.cells.0.b_H"])
        logits = weights["head.weight"] @ h + weights["head.bias"]
        assert step["h"] == pytest.approx(h, abs=1e-6)
        assert step["logits"] == pytest.approx(logits, abs=1e-6)
        right = "helo".index(step["target"])
        assert step["loss"] == pytest.approx(np.log(np.exp(logits).sum()) - logits[right], abs=1e-6)


def test_hello_learns_to_say_it(told: Callable[[str], Told]) -> None:
    numbers = told("hello")[2]
    assert numbers["written"] == "ello"
    assert [step["target"] for step in numbers["after"]] == list("ello")
    assert numbers["best_without_memory"] == pytest.approx((math.log(2) + math.log(2)) / 4)
    assert len(numbers["losses"]) == numbers["steps"] + 1


def test_autodiff_has_the_slides_numbers(told: Callable[[str], Told]) -> None:
    numbers = told("autodiff")[2]
    assert numbers["grad_tanh_1"]["torch.tanh"] == 0.41997434161402614
    assert round(numbers["slide_sixth_reaches"]) == 2_097_138
    assert round(numbers["exact_sixth_reaches"], 3) == 52.256
    assert numbers["wrong_points"] == numbers["points_below_border"] == 21
    assert [row["wrong"] for row in numbers["derivatives"]] == [[]] * 6 + [["slide's formula, -g a / b^2"]]
    errors = [row["error"] for row in numbers["finite_differences"]]
    assert min(range(len(errors)), key=errors.__getitem__) == 2  # h = 1e-5, near the cube root of float64's epsilon


def test_unrolling_shares_its_weights(told: Callable[[str], Told]) -> None:
    numbers = told("unrolling")[2]
    assert {row["parameters"] for row in numbers["unrolled"]} == {8 * (4 + 8 + 1) + 8 * (8 + 8 + 1)}
    assert all(row["step by step differs by"] < 1e-12 for row in numbers["unrolled"])
    assert numbers["difference"] < 1e-12 < numbers["norm"]
    assert numbers["shares"][0] == 0.0  # it multiplies h_0 = 0


def test_grus_differ_but_for_open_reset_gates(told: Callable[[str], Told]) -> None:
    biases, order_with, order, open_gates, swapped = (row["largest"] for row in told("lstm-gru")[2]["grus"])
    assert open_gates < 1e-12
    assert min(biases, order_with, order, swapped) > 1e-3
    assert told("lstm-gru")[2]["moved_after_1000_steps"] == 0.0


def test_lstm_numbers_satisfy_its_equations(told: Callable[[str], Told]) -> None:
    before = 0.0
    for row in told("lstm-gru")[2]["lstm"]:
        assert row["c"] == pytest.approx(row["f"] * before + row["i"] * row["g"], abs=1e-6)
        assert row["h"] == pytest.approx(row["o"] * math.tanh(row["c"]), abs=1e-6)
        before = row["c"]


def test_a_whole_window_loses_nothing_and_a_short_one_more_than_a_long_one(told: Callable[[str], Told]) -> None:
    rows = told("deep-bptt")[2]["windows"]
    for cell in {row["cell"] for row in rows}:
        named = [row for row in rows if row["cell"] == cell]
        assert [row["window"] for row in named] == [4, 16, 64]
        assert named[-1]["distance"] == 0.0
        assert named[0]["distance"] > named[1]["distance"] > 0
        assert max(row["loss"] for row in named) - min(row["loss"] for row in named) < 1e-12


def test_half_lives_of_gates_alone_are_the_closed_form(told: Callable[[str], Told]) -> None:
    rows = told("vanishing")[2]["half_lives"]
    assert [round(row["ln 2 / -ln f"], 1) for row in rows] == [1.0, 2.2, 5.5, 14.3, 103.2]
    for row in rows:
        assert row["measured, matrices 0"] == pytest.approx(row["ln 2 / -ln f"], rel=1e-6)


def test_a_gradient_that_does_not_decay_has_an_infinite_half_life_on_the_page_too() -> None:
    block = Table("half_lives", "title", [{"half-life": math.inf}, {"half-life": math.nan}])
    html = page(find_lesson("vanishing"), "vanishing", [block])
    assert "<td>inf</td>" in html and "<td>nan</td>" in html


def test_the_vanilla_rnn_forgets_sooner(told: Callable[[str], Told]) -> None:
    last = told("vanishing")[2]["by_lag"][-1]
    assert last["steps back"] == 127
    assert last["Elman, d loss / d h"] < 1e-3 * last["LSTM, d loss / d c"]


def test_outputs_minus_one_sees_one_row_of_the_backward_half(told: Callable[[str], Told]) -> None:
    rows = told("tf-examples")[2]["influence"]
    assert [row["row"] for row in rows if row["as written"] > 0] == [rows[-1]["row"]]
    assert all(row["as it should be"] > 0 for row in rows)


def test_printed_numbers_have_wilson_intervals(told: Callable[[str], Told]) -> None:
    numbers = told("tf-examples")[2]
    printed = {name: numbers[name][0] for name in ("recurrent", "bidirectional", "dynamic")}
    assert [round(row["accuracy"], 4) for row in printed.values()] == [0.8828, 0.8906, 0.952]
    assert [round(printed["recurrent"][end], 3) for end in ("low", "high")] == [0.816, 0.928]
    assert [row["items"] for row in numbers["recurrent"]] == [128, 128, 300, 128, 300]


def test_gpus_are_shown_in_the_order_that_the_variable_names(
    told: Callable[[str], Told], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")  # no nvidia-smi: the two made-up ones
    numbers = numbers_of(find_lesson("gpus")().run())
    seen = {row["CUDA_VISIBLE_DEVICES"]: row["a process sees"] for row in numbers["settings"]}
    assert seen["0"] == "cuda:0 = GPU 0" and seen["1"] == "cuda:0 = GPU 1"
    assert seen["1,0"] == "cuda:0 = GPU 1, cuda:1 = GPU 0"
    assert seen["-1"] == seen["(empty)"] == "nothing: CPU"


def test_char_rnn_starts_at_the_vocabulary_and_learns(told: Callable[[str], Told]) -> None:
    numbers = told("char-rnn")[2]
    first, *_, last = (row["bits/char"] for row in numbers["validation"])
    assert first == pytest.approx(math.log2(numbers["vocabulary"]), abs=0.5)
    assert last < first - 0.5
    assert all("".join(numbers[f"sample_{temperature}"]).startswith("def ") for temperature in ("0.2", "0.7", "1.2"))


def test_analogies_are_all_asked_of_each_table_of_vectors(told: Callable[[str], Told]) -> None:
    """Rectangles of a 6 by 6 grid, from each corner, both ways: 2 * (6 * 5) * (6 * 5)."""
    rows = told("embeddings")[2]["analogies"]
    assert [row["vectors"] for row in rows] == ["untrained", "trained", "trained, words shuffled"]
    assert {row["covered"] for row in rows} == {1800}


def test_attention_is_weighed_where_the_letter_stands(told: Callable[[str], Told]) -> None:
    from rnnlab.lessons.encoder_decoder import on_diagonal
    from rnnlab.models.decoding.writing import Written

    backwards = Written(tuple("abc"), tuple("cba"), 0.0, np.vstack([np.eye(3)[::-1], np.ones((1, 3)) / 3]))
    assert on_diagonal(backwards) == [1.0, 1.0, 1.0]
    numbers = told("encoder-decoder")[2]
    assert 0 < numbers["mass_on_diagonal"] < 1
    assert [(row["attention"], row["step"]) for row in numbers["figures"]] == [
        ("dot", 0),
        ("dot", 10),
        ("none", 0),
        ("none", 10),
    ]


def test_captions_come_with_a_map_for_each_word_and_the_end(workspace: Path) -> None:
    from rnnlab.lessons.captioning import SETTINGS, captions_of
    from rnnlab.lessons.running import assembled

    found = captions_of(assembled(*SETTINGS, "data.examples=64", "data.held_out=6"))
    assert found.pictures.shape == (6, 3, 32, 32) and 0 <= found.pictures.min() <= found.pictures.max() <= 1
    for words, looked in zip(found.words, found.looked, strict=True):
        assert len(words) <= len(looked) <= len(words) + 1
        assert looked.sum(axis=(1, 2)) == pytest.approx(np.ones(len(looked)), abs=1e-5)


def test_units_are_chosen_on_one_half_and_scored_on_the_other(workspace: Path) -> None:
    """The strengths of the tables again, by scikit-learn's AUC over the values themselves."""
    from sklearn.metrics import roc_auc_score

    from rnnlab.inside.finding.halves import Halves
    from rnnlab.inside.text import held_out
    from rnnlab.lessons.running import assembled
    from rnnlab.lessons.visualising import SETTINGS, Visualising, readings

    parts = assembled(*SETTINGS, "cell.hidden_size=6", "data.max_bytes=400000")
    text = held_out(parts.experiment.data, parts.spec, 12_000)
    discovery = Visualising(quick=True).discovered(parts, text)
    halves = Halves.of(len(text))
    assert not set(halves.choosing) & set(halves.scoring)
    asked = [each for each in readings(discovery) if not each.label.number][:12]
    assert asked
    for each in asked:
        values_N = discovery.activations.of(each.unit)
        true_N = each.label.values_N
        assert not np.isnan(true_N[halves.choosing]).any()
        way = 1 if roc_auc_score(true_N[halves.choosing], values_N[halves.choosing]) >= 0.5 else -1
        assert each.score == pytest.approx(
            roc_auc_score(true_N[halves.scoring], way * values_N[halves.scoring]), abs=1e-5
        )


def test_most_units_are_not_called_readable(told: Callable[[str], Told]) -> None:
    numbers = told("visualising")[2]
    assert numbers["units"] == 2 * 128
    assert numbers["readable"] == sum(numbers["readable_by"].values()) < numbers["units"] / 4
    assert {row["verdict"] for row in numbers["best_units"]} <= {"found", "weak", "no"}
    assert sorted(numbers["found"]) == sorted(
        row["feature"] for row in numbers["best_units"] if row["verdict"] == "found"
    )


def test_marks_stand_below_their_characters() -> None:
    from rnnlab.inside.finding.showing import Shown
    from rnnlab.inside.painting.shading import Scale
    from rnnlab.lessons.visualising import MARKS, WIDTH, in_characters

    text = "ab\tc\n\nd" + "e" * WIDTH
    values = np.full(len(text), -5.0, np.float32)
    values[[1, 7]] = 1.0, 9.0
    lines = in_characters(Shown(0, text, values, values > 0, Scale(-1.0, 1.0)))
    low, high = MARKS[0], MARKS[-1]
    assert lines[:4] == ["ab c", f"{low}{high}{low * 3}", "", low]
    assert lines[4:6] == ["d" + "e" * (WIDTH - 1), low + high + low * (WIDTH - 2)] and lines[6:] == ["e", low]


def test_tensorboard_reads_what_the_log_has(told: Callable[[str], Told]) -> None:
    pytest.importorskip("tensorboard")
    numbers = told("tensorboard")[2]
    assert numbers["installed"] and numbers["equal"]
    assert numbers["read_back"] == numbers["values"] > 20
    assert {"train/loss", "val/loss", "learning_rate"} <= set(numbers["keys"])
    assert numbers["looks"][0] == 0 and numbers["looks"][-1] == numbers["steps"]
    assert len(numbers["samples"]) == len(numbers["looks"])


def test_without_the_package_it_says_what_to_install(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from rnnlab.errors import RequestError
    from rnnlab.lessons import tensorboard

    def absent() -> None:
        raise RequestError("not installed")

    monkeypatch.setattr(tensorboard, "check_installed", absent)
    blocks = list(tensorboard.TensorBoard(quick=True).run())
    numbers = numbers_of(blocks)
    assert numbers["installed"] is False and "equal" not in numbers and "read_back" not in numbers
    last = blocks[-1]
    assert isinstance(last, Text) and "pip install 'rnnlab[tensorboard]'" in last.text
    assert not list(workspace.rglob("*tfevents*"))


def test_quick_is_the_same_work_with_smaller_numbers(told: Callable[[str], Told]) -> None:
    whole, quick = find_lesson("unrolling")(), told("unrolling")[2]
    assert [block.__class__ for block in whole.run()] == [block.__class__ for block in told("unrolling")[1]]
    assert numbers_of(whole.run()).keys() == quick.keys()


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_whole_lesson(name: str, workspace: Path) -> None:
    blocks = list(find_lesson(name)().run())
    json.dumps(numbers_of(blocks), allow_nan=False)
    assert "</html>" in page(find_lesson(name), name, blocks)
