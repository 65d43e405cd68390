"""Networks of the same configuration as a run's, as they are before any training."""

from __future__ import annotations

from rnnlab.data.spec import DataSpec
from rnnlab.experiment import Experiment
from rnnlab.models.tasks.language_model import LanguageModel
from rnnlab.parts import initial_model


def untrained(experiment: Experiment, spec: DataSpec, number: int) -> LanguageModel:
    """The model of the same experiment with another seed, number 1, 2, ... behind its own, in evaluation mode."""
    model = initial_model(experiment, spec, number)
    assert isinstance(model, LanguageModel), "what was opened is a language model"
    return model.eval()
