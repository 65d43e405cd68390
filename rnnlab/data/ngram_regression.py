"""What letter statistics tell of a text's class: a logistic regression on character n-grams, by scikit-learn.

Counts of the n-grams of 1 to 4 characters, with the borders of words marked, each weighted by how few texts have
it (tf-idf, the logarithm of its count); one softmax over all classes. The strength of the L2 penalty, and whether
rare classes weigh more ("balanced"), are those with the best macro-F1 on val. Test is measured with them alone.
"""

from __future__ import annotations

import json
from itertools import product

from rnnlab.data.base import Dataset
from rnnlab.data.contents import Sequences
from rnnlab.data.places import cache_root, writing
from rnnlab.data.spec import DataSpec
from rnnlab.data.text_items import texts_of
from rnnlab.errors import WorkError

NAME = "ngram_regression"
LONGEST = 4
STRENGTHS = (1.0, 10.0, 100.0)
"""Inverse factors on the penalty, as scikit-learn's C."""
WEIGHTS = (None, "balanced")
RECIPE = 1  # raise it when the same data shall give other figures


def ngram_regression(dataset: Dataset, spec: DataSpec) -> dict[str, float]:
    """{"ngram_regression/SPLIT/FIGURE": value} for val and test, accuracy and macro_f1; kept in the cache."""
    path = cache_root() / "baselines" / f"{spec.fingerprint[:16]}-{NAME}-{RECIPE}.json"
    if path.exists():
        try:
            return {name: float(value) for name, value in json.loads(path.read_text(encoding="utf-8")).items()}
        except (ValueError, AttributeError, TypeError) as error:
            raise WorkError(f"{path}: damaged ({error}); remove it and ask again") from error
    dataset.say(f"data={dataset.config.name}: fitting the n-gram regression that stands beside the result (once)")
    found = fitted({name: labelled(dataset, name) for name in ("train", "val", "test")}, spec.symbols)
    with writing(path) as beside:
        beside.write_text(json.dumps(found, indent=1), encoding="utf-8")
    return found


def labelled(dataset: Dataset, name: str) -> Sequences:
    part = dataset.split(name)
    assert isinstance(part, Sequences)
    return part


def fitted(parts: dict[str, Sequences], symbols: tuple[str, ...]) -> dict[str, float]:
    """The figures of the best of ``STRENGTHS`` and ``WEIGHTS``."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    counter = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, LONGEST), lowercase=False, sublinear_tf=True)
    train = counter.fit_transform(texts_of(parts["train"], symbols))
    val, test = (counter.transform(texts_of(parts[name], symbols)) for name in ("val", "test"))
    tried = []
    for strength, weights in product(STRENGTHS, WEIGHTS):
        model = LogisticRegression(C=strength, class_weight=weights, max_iter=300).fit(train, parts["train"].labels)
        tried.append((scores(parts["val"], model.predict(val)), model))
    on_val, best = max(tried, key=lambda pair: pair[0]["macro_f1"])
    found = {"val": on_val, "test": scores(parts["test"], best.predict(test))}
    return {f"{NAME}/{part}/{figure}": value for part, known in found.items() for figure, value in known.items()}


def scores(part: Sequences, predicted: object) -> dict[str, float]:
    """The same figures that ``task=classification`` has."""
    from sklearn.metrics import accuracy_score, f1_score

    return {
        "accuracy": float(accuracy_score(part.labels, predicted)),
        "macro_f1": float(f1_score(part.labels, predicted, average="macro")),
    }
