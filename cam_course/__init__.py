"""CAM Course: how a convolutional network shows what it looked at.

>>> from cam_course import CAM, GradCAM

The names below load on first use, so that ``import cam_course`` itself stays quick and pulls in no TensorFlow.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .explanation import Explanation
    from .methods.cam import CAM
    from .methods.grad_cam import GradCAM

__all__ = ["CAM", "Explanation", "GradCAM"]

_HOME = {
    "CAM": "cam_course.methods.cam",
    "Explanation": "cam_course.explanation",
    "GradCAM": "cam_course.methods.grad_cam",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'cam_course' has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return __all__
