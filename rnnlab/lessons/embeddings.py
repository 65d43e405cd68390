"""Word embeddings: vectors that are learned by saying what comes next, and analogies that become sums."""

from __future__ import annotations

from collections.abc import Iterator

from rnnlab.data.grid import Grid
from rnnlab.data.word_sets import Question
from rnnlab.inside.vectors.map import draw
from rnnlab.inside.vectors.projection import Projection, project
from rnnlab.inside.vectors.reading import vectors_of
from rnnlab.inside.vectors.scores import score_analogies
from rnnlab.inside.vectors.table import WordVectors
from rnnlab.lessons.base import Lesson, Try
from rnnlab.lessons.blocks import Block, Picture, Row, Table, Text
from rnnlab.lessons.running import assembled, trained
from rnnlab.parts import Parts

RECIPE = "recipe=grid"
ASKED = (("a", 1), ("b", 1), ("a", 2), ("b", 2))
"""a1 is to b1 as a2 is to b2."""
NEAREST = 5


class Embeddings(Lesson):
    """king - man + woman, where the answer is known."""

    title = "Word embeddings: analogies as sums of vectors"
    place = 90
    look = (
        "Nobody tells the network what a word means: it predicts the next word, and words with the same company get"
        " vectors that point the same way.",
        "b1 - a1 + a2 is nearest to b2: the way from row a to row b is about the same vector in every column.",
        "The same words in random order teach nothing: the text, not the method, holds the analogies.",
        "On the map rows and columns show, as far as two of many directions can.",
    )
    next = (
        Try(f"rnnlab train {RECIPE}", "the same as a run that is kept"),
        Try("rnnlab embed last --questions planted --nearest a1 --analogy b1-a1+a2", "its vectors asked"),
        Try("rnnlab embed last --map map.html --export vectors.txt", "a map, and a file that gensim loads"),
        Try("rnnlab train recipe=words trainer.max_minutes=5", "words of a real text"),
    )

    def run(self) -> Iterator[Block]:
        steps = self.sized(600, 30)
        parts, shuffled = assembled(RECIPE), assembled(RECIPE, "data.shuffled=true")
        data = parts.dataset
        assert isinstance(data, Grid)
        yield Text(
            f"A made-up language: words a1, a2, ... stand in {data.config.rows} rows and {data.config.columns} columns;"
            f" each sentence is a word, the name of its row and of its column. {parts.spec.vocabulary} words, vectors"
            f" of {parts.model.embedding.size} numbers, {steps:,} steps.",
            {"vocabulary": parts.spec.vocabulary, "steps": steps},
        )
        untrained = vectors(parts)
        for each, name in ((parts, "in order"), (shuffled, "shuffled")):
            with self.progress(f"training on the text {name}") as bar:
                for _ in trained(each.learner, steps, bar):
                    pass
        found = {"untrained": untrained, "trained": vectors(parts), "trained, words shuffled": vectors(shuffled)}
        yield scored(found, data)
        yield neighbours(found["trained"])
        yield mapped(found["trained"], data)


def vectors(parts: Parts) -> WordVectors:
    """A copy of the vectors as they are now."""
    now = vectors_of(parts.model, parts.spec, "lesson")
    return WordVectors(now.words, now.vectors_VD.copy())


def scored(found: dict[str, WordVectors], data: Grid) -> Table:
    """All analogies of the grid that are answered at rank 1."""
    questions = {"grid": [Question(*words) for words in data.questions()]}
    rows: list[Row] = []
    numbers = []
    for name, each in found.items():
        score = score_analogies(each, questions)[0]
        interval = f"{score.low:.1%} to {score.high:.1%}"
        rows.append({"vectors": name, "right": f"{score.share:.1%}", "95 % interval": interval, "of": score.covered})
        numbers.append({"vectors": name, "share": score.share, "right": score.right, "covered": score.covered})
    return Table("analogies", "Analogies of the grid, answered at rank 1", rows, numbers)


def neighbours(trained_vectors: WordVectors) -> Table:
    """The nearest words to one, and to the sum of an analogy."""
    a, b, c, d = (trained_vectors.places[f"{row}{column}"] for row, column in ASKED)
    near = trained_vectors.nearest(a, NEAREST)
    answer = trained_vectors.analogy([(1, b), (-1, a), (1, c)], NEAREST)
    words = trained_vectors.words
    sum_name = f"{words[b]} - {words[a]} + {words[c]} (it should be {words[d]})"
    rows = [
        {f"nearest to {words[a]}": word, "cosine": cosine, sum_name: other, "cosine of the sum": other_cosine}
        for (word, cosine), (other, other_cosine) in zip(near, answer, strict=True)
    ]
    return Table("nearest", "Nearest words, by cosine", rows)


def mapped(trained_vectors: WordVectors, data: Grid) -> Picture:
    """The words of the grid in two dimensions; the four of the analogy in another colour."""
    count = data.config.rows * data.config.columns
    names = trained_vectors.words[1 : 1 + count]
    projected = project(trained_vectors.unit_VD[1 : 1 + count], Projection.pca)
    asked = {f"{row}{column}" for row, column in ASKED}
    drawn = draw(projected, names, [name in asked for name in names])
    return Picture("A map of the words", f"{len(names)} words of the grid; {projected.note}.", drawn)
