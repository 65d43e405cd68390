"""The vectors of a run's embedding, as it ended and as it began."""

from __future__ import annotations

from torch import nn

from rnnlab.data.grid import Grid
from rnnlab.data.spec import DataSpec
from rnnlab.data.word_sets import Question
from rnnlab.errors import RequestError
from rnnlab.experiment import Experiment
from rnnlab.inside.vectors.table import WordVectors
from rnnlab.models.embeddings.learned import Learned
from rnnlab.models.tasks.base import Task
from rnnlab.parts import model_for
from rnnlab.rerun import LoadedModel
from rnnlab.training.seeds import INITIALISATION, reseed

PLANTED = "planted"
"""In the place of a file of questions: those of the run's own data."""


def trained_vectors(loaded: LoadedModel) -> WordVectors:
    """Those of the run's best weights. RequestError where it learned no vector for each symbol."""
    return vectors_of(loaded.model, loaded.spec, loaded.run_id)


def untrained_vectors(loaded: LoadedModel) -> WordVectors:
    """Those that the same run drew before its first step."""
    reseed(loaded.experiment.seed, INITIALISATION)
    return vectors_of(model_for(loaded.experiment, loaded.spec), loaded.spec, loaded.run_id)


def vectors_of(model: Task, spec: DataSpec, run_id: str) -> WordVectors:
    """The table of an embedding with the symbols that it belongs to: what is read, or written where that is other."""
    embedding = model.embedding
    if not (isinstance(embedding, Learned) and isinstance(embedding.map, nn.Embedding)):
        raise RequestError(
            f"run {run_id}: embedding={embedding.config.name} has no vector for each symbol that was learned;"
            " possible with embedding=learned on data of symbols"
        )
    symbols = spec.target_symbols or spec.symbols
    table_VD = embedding.map.weight.detach().numpy()
    assert len(symbols) == len(table_VD), "a row for each symbol"
    return WordVectors(symbols, table_VD)


def planted_questions(experiment: Experiment) -> dict[str, list[Question]]:
    """The analogies that the run's data was drawn with. RequestError where it was not."""
    if not isinstance(experiment.data, Grid.Config):
        raise RequestError(
            f"--questions {PLANTED}: data={experiment.data.name} has no analogies planted; possible with data=grid,"
            " or give a file"
        )
    return {"grid": [Question(*words) for words in Grid(experiment.data).questions()]}
