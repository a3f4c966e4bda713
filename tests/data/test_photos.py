"""Every kind of picture comes out as (H, W, 3) uint8; what is none is refused in one sentence."""

import io
import socket
from pathlib import Path

import numpy as np
import pytest
import skimage
from PIL import Image

from cam_course.data.photos import PHOTOS, is_shipped, load_photo, middle_square, square

RNG = np.random.default_rng(0)
COLOUR = RNG.integers(0, 256, (40, 60, 3), dtype=np.uint8)
SMOOTH = np.dstack(np.broadcast_arrays(np.arange(0, 240, 4)[None, :], np.arange(0, 160, 4)[:, None], 99)).astype(
    np.uint8
)


@pytest.fixture
def save(tmp_path):
    """Save a Pillow image or bytes under a name, and give its path."""

    def save(image, name, **options):
        path = tmp_path / name
        if isinstance(image, bytes):
            path.write_bytes(image)
        else:
            image.save(path, **options)
        return path

    return save


def assert_photo(photo, shape):
    assert isinstance(photo, np.ndarray)
    assert photo.dtype == np.uint8
    assert photo.shape == shape
    photo[0, 0] = 0  # a student may draw on it


# The photographs shipped

SHAPES = {
    "chelsea": (300, 451, 3),
    "coffee": (400, 600, 3),
    "camera": (512, 512, 3),
    "astronaut": (512, 512, 3),
    "rocket": (427, 640, 3),
}


@pytest.mark.parametrize("name", PHOTOS)
def test_a_shipped_photograph_is_read_from_the_wheel_without_a_network(name, monkeypatch):
    def refuse(*_):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    photo = load_photo(name)
    (file,) = Path(skimage.__file__).parent.joinpath("data").glob(f"{name}.*")
    with Image.open(file) as image:
        np.testing.assert_array_equal(photo, np.asarray(image.convert("RGB")))
    assert_photo(photo, SHAPES[name])


def test_the_grey_photograph_has_three_equal_channels():
    photo = load_photo("camera")
    np.testing.assert_array_equal(photo[..., 0], photo[..., 1])
    np.testing.assert_array_equal(photo[..., 0], photo[..., 2])


# A user's own


@pytest.mark.parametrize("suffix", ["png", "bmp", "tiff", "webp"])
def test_colours_come_back_exactly(save, suffix):
    options = {"lossless": True} if suffix == "webp" else {}
    path = save(Image.fromarray(COLOUR), f"photo.{suffix}", **options)
    before = path.read_bytes()
    for given in (path, str(path)):
        photo = load_photo(given)
        np.testing.assert_array_equal(photo, COLOUR)
        assert_photo(photo, COLOUR.shape)
    assert path.read_bytes() == before


def test_jpeg(save):
    photo = load_photo(save(Image.fromarray(SMOOTH), "photo.JPG", format="JPEG", quality=95))
    np.testing.assert_allclose(photo, SMOOTH, atol=8)


def test_the_ending_of_the_name_does_not_matter(save):
    np.testing.assert_array_equal(load_photo(save(Image.fromarray(COLOUR), "photo.jpg", format="PNG")), COLOUR)


def test_a_path_may_begin_with_a_tilde(save, monkeypatch, tmp_path):
    save(Image.fromarray(COLOUR), "photo.png")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    np.testing.assert_array_equal(load_photo("~/photo.png"), COLOUR)


def test_a_path_object_is_a_file_before_it_is_a_name(save, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert is_shipped(Path("chelsea"))
    assert load_photo(Path("chelsea")).shape == SHAPES["chelsea"]
    save(Image.fromarray(COLOUR), "chelsea", format="PNG")
    assert not is_shipped(Path("chelsea"))
    np.testing.assert_array_equal(load_photo(Path("chelsea")), COLOUR)
    assert load_photo("chelsea").shape == SHAPES["chelsea"]


GREY = Image.fromarray(np.array([[0, 100, 255]], np.uint8))
GREY_16 = Image.fromarray(np.array([[0, 100 * 257, 65535]], np.uint16))
PALETTE = Image.fromarray(np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8)).quantize(4)
ALPHA = Image.fromarray(np.array([[[255, 0, 0, 255], [255, 0, 0, 0], [0, 0, 0, 51]]], np.uint8))
GREY_ALPHA = Image.fromarray(np.array([[[0, 255], [0, 0], [0, 51]]], np.uint8), "LA")
FLOATS = Image.fromarray(np.array([[0.0, 100 / 255, 1.0]], np.float32))
INTEGERS = Image.fromarray(np.array([[0, 100 * 257, 65535]], np.int32))
THREE_GREYS = [[0] * 3, [100] * 3, [255] * 3]


