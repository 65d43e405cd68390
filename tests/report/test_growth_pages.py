"""Pages on how a run grew: whatever a model writes stands there as text, and nothing runs or is loaded."""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.errors import WorkError
from rnnlab.report.histograms import histograms_page
from rnnlab.report.samples import samples_page, visible
from rnnlab.tracking.folder import RunFolder
from rnnlab.tracking.log import RunLog

EVIL = "<script>alert('x')</script>\x00\x1b[31m\u202egnp.exe\u200b</pre>\r\n\ud800\U0001f600 &amp; \"quoted\""


def run_with(root: Path, texts: dict[int, list[str]]) -> RunFolder:
    folder = RunFolder.create("abcd0000", root=root)
    with RunLog(folder) as log:
        log.start("name", "rnnlab", {}, {})
        for step, written in texts.items():
            columns = {"temperature": [0.8, 0.0][: len(written)], "text": [json.dumps(text) for text in written]}
            log.table(f"samples/{step:08d}", columns)
    return folder


class Texts(HTMLParser):
    """The names of all elements, and the text of each ``pre``."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.texts: list[str] = []
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        if tag == "pre":
            self._inside = True
            self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "pre"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.texts[-1] += data


def test_texts_stand_there_in_the_order_of_the_steps(tmp_path: Path) -> None:
    page = samples_page(run_with(tmp_path, {100: ["later", "   "], 0: ["first", "eee"]}))
    assert Texts(page).texts == ["first", "eee", "later", "   "]
    assert re.findall(r"<h2>(.*?)</h2>", page) == ["Step 0", "Step 100"]
    assert "the likeliest symbols: nothing but white space" in page


def test_what_a_model_writes_does_nothing(tmp_path: Path) -> None:
    page = samples_page(run_with(tmp_path, {0: [EVIL, EVIL]}))
    found = Texts(page)
    assert not {"script", "img", "iframe"} & found.names
    assert found.texts == [visible(EVIL)] * 2
    shown = "<script>alert('x')</script>\u2400\u241b[31m\ufffdgnp.exe\ufffd</pre>\u240d\n\ufffd\U0001f600"
    assert shown in found.texts[0]
    page.encode()


@given(st.text())
def test_every_character_is_seen_and_none_is_lost(text: str) -> None:
    shown = visible(text)
    assert len(shown) == len(text)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", shown)
    assert all(ours == theirs for ours, theirs in zip(shown, text, strict=True) if theirs.isprintable())


def test_a_damaged_text_is_named(tmp_path: Path) -> None:
    folder = run_with(tmp_path, {0: ["a"]})
    (folder.path / "tables" / "samples" / "00000000.csv").write_text("temperature,text\n0.8,no JSON\n")
    with pytest.raises(WorkError, match=r"00000000\.csv: is damaged: a text is no JSON string") as refused:
        samples_page(folder)
    assert "\n" not in str(refused.value)


def test_a_long_text_is_read_and_one_without_end_is_not(tmp_path: Path) -> None:
    assert Texts(samples_page(run_with(tmp_path / "a", {0: ["x" * 5000]}))).texts == ["x" * 5000]
    with pytest.raises(WorkError, match="text is longer than 20000 characters"):
        samples_page(run_with(tmp_path / "b", {0: ["x" * 30_000]}))


def histograms_run(root: Path) -> RunFolder:
    folder = RunFolder.create("bbcd0000", root=root)
    columns = {
        "part": ["weight", "gradient", "gradient"], "layer": ["layer0"] * 3, "name": ["R_GH"] * 3,
        "low": [-1.0, -math.inf, -3.0], "high": [1.0, -math.inf, -2.0], "count": [8, 4, 4],
    }  # fmt: skip
    with RunLog(folder) as log:
        log.start("name", "rnnlab", {}, {})
        for step in (0, 7):
            log.table(f"histograms/{step:08d}", columns)
        log.page("histograms", histograms_page(folder))
    return folder


def test_histograms_are_pictures_of_the_page_itself(tmp_path: Path) -> None:
    folder = histograms_run(tmp_path)
    page = (folder.path / "pages" / "histograms.html").read_text()
    assert "Seen at 2 moments" in page and page.count('src="data:image/png;base64,') == 2
    assert re.findall(r"<h2>(.*?)</h2>", page) == ["Weights of layer0", "Gradients of layer0"]
    assert page == histograms_page(folder), "equal tables, equal bytes"
    assert {"kind": "file", "path": "pages/histograms.html"}.items() <= json.loads(
        (folder.path / "points.jsonl").read_text().splitlines()[-1]
    ).items()


@pytest.mark.browser
def test_a_browser_opens_them_without_complaint(tmp_path: Path) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium on this machine")
    pages = {"samples": samples_page(run_with(tmp_path, {0: [EVIL, "plain"]}))}
    pages["histograms"] = histograms_page(histograms_run(tmp_path))
    for name, page in pages.items():
        path = tmp_path / f"{name}.html"
        path.write_text(page, encoding="utf-8")
        quiet = "--disable-background-networking --disable-component-update --disable-sync --no-first-run"
        command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", *quiet.split(), "--enable-logging=stderr"]
        command += [f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", path.as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        assert "<h1>" in done.stdout and "CONSOLE" not in done.stderr
