"""Right on every model, or refused in a sentence: situations from public bug reports, each standing for its kind."""

import gc
import weakref
from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf
from networks import IMAGE, B, F, M, S, W, convolution, gap_network, layers, set_weights

from cam_course import CAM, LRP, GradCAM, GuidedBackprop, GuidedGradCAM, LayerCAM, Occlusion, ScoreCAM

POOL = layers.GlobalAveragePooling2D


def images(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def refused(match: str) -> pytest.RaisesExc:
    return pytest.raises((ValueError, TypeError), match=match)


# -- what the model itself says ---------------------------------------------------------------------------------------


class Softmax(layers.Layer):
    """A softmax that nobody can see from outside."""

    def call(self, x: object) -> object:
        return keras.ops.exp(x) / keras.ops.sum(keras.ops.exp(x), axis=-1, keepdims=True)


class HiddenSoftmax(layers.Layer):
    def call(self, x: object) -> object:
        return keras.ops.softmax(x)


def average_of_two() -> keras.Model:
    x = keras.Input((2, 2, 1))
    members = [gap_network("softmax"), gap_network("softmax")]
    return keras.Model(x, layers.Average()([member(x) for member in members]))


@pytest.mark.parametrize(
    "end",
    [lambda: HiddenSoftmax(), lambda: layers.Lambda(lambda x: keras.ops.softmax(x)), lambda: Softmax(name="other")],
)
def test_probabilities_that_something_unseen_makes_are_noticed(end: Callable) -> None:
    model = keras.Sequential([keras.Input((2, 2, 1)), *gap_network(None).layers, end()], name="hidden")
    with refused(r"'hidden'.*(look like probabilities|a Softmax with softmax inside)"):
        GradCAM(model)(IMAGE)


def test_the_average_of_two_softmax_models_is_refused() -> None:
    with refused("look like probabilities|several branches"):
        GradCAM(average_of_two(), layer=None)(IMAGE)


class Halved(keras.Sequential):
    """Does more when it is called than its layers say."""

    def __call__(self, *args: object, **kwargs: object) -> object:
        return super().__call__(*args, **kwargs) / 2  # type: ignore[operator]


@pytest.mark.parametrize("activation", [None, "softmax"])
def test_another_network_than_the_model_is_noticed(activation: str | None) -> None:
    model = gap_network(activation)
    model.__class__ = Halved
    kind = "probabilities" if activation else "scores"
    with refused(f"could not be read: the {kind} computed from its layers differ from its own output by"):
        GradCAM(model)(IMAGE)


def test_the_model_is_asked_once() -> None:
    model, asked = gap_network(), []
    call = type(model).__call__

    class Counting(keras.Sequential):
        def __call__(self, *args: object, **kwargs: object) -> object:
            asked.append(kwargs)
            return call(self, *args, **kwargs)

    model.__class__ = Counting
    explain = CAM(model)
    asked.clear()
    for _ in range(3):
        explain(IMAGE)
    assert asked == [{"training": False}]


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_a_nested_model_called_with_a_dict_gets_its_inputs_by_name(order: tuple[str, str]) -> None:
    a, b = keras.Input((4, 4, 1), name="a"), keras.Input((4, 4, 1), name="b")
    inner = keras.Model({"b": b, "a": a}, layers.Subtract()([layers.Conv2D(2, 1)(a), layers.Conv2D(2, 1)(b)]))
    x = keras.Input((4, 4, 1))
    given = {"a": x, "b": layers.Rescaling(3.0)(x)}
    f = inner({name: given[name] for name in order})
    model = keras.Model(x, layers.Dense(3)(POOL()(layers.Conv2D(4, 1, activation="relu")(f))))
    photo = images(2, 4, 4, 1)
    np.testing.assert_allclose(CAM(model)(photo, classes="all").scores, model(photo), rtol=1e-4, atol=1e-6)


def test_a_constant_beside_the_image() -> None:
    x, c = keras.Input((4, 4, 1)), keras.Input((5,))
    f = layers.Conv2D(2, 2, activation="relu")(x)
    both = keras.Model([x, c], layers.Dense(3)(layers.Concatenate()([POOL()(f), c])))
    image = keras.Input((4, 4, 1))
    body = layers.Conv2D(1, 1, activation="relu", name="first")(image)
    model = keras.Model(image, both([body, keras.ops.ones((1, 5))]))
    e = GradCAM(model, layer="first")(images(1, 4, 4, 1), classes="all")
    np.testing.assert_allclose(e.scores, model(images(1, 4, 4, 1)), rtol=1e-5, atol=1e-6)


# -- a map in the right place -----------------------------------------------------------------------------------------


def turned_for_an_lstm() -> keras.Model:
    keras.utils.set_random_seed(0)
    x = keras.Input((6, 8, 1))
    f = layers.Conv2D(3, 3, padding="same", activation="relu", name="maps")(x)
    rows = layers.Reshape((8, 18))(layers.Permute((2, 1, 3), name="turn")(f))
    return keras.Model(x, layers.Dense(2)(layers.LSTM(4)(rows)))


def test_the_map_of_a_picture_that_was_turned_is_turned_back() -> None:
    model, photo = turned_for_an_lstm(), images(2, 6, 8, 1)
    expected = GradCAM(model, layer="maps", relu=False)(photo, classes="all").maps
    assert expected.shape == (2, 2, 6, 8)
    for layer in (None, "turn"):
        e = GradCAM(model, layer=layer, relu=False)(photo, classes="all")
        np.testing.assert_allclose(e.maps, expected, rtol=1e-4, atol=1e-6 * np.abs(expected).max())
    guided = GuidedGradCAM(model)(photo, classes="all").maps
    assert np.abs(guided).max() > 0
    np.testing.assert_allclose(
        guided, GuidedGradCAM(model, layer="maps")(photo, classes="all").maps, rtol=1e-4, atol=1e-9
    )


def cropped(crop: keras.layers.Layer, height: int = 12) -> keras.Model:
    maps = layers.Conv2D(1, 1, kernel_initializer="ones", activation="relu", name="maps")
    head = [POOL(), layers.Dense(1, kernel_initializer="ones")]
    return keras.Sequential([keras.Input((height, 8, 1)), layers.Rescaling(1.0), crop, maps, *head], name="cropped")


def spot(y: int, x: int, height: int = 12) -> np.ndarray:
    image = np.zeros((1, height, 8, 1), "float32")
    image[0, y, x] = 1.0
    return image


@pytest.mark.parametrize("method", [CAM, GradCAM, LayerCAM, lambda m: ScoreCAM(m, progress=False)])
def test_a_map_lies_on_the_part_of_the_picture_that_the_network_sees(method: Callable) -> None:
    e = method(cropped(layers.Cropping2D(((6, 2), (1, 3)))))(spot(8, 5))
    assert e.maps.shape == (1, 1, 4, 4)
    assert e.frame == (6 / 12, 1 / 8, 10 / 12, 5 / 8)
    whole = e.resize((12, 8))
    assert whole.frame == (0, 0, 1, 1)
    if method is CAM:
        assert whole.maps[0, 0, 8].tolist() == [0.0] * 8  # the spot at column 5 is just outside
        e = method(cropped(layers.Cropping2D(((6, 2), (1, 3)))))(spot(8, 3))
        np.testing.assert_array_equal(e.resize((12, 8)).maps[0, 0], spot(8, 3)[0, ..., 0])
        assert e.resize((12, 8)).boxes() == [[(3, 8, 4, 9)]]


def test_guided_grad_cam_and_score_cam_lay_their_maps_there_too() -> None:
    model = cropped(layers.Cropping2D(((6, 2), (1, 3))))
    maps = GuidedGradCAM(model)(spot(8, 3)).maps[0, 0, ..., 0]
    assert np.argwhere(maps).tolist() == [[8, 3]]


def test_the_map_is_drawn_there() -> None:
    e = CAM(cropped(layers.Cropping2D(((6, 2), (1, 3)))))(spot(8, 3))
    drawn = e.show(spot(8, 3)).axes[0].images[1]
    assert drawn.get_extent() == [1 - 0.5, 5 - 0.5, 10 - 0.5, 6 - 0.5]


@pytest.mark.parametrize(
    ("crop", "named"),
    [
        (layers.CenterCrop(6, 6, name="middle"), "'middle' .CenterCrop. cuts the images"),
        (layers.RandomCrop(6, 6, name="anywhere"), "'anywhere' .RandomCrop. cuts"),
        (layers.Resizing(6, 6, crop_to_aspect_ratio=True, name="square"), "'square' .Resizing. cuts"),
        (layers.Lambda(lambda x: x), None),
    ],
)
def test_a_cut_that_is_not_looked_into_is_refused(crop: keras.layers.Layer, named: str | None) -> None:
    if named is None:
        return
    with refused(rf"'cropped' does not see whole images, layer {named}.*give the model without that layer"):
        CAM(cropped(crop))
    Occlusion(cropped(crop), size=2, progress=False)(spot(8, 3))  # which needs no grid


def test_a_slice_is_refused_and_turned_colours_are_not() -> None:
    x = keras.Input((4, 4, 3))
    for sliced, fits in ((x[:, 1:], False), (x[:, :, ::-1], False), (x[..., ::-1], True)):
        f = layers.Conv2D(2, 1, activation="relu")(sliced)
        model = keras.Model(x, layers.Dense(2)(POOL()(f)))
        if fits:
            assert CAM(model)(images(1, 4, 4, 3)).residual < 1e-5
        else:
            with refused("GetItem. cuts the images"):
                CAM(model)


# -- one grid or none -------------------------------------------------------------------------------------------------


def branch(x: object, name: str) -> object:
    return layers.Flatten()(layers.Conv2D(2, 2, activation="relu", name=name)(x))


def two_branches() -> keras.Model:
    x = keras.Input((4, 4, 1))
    return keras.Model(x, layers.Dense(3)(layers.Concatenate()([branch(x, "left"), branch(x, "right")])), name="two")


def ensemble() -> keras.Model:
    x = keras.Input((2, 2, 1))
    members = [gap_network(None), gap_network(None)]
    return keras.Model(x, layers.Add()([member(x) for member in members]), name="ensemble")


def siamese() -> keras.Model:
    x = keras.Input((4, 4, 1))
    shared = layers.Conv2D(2, 2, activation="relu", name="shared")
    both = layers.Concatenate()([layers.Flatten()(shared(x)), layers.Flatten()(shared(layers.Rescaling(-1.0)(x)))])
    return keras.Model(x, layers.Dense(3)(both), name="siamese")


@pytest.mark.parametrize("method", [GradCAM, LayerCAM, GuidedGradCAM, lambda m: ScoreCAM(m, progress=False)])
def test_branches_are_ambiguous_and_named(method: Callable) -> None:
    with refused(
        "the scores of 'two' come from several branches, which end in '.*' and '.*': name one of them"
    ) as caught:
        method(two_branches())
    assert "'left'" in str(caught.value)
    assert "'right'" in str(caught.value)
    assert GradCAM(two_branches(), layer="left")(images(1, 4, 4, 1)).maps.shape == (1, 1, 3, 3)


def test_a_name_that_two_members_have_is_ambiguous() -> None:
    with refused("several branches, which end in 'maps' and 'maps': .* give the layer itself"):
        GradCAM(ensemble())
    with refused("'ensemble' has 2 layers of the name 'maps'.*get_layer"):
        GradCAM(ensemble(), layer="maps")
    model = ensemble()
    first = next(layer for layer in model.layers if isinstance(layer, keras.Sequential))
    assert GradCAM(model, layer=first.get_layer("maps"))(IMAGE).maps.shape == (1, 1, 2, 2)


def test_a_layer_that_is_used_twice_is_ambiguous() -> None:
    for layer in ("shared", siamese().get_layer("shared")):
        with refused("'shared' (of 'siamese' is called 2 times|is not the one of 'siamese')"):
            GradCAM(siamese(), layer=layer)
    with refused("several branches"):
        GradCAM(siamese())


def test_where_branches_meet_again_the_grid_is_after_them() -> None:
    x = keras.Input((4, 4, 1))
    ways = [layers.Conv2D(2, 1, name=name)(x) for name in ("left", "right")]
    model = keras.Model(x, layers.Dense(3)(layers.Flatten()(layers.Add(name="sum")(ways))))
    np.testing.assert_array_equal(
        GradCAM(model)(images(1, 4, 4, 1)).maps, GradCAM(model, layer="sum")(images(1, 4, 4, 1)).maps
    )


# -- the picture is no map --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "before",
    [[], [layers.Rescaling(2.0)], [layers.RandomFlip()], [layers.BatchNormalization()], [layers.MaxPooling2D()]],
)
def test_a_network_without_convolutions_has_no_grid(before: list) -> None:
    flat = keras.Sequential([keras.Input((4, 4, 1)), *before, layers.Flatten(), layers.Dense(2)], name="flat")
    with refused("'flat' has no layer whose output is"):
        GradCAM(flat)
    pooled = keras.Sequential([keras.Input((4, 4, 1)), *before, POOL(), layers.Dense(2)], name="pooled")
    with refused("'pooled' does not end in global average pooling of feature maps"):
        CAM(pooled)


