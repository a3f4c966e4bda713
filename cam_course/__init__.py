"""CAM Course: how a convolutional network shows what it looked at.

>>> from cam_course import CAM, GradCAM

The names below load on first use, so that ``import cam_course`` itself stays quick and pulls in no TensorFlow.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .explanation import Explanation as Explanation
    from .methods.activation_maximization import ActivationMaximization as ActivationMaximization
    from .methods.cam import CAM as CAM
    from .methods.grad_cam import GradCAM as GradCAM
    from .methods.grad_cam_pp import GradCAMPlusPlus as GradCAMPlusPlus
    from .methods.guided import GuidedBackprop as GuidedBackprop
    from .methods.guided import GuidedGradCAM as GuidedGradCAM
    from .methods.hires_cam import HiResCAM as HiResCAM
    from .methods.layer_cam import LayerCAM as LayerCAM
    from .methods.lrp import LRP as LRP
    from .methods.occlusion import Occlusion as Occlusion
    from .methods.score_cam import ScoreCAM as ScoreCAM

_HOME = {
    "Explanation": "cam_course.explanation",
    "ActivationMaximization": "cam_course.methods.activation_maximization",
    "CAM": "cam_course.methods.cam",
    "GradCAM": "cam_course.methods.grad_cam",
    "GradCAMPlusPlus": "cam_course.methods.grad_cam_pp",
    "GuidedBackprop": "cam_course.methods.guided",
    "GuidedGradCAM": "cam_course.methods.guided",
    "LRP": "cam_course.methods.lrp",
    "HiResCAM": "cam_course.methods.hires_cam",
    "LayerCAM": "cam_course.methods.layer_cam",
    "Occlusion": "cam_course.methods.occlusion",
    "ScoreCAM": "cam_course.methods.score_cam",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'cam_course' has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return __all__
