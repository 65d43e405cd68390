"""The split of an override list, against Hydra's own sweeper."""

from __future__ import annotations

import math

import pytest
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.errors import RequestError
from rnnlab.sweep.dimensions import Choices, Interval
from rnnlab.sweep.space import Space, parse

CELLS = ["elman", "gru", "lstm", "lstm_peephole"]

word = st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True).filter(
    lambda w: w not in ("true", "false", "null", "nan", "inf")
)
number = st.one_of(st.integers(-1000, 1000).map(str), st.floats(-10, 10, allow_nan=False).map(repr))
value = st.one_of(word, number, st.sampled_from(["true", "null", "'a b'", '"x,y"', "[1,2]", "{a:1}"]))
values = st.lists(value, min_size=2, max_size=4, unique=True)
swept = st.one_of(
    values.map(",".join),
    values.map(lambda v: f"choice({','.join(v)})").filter(lambda c: "null" not in c),
    st.tuples(st.integers(0, 5), st.integers(6, 9)).map(lambda r: f"range({r[0]},{r[1]})"),
    st.just("range(0,1,0.25)"),
)
keys = st.sampled_from(["cell.hidden_size", "stack.depth", "optimizer.lr", "bptt.window", "+new.key", "++old.key"])
command_lines = st.lists(st.tuples(keys, st.one_of(value, swept)).map("=".join), max_size=4)


def options(group: str) -> list[str]:
    return CELLS


def as_values(overrides: list[str]) -> dict[str, object]:
    parsed = OverridesParser.create().parse_overrides(overrides)
    return {override.get_key_element(): override.value() for override in parsed}


@settings(max_examples=50, deadline=None)
@given(command_lines)
def test_the_grid_is_that_of_hydras_sweeper_in_its_order(arguments: list[str]) -> None:
    space = parse(arguments, options)
    ours = [space.overrides(chosen) for chosen in space.grid()]
    (theirs,) = BasicSweeper.split_arguments(OverridesParser.create().parse_overrides(arguments), None)
    distinct = list({repr(as_values(overrides)): as_values(overrides) for overrides in theirs}.values())
    assert [as_values(list(overrides)) for overrides in ours] == distinct
    assert space.size == len(ours) == math.prod(len(values) for values in space.choices.values())


@settings(max_examples=50, deadline=None)
@given(command_lines)
def test_the_reference_does_not_depend_on_any_order(arguments: list[str]) -> None:
    space = parse(arguments, options)
    reordered = {key: Choices(values[::-1]) for key, values in reversed(space.choices.items())}
    assert Space((), reordered).reference() == space.reference()


def test_fixed_overrides_stay_as_they_were_written() -> None:
    space = parse(["optimizer.lr=1e-3", "cell=elman,lstm", "run_name='a b'"], options)
    assert space.fixed == ("optimizer.lr=1e-3", "run_name='a b'")
    assert space.choices == {"cell": ("elman", "lstm")}


def test_a_glob_takes_the_options_of_its_group() -> None:
    assert parse(["cell=glob(*lstm*)"], options).choices == {"cell": ("lstm", "lstm_peephole")}


@pytest.mark.parametrize(
    ("written", "interval"),
    [
        ("interval(0,1)", Interval(0.0, 1.0)),
        ("tag(log,interval(1e-4,3e-2))", Interval(1e-4, 3e-2, log=True)),
        ("int(interval(8,64))", Interval(8, 64, whole=True)),
        ("tag(log,int(interval(8,64)))", Interval(8, 64, log=True, whole=True)),
    ],
)
def test_an_interval_is_read_and_written_in_hydras_grammar(written: str, interval: Interval) -> None:
    space = parse([f"optimizer.lr={written}"], options)
    assert space.intervals == space.dimensions == {"optimizer.lr": interval}
    (listed,) = interval.listed
    assert parse([f"optimizer.lr={listed}"], options) == space


def test_a_parameter_goes_only_with_the_parts_that_have_it() -> None:
    dimensions = {"cell.b": Choices(("1", "2")), "cell": Choices(("elman", "gru", "lstm"))}
    space = Space((), dimensions, owners={"cell.b": ("lstm",)})
    assert space.reference() == {"cell": "elman"}
    assert space.belonging({"cell.b": "1", "cell": "lstm"}) == {"cell.b": "1", "cell": "lstm"}
    corners = dict(space.corners())
    assert corners["cell.b=2"] == {"cell": "lstm", "cell.b": "2"}
    assert corners["cell=gru"] == {"cell": "gru"}


def test_the_corners_change_one_dimension_at_a_time() -> None:
    space = parse(["cell=lstm,elman,gru", "stack.depth=range(1,9)", "optimizer.lr=interval(0.1,0.5)"], options)
    reference = {"cell": "elman", "stack.depth": "1", "optimizer.lr": "0.3"}
    assert dict(space.corners()) == {
        "cell=elman": reference,
        "cell=gru": {**reference, "cell": "gru"},
        "cell=lstm": {**reference, "cell": "lstm"},
        "stack.depth=1": reference,
        "stack.depth=8": {**reference, "stack.depth": "8"},
        "optimizer.lr=0.1": {**reference, "optimizer.lr": "0.1"},
        "optimizer.lr=0.5": {**reference, "optimizer.lr": "0.5"},
    }


@pytest.mark.parametrize("written", ["seed=0,1,2", "seed=range(3)", "seed=choice(0,1,2)"])
def test_a_swept_seed_is_no_dimension(written: str) -> None:
    space = parse([written], options)
    assert space.seeds == (0, 1, 2)
    assert space.dimensions == {}


def test_one_seed_is_a_fixed_override() -> None:
    assert parse(["seed=3"], options).fixed == ("seed=3",)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["optimizer.lr=interval(0.1,0.1)"], "the interval is empty"),
        (["optimizer.lr=interval(0.1,0.001)"], "the interval is empty"),
        (["optimizer.lr=interval(0,inf)"], "must be finite"),
        (["optimizer.lr=tag(log,interval(0,1))"], "must begin above 0"),
        (["optimizer.lr=tag(lgo,interval(1,2))"], "no such tag: lgo"),
        (["stack.depth=tag(log,range(1,9))"], "only an interval can be logarithmic"),
        (["tracking.wait_seconds=interval(1,2)"], "cannot be swept over"),
        (["seed=interval(0,3)"], "each seed must be a whole number"),
        (["cell=glob(x*)"], "none of elman, gru, lstm, lstm_peephole matches"),
        (["stack.depth=range(3,3)"], "the list of values is empty"),
        (["seed=0,one"], "each seed must be a whole number"),
        (["seed=0,1", "sweep.seeds=[0,1]"], "keep one"),
        (["sweep.metric=a,b"], "cannot be swept over"),
        (["tracking=a,b"], "cannot be swept over"),
        (["cell=elman,,lstm"], "cell=elman,,lstm"),
    ],
)
def test_what_is_no_grid_is_said_in_one_line(arguments: list[str], said: str) -> None:
    with pytest.raises(RequestError) as error:
        parse(arguments, options)
    assert said in str(error.value)
    assert "\n" not in str(error.value)
