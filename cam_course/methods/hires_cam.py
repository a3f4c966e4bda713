"""HiResCAM: CAM's promise without GAP, wherever the scores are affine in the feature maps."""

from typing import Any

import tensorflow as tf

from ..network import Network
from .gradient import GradientExplainer


class HiResCAM(GradientExplainer):
    """High-resolution class activation maps.

    M_c(x, y) = sum_k dS_c/df_k(x, y) f_k(x, y), signed: each value of f times its own gradient, nothing averaged.
    If the layers after f are affine, as Flatten and one dense layer are, the map adds up to the score:
    S_c = sum_xy M_c(x, y) + b_c, where b_c is the score of f = 0. Before GAP and one dense layer it is CAM's map
    divided by N, the number of positions.

    Parameters
    ----------
    model : keras.Model
    layer : str, keras.layers.Layer or None
        The layer whose output is f; None for the feature maps that CAM would use. Where what follows it is not affine,
        no sum is promised: the residual is NaN and the bias zero.

    Raises
    ------
    ValueError
        If there is no such layer, its output is not (N, h, w, K), or the scores do not depend on it.

    References
    ----------
    Draelos, Carin (2020), "Use HiResCAM instead of Grad-CAM for faithful explanations of convolutional neural
    networks", arXiv:2011.08891.

    Examples
    --------
    >>> import keras, numpy as np
    >>> model = keras.Sequential([
    ...     keras.Input((4, 4, 1)), keras.layers.Conv2D(3, 3), keras.layers.Flatten(), keras.layers.Dense(2)])
    >>> e = HiResCAM(model)(np.ones((1, 4, 4, 1)), classes="all")
    >>> bool(np.allclose(e.maps.sum(axis=(2, 3)) + e.bias, e.scores, rtol=1e-5, atol=1e-6))
    True
    """

    adds_up = True

    def _find_roles(self, network: Network) -> None:
        super()._find_roles(network)
        self.exact = network.is_affine_after(self._features)

    def _map(self, f: Any, dS_df: Any) -> Any:
        return tf.reduce_sum(dS_df * f, axis=-1)

    def _bias(self, state: Any, classes: Any) -> Any:
        if not self.exact:
            return super()._bias(state, classes)
        f, logits = self._features, self.network.logits
        nothing = tf.zeros_like(state[1].values[f][:1])
        return tf.gather(tf.cast(self.network.run({f: nothing}, to=logits)[logits], tf.float32)[0], classes)
