"""Explaining again and again holds no more memory than explaining once."""

import ctypes
import gc
import sys
from collections.abc import Callable

import keras
import numpy as np
import pytest
from memory import resident

import cam_course
from cam_course.methods.explainer import Explainer

pytestmark = pytest.mark.compiled
layers = keras.layers

# The promise is a thousand calls, and CAM gets them. The other methods get a few with larger images: what they would
# keep of 30 calls is nearly as much. A call has 1.5 images on average and 3 maps, for 2 classes each:
#
#   CAM      1000 calls, images of 128 x 128 x 3: 1500 x 0.2 MB = 295 MB, maps 3000 x 0.07 MB = 197 MB
#   others     30 calls, images of 512 x 512 x 3:   45 x 3.1 MB = 141 MB, maps   90 x 1.05 MB =  94 MB
#
# Maps are that large because the convolution keeps the size of the image. A graph would be some thousand objects.
LOADS = {"CAM": (1000, 128)}
OTHERS = (30, 512)
LIMIT = 40  # MB; TensorFlow's own memory goes up and down by a few
SILENT = {"progress": False}

METHODS: dict[str, Callable[[keras.Model], Explainer]] = {
    "CAM": cam_course.CAM,
    "GradCAM": cam_course.GradCAM,
    "GradCAMPlusPlus": cam_course.GradCAMPlusPlus,
    "HiResCAM": cam_course.HiResCAM,
    "LayerCAM": cam_course.LayerCAM,
    "GuidedBackprop": cam_course.GuidedBackprop,
    "GuidedGradCAM": cam_course.GuidedGradCAM,
    "LRP": cam_course.LRP,
    "ScoreCAM": lambda model: cam_course.ScoreCAM(model, **SILENT),
    "Occlusion": lambda model: cam_course.Occlusion(model, size=256, stride=256, **SILENT),
}


@pytest.fixture(autouse=True, scope="module")
def large_blocks_go_back() -> None:
    """A megabyte and more is taken from the system and given back to it, not fitted into gaps that other tests left."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None  # GNU's has it
    if mallopt is not None:
        mallopt(-3, 1_000_000)  # M_MMAP_THRESHOLD, which would grow with every block that is freed


def growth(method: str) -> tuple[float, float]:
    """How many MB and how many objects more there are after all calls; the objects for each call."""
    calls, side = LOADS.get(method, OTHERS)
    shape = (side, side, 3)
    body = [layers.Conv2D(2, 3, padding="same", activation="relu"), layers.GlobalAveragePooling2D(), layers.Dense(3)]
    explain = METHODS[method](keras.Sequential([keras.Input(shape), *body]))
    rng = np.random.default_rng(0)

    def call(times: int) -> tuple[float, int]:
        for i in range(times):
            explain(rng.random((1 + i % 2, *shape), dtype="float32"), top=1 + i % 3)
        memory = resident()
        return memory, len(gc.get_objects())

    memory, objects = call(calls // 5)  # until TensorFlow has the memory that it works in
    memory_after, objects_after = call(calls)
    return memory_after - memory, (objects_after - objects) / calls


@pytest.mark.parametrize("method", METHODS)
def test_call_after_call_leaves_memory_where_it_was(method: str) -> None:
    memory, objects = growth(method)
    assert memory < LIMIT
    assert objects < 0.5


@pytest.mark.parametrize("step", ["_checked", "_run"], ids=["images", "maps"])
def test_what_every_call_would_keep_is_seen(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, plain = [], getattr(Explainer, step)

    def keeping(explain: Explainer, *given: object) -> object:
        kept.append(plain(explain, *given))
        return kept[-1]

    monkeypatch.setattr(Explainer, step, keeping)
    memory, _ = growth("GradCAM")
    assert memory > 2 * LIMIT
