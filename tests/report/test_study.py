"""A study on its sweep's page: first of all, with its pictures inside, its files beside, and nothing loaded."""

from __future__ import annotations

import base64
import csv
import json
import re
from pathlib import Path

import pytest

from rnnlab.analysis.sweeps import read_sweep
from rnnlab.errors import RequestError
from rnnlab.report.page import report_page, write_report
from tests.report.made_up import MadeUpRun, MadeUpSweep, small_sweep
from tests.report.test_page import Cells
from tests.studies.made_up import decaying_sweep

EVIL = "<script>alert('x')</script>"
POLICY = re.compile(r'Content-Security-Policy" content="([^"]*)"')


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a sweep with its page."""
    sweep = decaying_sweep(tmp_path_factory.mktemp("runs"), {"elman": 0.8, "lstm": 0.95})
    write_report([sweep], sweep.folder.path / "report.html")
    return sweep.folder.path


def test_the_study_stands_first(written: Path) -> None:
    page = (written / "report.html").read_text()
    places = [page.index(words) for words in ("Why does the vanilla RNN forget?", "Claim: ", "Slots", "<footer")]
    assert places == sorted(places)
    assert "At initialisation, the gradient of elman dies sooner than that of lstm." in page
    assert "<strong>Supported. </strong>Half-life of dL/dh at initialisation: elman 3.1" in page
    rows = Cells(page).rows
    assert rows[0][:5] == ["cell", "runs", "half life", "half life low", "half life high"]
    assert rows[1][0] == "elman" and rows[1][2].startswith("3.1") and rows[1][-1] == "the reference"


def test_pictures_are_data_of_the_page(written: Path) -> None:
    page = (written / "report.html").read_text()
    sources = re.findall(r'<img src="data:(image/[a-z+]+);base64,([^"]+)"', page)
    assert len(sources) == page.count("<img") > 8
    begin = {"image/gif": b"GIF89a", "image/svg+xml": b"<?xml"}
    assert all(base64.b64decode(content).startswith(begin[kind]) for kind, content in sources)
    assert {kind for kind, _ in sources} == set(begin)
    policy = POLICY.findall(page)[0]
    assert policy.startswith("default-src &#x27;none&#x27;; img-src data:; style-src")
    rest = re.sub(r'src="data:[^"]*"', "", page)
    assert not re.search(r"https?:|src=|url\(|@import|<script|<link|style=", rest)


def test_pages_without_pictures_allow_none(tmp_path: Path) -> None:
    page = report_page([read_sweep(small_sweep().write(tmp_path, "abcd0000"))])
    assert "img-src" not in POLICY.findall(page)[0] and "<img" not in page


def test_files_lie_beside_the_page(written: Path) -> None:
    page = (written / "report.html").read_text()
    files = {path.name: path for path in (written / "figures").iterdir()}
    for name in ("gradient_lag_h", "gradient_maps", "singular_values", "lyapunov", "success", "diverged"):
        assert f"figures/{name}.csv" in page
        for ending in ("svg", "png", "csv"):
            assert files[f"{name}.{ending}"].stat().st_size > 100
    assert "gradient_back_in_time.gif" in files
    with open(files["gradient_lag_h.csv"], encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["option"] for row in rows} == {"elman", "lstm"}


def test_names_are_escaped(tmp_path: Path) -> None:
    page = report_page([decaying_sweep(tmp_path, {EVIL: 0.8, "'\"><img src=x onerror=y>": 0.95, "lstm": 0.9})])
    assert "<script" not in page and "<img src=x" not in page
    assert "gradient of &lt;script&gt;" in page
    assert all(source.startswith("data:image/") for source in re.findall(r'<img src="([^"]*)"', page))


def test_a_sweep_that_has_begun_says_what_is_missing(tmp_path: Path) -> None:
    states = {("lstm", seed): "waiting" for seed in range(1, 5)} | {("lstm", 0): "running"}
    page = report_page([decaying_sweep(tmp_path, {"elman": 0.8, "lstm": 0.95}, states=states)])
    assert "Without a complete run: cell=lstm seed=0 (interrupted), cell=lstm seed=1 (waiting)" in page
    assert "<strong>Not enough data. </strong>" in page and "A verdict needs 4 runs of each" in page
    assert page.count("<img") > 3, "what is there is shown"


def test_a_half_life_without_end(tmp_path: Path) -> None:
    rows = Cells(report_page([decaying_sweep(tmp_path, {"elman": 0.8, "lstm": 1.05})])).rows
    assert [row[2:5] for row in rows if row[0] == "lstm"][0] == ["\u221e"] * 3


def test_nothing_yet(tmp_path: Path) -> None:
    waiting = [MadeUpRun({"cell": "lstm"}, seed, None, None, state=None) for seed in (0, 1)]
    sweep = MadeUpSweep({"cell": ["lstm"]}, waiting, extra={"study": "vanishing_gradient"})
    page = report_page([read_sweep(sweep.write(tmp_path, "abcd0000"))])
    assert "No run has left a table to draw from yet." in page and "<img" not in page


def test_a_study_that_is_not_there(tmp_path: Path) -> None:
    sweep = read_sweep(small_sweep(extra={"study": "os.system"}).write(tmp_path, "abcd0000"))
    with pytest.raises(RequestError, match="no such study; there are capacity"):
        report_page([sweep])


def test_a_page_of_several_sweeps(tmp_path: Path) -> None:
    sweeps = [read_sweep(small_sweep().write(tmp_path, "bbbb0000"))]
    sweeps.append(decaying_sweep(tmp_path, {"elman": 0.8, "lstm": 0.95}))
    page = report_page(sweeps)
    assert "img-src data:" in page and page.count("Why does the vanilla RNN forget?") == 1


def test_the_claims_are_plain_json(tmp_path: Path) -> None:
    from rnnlab.studies.discovery import examine

    found = examine(decaying_sweep(tmp_path, {"elman": 0.8, "lstm": 1.05}, seeds=2))
    assert found is not None
    told = json.loads(json.dumps(found.plain(), allow_nan=False))
    assert [claim["verdict"] for claim in told["claims"]] == ["not enough data"] * 3
    assert told["claims"][0]["rows"][1]["half_life"] == "inf"
    assert "gradient_lag_h" in told["figures"]
