"""Pictures out of PNG and JPEG files, as bytes of one size.

Shapes: C channels (red, green, blue), H and W in pixels.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from rnnlab.errors import RequestError

FORMATS = ("PNG", "JPEG")
NEEDED = "pictures: Pillow is needed to read them; pip install pillow"


def read_picture(path: Path, height: int, width: int) -> np.ndarray:
    """The picture of a file, uint8 (3, H, W): turned as its camera was, cut to the shape from its middle, and resized.

    Raises RequestError, in one line, for a file that is not there or cannot be read as PNG or JPEG.
    """
    try:
        from PIL import Image, ImageOps
    except ImportError as error:
        raise RequestError(NEEDED) from error
    if not path.is_file():
        raise RequestError(f"{path}: no such file")
    try:
        with Image.open(path, formats=FORMATS) as opened:
            upright = ImageOps.exif_transpose(opened).convert("RGB")
            fitted = ImageOps.fit(upright, (width, height), Image.Resampling.BILINEAR)
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        reason = " ".join(str(error).split())
        raise RequestError(f"{path}: cannot be read as {' or '.join(FORMATS)} ({reason})") from error
    return np.ascontiguousarray(np.asarray(fitted).transpose(2, 0, 1))


def png(picture: np.ndarray) -> bytes:
    """A picture, uint8 (3, H, W), as the bytes of a PNG file."""
    try:
        from PIL import Image
    except ImportError as error:
        raise RequestError(NEEDED) from error
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(picture.transpose(1, 2, 0))).save(buffer, "PNG")
    return buffer.getvalue()
