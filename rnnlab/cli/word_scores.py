"""How ``rnnlab embed`` shows scores: those of a run's word vectors beside others with the same words."""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rnnlab.cli.console import Console

if TYPE_CHECKING:
    from rnnlab.data.download import Progress
    from rnnlab.data.word_sets import Question, Similarity
    from rnnlab.inside.vectors.scores import AnalogyScore
    from rnnlab.inside.vectors.table import WordVectors
    from rnnlab.rerun import LoadedModel

TRAINED, UNTRAINED = "trained", "untrained"
Contenders = Mapping[str, "WordVectors"]


def scores(
    loaded: LoadedModel, vectors: WordVectors, arguments: argparse.Namespace, console: Console
) -> dict[str, Any]:
    """Scores on files of questions and similarities, of these vectors and of those beside them."""
    if not (arguments.questions or arguments.similarity):
        return {}
    with console.progress("loading") as bar:
        questions, ratings = read(loaded, arguments, lambda label, done, of: bar(done, of, label), console)
    contenders = beside(loaded, vectors, arguments)
    analogies = {name: show_analogies(name, contenders, asked, console) for name, asked in questions.items()}
    similarities = {name: show_similarities(name, contenders, pairs, console) for name, pairs in ratings.items()}
    return {"questions": analogies, "similarity": similarities}


def read(
    loaded: LoadedModel, arguments: argparse.Namespace, progress: Progress, console: Console
) -> tuple[dict[str, dict[str, list[Question]]], dict[str, list[Similarity]]]:
    """The questions and the similarities that were asked for, by what names them. RequestError for unreadable ones."""
    from rnnlab.data.word_sets import obtain, read_questions, read_similarities
    from rnnlab.inside.vectors.reading import PLANTED, planted_questions

    def questions(given: str) -> dict[str, list[Question]]:
        if given == PLANTED:
            return planted_questions(loaded.experiment)
        return read_questions(obtain(given, "--questions", progress, console.say))

    def similarities(given: str) -> list[Similarity]:
        return read_similarities(obtain(given, "--similarity", progress, console.say))

    asked = {given: questions(given) for given in arguments.questions}
    return asked, {given: similarities(given) for given in arguments.similarity}


def beside(loaded: LoadedModel, vectors: WordVectors, arguments: argparse.Namespace) -> dict[str, WordVectors]:
    """The vectors, the same ones before training, and those of the other run. RequestError where it has other words."""
    from rnnlab.errors import RequestError
    from rnnlab.inside.vectors.reading import trained_vectors, untrained_vectors
    from rnnlab.rerun import load

    contenders = {TRAINED: vectors, UNTRAINED: untrained_vectors(loaded)}
    if arguments.against is not None:
        other = load(arguments.against, arguments.plugins.split(",") if arguments.plugins else ())
        contenders[f"run {other.run_id}"] = trained_vectors(other)
        if set(contenders[f"run {other.run_id}"].words) != set(vectors.words):
            raise RequestError(f"--against {arguments.against}: it knows other words than run {loaded.run_id}")
    return contenders


def show_analogies(
    name: str, contenders: Contenders, sections: Mapping[str, Sequence[Question]], console: Console
) -> dict[str, list[dict[str, Any]]]:
    """A row for each section, the total first; what is stored is every contender's counts."""
    from rnnlab.inside.vectors.scores import score_analogies

    found = {who: score_analogies(vectors, sections) for who, vectors in contenders.items()}
    rows = []
    for own, *others in zip(*found.values(), strict=True):
        row = {"section": own.section, "covered": f"{own.covered:,} of {own.asked:,}", TRAINED: percent(own)}
        row["95 % interval"] = f"{own.low:.1%} to {own.high:.1%}" if own.covered else ""
        rows.append(row | {who: percent(score) for who, score in zip(list(found)[1:], others, strict=True)})
    console.table(rows, f"{name}: analogies that are answered at rank 1, of those whose words are all known")
    return {who: [without_nan(asdict(score)) for score in of] for who, of in found.items()}


def percent(score: AnalogyScore) -> str:
    return f"{score.share:.1%}" if score.covered else ""


def show_similarities(
    name: str, contenders: Contenders, pairs: Sequence[Similarity], console: Console
) -> dict[str, Any]:
    """Spearman's rho of every contender."""
    from rnnlab.inside.vectors.scores import score_similarities

    found = {who: score_similarities(vectors, pairs) for who, vectors in contenders.items()}
    rows = [
        {
            "vectors": who,
            "covered": f"{score.covered:,} of {score.asked:,}",
            "Spearman's rho": "" if math.isnan(score.rho) else f"{score.rho:.3f}",
            "95 % interval": "" if math.isnan(score.low) else f"{score.low:.3f} to {score.high:.3f}",
        }
        for who, score in found.items()
    ]
    console.table(rows, f"{name}: cosines against people's ratings")
    return {who: without_nan(asdict(score)) for who, score in found.items()}


def without_nan(values: dict[str, Any]) -> dict[str, Any]:
    """JSON has no NaN."""
    return {key: None if isinstance(value, float) and math.isnan(value) else value for key, value in values.items()}
