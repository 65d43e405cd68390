"""Pictures out of files: turned, cut, resized; and what cannot be read."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from rnnlab.data.picture_files import png, read_picture
from rnnlab.errors import RequestError

image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")


def test_a_png_of_the_right_size_comes_back_as_it_is(tmp_path: Path) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (3, 6, 8), dtype=np.uint8)
    (tmp_path / "p.png").write_bytes(png(picture))
    assert np.array_equal(read_picture(tmp_path / "p.png", 6, 8), picture)


def test_a_wide_picture_is_cut_on_both_sides_alike(tmp_path: Path) -> None:
    wide = np.zeros((20, 60, 3), dtype=np.uint8)
    wide[:, 18:42] = 200  # a little more than the middle third, which its neighbours blur
    image.fromarray(wide).save(tmp_path / "p.png")
    assert (read_picture(tmp_path / "p.png", 10, 10) == 200).all()


def test_a_jpeg_is_turned_as_its_camera_was(tmp_path: Path) -> None:
    lying = np.zeros((16, 16, 3), dtype=np.uint8)
    lying[:8] = 250
    exif = image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise: what was on top comes to the right
    image.fromarray(lying).save(tmp_path / "p.jpg", exif=exif, quality=95)
    found = read_picture(tmp_path / "p.jpg", 16, 16)
    assert found[:, :, 10:].min() > 200 and found[:, :, :6].max() < 50


def test_grey_and_transparent_pictures_have_three_channels(tmp_path: Path) -> None:
    for mode in ("L", "LA", "P", "RGBA", "1", "I;16"):
        image.new(mode, (5, 5)).save(tmp_path / "p.png")
        assert read_picture(tmp_path / "p.png", 5, 5).shape == (3, 5, 5)


@pytest.mark.parametrize("kind", ["text", "empty", "cut", "gif", "folder", "missing"])
def test_what_cannot_be_read_is_told_in_one_line(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "p.png"
    if kind == "gif":
        buffer = io.BytesIO()
        image.new("L", (5, 5)).save(buffer, "GIF")
        path.write_bytes(buffer.getvalue())
    elif kind == "cut":
        noise = np.random.default_rng(0).integers(0, 256, (3, 64, 64), dtype=np.uint8)
        path.write_bytes(png(noise)[:2000])
    elif kind == "folder":
        path.mkdir()
    elif kind != "missing":
        path.write_bytes(b"no picture\n" if kind == "text" else b"")
    with pytest.raises(RequestError) as told:
        read_picture(path, 8, 8)
    line = "no such file" if kind in ("folder", "missing") else "cannot be read as PNG or JPEG"
    assert line in str(told.value) and "\n" not in str(told.value)
