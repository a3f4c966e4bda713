"""cam-course train, without its data."""

from pathlib import Path

from course import cam_course


def test_training_without_mnist_is_refused_before_anything_is_written(
    offline_env: dict[str, str], tmp_path: Path
) -> None:
    done = cam_course("train", "mnist", "-o", str(tmp_path / "new"), env=offline_env)
    assert done.returncode == 1
    assert "Training needs the real MNIST" in done.stderr
    assert not (tmp_path / "new").exists()