def test_a_layer_that_still_is_the_picture_is_refused_by_name() -> None:
    model = keras.Sequential(
        [keras.Input((4, 4, 1)), layers.Rescaling(2.0, name="scaled"), layers.Conv2D(2, 2), POOL()]
    )
    with refused("'scaled' has the shape .*, and still is the picture"):
        GradCAM(model, layer="scaled")


class AttentionPool(layers.Layer):
    """An attention of one's own in the place of a pooling."""

    def build(self, shape: tuple) -> None:
        self.score = self.add_weight(shape=(shape[-1], 1))

    def call(self, f: object) -> object:
        tokens = keras.ops.reshape(f, (-1, 9, 2))
        return keras.ops.sum(keras.ops.softmax(tokens @ self.score, axis=1) * tokens, axis=1)


def test_a_cnn_that_pools_by_a_custom_attention_is_explained_at_its_last_convolution() -> None:
    body = [layers.Conv2D(2, 2, activation="relu", name="last"), AttentionPool(), layers.Dense(3)]
    model = keras.Sequential([keras.Input((4, 4, 1)), *body])
    photo = images(1, 4, 4, 1)
    np.testing.assert_array_equal(GradCAM(model)(photo).maps, GradCAM(model, layer="last")(photo).maps)


# -- every affine head ------------------------------------------------------------------------------------------------


