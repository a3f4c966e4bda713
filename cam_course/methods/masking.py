"""What the methods share that hide parts of an image and watch its scores: batches, bounded memory, a progress bar."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tqdm.auto import tqdm

from ..network import Network, Place
from .explainer import Explainer


class MaskingExplainer(Explainer):
    """Base of the methods that run the model on masked images. One forward pass a mask serves all classes.

    A subclass says in ``_find`` what its masks are made from, in ``_seeds`` and ``_masked`` how, and in ``_map`` what
    follows from the scores. Masked images are made inside the compiled step, ``batch_size`` at a time.

    Parameters
    ----------
    model : keras.Model
    batch_size : int
        So many masked images exist at once.
    progress : bool
        Whether a bar counts the passes, on stderr or as a widget in a notebook. It goes when they are
        done; only a notebook that is stored keeps an empty line of it.
    """

    _source: Place  # what the masks are made from
    _seed: tf.TensorSpec  # a batch of what ``_masked`` needs to know of each mask

    def __init__(self, model: keras.Model, batch_size: int, progress: bool) -> None:
        if not isinstance(batch_size, (int, np.integer)) or batch_size < 1:
            raise ValueError(f"batch_size is {batch_size!r}, but must be a whole number of at least 1.")
        self._batch_size = int(batch_size)
        self._progress = bool(progress)
        super().__init__(model)

    def _seeds(self, image_shape: tuple[int, ...], f: NDArray) -> NDArray:
        """One row for each mask, from the shape of one image and the values of ``_source`` in it, (h, w, K)."""
        raise TypeError(f"{type(self).__name__} names no method: use one of its subclasses.")

    def _count(self, image_shape: tuple[int, ...]) -> int:
        """The number of masks of one image."""
        raise TypeError(f"{type(self).__name__} names no method: use one of its subclasses.")

    def _masked(self, image: Any, seeds: Any) -> Any:
        """The image (1, H, W, C) behind a batch of masks; runs compiled."""
        raise TypeError(f"{type(self).__name__} names no method: use one of its subclasses.")

    def _map(self, S_masked: NDArray, S: NDArray, f: NDArray, image_shape: tuple[int, ...]) -> NDArray:
        """Maps (K, h, w) from the scores (masks, K) behind every mask and those of the whole image, (K,)."""
        raise TypeError(f"{type(self).__name__} names no method: use one of its subclasses.")

    def _read(self, image_shape: tuple[int | None, ...] | None) -> None:
        super()._read(image_shape)
        image = tf.TensorSpec((1, *self.network.input_shape), tf.float32)
        classes = tf.TensorSpec((None,), tf.int32)
        self._compiled_scores = tf.function(self._scores, input_signature=[image, self._seed, classes], autograph=False)

    def _explain(self, images: Any, choose: Any) -> tuple[Any, Any, Any, Any]:
        """The pass without a mask. In the maps' place stands what the masks are made from, (n, h, w, K)."""
        network = self.network
        values = network.run({network.images: images}, to=network.logits)
        S = values[network.logits]
        classes = choose(S)
        return network.maps_last(self._source, values[self._source]), classes, tf.zeros_like(classes, tf.float32), S

    def _scores(self, image: Any, seeds: Any, classes: Any) -> Any:
        network = self.network
        masked = tf.ensure_shape(self._masked(image, seeds), (None, *network.input_shape))
        S = network.run({network.images: masked}, to=network.logits)[network.logits]
        return tf.cast(tf.gather(S, classes, axis=1), tf.float32)

    def _run(self, images: NDArray, chosen: NDArray, top: int) -> list[NDArray]:
        for compiled in (self._compiled, self._compiled_scores):
            compiled.get_concrete_function()  # traced in a call, five explainers would draw a warning
        image_shape = images.shape[1:]
        total = len(images) * self._count(image_shape)
        parts = []
        with tqdm(
            total=total, desc=type(self).__name__, unit="pass", leave=False, disable=not self._progress
        ) as progress_bar:
            for image, choice in zip(images[:, None], chosen[:, None], strict=True):
                f, classes, *rest = (tensor.numpy() for tensor in self._compiled(image, choice, top))
                seeds = self._seeds(image_shape, f[0])
                batches = []
                for i in range(0, len(seeds), self._batch_size):
                    batch = seeds[i : i + self._batch_size]
                    batches.append(self._compiled_scores(image, batch, classes[0]).numpy())
                    progress_bar.update(len(batch))
                maps = self._map(np.concatenate(batches), rest[0][0], f[0], image_shape)
                parts.append([maps[None], classes, *rest])
        return [np.concatenate(part) for part in zip(*parts, strict=True)]


def lay_on(network: Network, masks: Any) -> Any:
    """Masks (b, H, W) with an axis for the channels, where the images of this network have theirs."""
    return tf.expand_dims(masks, 1 if network.channels_first(network.images) else -1)


def height_and_width(network: Network, image: Any) -> Any:
    """Of the shape of one image, however the network lays it out."""
    return image[1:] if network.channels_first(network.images) else image[:2]
