"""cam-course train: without its data, and what it writes."""

import sys
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from course import cam_course
from typer.testing import CliRunner

from cam_course import models
from cam_course.cli import app
from cam_course.data import cantilever
from cam_course.data.mnist import Digits


def test_training_without_mnist_is_refused_before_anything_is_written(
    offline_env: dict[str, str], tmp_path: Path
) -> None:
    done = cam_course("train", "mnist", "-o", str(tmp_path / "new"), env=offline_env)
    assert done.returncode == 1
    assert "Training needs the real MNIST" in done.stderr
    assert not (tmp_path / "new").exists()


@pytest.mark.usefixtures("offline")
def test_the_small_digits_are_trained_on_without_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train = models.train_mnist
    monkeypatch.setattr(models, "train_mnist", lambda digits: train(digits, epochs=1))  # not a thousand
    done = CliRunner().invoke(app, ["train", "small-digits", "-o", str(tmp_path / "new")])
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [
        "small_digits_gap.md",
        "small_digits_gap.weights.h5",
    ]
    card = (tmp_path / "new" / "small_digits_gap.md").read_text(encoding="utf-8")
    assert "691 training and 1,106 test images" in card
    assert "`cam-course train small-digits`" in card


def test_the_cantilever_network_is_trained_and_goes_on_after_an_interruption(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = tuple(part[:40] for part in cantilever.load_cantilevers())
    monkeypatch.setattr(cantilever, "load_cantilevers", lambda: few)
    train, epochs = models.train_cantilever, []
    monkeypatch.setattr(models, "train_cantilever", lambda data, kept: train(data, kept, epochs=2))
    fit = keras.Sequential.fit

    def stopped_after_one(self: keras.Sequential, *given: object, callbacks: list, **named: object) -> object:
        class Stop(keras.callbacks.Callback):
            def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
                epochs.append(epoch)
                if len(epochs) == 2:
                    raise KeyboardInterrupt

        return fit(self, *given, callbacks=[*callbacks, Stop()], **named)

    monkeypatch.setattr(keras.Sequential, "fit", stopped_after_one)
    command = ["train", "cantilever", "-o", str(tmp_path / "new")]
    assert CliRunner().invoke(app, command).exit_code != 0
    assert not list((tmp_path / "new").glob("*.h5"))
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    assert epochs == [0, 1, 1]
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [
        "cantilever_gap.md",
        "cantilever_gap.weights.h5",
    ]
    assert "`cam-course train cantilever`" in (tmp_path / "new" / "cantilever_gap.md").read_text(encoding="utf-8")


@pytest.mark.usefixtures("offline")
def test_the_cluttered_network_is_trained_and_its_card_names_its_digits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = sys.modules["cam_course.cli.train"]  # the package has its Typer under that name
    monkeypatch.setattr(command, "fetch", lambda file: None)  # as if MNIST were there
    train = models.train_cluttered
    monkeypatch.setattr(models, "train_cluttered", lambda digits, kept: train(_few(digits), kept, epochs=1))
    done = CliRunner().invoke(app, ["train", "cluttered", "-o", str(tmp_path / "new")])
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [
        "cluttered_gap.md",
        "cluttered_gap.weights.h5",
    ]
    card = (tmp_path / "new" / "cluttered_gap.md").read_text(encoding="utf-8")
    assert "scikit-learn digits's training digits" in card


@pytest.mark.usefixtures("offline")
def test_the_vision_transformer_is_trained_and_its_weights_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["cam_course.cli.train"], "fetch", lambda file: None)  # as if MNIST were there
    train = models.train_vit
    monkeypatch.setattr(models, "train_vit", lambda digits, kept: train(_few(digits), kept, epochs=1))
    done = CliRunner().invoke(app, ["train", "vit", "-o", str(tmp_path / "new")])
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["mnist_vit.md", "mnist_vit.weights.h5"]
    models.vit_network().load_weights(tmp_path / "new" / "mnist_vit.weights.h5")


@pytest.mark.usefixtures("offline")
def test_five_seeds_are_trained_once_each_and_a_second_call_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["cam_course.cli.train"], "fetch", lambda file: None)
    train, fitted = models.train_seeds, []
    monkeypatch.setattr(models, "train_seeds", lambda digits, folder: train(_few(digits), folder, epochs=1))
    monkeypatch.setattr("cam_course.models.seeds.fit", lambda model, *_: fitted.append(model))
    command = ["train", "seeds", "-o", str(tmp_path / "new")]
    for networks in (5, 6):
        done = CliRunner().invoke(app, command)
        assert done.exit_code == 0, done.output
        assert len(fitted) == networks
        (tmp_path / "new" / "mnist_gap_seed_3.weights.h5").unlink()
    names = {f"mnist_gap_seed_{seed}.weights.h5" for seed in (1, 2, 4, 5)} | {"mnist_gap_seeds.md"}
    assert {path.name for path in (tmp_path / "new").iterdir()} == names
    first, second = (network.get_weights()[0] for network in fitted[:2])
    assert not np.array_equal(first, second)


def _few(digits: Digits) -> Digits:
    return replace(digits, train_images=digits.train_images[:20], train_labels=digits.train_labels[:20])


def test_training_on_cluttered_digits_needs_mnist(offline_env: dict[str, str], tmp_path: Path) -> None:
    done = cam_course("train", "cluttered", "-o", str(tmp_path / "new"), env=offline_env)
    assert done.returncode == 1
    assert "Training needs the real MNIST" in done.stderr