def with_head(*head: keras.layers.Layer, dtype: str = "float32") -> keras.Model:
    keras.utils.set_random_seed(0)
    maps = layers.Conv2D(5, 3, activation="relu", dtype=dtype)
    model = keras.Sequential([keras.Input((6, 6, 2)), maps, *head])
    rng = np.random.default_rng(2)
    for weight in model.weights:
        values = rng.normal(size=weight.shape)
        weight.assign(np.abs(values) + 0.1 if "variance" in weight.path else values)
    return model


HEADS: dict[str, Callable[[], list]] = {
    "batch normalization": lambda: [POOL(), layers.BatchNormalization(), layers.Dense(3)],
    "two dense layers": lambda: [POOL(), layers.Dense(4), layers.Dense(3, activation="softmax")],
    "rescaling after": lambda: [POOL(), layers.Dense(3), layers.Rescaling(0.5, 2.0)],
    "scores from the pooling itself": lambda: [layers.Conv2D(3, 1), POOL()],
    "and softmax": lambda: [layers.Conv2D(3, 1), POOL(), layers.Softmax()],
    "convolution, normalization, dense": lambda: [
        POOL(keepdims=True),
        layers.Conv2D(4, 1),
        layers.BatchNormalization(),
        layers.Dropout(0.5),
        layers.Flatten(),
        layers.Dense(3),
    ],
}


