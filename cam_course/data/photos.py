"""Photographs: those that scikit-image ships, and the user's own."""

from __future__ import annotations

import difflib
import io
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

PHOTOS = ("chelsea", "coffee", "camera", "astronaut", "rocket")


def load_photo(photo: str | os.PathLike[str]) -> NDArray[np.uint8]:
    """Read a photograph as red, green and blue.

    Parameters
    ----------
    photo : str or path
        A name from `PHOTOS`, shipped with scikit-image, or the path of an image file; of a `Path` with such a name, the
        file where there is one. Grey becomes three equal channels, transparent parts become white, and a picture taken
        with the camera turned is set upright.

    Returns
    -------
    (H, W, 3) uint8 array
        Red, green, blue, from 0 to 255.

    Raises
    ------
    FileNotFoundError
        When there is no such file and no photograph of that name.
    ValueError
        When the file is no image, is damaged, or holds numbers that are no grey levels.
    TypeError
        When `photo` is neither a string nor a path.

    Examples
    --------
    >>> load_photo("chelsea").shape
    (300, 451, 3)
    """
    if not isinstance(photo, (str, os.PathLike)):
        raise TypeError(f"load_photo takes the name of a photograph or the path of a file, not {type(photo).__name__}.")
    if photo in PHOTOS or is_shipped(photo):
        return _shipped(str(photo))
    path = Path(os.path.expanduser(photo))
    if not path.exists():
        raise FileNotFoundError(_nothing_there(path))
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder: give the path of one image file in it.")
    return read_photo(str(path), path.read_bytes())


def read_photo(name: str, content: bytes) -> NDArray[np.uint8]:
    """Read the content of an image file as red, green and blue, as `load_photo` does.

    Parameters
    ----------
    name : str
        Of the file, for the sentence that says what is wrong with it.
    content : bytes

    Returns
    -------
    (H, W, 3) uint8 array

    Raises
    ------
    ValueError
        When this is no image, is damaged, or holds numbers that are no grey levels.

    Examples
    --------
    >>> read_photo("notes.jpg", b"no picture")
    Traceback (most recent call last):
    ...
    ValueError: notes.jpg cannot be read as a picture (of no known format): give a whole JPEG, PNG, WebP, GIF, BMP or
    TIFF file (a telephone's HEIC photo must be exported as JPEG first).
    """
    try:
        with Image.open(io.BytesIO(content)) as image:
            return np.array(_rgb(ImageOps.exif_transpose(image)))
    except Exception as error:  # a decoder raises nearly anything on a damaged file
        cause = "of no known format" if isinstance(error, UnidentifiedImageError) else str(error)
        raise ValueError(
            f"{name} cannot be read as a picture ({cause}): give a whole JPEG, PNG, WebP, GIF, BMP or TIFF file "
            "(a telephone's HEIC photo must be exported as JPEG first)."
        ) from error


def square(photo: NDArray[np.uint8], size: int = 224) -> NDArray[np.uint8]:
    """Cut the largest square out of the middle of a photograph and bring it to the size a network takes.

    Most tutorials squeeze the whole photograph into the square instead, which makes a standing person stout. Here
    proportions stay as they are, and what lies outside the middle square is not seen by the network.

    Parameters
    ----------
    photo : (H, W, 3) uint8 array
    size : int
        Height and width of the result in pixels.

    Returns
    -------
    (size, size, 3) uint8 array

    Raises
    ------
    ValueError
        When `photo` is no (H, W, 3) uint8 array or `size` no positive integer.

    Examples
    --------
    >>> square(load_photo("chelsea")).shape
    (224, 224, 3)
    """
    photo = np.asarray(photo)
    if photo.ndim != 3 or photo.shape[2] != 3 or photo.dtype != np.uint8 or photo.size == 0:
        raise ValueError(
            f"square takes an (H, W, 3) uint8 array as load_photo returns, not {photo.shape} {photo.dtype}."
        )
    if not isinstance(size, (int, np.integer)) or size < 1:
        raise ValueError(f"size is the side of the square in pixels, a positive integer, not {size!r}.")
    left, top, side = middle_square(photo)
    middle = Image.fromarray(photo[top : top + side, left : left + side])
    return np.array(middle.resize((size, size), Image.Resampling.LANCZOS))  # Pillow smooths before it shrinks


def middle_square(photo: NDArray[np.uint8]) -> tuple[int, int, int]:
    """Find where the square lies that `square` cuts out.

    Parameters
    ----------
    photo : (H, W, 3) uint8 array

    Returns
    -------
    left, top, side : int
        In pixels of the photograph.

    Examples
    --------
    >>> middle_square(load_photo("chelsea"))
    (75, 0, 300)
    """
    height, width, _ = photo.shape
    side = min(height, width)
    return (width - side) // 2, (height - side) // 2, side


def is_shipped(photo: str | os.PathLike[str]) -> bool:
    """Whether this is the name of a photograph that scikit-image ships, and not that of a file.

    Examples
    --------
    >>> is_shipped("chelsea"), is_shipped("chelsea.jpg")
    (True, False)
    """
    return os.fspath(photo) in PHOTOS and not os.path.exists(photo)


def _shipped(name: str) -> NDArray[np.uint8]:
    """A photograph out of scikit-image's wheel."""
    import skimage.data

    photo = getattr(skimage.data, name)()
    return np.stack([photo] * 3, axis=-1) if photo.ndim == 2 else photo


def _nothing_there(path: Path) -> str:
    """What was looked for and where; where a name was meant, the nearest one."""
    near = difflib.get_close_matches(str(path).lower(), PHOTOS, n=1)
    meant = f"did you mean {near[0]!r}?" if near else f"the photographs shipped are {', '.join(PHOTOS)}."
    return f"There is no file {path.absolute()}; {meant}"


def _rgb(image: Image.Image) -> Image.Image:
    """Any kind of picture as 8-bit red, green, blue."""
    if image.mode.startswith(("I", "F")):  # one channel of 16 or 32 bits; Pillow would cut its values off at 255
        levels = np.asarray(image)
        white = 1 if image.mode == "F" else 65535
        if not (levels.min() >= 0 and levels.max() <= white):  # NaN is caught as well
            raise ValueError(f"its values run from {levels.min():g} to {levels.max():g}, grey levels from 0 to {white}")
        image = Image.fromarray(np.rint(levels * (255 / white)).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image.convert("RGB")
