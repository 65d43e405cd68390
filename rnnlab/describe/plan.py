"""What an experiment is, unrolled: which steps read something, where something is said, and what was read before.

It is told by the task and its encoder, attention and stack, and of the data by the number of steps where the
configuration knows it: nothing is prepared.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from rnnlab.config import registry
from rnnlab.config.schema import ComponentConfig
from rnnlab.data.generated import Generated
from rnnlab.models.attention.base import Attention
from rnnlab.models.decoding.bridge import BridgeKind
from rnnlab.models.encoders.base import Encoder
from rnnlab.models.encoders.recurrent import Recurrent
from rnnlab.models.pooling import Pooling
from rnnlab.models.stack import Stack
from rnnlab.models.tasks.base import Task
from rnnlab.models.tasks.classification import Classification
from rnnlab.models.tasks.encoder_decoder import EncoderDecoder

if TYPE_CHECKING:
    from rnnlab.experiment import Experiment

STEPS, STEPS_OF_TWO = 4, 3
"""Steps that are drawn of a sequence, and of each of two beside one another."""
NONE, ENDS = "none", "ends"
CARRIED = "carried"
"""What ``bptt.state`` is where a window starts from the state that the one before it ended in."""
AT_EACH_STEP = ("stream", "steps")
"""Shapes of data that ask at each of their steps."""


class Shape(str, Enum):
    """What is read, and what is said: the five shapes of recurrent networks."""

    one_to_one = "one to one"
    one_to_many = "one to many"
    many_to_one = "many to one"
    at_once = "many to many, at once"
    after = "many to many, after"


@dataclass(frozen=True, slots=True)
class Row:
    """A stack over the steps that are drawn. inputs: what each reads. cut: are some left out before the last?"""

    stack: Stack.Config
    inputs: tuple[str, ...]
    cut: bool


class Answer(NamedTuple):
    """Something that is said. reads: the steps whose output it is read off; through: what makes one of several
    outputs; target: what it is held against, or, without a loss, what it is called."""

    reads: tuple[int, ...]
    target: str
    through: str = ""
    loss: bool = True


@dataclass(frozen=True, slots=True)
class Source:
    """What is read before the first word is written.

    row     the encoder's stack over the source; None for a picture
    bridge  how the decoder's first state is made of it
    places  names of the vectors that attention looks at; () without attention
    fed     whether each context is read by the next step too
    """

    encoder: str
    attention: str
    row: Row | None
    bridge: BridgeKind
    places: tuple[str, ...]
    fed: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """told: the shape in a sentence. carried: whether the state goes on from one window to the next."""

    shape: Shape
    told: str
    row: Row
    answers: tuple[Answer, ...]
    carried: bool = False
    source: Source | None = None

    def plain(self) -> dict[str, object]:
        return {"shape": self.shape.value, "told": self.told}


def stack_alone(stack: Stack.Config) -> Plan:
    """A stack that reads at each step and gives something at each, whatever for."""
    numbers = numbered(STEPS, True, "T")
    answers = tuple(Answer((step,), f"y_{number}", loss=False) for step, number in enumerate(numbers))
    return Plan(Shape.at_once, "", Row(stack, tuple(f"x_{number}" for number in numbers), True), answers)


def plan_of(experiment: Experiment) -> Plan:
    """The plan of a whole configuration. RequestError where a part of it cannot be had."""
    task = registry.component("task", experiment.task.name)
    if task.decodes:
        encoder = registry.component("encoder", experiment.encoder.name)
        return writing(experiment.task, encoder, experiment.encoder, experiment.attention, experiment.stack)
    carried = task.shape == "stream" and experiment.bptt.state.value == CARRIED
    return saying(task, experiment.task, experiment.stack, known_steps(experiment, task), carried)


def plan_of_model(model: Task) -> Plan:
    """The plan of a model that is there; how long its windows are it does not know."""
    if isinstance(model, EncoderDecoder):
        encoder, looking = model.encoder, model.attention.config
        return writing(model.config, type(encoder), encoder.config, looking, model.stack.config)
    return saying(type(model), model.config, model.stack.config, None, carried=False)


def known_steps(experiment: Experiment, task: type[Task]) -> int | None:
    """How many steps the stack takes over one window, or one item; None where only the data can tell."""
    if task.shape == "stream":
        return experiment.bptt.window
    data = registry.component("data", experiment.data.name)
    if issubclass(data, Generated) and data.shape == task.shape:
        made: Generated = registry.build("data", experiment.data)
        return made.max_length
    return None


def saying(kind: type[Task], task: ComponentConfig, stack: Stack.Config, steps: int | None, carried: bool) -> Plan:
    """A task that reads and says: at each step, or once."""
    drawn, cut = min(steps or STEPS, STEPS), steps is None or steps > STEPS
    numbers = numbered(drawn, cut, "T")
    row = Row(stack, tuple(f"x_{number}" for number in numbers), cut)
    if kind.shape in AT_EACH_STEP:
        targets = [after(number) for number in numbers] if kind.shape == "stream" else [f"y_{n}" for n in numbers]
        answers = tuple(Answer((step,), target) for step, target in enumerate(targets))
    else:
        target = "x_(T+1) ... x_(T+U)" if kind.shape == "series" else "y"
        answers = (one_answer(task, stack, drawn, target),)
    shape = Shape.at_once if kind.shape in AT_EACH_STEP else Shape.many_to_one
    if steps == 1 and not carried:
        shape = Shape.one_to_one
    return Plan(shape, sentence(kind, shape, steps, carried), row, answers, carried)


def one_answer(task: ComponentConfig, stack: Stack.Config, steps: int, target: str) -> Answer:
    """The one thing that is said of a sequence, and the steps that it is read off."""
    pooling = task.pooling if isinstance(task, Classification.Config) else Pooling.last
    if pooling is not Pooling.last:
        return Answer(tuple(range(steps)), target, pooling.value)
    if stack.bidirectional and steps > 1:
        return Answer((0, steps - 1), target, ENDS)
    return Answer((steps - 1,), target)


def sentence(kind: type[Task], shape: Shape, steps: int | None, carried: bool) -> str:
    """What the picture shows, and how the shape is had."""
    long = "" if steps is None else f"; T = {steps}"
    if shape is Shape.one_to_one:
        had = "bptt.window=1 bptt.state=fresh" if kind.shape == "stream" else "sequences of a single step"
        return f"One step is read, and one thing is said: a network without a memory, by {had}."
    if kind.shape == "stream":
        goes_on = "; the state goes on into the next window, the gradient does not" if carried else ""
        return f"Each step is asked for the symbol that comes next{long}{goes_on}."
    if kind.shape == "steps":
        return f"Each step that the data marks is asked for its label{long}."
    said = {"series": "the next U values, all at once", "numbers": "one number"}.get(kind.shape, "one label")
    return f"All steps are read, then {said}{long}."


def writing(
    task: ComponentConfig,
    kind: type[Encoder],
    encoder: ComponentConfig,
    attention: Attention.Config,
    stack: Stack.Config,
) -> Plan:
    """A task that reads everything, and then writes: its stack is the decoder."""
    assert isinstance(task, EncoderDecoder.Config), "no other task decodes"
    read: Row | None = None
    numbers = numbered(STEPS_OF_TWO, True, "S")
    if isinstance(encoder, Recurrent.Config):
        read = Row(replace(stack, bidirectional=encoder.bidirectional), tuple(f"x_{n}" for n in numbers), True)
    looks = attention.name != NONE
    places = tuple(f"m_{number}" for number in numbers) if looks else ()
    source = Source(encoder.name, attention.name, read, task.bridge, places, looks and attention.feed)
    row = Row(stack, ("start", "y_1", "y_(U-1)"), True)
    answers = tuple(Answer((step,), target) for step, target in enumerate(("y_1", "y_2", "end")))
    shape = Shape.one_to_many if kind.reads == "captions" else Shape.after
    what = "A picture is read" if shape is Shape.one_to_many else "A whole sequence is read"
    told = (
        f"{what}, then a sequence is written: each step reads the true symbol before it (when it writes freely, its"
        " own) and is asked for the next."
    )
    return Plan(shape, told, row, answers, source=source)


def numbered(count: int, cut: bool, last: str) -> list[str]:
    """The numbers of the steps that are drawn; where some are left out, the last one has a letter."""
    return [str(step + 1) for step in range(count - cut)] + [last] * cut


def after(number: str) -> str:
    """The symbol behind that of a step."""
    return f"x_{int(number) + 1}" if number.isdigit() else f"x_({number}+1)"
