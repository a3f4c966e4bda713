"""What the methods share that hide parts of an image and watch its scores: batches, bounded memory, a progress bar."""

from abc import abstractmethod
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tqdm.auto import tqdm

from ..network import Network, Value
from .execution import Compiled, in_batches
from .explainer import Explainer


class MaskingExplainer(Explainer):
    """Base of the methods that run the model on masked images. One forward pass a mask serves all classes.

    A subclass says in ``_find_roles`` what its masks are made from, in ``_mask_rows`` and ``_masked`` how, and in
    ``_map`` what follows from the scores. Masked images are made inside a compiled step, ``batch_size`` at a time.

    Parameters
    ----------
    model : keras.Model
    batch_size : int
        So many masked images exist at once.
    progress : bool
        Whether a bar counts the passes, on stderr or as a widget in a notebook. It goes when they are
        done; only a notebook that is stored keeps an empty line of it.
    """

    _source: Value  # what the masks are made from
    _mask_row: tf.TensorSpec  # a batch of what ``_masked`` needs to know of each mask

    batch_size = 1  # images; their masks have batches of their own

    def __init__(self, model: keras.Model, batch_size: int, progress: bool) -> None:
        if not isinstance(batch_size, (int, np.integer)) or batch_size < 1:
            raise ValueError(f"batch_size is {batch_size!r}, but must be a whole number of at least 1.")
        self._masks_at_once = int(batch_size)
        self._progress = bool(progress)
        super().__init__(model)

    @abstractmethod
    def _mask_rows(self, image_shape: tuple[int, ...], f: NDArray) -> NDArray:
        """One row for each mask, from the shape of one image and the values of ``_source`` in it, (h, w, K)."""

    @abstractmethod
    def _count(self, image_shape: tuple[int, ...]) -> int:
        """The number of masks of one image."""

    @abstractmethod
    def _masked(self, image: Any, rows: Any) -> Any:
        """The image (1, H, W, C) under a batch of masks; runs compiled."""

    @abstractmethod
    def _map(self, S_masked: NDArray, S: NDArray, f: NDArray, image_shape: tuple[int, ...]) -> NDArray:
        """Maps (K, h, w) from the scores (masks, K) under every mask and those of the whole image, (K,)."""

    def _compile(self) -> None:
        network = self.network
        image, classes = self._image_spec(1), tf.TensorSpec((None,), tf.int32)

        def whole(image: Any) -> Any:
            values = network.run({network.images: image}, to=network.logits)
            f = tf.cast(network.to_channels_last(self._source, values[self._source]), tf.float32)
            return values[network.logits], f

        def masked(image: Any, rows: Any, classes: Any) -> Any:
            images = tf.ensure_shape(self._masked(image, rows), (None, *network.input_shape))
            S = network.run({network.images: images}, to=network.logits)[network.logits]
            return [tf.cast(tf.gather(S, classes, axis=1), tf.float32)]

        self._whole_image = Compiled(whole, image)
        self._masked_images = Compiled(masked, image, self._mask_row, classes)
        self._compiled_step = self._step  # its loop over the masks moves a progress bar

    def _forward(self, image: Any) -> tuple[Any, Any]:
        S, f = self._whole_image(image)
        return S, (image, f, S)

    def _maps(self, state: Any, classes: Any) -> Any:
        image, f, S = state
        image_shape, f = image.shape[1:], f[0].numpy()

        def scores(rows: NDArray) -> Any:
            self._bar.update(len(rows))
            return self._masked_images(image, rows, classes[0])

        [S_masked] = in_batches(scores, self._masks_at_once, self._mask_rows(image_shape, f))
        S_c = tf.cast(tf.gather(S[0], classes[0]), tf.float32).numpy()
        return self._map(S_masked, S_c, f, image_shape)[None]

    def _run(self, images: NDArray, chosen: NDArray, top: int) -> list[NDArray]:
        total = len(images) * self._count(images.shape[1:])
        name, hidden = type(self).__name__, not self._progress
        with tqdm(total=total, desc=name, unit="pass", leave=False, disable=hidden) as self._bar:
            return super()._run(images, chosen, top)


def add_channels(network: Network, masks: Any) -> Any:
    """Masks (b, H, W) with an axis for the channels, where the images of this network have theirs."""
    return tf.expand_dims(masks, 1 + network.layout(network.images).index("c"))


def height_and_width(network: Network, image: Any) -> list[Any]:
    """Of the shape of one image, however the network lays it out."""
    return [image[network.layout(network.images).index(axis)] for axis in "hw"]