@pytest.mark.parametrize("head", HEADS)
def test_every_affine_head_keeps_the_identity_exact(head: str) -> None:
    model, photos = with_head(*HEADS[head]()), images(4, 6, 6, 2)
    e = CAM(model)(photos, classes="all")
    own = e.probabilities if head in ("two dense layers", "and softmax") else e.scores
    np.testing.assert_allclose(own, model(photos), rtol=1e-4, atol=1e-5)
    assert e.residual < 1e-5 * np.abs(e.scores).max()
    grad = GradCAM(model, relu=False)(photos, classes="all").maps
    np.testing.assert_allclose(e.maps, grad * e.maps[0, 0].size, atol=1e-4 * np.abs(e.maps).max())  # N x Grad-CAM


@pytest.mark.parametrize("head", HEADS)
def test_in_half_precision_too(head: str) -> None:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = with_head(*HEADS[head](), dtype="mixed_float16")
    finally:
        keras.config.set_dtype_policy(before)
    e = CAM(model)(images(2, 6, 6, 2), classes="all")
    assert e.residual < 1e-5 * np.abs(e.scores).max()


def test_a_dense_layer_with_activation_on_the_way_is_not_affine() -> None:
    with refused("does not end in .*without activation: 'hidden' .Dense. is found"):
        CAM(with_head(POOL(), layers.Dense(4, activation="relu", name="hidden"), layers.Dense(3)))


