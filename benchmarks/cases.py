"""What is measured, and the targets."""

from dataclasses import dataclass, field
from typing import Any

LAYER = "conv5_block3_out"  # the grid of ResNet50's class activation maps
LAYERS = ("conv2_block3_out", "conv3_block4_out", "conv4_block6_out", LAYER)
BATCHES = (1, 8)
AT_ONCE = 32  # images, and masks


@dataclass(frozen=True)
class Case:
    """A call of a method."""

    label: str
    method: str
    call: dict[str, Any] = field(default_factory=dict)  # top or classes
    limit: float | None = None  # in plain forward passes
    options: dict[str, str] = field(default_factory=dict)  # of the method


METHODS = (
    Case("CAM, best class", "CAM", {"top": 1}, 1.10),
    Case("CAM, all 1,000 classes", "CAM", {"classes": "all"}, 1.10),
    Case("Grad-CAM, best class", "GradCAM", {"top": 1}, 1.10),
    Case("Grad-CAM, five best classes", "GradCAM", {"top": 5}, 1.15),
    Case("Grad-CAM++, best class", "GradCAMPlusPlus", {"top": 1}),
    Case("LayerCAM, best class", "LayerCAM", {"top": 1}),
    Case("HiResCAM, best class", "HiResCAM", {"top": 1}),
    Case("Guided backpropagation, best class", "GuidedBackprop", {"top": 1}, 3.50),
    Case("Guided Grad-CAM, best class", "GuidedGradCAM", {"top": 1}),
    Case("LRP (epsilon, the default), best class", "LRP", {"top": 1}, 3.50),
    Case("LRP (z+), best class", "LRP", {"top": 1}, options={"rule": "z+"}),
    Case("LRP (gamma), best class", "LRP", {"top": 1}, options={"rule": "gamma"}),
)

CONTROL = "The plain forward pass itself (control)"
EAGER = {1: "Eager GradientTape loop, one class", 5: "Eager GradientTape loop, five classes"}
PEER = "tf-keras-vis Grad-CAM, one class"
FASTER = "tf-keras-vis over Grad-CAM, one class"
FASTER_AT_LEAST = 4.0

CLASS_COUNTS = {  # the slow ones go as far as patience does
    "CAM": (1, 5, 20, 100, 1000),
    "GradCAM": (1, 5, 20, 100, 1000),
    "GuidedBackprop": (1, 5, 20),
    "LRP": (1, 5, 20),
}
STREAMED = ("CAM", "GradCAM")
