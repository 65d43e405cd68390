"""``rnnlab embed``: words of a trained model, asked from the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rnnlab.data.grid import Grid
from rnnlab.data.words import words_of

SMALL = (
    "tracking.store=none", "threads=1", "device=cpu", "trainer.final=false", "bptt.window=16", "data.batch_size=8",
    "embedding.size=8", "cell.hidden_size=8", "task.tie_weights=true",
)  # fmt: skip
GRID = ("data=grid", "data.rows=4", "data.columns=4", "data.sentences=400", "data.held_out=100", *SMALL)
STEPS = "trainer.max_steps=30"


@pytest.fixture
def train(cli: Callable) -> Callable[..., str]:
    def trained(*overrides: str) -> str:
        answer = cli("train", *overrides, "--json")
        assert answer.exit_code == 0, answer.stderr
        return str(answer.data["run_id"])

    return trained


@pytest.mark.slow
def test_a_planted_grid_gives_its_analogies_at_rank_1(cli: Callable, train: Callable[..., str]) -> None:
    train("recipe=grid", "tracking.store=none", "threads=1", "device=cpu", "trainer.final=false")
    answer = cli("embed", "last", "--questions", "planted", "--analogy", "a1-a2+c2", "--analogy", "b1-d1+d4", "--json")
    assert answer.exit_code == 0, answer.stderr
    total = answer.data["questions"]["planted"]["trained"][0]
    assert (total["section"], total["covered"], total["asked"]) == ("total", 1800, 1800)
    assert total["right"] == 1800, "every analogy of the grid, from every corner"
    untrained = answer.data["questions"]["planted"]["untrained"][0]
    assert untrained["right"] < 180
    first = {text: neighbours[0][0] for text, neighbours in answer.data["analogies"].items()}
    assert first == {"a1-a2+c2": "c1", "b1-d1+d4": "b4"}


def test_all_that_can_be_asked(cli: Callable, train: Callable[..., str], workspace: Path) -> None:
    run_id = train(*GRID, STEPS)
    shuffled = train(*GRID, STEPS, "data.shuffled=true")
    questions = Grid(Grid.Config(name="grid", rows=4, columns=4)).questions()
    (workspace / "asked.txt").write_text(": some\n" + "".join(f"{' '.join(words)}\n" for words in questions[:50]))
    (workspace / "rated.csv").write_text("".join(f"a1,{word},{n}\n" for n, word in enumerate(["a2", "a3", "b1", "x"])))
    files = ("--map", "map.html", "--export", "vectors.txt", "--projector", "projector")
    asked = ("--nearest", "B2", "--analogy", "a1 - a2 + b2", "--questions", "asked.txt", "--similarity", "rated.csv")
    answer = cli("embed", run_id, *asked, *files, "--against", shuffled, "--count", "3", "--json")
    assert answer.exit_code == 0, answer.stderr
    found = answer.data
    assert (found["run_id"], found["words"], found["features"]) == (run_id, 25, 8)
    assert len(found["nearest"]["B2"]) == 3 and "b2" not in dict(found["nearest"]["B2"])
    assert not {"a1", "a2", "b2"} & set(dict(found["analogies"]["a1 - a2 + b2"]))
    assert list(found["questions"]["asked.txt"]) == ["trained", "untrained", f"run {shuffled}"]
    total, some = found["questions"]["asked.txt"]["trained"]
    assert total["covered"] == some["asked"] == 50 and total["right"] == some["right"]
    assert found["similarity"]["rated.csv"]["untrained"]["covered"] == 3
    assert found["similarity"]["rated.csv"]["untrained"]["low"] is None
    assert found["files"] == ["map.html", "vectors.txt", "projector/vectors.tsv", "projector/metadata.tsv"]
    assert (workspace / "vectors.txt").read_text().startswith("25 8\n</s> ")
    page = (workspace / "map.html").read_text()
    assert f"Words of run {run_id}" in page and ">b2<" in page
    said = cli("embed", run_id, *asked, "--against", shuffled).stdout
    for word in ("cosine", "untrained", "Spearman's rho", "50 of 50", "95 % interval", f"run {shuffled}"):
        assert word in said


def test_words_of_a_text(cli: Callable, train: Callable[..., str], workspace: Path) -> None:
    """Words from a text to a sample and to gensim; a sweep may lower the perplexity, and no bits per character."""
    (workspace / "tale.txt").write_text("The king said, the queen (so he said) is wise.\n" * 40)
    words = ("data=text", "data.path=tale.txt", "data.unit=word", "data.vocabulary=12", *SMALL, STEPS)
    answer = cli("train", *words, "--json")
    assert {"val/perplexity", "best/val_loss"} <= set(answer.data["metrics"])
    assert not [name for name in answer.data["metrics"] if name.endswith("bits_per_char")]
    sampled = cli("sample", "last", "--primer", "The king", "--length", "20", "--temperature", "0", "--json").data
    known = {"<unk>", "\n", *words_of("(said, The he is king queen so).")}
    assert len(known) == 13 and set(words_of(sampled["samples"][0])) <= known - {"<unk>"}
    refused = cli("sample", "last", "--primer", "The kings")
    assert refused.exit_code == 2 and "word 2, 'kings'" in refused.stderr
    keyed = pytest.importorskip("gensim.models", reason="gensim is not installed").KeyedVectors
    assert cli("embed", "last", "--export", "vectors.txt").exit_code == 0
    loaded = keyed.load_word2vec_format("vectors.txt")
    assert len(loaded) == 13 and loaded.vector_size == 8 and "<unk>" in loaded
    refused = cli("train", "-m", *words, "seed=0,1", "sweep.metric=val/bits_per_char")
    assert refused.exit_code == 2 and "val/perplexity" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), ("--nearest", "--similarity")),
        (("--nearest", "a11"), ("'a11'", "25 words", "did you mean 'a1'")),
        (("--analogy", "a1-a2+q7"), ("--analogy 'a1-a2+q7'", "'q7'")),
        (("--analogy", "a1"), ("king-man+woman",)),
        (("--nearest", "a1", "--count", "0"), ("--count = 0",)),
        (("--map", "map.html", "--words", "0"), ("--words = 0",)),
        (("--map", "absent/map.html"), ("--map absent/map.html", "no folder")),
        (("--export", "absent/v.txt"), ("--export absent/v.txt", "no folder")),
        (("--questions", "none.txt"), ("--questions none.txt", "questions-words.txt")),
        (("--questions", "bad.txt"), ("bad.txt: line 1", "four")),
        (("--map", "map.html", "--nearest", "a11"), ("'a11'",)),
        (("--map", "map.html", "--against", "last"), ("--against", "--questions or --similarity")),
        (("--map", "map.html", "--projector", "absent/projector"), ("--projector absent/projector", "no folder")),
    ],
)
def test_wrong_requests(
    cli: Callable, train: Callable[..., str], workspace: Path, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    train(*GRID, "trainer.max_steps=2")
    (workspace / "bad.txt").write_text("a1 a2 b1\n")
    answer = cli("embed", "last", *arguments)
    assert answer.exit_code == 2 and answer.stderr.count("\n") == 1
    for word in words:
        assert word in answer.stderr
    assert not (workspace / "map.html").exists()


def test_runs_without_such_vectors(cli: Callable, train: Callable[..., str]) -> None:
    tied = "task.tie_weights=false"
    small = [word for word in GRID if not word.startswith(("embedding", "task"))]
    train(*small, tied, "embedding=one_hot", "trainer.max_steps=2")
    answer = cli("embed", "last", "--nearest", "a1")
    assert answer.exit_code == 2 and "embedding=one_hot" in answer.stderr and "embedding=learned" in answer.stderr
    hello = train("data=hello", "bptt.window=4", "trainer.max_steps=2", "tracking.store=none", "threads=1")
    near = cli("embed", hello, "--nearest", "h", "--json").data["nearest"]["h"]
    assert sorted(word for word, _ in near) == ["e", "l", "o"], "letters have vectors too"
    planted = cli("embed", hello, "--questions", "planted")
    assert planted.exit_code == 2 and "data=hello" in planted.stderr
    train(*GRID, "trainer.max_steps=2")
    other = cli("embed", "last", "--questions", "planted", "--against", hello)
    assert other.exit_code == 2 and "other words" in other.stderr
