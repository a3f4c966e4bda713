"""cam-course fetch, without a network."""

from course import cam_course


def test_fetch_without_network_names_each_file_and_the_way_out(offline_env: dict[str, str]) -> None:
    done = cam_course("fetch", env=offline_env)
    assert done.returncode == 1
    for name in ("mnist.npz", "imagenet_class_index.json", "resnet50_weights"):
        assert name in done.stderr
    assert "Traceback" not in done.stderr