# -- the model stays as it was, and numbers are numbers ---------------------------------------------------------------


@pytest.mark.parametrize("method", [CAM, GradCAM, LRP, GuidedBackprop, lambda m: Occlusion(m, size=2, progress=False)])
def test_a_model_with_a_regularizer_stays_as_it_was(method: Callable) -> None:
    maps = layers.Conv2D(2, 2, activation="relu", activity_regularizer="l2")
    model = keras.Sequential([keras.Input((4, 4, 1)), maps, POOL(), layers.Dense(2)])
    photo = images(1, 4, 4, 1)
    model(photo)
    before = [float(loss) for loss in model.losses]
    method(model)(photo)
    assert [float(loss) for loss in model.losses] == before


@pytest.mark.compiled
def test_the_graph_of_a_model_with_a_regularizer_is_freed() -> None:
    maps = layers.Conv2D(2, 2, activation="relu", activity_regularizer="l2")
    model = keras.Sequential([keras.Input((4, 4, 1)), maps, POOL(), layers.Dense(2)])
    explain = GradCAM(model)
    explain(images(1, 4, 4, 1))
    graph = weakref.ref(explain._compiled_step._graph.get_concrete_function().graph)
    del explain
    gc.collect()
    assert graph() is None
    assert model.losses is not None


def test_the_one_output_of_a_dict_will_do() -> None:
    inner = gap_network()
    model = keras.Model(inner.inputs, {"digit": inner.outputs[0]})
    np.testing.assert_allclose(CAM(model)(IMAGE, classes="all").maps[0], M, rtol=1e-6)


def test_double_precision_and_no_bias() -> None:
    keras.config.set_floatx("float64")
    try:
        model = keras.Sequential([keras.Input((4, 4, 1)), layers.Conv2D(2, 2), POOL(), layers.Dense(3, use_bias=False)])
        e = CAM(model)(images(2, 4, 4, 1), classes="all")
        own = np.asarray(model(images(2, 4, 4, 1)))
    finally:
        keras.config.set_floatx("float32")
    np.testing.assert_allclose(e.scores, own, rtol=1e-5, atol=1e-6)
    assert e.residual < 1e-5 * np.abs(e.scores).max()
    assert not e.bias.any()


@pytest.mark.parametrize("method", [CAM, GradCAM, LRP])
def test_weights_that_are_no_numbers_are_found(method: type) -> None:
    model = gap_network()
    model.get_layer("maps").kernel.assign(np.full((1, 1, 1, 2), np.nan))
    with refused("layer 'maps' of .* has weights that are NaN or infinite"):
        method(model)(IMAGE)


def test_numbers_that_overflow_on_the_way_are_said() -> None:
    model = gap_network(None)
    model.get_layer("scores").kernel.assign(np.full((2, 3), 3e38))
    with refused("NaN or infinite for these images, although its weights are finite"):
        GradCAM(model)(1e3 * IMAGE)


def test_a_regression_has_no_probability() -> None:
    model = keras.Sequential([keras.Input((2, 2, 1)), convolution(), POOL(), layers.Dense(1)])
    e = CAM(model)(IMAGE)
    assert np.isnan(e.probabilities).all()
    [title] = [axes.get_title() for axes in e.show().axes if axes.get_title()]
    assert "P =" not in title


