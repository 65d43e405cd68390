"""Features by name, those of plug-ins, and what a text does not have."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rnnlab.errors import RequestError
from rnnlab.features.base import Feature, Kind, Source, feature, one_line
from rnnlab.features.catalogue import features_for, known_features, labels
from rnnlab.features.languages import Language

PLUGIN = '''
import numpy as np
from rnnlab.features.base import Kind, Language, Source, feature
from rnnlab.features.quotes import quotes


@feature
def vowel(source: Source) -> np.ndarray:
    """the character just read is a vowel

    y is none."""
    return source.each(lambda character: character in "aeiou")


@feature(kind=Kind.number, languages=[Language.text])
def blanks(source: Source) -> np.ndarray:
    """how many blanks have been read"""
    return np.cumsum(source.each(str.isspace))
'''


@pytest.fixture
def plugin(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module with features in the working directory, under a name that no other test has."""
    name = f"features_of_{request.node.name.split('[')[0]}"
    (tmp_path / f"{name}.py").write_text(PLUGIN)
    monkeypatch.chdir(tmp_path)
    return name


def test_the_name_of_a_feature_is_its_key_and_says_what_it_is() -> None:
    for name, found in known_features().items():
        assert found.name == name and found.about and "\n" not in found.about


def test_features_are_those_of_the_language() -> None:
    play = {found.name for found in features_for(Source("a", Language.play))}
    assert {"speaker", "word"} <= play and not {"xml_tag", "keyword"} & play
    python = {found.name for found in features_for(Source("a", Language.python))}
    assert {"keyword", "triple_quotes"} <= python and "speaker" not in python


def test_named_features_come_in_the_order_they_were_named() -> None:
    found = features_for(Source("a", Language.c), ["word", "capital", "word"])
    assert [one.name for one in found] == ["word", "capital"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("quote", ("--feature quote:", "did you mean 'quotes'")),
        ("xml_tag", ("--feature xml_tag:", "feature of xml", "read as c")),
    ],
)
def test_names_that_cannot_be_had_end_in_one_line(name: str, words: tuple[str, ...]) -> None:
    with pytest.raises(RequestError) as caught:
        features_for(Source("a", Language.c), [name])
    assert all(word in str(caught.value) for word in words) and "\n" not in str(caught.value)


def test_a_plugin_brings_features(plugin: str) -> None:
    source = Source("an apple", Language.text)
    found = features_for(source, ["vowel", "blanks"], [plugin])
    assert [(one.kind, one.about) for one in found] == [
        (Kind.binary, "the character just read is a vowel"),
        (Kind.number, "how many blanks have been read"),
    ]
    given = labels(source, found)
    assert given["vowel"].tolist() == [True, False, False, True, False, False, False, True]
    assert given["blanks"].tolist() == [0, 0, 1, 1, 1, 1, 1, 1] and given["blanks"].dtype == np.float32
    assert "blanks" not in {one.name for one in features_for(Source("a", Language.c), (), [plugin])}
    assert "vowel" not in known_features()


def test_a_plugin_may_not_take_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = PLUGIN.replace("vowel", "word").replace("quotes import quotes", "quotes import strings")
    (tmp_path / "features_that_clash.py").write_text(written)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RequestError, match="feature word of features_that_clash: rnnlab.features.words has one"):
        known_features(["features_that_clash"])


def test_an_absent_plugin_ends_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RequestError, match=r"plugins=\[no_such_laboratory\]"):
        features_for(Source("a", Language.text), (), ["no_such_laboratory"])


@pytest.mark.parametrize(
    ("name", "characters", "reason"),
    [
        ("digit", "abc", "never true"),
        ("word", "abc", "true everywhere"),
        ("place_in_word", " ", "never asked"),
        ("curly_depth", "abc", "always 0"),
    ],
)
def test_an_empty_feature_is_left_out_and_said_or_refused(name: str, characters: str, reason: str) -> None:
    source = Source(characters, Language.text)
    features = features_for(source, [name])
    lines: list[str] = []
    assert labels(source, features, say=lines.append) == {}
    assert lines[0].startswith(f"left out: feature {name}: {reason}")
    with pytest.raises(RequestError, match=f"--feature {name}: {reason}"):
        labels(source, features, asked=[name])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (np.zeros(3), "float64"),
        (np.zeros(2, dtype=bool), "bool .2,."),
        ([True, False, True], "list"),
        (None, "NoneType"),
    ],
)
def test_a_function_that_gives_no_labels_is_refused(given: object, words: str) -> None:
    def odd(source: Source) -> np.ndarray:
        """something"""
        return given  # type: ignore[return-value]

    with pytest.raises(RequestError, match=f"feature odd of .*: it gave {words}.*; an array bool .3,. is needed"):
        feature(odd).of(Source("abc", Language.text))


def test_an_infinite_number_is_refused() -> None:
    @feature(kind=Kind.number)
    def odd(source: Source) -> np.ndarray:
        """something"""
        return np.array([0, np.nan, np.inf])

    with pytest.raises(RequestError, match="feature odd of .*: it gave inf at character 2"):
        odd.of(Source("abc", Language.text))


def test_a_feature_needs_a_name_and_a_docstring() -> None:
    with pytest.raises(RequestError, match="a docstring must say what it is"):
        feature(function_named("nothing", None))
    with pytest.raises(RequestError, match="a name has at most 40 small letters"):
        feature(function_named("<script>", "x"))
    assert isinstance(feature(function_named("fine", "x")), Feature)


def function_named(name: str, about: str | None):  # type: ignore[no-untyped-def]
    def function(source: Source) -> np.ndarray:
        return np.zeros(len(source), dtype=bool)

    function.__name__, function.__doc__ = name, about
    return function


def test_what_a_feature_is_about_cannot_act_on_a_terminal() -> None:
    assert one_line("\x1b[31mred\x07\u202e  \tx\nsecond") == "[31mred x"
    assert len(one_line("a" * 500)) == 120 and one_line(" \n ") == ""


def test_what_is_found_once_is_kept() -> None:
    calls = []

    def find(source: Source) -> int:
        calls.append(source)
        return len(source)

    source = Source("abc", Language.text)
    assert source.once(find) == source.once(find) == 3 and len(calls) == 1
