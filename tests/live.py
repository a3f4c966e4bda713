"""A notebook with every live figure, for one kernel, and how a test or a measurement moves them."""

import re
from collections.abc import Sequence
from pathlib import Path

import nbformat
from course import ROOT
from playwright.sync_api import Locator, expect

# What the lessons have before the call.
BEFORE = """
from cam_course import CAM, GradCAM, models
from cam_course.data.mnist import load_stand_in
from cam_course.data.photos import load_photo, square
from cam_course.maps import class_scores, global_average_pool
import keras
import numpy as np

digits = load_stand_in()
model = models.trained_mnist_network(digits)
image = digits.test_images[1005:1006]
f = np.random.default_rng(3).integers(0, 4, (3, 3, 6)).astype(float)
feature_maps = keras.Model(model.inputs, model.layers[-2].input)
w, b = model.layers[-1].get_weights()
w_flat = np.random.default_rng(0).normal(size=(14 * 14 * 64, 10))

def two_heads(moved):
    f = np.asarray(feature_maps(moved[None]))[0]
    F = global_average_pool(f)
    return F, {"GAP": class_scores(F, w, b), "Flatten": f.ravel() @ w_flat}

keras.utils.set_random_seed(0)
layers = keras.layers
body = [layers.Rescaling(1 / 255), layers.Conv2D(8, 3, activation="relu", name="early"), layers.MaxPooling2D(4)]
body += [layers.Conv2D(8, 3, activation="relu", name="late"), layers.GlobalAveragePooling2D()]
small = keras.Sequential([keras.Input((64, 64, 3)), *body, layers.Dense(7, "softmax")])
names = tuple(f"thing {c}" for c in range(7))
net = models.PhotoNetwork(small, lambda photo: square(photo, 64)[None].astype("float32"), names, 64, False, "small")
explainers = {name: GradCAM(small, layer=name, relu=False) for name in ("early", "late")}
ten = CAM(model)(digits.test_images[:10])
boxes = [(4, 4, 24, 24)] * 10
"""
CALLS = {
    "weights": 'weight_sliders(f, [0.5, -0.2, 0.2, 0.1, 0.3, -0.4], 0.5, "Iron Man")',
    "digit": 'digit_map_slider(image[0], CAM(model)(image, classes="all"))',
    "convolution": 'convolution_stepper(image[0, ..., 0], {"edge": [[1, 0, -1]] * 3, "mean": np.full((3, 3), 1 / 9)})',
    "moving": "digit_mover(image[0], two_heads)",
    "photo": 'photo_explorer(net, load_photo("chelsea"), explainers)',
    "boxes": "box_slider(digits.test_images[:10], ten.maps[:, 0], boxes, ten.classes[:, 0].tolist())",
    "relevance": "relevance_explorer(model, image[0])",
}
MODULES = {"boxes": "photo"}
SLOW = """
import time
from cam_course.plotting import WeightedSum
from cam_course.teaching.widgets.live import show_live, slider

drawn = WeightedSum(f)
show_live(
    {"seconds": slider("seconds", 0, 0, 2)},
    lambda seconds: time.sleep(seconds) or (drawn.at([seconds] * 6), f"{seconds} seconds"),
)
"""  # the first seven are those of the lessons; this one takes as long as it is told to


def write_notebook(path: Path, more: Sequence[str] = ()) -> None:
    """Write the notebook: every live figure, the two cells of lesson 04 with the explorer, and more cells."""
    cells = [BEFORE]
    for name, call in CALLS.items():
        function = call.split("(")[0]
        cells.append(f"from cam_course.teaching.widgets.{MODULES.get(name, name)} import {function}\n\n{call}")
    lesson = nbformat.read(ROOT / "notebooks" / "04_cam_mnist.ipynb", as_version=4)
    cells += [
        "from cam_course.teaching.explorer import DigitExplorer",
        "from cam_course.teaching.identity import check_identity",
    ]
    cells += [cell.source for cell in lesson.cells if cell.source.startswith(("explorer = ", "drawing = explorer"))]
    cells += [SLOW, *more]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    nbformat.write(notebook, path)


def namespace() -> dict[str, object]:
    """What the notebook has, in this process."""
    found: dict[str, object] = {}
    exec(BEFORE, found)
    return found


def move(figure: Locator, label: str, value: float | str) -> float:
    """Give a slider or a choice a value, and wait for the new picture; how long that took, in ms."""
    control = figure.get_by_label(label, exact=True)
    image = figure.locator("img")
    before = image.get_attribute("src") or ""
    if isinstance(value, str):
        control.select_option(label=value)
    else:
        control.fill(f"{value:g}")
    expect(image).not_to_have_attribute("src", before)
    expect(image).to_have_attribute("data-took", re.compile(r"\d"))
    return float(image.get_attribute("data-took") or "nan")