def test_the_other_class_of_one_score_is_its_negative() -> None:
    model = keras.Sequential([keras.Input((2, 2, 1)), convolution(), POOL(), layers.Dense(1, activation="sigmoid")])
    with refused("class 1 does not exist: .* has one score, class 0, and the other class is its negative.*relu=False"):
        CAM(model)(IMAGE, classes=[1])
    P = CAM(model)(IMAGE).probabilities
    np.testing.assert_allclose(P, model(IMAGE), rtol=1e-5)


# -- what is no image, and advice that can be followed ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (lambda: [np.zeros((2, 2, 1)), np.zeros((3, 2, 1))], "images of 2 sizes are given, such as .*: resize them"),
        (lambda: tf.data.Dataset.from_tensor_slices(IMAGE).batch(1), "Dataset, but must be an array: take a batch"),
        (lambda: iter([IMAGE]), "iterator, but must be an array: take a batch"),
        (lambda: (IMAGE, np.array([1])), "images is a pair, as of images and labels: give the images alone"),
        (lambda: "chelsea.png", "images is the path 'chelsea.png', but must be the images themselves"),
        (lambda: keras.Input((2, 2, 1)), "images is a symbolic tensor .KerasTensor."),
    ],
)
def test_what_is_no_image_gets_a_sentence(given: Callable, sentence: str) -> None:
    with refused(sentence) as caught:
        CAM(gap_network())(given())
    assert "\n" not in str(caught.value)


def test_a_symbolic_tensor_inside_dataset_map_gets_a_sentence() -> None:
    explain = CAM(gap_network())
    with refused("images is a symbolic tensor"):
        tf.data.Dataset.from_tensor_slices(IMAGE).map(lambda image: explain(image).maps)


def u_net() -> keras.Model:
    x = keras.Input((8, 8, 1))
    f = layers.Conv2D(4, 3, padding="same", activation="relu", name="maps")(x)
    return keras.Model(x, layers.Conv2D(3, 1, activation="softmax", name="pixels")(f), name="u_net")


def test_a_segmentation_network_is_told_at_once_what_works_and_it_does() -> None:
    with refused("'u_net' .*GlobalAveragePooling2D.*before softmax") as caught:
        GradCAM(u_net())
    assert "Flatten" not in str(caught.value)
    net = u_net()
    pixels = net.get_layer("pixels")
    linear = layers.Conv2D.from_config(pixels.get_config() | {"activation": "linear", "name": "scores"})
    mended = keras.Model(net.input, POOL()(linear(net.get_layer("maps").output)))
    linear.set_weights(pixels.get_weights())
    assert CAM(mended)(images(1, 8, 8, 1), classes="all").residual < 1e-5
    assert GradCAM(mended)(images(1, 8, 8, 1)).maps.shape == (1, 1, 8, 8)


def test_two_inputs_are_told_what_works_and_it_does() -> None:
    a, b = keras.Input((4, 4, 1), name="a"), keras.Input((3,), name="b")
    both = keras.Model([a, b], layers.Dense(2)(layers.Concatenate()([POOL()(layers.Conv2D(2, 2)(a)), b])), name="both")
    with refused(r"'both' has 2 inputs.*keras.Model\(x, model\(\[x, ") as caught:
        GradCAM(both)
    assert "\n" not in str(caught.value)
    x = keras.Input((4, 4, 1))
    mended = keras.Model(x, both([x, keras.ops.convert_to_tensor(np.ones((1, 3), "float32"))]))
    assert GradCAM(mended)(images(1, 4, 4, 1)).maps.shape == (1, 1, 3, 3)


def test_a_layer_of_a_copy_is_told_apart() -> None:
    model = gap_network()
    copy = keras.models.clone_model(model)
    with refused("layer 'maps' is not the one of .* but another of the same name, such as that of a copy"):
        GradCAM(model, layer=copy.get_layer("maps"))


def test_a_model_of_tf_keras_is_told_apart() -> None:
    fake = type("Sequential", (), {"__module__": "tf_keras.src.engine.sequential"})
    with refused("got a Sequential of tf_keras, which is Keras 2"):
        CAM(fake())


def test_the_values_on_paper_still_come_out() -> None:
    e = CAM(gap_network())(IMAGE, classes="all")
    np.testing.assert_allclose(e.maps[0], M, rtol=1e-6)
    np.testing.assert_allclose(F @ W + B, S, rtol=1e-6)
    assert set_weights(gap_network()).count_params() == 13
