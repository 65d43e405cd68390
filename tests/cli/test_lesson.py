"""``rnnlab lesson``: the list, a lesson on the terminal, as JSON and as a page; and wrong requests."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_without_a_name_it_lists_all_in_the_lectures_order(cli: Callable[..., Any]) -> None:
    answer = cli("lesson")
    assert answer.exit_code == 0
    lines = [line.split()[0] for line in answer.stdout.splitlines()[1:]]
    assert lines[:2] == ["unrolling", "hello"]
    assert [each["lesson"] for each in cli("lesson", "--json").data["lessons"]] == lines[:-1]


def test_the_list_imports_no_torch(rnnlab_process: Callable[..., Any]) -> None:
    answer = rnnlab_process("lesson", "--json", PYTHONPROFILEIMPORTTIME="1")
    assert answer.exit_code == 0
    assert " torch\n" not in answer.stderr


def test_it_is_shown_with_what_to_look_at_and_to_try(cli: Callable[..., Any]) -> None:
    shown = cli("lesson", "hello", "--quick").stdout
    assert "one-hot" in shown and "'ello'" in shown
    assert "What to look at" in shown and "rnnlab train data=hello" in shown


def test_json_is_one_object_and_the_words_go_to_stderr(cli: Callable[..., Any]) -> None:
    answer = cli("lesson", "gpus", "--json")
    assert json.loads(answer.stdout)["lesson"] == "gpus"
    assert "CUDA_VISIBLE_DEVICES" in answer.stderr


def test_a_page_is_written_into_a_folder_that_is_made(cli: Callable[..., Any], workspace: Path) -> None:
    answer = cli("lesson", "autodiff", "--to", "pages/here", "--json")
    assert answer.data["page"] == str(Path("pages/here/autodiff.html"))
    assert "2,097,138" in (workspace / "pages/here/autodiff.html").read_text(encoding="utf-8")


def test_wrong_requests_end_in_one_line(cli: Callable[..., Any], workspace: Path) -> None:
    (workspace / "file").write_text("")
    for words, part in (
        (("lesson", "autodif"), "did you mean 'autodiff'"),
        (("lesson", "gpus", "--to", "file"), "--to file: no folder can be made there"),
        (("lesson", "--to", "pages"), "it needs the NAME of a lesson"),
    ):
        answer = cli(*words)
        assert answer.exit_code == 2
        assert part in answer.stderr and len(answer.stderr.splitlines()) == 1
    assert not (workspace / "pages").exists()
