"""cam-course fetch, without a network, and Keras' own download from a server of our own."""

import functools
import http.server
import subprocess
import sys
import threading
from pathlib import Path

import h5py
import keras
from course import cam_course
from keras.src.legacy.saving.legacy_h5_format import save_weights_to_hdf5_group


def test_fetch_without_network_names_each_file_and_the_way_out(offline_env: dict[str, str]) -> None:
    done = cam_course("fetch", env=offline_env)
    assert done.returncode == 1
    for name in ("mnist.npz", "imagenet_class_index.json", "resnet50_weights", "mobilenet_v2"):
        assert name in done.stderr
    assert done.stderr.count("could not be downloaded") == 4
    assert "Traceback" not in done.stderr


FROM_OUR_SERVER = """
import sys
from keras.src.applications import mobilenet_v2
mobilenet_v2.BASE_WEIGHT_PATH = sys.argv.pop(1)
from cam_course import models
print(models.mobilenet_v2().notice)
"""


def test_mobilenet_v2_is_downloaded_into_keras_cache(offline_env: dict[str, str], tmp_path: Path) -> None:
    name = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224.h5"  # in the form that Keras publishes
    with h5py.File(tmp_path / name, "w") as file:
        save_weights_to_hdf5_group(file, keras.applications.MobileNetV2(weights=None))
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        command = [sys.executable, "-c", FROM_OUR_SERVER, address]
        env = offline_env | {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        first = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        server.shutdown()
    assert first.returncode == 0, first.stderr
    assert first.stdout.endswith("Weights: MobileNetV2's from Keras' cache, which Keras does not check.\n")
    kept = Path(env["KERAS_HOME"]) / "models" / name
    assert kept.read_bytes() == (tmp_path / name).read_bytes()