@pytest.mark.parametrize(
    ("image", "name", "options", "expected"),
    [
        (GREY, "grey.png", {}, THREE_GREYS),
        (GREY_16, "grey of 16 bits.png", {}, THREE_GREYS),
        (GREY_16, "grey of 16 bits.tiff", {}, THREE_GREYS),
        (INTEGERS, "integers.tiff", {}, THREE_GREYS),
        (FLOATS, "floats.tiff", {}, THREE_GREYS),
        (GREY.convert("1", dither=Image.Dither.NONE), "black and white.png", {}, [[0] * 3, [0] * 3, [255] * 3]),
        (PALETTE, "palette.gif", {}, [[255, 0, 0], [0, 255, 0], [0, 0, 255]]),
        (GREY.convert("RGB").convert("CMYK"), "cmyk.tiff", {}, THREE_GREYS),
        (ALPHA, "alpha.png", {}, [[255, 0, 0], [255] * 3, [204] * 3]),
        (GREY_ALPHA, "grey with alpha.png", {}, [[0] * 3, [255] * 3, [204] * 3]),
        (GREY, "transparent black.png", {"transparency": 0}, [[255] * 3, [100] * 3, [255] * 3]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_kind_of_picture_becomes_rgb(save, image, name, options, expected):
    photo = load_photo(save(image, name, **options))
    assert_photo(photo.copy(), (1, 3, 3))
    assert photo[0].tolist() == expected


def test_a_palette_with_a_transparent_colour(save):
    path = save(PALETTE, "palette.png", transparency=PALETTE.getpixel((0, 0)))
    assert load_photo(path)[0].tolist() == [[255] * 3, [0, 255, 0], [0, 0, 255]]


def test_a_jpeg_in_cmyk(save):
    path = save(Image.fromarray(SMOOTH).convert("CMYK"), "print.jpg", quality=95)
    np.testing.assert_allclose(load_photo(path), SMOOTH, atol=12)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_is_set_upright(save, orientation):
    upright = COLOUR
    stored = {  # what the camera stores for each way it can be held (EXIF 2.3, tag 274)
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright, 1),
        7: upright[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[274] = orientation
    path = save(Image.fromarray(np.ascontiguousarray(stored)), "turned.png", exif=exif)
    np.testing.assert_array_equal(load_photo(path), upright)


def test_the_first_picture_of_a_moving_one(save):
    frames = [Image.new("RGB", (6, 4), colour) for colour in ("red", "blue")]
    photo = load_photo(save(frames[0], "moving.gif", save_all=True, append_images=frames[1:]))
    assert (photo == [255, 0, 0]).all()


# What goes wrong


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.jpg", b""),
        ("notes.txt", b"this is no picture"),
        ("page.jpg", b"<!doctype html><html>not found</html>"),
        ("archive.png", b"PK\x03\x04" + bytes(100)),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("telephone.heic", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(100)),
        ("only the start.png", b"\x89PNG\r\n\x1a\n"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_is_no_picture(save, name, content):
    path = save(content, name)
    with pytest.raises(ValueError, match="cannot be read as a picture") as caught:
        load_photo(path)
    for part in (str(path), "JPEG, PNG, WebP, GIF, BMP or TIFF", "HEIC"):
        assert part in str(caught.value)
    assert "BytesIO" not in str(caught.value)
    assert str(caught.value).endswith(".")
    assert ". " not in str(caught.value)  # one sentence
    assert path.read_bytes() == content


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"])
@pytest.mark.parametrize("part", [0.02, 0.1, 0.5, 0.9])
def test_half_a_picture_is_never_passed_off_as_a_whole_one(save, form, part):
    buffer = io.BytesIO()
    Image.fromarray(COLOUR).save(buffer, form)
    content = buffer.getvalue()
    path = save(content[: int(part * len(content))], "half.img")
    with pytest.raises(ValueError, match="cannot be read as a picture"):
        load_photo(path)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (np.array([[-5, 10]], np.int32), "from -5 to 10"),
        (np.array([[0, 70000]], np.int32), "from 0 to 70000"),
        (np.array([[0, 300]], np.float32), "from 0 to 300"),
        (np.array([[0, np.nan]], np.float32), "from nan to nan"),
    ],
)
def test_numbers_that_are_no_grey_levels(save, values, text):
    with pytest.raises(ValueError, match=text):
        load_photo(save(Image.fromarray(values), "measurement.tiff"))


def test_a_picture_far_too_large(save, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(ValueError, match="exceeds limit"):
        load_photo(save(Image.fromarray(COLOUR), "huge.png"))


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("chelsae", "did you mean 'chelsea'"),
        ("COFFEE", "did you mean 'coffee'"),
        ("astronout", "did you mean 'astronaut'"),
        ("rocket.jpg", "did you mean 'rocket'"),
        ("~no-such-user/chelsea.jpg", "There is no file"),
        ("my holidays/photo 17.jpg", "chelsea, coffee, camera, astronaut, rocket"),
        (Path("nowhere") / "photo.jpg", "chelsea, coffee, camera, astronaut, rocket"),
    ],
)
def test_a_missing_file(given, text, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match=text) as caught:
        load_photo(given)
    assert str(tmp_path / given) in str(caught.value)


@pytest.mark.parametrize("given", ["", ".", "pictures"])
def test_a_folder(given, monkeypatch, tmp_path):
    (tmp_path / "pictures").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(IsADirectoryError, match="is a folder"):
        load_photo(given)


@pytest.mark.parametrize("given", [None, 3, b"chelsea", COLOUR, ["chelsea"]], ids=lambda value: type(value).__name__)
def test_neither_a_name_nor_a_path(given):
    with pytest.raises(TypeError, match=f"not {type(given).__name__}"):
        load_photo(given)


# The square


@pytest.mark.parametrize("shape", [(300, 451), (451, 300), (224, 224), (7, 9), (1, 1), (1000, 3)])
@pytest.mark.parametrize("size", [224, 1, 31, np.int64(64)])
def test_square_has_the_size_asked_for(shape, size):
    result = square(np.full((*shape, 3), 77, np.uint8), size)
    assert_photo(result.copy(), (size, size, 3))
    assert (result == 77).all()


def test_square_takes_224_when_not_told():
    assert square(COLOUR).shape == (224, 224, 3)


def test_square_takes_the_middle():
    wide = square(COLOUR, 40)
    np.testing.assert_array_equal(wide, COLOUR[:, 10:50])
    np.testing.assert_array_equal(square(COLOUR.transpose(1, 0, 2), 40), wide.transpose(1, 0, 2))


@pytest.mark.parametrize("shape", [(40, 60), (60, 40), (7, 10), (5, 5)])
def test_the_middle_square_is_the_one_that_square_cuts_out(shape):
    photo = RNG.integers(0, 256, (*shape, 3), dtype=np.uint8)
    left, top, side = middle_square(photo)
    assert side == min(shape)
    np.testing.assert_array_equal(square(photo, side), photo[top : top + side, left : left + side])
    height, width = shape
    assert 0 <= (height - top - side) - top <= 1  # as much on one side as on the other
    assert 0 <= (width - left - side) - left <= 1


def test_square_keeps_proportions():
    y, x = np.mgrid[:300, :500]
    disc = np.where((y - 150) ** 2 + (x - 250) ** 2 < 100**2, 255, 0).astype(np.uint8)
    ink = square(np.dstack([disc] * 3), 100)[..., 0] > 127
    assert abs(ink.any(axis=0).sum() - ink.any(axis=1).sum()) <= 1


def test_square_smooths_before_it_shrinks():
    chequered = np.indices((448, 448)).sum(axis=0) % 2 * 255
    result = square(np.dstack([chequered] * 3).astype(np.uint8), 200)[5:-5, 5:-5]
    assert abs(result.astype(int) - 127).max() < 20


def test_square_leaves_the_photograph_as_it_is():
    before = COLOUR.copy()
    square(COLOUR)
    np.testing.assert_array_equal(COLOUR, before)


@pytest.mark.parametrize(
    "photo",
    [
        COLOUR[..., 0],
        COLOUR / 255,
        COLOUR[None],
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        "chelsea",
    ],
)
def test_square_takes_only_a_photograph(photo):
    with pytest.raises(ValueError, match=r"square takes an \(H, W, 3\) uint8 array"):
        square(photo)


@pytest.mark.parametrize("size", [0, -1, 2.5, (224, 224), None])
def test_square_takes_only_a_positive_size(size):
    with pytest.raises(ValueError, match="size is the side of the square"):
        square(COLOUR, size)
