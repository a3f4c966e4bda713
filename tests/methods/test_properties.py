"""What must hold for every network, on networks drawn at random."""

import random
from dataclasses import dataclass
from functools import cached_property

import keras
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cam_course import CAM, GradCAM

layers = keras.layers
EXAMPLES = settings(max_examples=12, deadline=None, derandomize=True)
ROUNDING = {"float32": 1e-6, "float64": 1e-6, "mixed_float16": 1e-3, "mixed_bfloat16": 8e-3, "bfloat16": 8e-3}


@dataclass(frozen=True)
class Block:
    """A convolution and what stands around it."""

    maps: int
    activation: str
    normalized: bool
    skipped: bool
    pooled: bool


@dataclass(frozen=True)
class Drawn:
    """A network with a GAP head, and images for it."""

    seed: int
    dtype: str
    image_shape: tuple[int, int, int]
    blocks: list[Block]
    keepdims: bool
    dropout: bool
    classes: int
    activation: str | None
    bias: bool
    n: int

    @cached_property
    def model(self) -> keras.Model:
        dtype = {"dtype": self.dtype}
        x = image = keras.Input(self.image_shape)
        for block in self.blocks:
            y = layers.Conv2D(block.maps, 3, padding="same", activation=block.activation, **dtype)(x)
            y = layers.BatchNormalization(**dtype)(y) if block.normalized else y
            y = layers.Add(**dtype)([x, y]) if block.skipped and y.shape == x.shape else y
            x = layers.MaxPooling2D(2, **dtype)(y) if block.pooled else y
        F = layers.GlobalAveragePooling2D(keepdims=self.keepdims, **dtype)(x)
        F = layers.Flatten(**dtype)(F) if self.keepdims else F
        F = layers.Dropout(0.5, **dtype)(F) if self.dropout else F
        model = keras.Model(image, layers.Dense(self.classes, self.activation, self.bias, **dtype)(F))
        rng = np.random.default_rng(self.seed)
        for weight in model.weights:
            values = rng.normal(size=weight.shape)
            weight.assign(np.abs(values) + 0.1 if weight.name == "moving_variance" else values)
        return model

    @cached_property
    def images(self) -> np.ndarray:
        return np.random.default_rng(0).normal(size=(self.n, *self.image_shape)).astype("float32")

    @property
    def dense(self) -> keras.layers.Dense:
        return self.model.layers[-1]

    def assert_same(self, maps: np.ndarray, expected: np.ndarray) -> None:
        """Equal but for rounding, which in a sum goes by the size of its largest summands."""
        np.testing.assert_allclose(maps, expected, atol=10 * ROUNDING[self.dtype] * max(0.1, np.abs(expected).max()))


sides, yes_or_no = st.integers(6, 12), st.booleans()
blocks = st.builds(Block, st.integers(1, 5), st.sampled_from(["relu", "tanh"]), yes_or_no, yes_or_no, yes_or_no)
networks = st.builds(
    Drawn,
    seed=st.integers(0, 10_000),
    dtype=st.sampled_from(sorted(ROUNDING)),
    image_shape=st.tuples(sides, sides, st.sampled_from([1, 3])),
    blocks=st.lists(blocks, min_size=1, max_size=2),
    keepdims=yes_or_no,
    dropout=yes_or_no,
    classes=st.integers(1, 6),
    activation=st.sampled_from([None, "softmax", "sigmoid"]),
    bias=yes_or_no,
    n=st.integers(1, 5),
)


@EXAMPLES
@given(networks)
def test_the_score_is_the_mean_of_the_map_plus_the_bias(drawn: Drawn) -> None:
    e = CAM(drawn.model)(drawn.images, classes="all")
    assert e.residual <= 1e-5 * max(np.abs(e.scores).max(), 1e-3)  # in half precision as well
    its_own = e.scores if drawn.dense.activation.__name__ == "linear" else e.probabilities
    drawn.assert_same(its_own, np.asarray(drawn.model(drawn.images), "float32"))


@EXAMPLES
@given(networks)
def test_grad_cam_is_cam_over_n_after_a_relu(drawn: Drawn) -> None:
    M = CAM(drawn.model)(drawn.images, classes="all").maps
    N = M[0, 0].size
    drawn.assert_same(N * GradCAM(drawn.model)(drawn.images, classes="all").maps, np.maximum(M, 0))


@EXAMPLES
@given(networks, st.floats(-3, 3))
def test_cam_is_linear_in_w(drawn: Drawn, factor: float) -> None:
    explain, kernel = CAM(drawn.model), drawn.dense.kernel
    w = np.asarray(kernel, "float32")
    other = np.random.default_rng(1).normal(size=w.shape).astype("float32")
    M = explain(drawn.images, classes="all").maps
    kernel.assign(other)
    M_other = explain(drawn.images, classes="all").maps
    kernel.assign(w + factor * other)
    drawn.assert_same(explain(drawn.images, classes="all").maps, M + factor * M_other)


@EXAMPLES
@given(networks, st.randoms())
def test_maps_follow_a_permutation_of_the_classes_and_not_one_of_the_channels(
    drawn: Drawn, shuffled: random.Random
) -> None:
    model, images = drawn.model, drawn.images
    explainers = CAM(model), GradCAM(model, relu=False)
    before = [explain(images, classes="all").maps for explain in explainers]
    dense_weights = drawn.dense.get_weights()
    w = dense_weights[0]

    classes = shuffled.sample(range(w.shape[1]), w.shape[1])
    drawn.dense.set_weights([w[:, classes], *(b[classes] for b in dense_weights[1:])])
    for explain, maps in zip(explainers, before, strict=True):
        drawn.assert_same(explain(images, classes="all").maps, maps[:, classes])

    # The same feature maps in another order, and their weights with them: another layer mixes them up in between.
    channels = shuffled.sample(range(w.shape[0]), w.shape[0])
    f = CAM(model).network.gap_head().features.producer.operation.output
    mixed = layers.Conv2D(len(channels), 1, use_bias=False, dtype=drawn.dense.dtype_policy)
    dense = layers.Dense.from_config(drawn.dense.get_config() | {"name": "mixed"})
    permuted = keras.Model(model.input, dense(layers.GlobalAveragePooling2D(dtype=mixed.dtype_policy)(mixed(f))))
    mixed.set_weights([np.eye(len(channels), dtype="float32")[:, channels][None, None]])
    dense.set_weights([w[channels], *dense_weights[1:]])
    drawn.dense.set_weights(dense_weights)
    for method, maps in ((CAM(permuted), before[0]), (GradCAM(permuted, relu=False), before[1])):
        drawn.assert_same(method(images, classes="all").maps, maps)


@EXAMPLES
@given(networks)
def test_a_batch_is_its_images_one_by_one_however_it_is_cut(drawn: Drawn) -> None:
    for method in (CAM(drawn.model), GradCAM(drawn.model)):
        together = method(drawn.images, classes="all").maps
        alone = np.concatenate([method(image, classes="all").maps for image in drawn.images])
        drawn.assert_same(together, alone)
        method.batch_size = 2
        drawn.assert_same(method(drawn.images, classes="all").maps, together)
