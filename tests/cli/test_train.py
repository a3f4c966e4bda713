"""cam-course train: without its data, and what it writes."""

from pathlib import Path

import pytest
from course import cam_course
from typer.testing import CliRunner

from cam_course import models
from cam_course.cli import app


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
