from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from rnnlab.data.linux import CHOSEN, Linux, archives
from rnnlab.errors import RequestError

FILES = {
    "kernel/sched/core.c": "int sched;\n" * 20,
    "kernel/fork.c": "int fork;\n" * 20,
    "kernel/time/deep/clock.h": "int clock;\n" * 20,
}
OTHERS = {
    "kernel/bpf/core.c": "not chosen",
    "kernel/Makefile": "not chosen",
    "drivers/kernel/a.c": "not chosen",
    "kernel/sched/../../../outside.c": "not inside",
}


def linux(path: Path | str = "") -> Linux:
    return Linux(Linux.Config(name="linux", path=str(path)))


def contents(dataset: Linux) -> str:
    spec = dataset.prepare()
    return "".join(spec.symbols[i] for split in spec.sizes for i in dataset.split(split).ids)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, content in {**FILES, **dict(list(OTHERS.items())[:3])}.items():
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return tmp_path / "tree"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "linux-source-6.1.tar.xz"
    with tarfile.open(path, "w:xz") as container:
        for name, content in {**FILES, **OTHERS}.items():
            member = tarfile.TarInfo(f"linux-source-6.1/{name}")
            member.size = len(content)
            container.addfile(member, io.BytesIO(content.encode()))
        link = tarfile.TarInfo("linux-source-6.1/kernel/link.c")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        container.addfile(link)
    return path


def test_the_published_text(raw_data: Path, cache: Path) -> None:
    if not (raw_data / "linux").is_dir():
        pytest.skip("the kernel's text is not on this machine")
    spec = linux().prepare()
    text = (raw_data / "linux" / "linux_kernel_6.1.txt").read_bytes().decode()
    assert sum(spec.sizes.values()) == len(text) and spec.vocabulary == len(set(text))
    names = (raw_data / "linux" / "FILES.txt").read_text().split()
    assert names == sorted(names) and all(CHOSEN.fullmatch(name) for name in names)


def test_chosen_files_of_a_tree_in_order_each_a_document(tree: Path, cache: Path) -> None:
    dataset = linux(tree)
    assert contents(dataset) == "".join(FILES[name] for name in sorted(FILES))
    assert dataset.split("train").documents.tolist() == [0, 200, 420]


def test_an_archive_gives_the_same_as_its_tree(tree: Path, archive: Path, cache: Path, tmp_path: Path) -> None:
    assert linux(archive).prepare() == linux(tree).prepare()
    assert not list(tmp_path.rglob("outside.c")) and not list(cache.rglob("link.c"))


@pytest.mark.usefixtures("no_own_data")
def test_nowhere_to_be_found(cache: Path) -> None:
    if any(path.exists() for path in archives()):
        pytest.skip("the package is installed here")
    with pytest.raises(RequestError, match="apt-get install linux-source-6.1"):
        linux().prepare()


def test_bad_paths(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "a.tar.xz").write_text("no archive")
    for path, word in (
        ("missing", "no such file or folder"),
        (".", "no kernel tree"),
        ("a.tar.xz", "no readable tar"),
    ):
        with pytest.raises(RequestError, match=word) as caught:
            linux(tmp_path / path).prepare()
        assert "\n" not in str(caught.value)
