"""MNIST comes checked from the cache or the network; without either a stand-in of the same form takes its place."""

import io
import subprocess
import sys
from dataclasses import FrozenInstanceError, replace

import cv2
import numpy as np
import pytest
from sklearn.datasets import load_digits

from cam_course.data import mnist
from cam_course.data.cache import MNIST, fetch_command, locate
from cam_course.data.mnist import load_mnist


@pytest.fixture
def small_mnist(keras_home, server, monkeypatch):
    """A server with a file built like mnist.npz, of 300 training and 20 test images."""
    rng = np.random.default_rng(0)
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        x_train=rng.integers(0, 256, (300, 28, 28), dtype=np.uint8),
        y_train=(np.arange(300) % 10).astype(np.uint8),
        x_test=rng.integers(0, 256, (20, 28, 28), dtype=np.uint8),
        y_test=(np.arange(20) % 10).astype(np.uint8),
    )
    file = server.file("mnist.npz", buffer.getvalue())
    monkeypatch.setattr(mnist, "MNIST", file)
    return file


@pytest.fixture
def no_network(keras_home, dead_address, monkeypatch):
    """Neither a file on disk nor anybody at its address."""
    file = replace(MNIST, url=f"{dead_address}/mnist.npz")
    monkeypatch.setattr(mnist, "MNIST", file)
    return file


def damage(file, content):
    """Put `content` where mnist.npz belongs."""
    file.keras_path.parent.mkdir(parents=True)
    file.keras_path.write_bytes(content)
    return content


def assert_form(digits):
    """What the lessons rely on, whichever of the two is loaded."""
    for images, labels in [(digits.train_images, digits.train_labels), (digits.test_images, digits.test_labels)]:
        assert images.shape == (len(labels), 28, 28, 1)
        assert images.dtype == np.float32
        assert images.min() == 0
        assert images.max() == 1
        assert labels.dtype == np.int64
        assert set(labels) == set(range(10))
    assert "\n" not in digits.notice


# MNIST


def test_real_mnist():
    if locate(MNIST) is None:
        pytest.skip(f"no mnist.npz in Keras' cache: set KERAS_HOME, or run `{fetch_command()}` once with a network")
    digits = load_mnist()
    assert_form(digits)
    assert digits.source == "MNIST"
    assert digits.notice.startswith("MNIST: 60,000 training and 10,000 test images")
    assert digits.train_labels[:5].tolist() == [5, 0, 4, 1, 9]  # as printed in every book on MNIST
    assert digits.test_labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert digits.test_labels[1005] == 9
    np.testing.assert_array_equal(
        np.bincount(digits.test_labels), [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    )


def test_mnist_is_downloaded_then_read_from_disk(small_mnist, server):
    digits = load_mnist()
    assert_form(digits)
    assert digits.source == "MNIST"
    assert digits.notice == "MNIST: 300 training and 20 test images of handwritten digits."
    assert (len(digits.train_images), len(digits.test_images)) == (300, 20)
    load_mnist()
    assert server.methods.count("GET") == 1


def test_grey_levels_are_divided_by_255(small_mnist):
    digits = load_mnist()
    with np.load(small_mnist.keras_path) as file:
        expected = file["x_train"].astype(np.float32) / np.float32(255)
        np.testing.assert_array_equal(digits.train_images[..., 0], expected)
        np.testing.assert_array_equal(digits.train_labels, file["y_train"])
        assert set(file["x_train"].ravel()) == set(range(256))


def cut_off(content):
    return content[: len(content) // 2]


def altered(content):
    return content[:500] + bytes([content[500] ^ 1]) + content[501:]


def emptied(content):
    return b""


@pytest.mark.parametrize("harm", [cut_off, altered, emptied])
def test_a_damaged_file_is_replaced_by_a_fresh_copy_elsewhere(small_mnist, server, harm):
    damaged = damage(small_mnist, harm(server.content))
    digits = load_mnist()
    assert_form(digits)
    assert digits.source == "MNIST"
    assert small_mnist.keras_path.read_bytes() == damaged
    assert f"{small_mnist.keras_path} is damaged" in digits.notice
    assert str(small_mnist.course_path) in digits.notice


# The stand-in


@pytest.mark.parametrize("harm", [cut_off, altered, emptied])
def test_a_damaged_file_and_no_network(small_mnist, server, dead_address, monkeypatch, harm):
    monkeypatch.setattr(mnist, "MNIST", replace(small_mnist, url=f"{dead_address}/mnist.npz"))
    damaged = damage(small_mnist, harm(server.content))
    digits = load_mnist()
    assert_form(digits)
    assert digits.source == "scikit-learn digits"
    assert f"{small_mnist.keras_path}, which is damaged" in digits.notice
    assert small_mnist.keras_path.read_bytes() == damaged


def test_stand_in_has_the_form_of_mnist(no_network):
    digits = load_mnist()
    assert_form(digits)
    assert digits.source == "scikit-learn digits"
    assert (len(digits.train_images), len(digits.test_images)) == (691, 1106)
    assert digits.test_images[1005].max() > 0.5


def test_stand_in_says_what_it_is_why_and_the_way_out(no_network):
    notice = load_mnist().notice
    for part in ("Stand-in for MNIST", "691", "1,106", "8 x 8", "no connection to the server", f"`{fetch_command()}`"):
        assert part in notice
    assert str(no_network.keras_path) in notice


def test_stand_in_has_mnists_black_border(no_network):
    digits = load_mnist()
    for images in (digits.train_images, digits.test_images):
        middle = images[:, 4:24, 4:24]
        assert images.sum() == pytest.approx(middle.sum())
        assert middle[:, 0].any()
        assert middle[:, -1].any()


def test_stand_in_shows_the_digits_upright_and_under_their_labels(no_network):
    digits = load_mnist()
    small = load_digits()
    images = np.concatenate([digits.train_images, digits.test_images])[:, 4:24, 4:24, 0]
    shrunk = np.stack([cv2.resize(image, (8, 8), interpolation=cv2.INTER_AREA) for image in images])
    correlation = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(shrunk, small.images, strict=True)]
    assert min(correlation) > 0.97
    np.testing.assert_array_equal(np.concatenate([digits.train_labels, digits.test_labels]), small.target)


def test_stand_in_is_the_same_every_time(no_network):
    first, second = load_mnist(), load_mnist()
    for name in ("train_images", "train_labels", "test_images", "test_labels"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


# The object


def test_digits_cannot_be_reassigned_and_print_short(small_mnist):
    digits = load_mnist()
    with pytest.raises(FrozenInstanceError):
        digits.source = "else"
    assert "array" not in repr(digits)
    assert digits.notice in repr(digits)


def test_import_needs_neither_tensorflow_nor_sklearn():
    script = (
        "import sys, cam_course.data.cache, cam_course.data.mnist, cam_course.data.photos\n"
        "print([name for name in ('tensorflow', 'keras', 'sklearn', 'cv2', 'skimage', 'scipy') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
