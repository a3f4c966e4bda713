"""Score-CAM: the weight of a feature map is the score of the image that is left where the map is active."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from ..maps import class_activation_map, relu, softmax
from ..network import Network
from .masking import MaskingExplainer, add_channels, height_and_width
from .overlay import enlarged


class ScoreCAM(MaskingExplainer):
    """Score-weighted class activation maps, without any gradient.

    L_c(x, y) = ReLU(sum_k alpha_k^c f_k(x, y)), where alpha^c is the softmax over the maps k of

    CIC_c(f_k) = S_c(X o H_k) - S_c(X_b): how far the image X under the mask H_k raises the score above that of the
    baseline X_b, an image of zeros. H_k is f_k, resized to the image (bilinear) and then scaled to 0 ... 1; a map with
    the same value everywhere gives H_k = 0, so its CIC is 0.

    Parameters
    ----------
    model : keras.Model
    layer : str, keras.layers.Layer or None
        The layer whose output is f; None for the feature maps that CAM would use.
    batch_size : int
        So many masked images exist at once. There is one forward pass for each feature map, up to 2,048 for ResNet50,
        and one for all constant maps together; it serves all classes.
    progress : bool
        Whether a bar counts the passes, on stderr or as a widget in a notebook. It goes when they are
        done; only a notebook that is stored keeps an empty line of it.

    Raises
    ------
    ValueError
        If there is no such layer, its output is not (N, h, w, K), or the scores do not depend on it; or if batch_size
        is not a whole number of at least 1.

    Notes
    -----
    This is algorithm 1 of the paper: scores before softmax, and one softmax over the maps, so that sum_k alpha_k^c = 1.
    S_c(X_b) is the same for every k and cancels in that softmax, so no pass is spent on it. And alpha is never
    negative: no map speaks against a class. Others differ. Definition 5 of the same paper has alpha = CIC itself. The
    authors' program weights by the probability P_c(X o H_k), with neither baseline nor softmax over the maps, and skips
    constant maps.

    References
    ----------
    Wang, Wang, Du, Yang, Zhang, Ding, Mardziel, Hu (2020), "Score-CAM: Score-weighted visual explanations for
    convolutional neural networks", CVPR workshops, equations (6) to (9) and algorithm 1.

    Examples
    --------
    >>> import numpy as np
    >>> model = keras.Sequential([
    ...     keras.Input((4, 4, 1)), keras.layers.Conv2D(3, 3), keras.layers.Flatten(), keras.layers.Dense(2)])
    >>> e = ScoreCAM(model, progress=False)(np.ones((5, 4, 4, 1)), top=2)
    >>> e.maps.shape
    (5, 2, 2, 2)
    """

    rectified = True

    def __init__(
        self,
        model: keras.Model,
        layer: str | keras.layers.Layer | None = None,
        batch_size: int = 32,
        progress: bool = True,
    ) -> None:
        self._layer = layer
        super().__init__(model, batch_size, progress)

    def _find_roles(self, network: Network) -> None:
        self._source = network.layer_output(self._layer)
        symbol = keras.KerasTensor(self._source.shape)
        _, h, w, self._count_of_maps = network.to_channels_last(self._source, symbol).shape
        self._mask_row = tf.TensorSpec((None, h, w), tf.float32)

    def _count(self, image_shape: tuple[int, ...]) -> int:
        return self._count_of_maps

    def _mask_rows(self, image_shape: tuple[int, ...], f: NDArray) -> NDArray:
        masked, _ = _passes(f)
        self._bar.update(f.shape[-1] - len(masked))
        return np.moveaxis(f[..., masked], -1, 0)

    def _masked(self, image: Any, rows: Any) -> Any:
        height, width = height_and_width(self.network, tf.shape(image)[1:])
        resized = enlarged(rows[..., None], height, width, self._margins)[..., 0]
        low = tf.reduce_min(resized, axis=(1, 2), keepdims=True)
        high = tf.reduce_max(resized, axis=(1, 2), keepdims=True)
        return image * add_channels(self.network, tf.math.divide_no_nan(resized - low, high - low))

    def _map(self, S_masked: NDArray, S: NDArray, f: NDArray, image_shape: tuple[int, ...]) -> NDArray:
        _, pass_of = _passes(f)
        alpha = softmax(S_masked[pass_of].T).T  # (maps, K); S_c(X_b) cancels
        return np.moveaxis(relu(class_activation_map(f, alpha)), -1, 0)


def _passes(f: NDArray) -> tuple[NDArray, NDArray]:
    """Which maps of (h, w, K) get a forward pass, and for every map the number of its pass.

    All constant maps share one, because their masked image is the same, zeros.
    """
    constant = np.ptp(f, axis=(0, 1)) == 0
    first_of = np.where(constant, np.argmax(constant), np.arange(len(constant)))
    return np.unique(first_of, return_inverse=True)
