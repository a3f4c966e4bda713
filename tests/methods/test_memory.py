"""Explaining again and again holds no more memory than explaining once."""

import gc
from collections.abc import Callable

import keras
import numpy as np
import pytest
from memory import resident

import cam_course
from cam_course.methods.explainer import Explainer

CALLS = 1000
IMAGE = (128, 128, 3)  # if they were kept, 1,500 of them would be 295 MB
SILENT = {"progress": False}

layers = keras.layers
METHODS: dict[str, Callable[[keras.Model], Explainer]] = {
    "CAM": cam_course.CAM,
    "GradCAM": cam_course.GradCAM,
    "GradCAMPlusPlus": cam_course.GradCAMPlusPlus,
    "LayerCAM": cam_course.LayerCAM,
    "GuidedBackprop": cam_course.GuidedBackprop,
    "GuidedGradCAM": cam_course.GuidedGradCAM,
    "LRP": cam_course.LRP,
    "ScoreCAM": lambda model: cam_course.ScoreCAM(model, **SILENT),
    "Occlusion": lambda model: cam_course.Occlusion(model, size=64, stride=64, **SILENT),
}


@pytest.mark.parametrize("method", METHODS)
def test_a_thousand_calls_leave_memory_where_it_was(method: str) -> None:
    body = [layers.Conv2D(4, 3, strides=8, activation="relu"), layers.GlobalAveragePooling2D(), layers.Dense(3)]
    explain = METHODS[method](keras.Sequential([keras.Input(IMAGE), *body]))
    rng = np.random.default_rng(0)

    def call(times: int) -> tuple[float, int]:
        for i in range(times):
            explain(rng.normal(size=(1 + i % 2, *IMAGE)), top=1 + i % 3)
        memory = resident()
        return memory, len(gc.get_objects())

    memory, objects = call(CALLS // 5)  # until TensorFlow has the memory that it works in
    memory_after, objects_after = call(CALLS)
    assert memory_after - memory < 60  # MB; TensorFlow's own goes up and down by half of that
    assert objects_after - objects < CALLS / 10
