"""The networks of the lessons: their form, their weights, their card, and every way to come by a ResNet50."""

import hashlib
import os
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from cam_course import CAM, models
from cam_course.data.cache import MNIST, DownloadError, keras_home, locate
from cam_course.data.cantilever import load_cantilevers
from cam_course.data.cluttered import clutter
from cam_course.data.mnist import Digits, load_mnist, load_stand_in
from cam_course.data.photos import PHOTOS, load_photo

GIVEN = os.environ.get("CAM_COURSE_RESNET50")
SMALL_WEIGHTS = models.WEIGHTS / "mnist_gap.weights.h5"  # in the place of ResNet50's, which are large


def trained_network() -> keras.Model:
    model = models.mnist_network()
    model.load_weights(SMALL_WEIGHTS)
    return model


def test_the_mnist_network_is_the_lectures() -> None:
    model = models.mnist_network()
    assert [layer.count_params() for layer in model.layers] == [320, 0, 18_496, 0, 650]
    assert model.count_params() == 19_466


BOTH = [pytest.param(load_mnist, id="the digits at hand"), pytest.param(load_stand_in, id="the stand-in")]


@pytest.mark.parametrize("load", BOTH)
def test_shipped_weights_classify_their_digits(load: Callable[[], Digits]) -> None:
    digits = load()
    images, labels = digits.test_images[:1106], digits.test_labels[:1106]
    right = models.trained_mnist_network(digits).predict(images, verbose=0).argmax(axis=1) == labels
    assert right.mean() > 0.85  # ten classes: guessing would give 0.1


@pytest.mark.parametrize(
    ("source", "facts"),
    [
        ("MNIST", ("`cam-course train mnist`", "15 epochs", "60,000 training", "10,000 test")),
        ("scikit-learn digits", ("`cam-course train small-digits`", "1,000 epochs", "691 training", "1,106 test")),
    ],
)
def test_the_card_of_shipped_weights_tells_how_they_were_made(source: str, facts: tuple[str, ...]) -> None:
    training = models.TRAININGS[source]
    weights, card = (models.WEIGHTS / name for name in training.files)
    text = card.read_text(encoding="utf-8")
    for fact in (*facts, f"# {training.title}\n", "19,466", "adam", "batches of 32", "seed 0", "keras", "MIT"):
        assert fact in text
    assert float(table_of(card)["test accuracy"].rstrip("%")) > 85
    assert weights.stat().st_size < 200_000


def test_every_source_of_digits_has_weights_of_its_own() -> None:
    assert set(models.TRAININGS) == {"MNIST", load_mnist().source, load_stand_in().source}
    first, second = (models.WEIGHTS / training.files[0] for training in models.TRAININGS.values())
    assert first.read_bytes() != second.read_bytes()


def test_digits_of_another_source_have_no_weights_and_none_are_guessed() -> None:
    with pytest.raises(ValueError, match=r"no weights for digits from 'made up'.*train_mnist") as caught:
        models.trained_mnist_network(tiny_digits("made up"))
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("offline")
def test_without_network_and_cache_the_weights_are_those_of_the_stand_in() -> None:
    digits = load_mnist()
    model = models.trained_mnist_network(digits)
    assert "small_digits" in models.shipped_weights(digits)[0].name
    label = digits.test_labels[1005]  # the test image of the lecture
    assert model(digits.test_images[1005:1006]).numpy().argmax() == label


@pytest.mark.parametrize("load", BOTH)
def test_the_identity_holds_with_the_shipped_weights(load: Callable[[], Digits]) -> None:
    digits = load()
    e = CAM(models.trained_mnist_network(digits))(digits.test_images[:64], classes="all")
    assert e.residual < 1e-5 * np.abs(e.scores).max()


def tiny_digits(source: str) -> Digits:
    rng = np.random.default_rng(0)
    images, labels = rng.uniform(size=(8, 28, 28, 1)).astype("float32"), rng.integers(10, size=8)
    return Digits(images, labels, images, labels, source, "")


@pytest.mark.parametrize("source", models.TRAININGS)
def test_training_changes_the_weights_and_what_is_saved_can_be_loaded(source: str, tmp_path: Path) -> None:
    digits, name = tiny_digits(source), models.TRAININGS[source].name
    model = models.train_mnist(digits, epochs=1)
    assert not np.array_equal(model.get_weights()[0], models.mnist_network().get_weights()[0])
    weights, card = models.save_mnist(model, digits, tmp_path / "new", epochs=1)
    again = models.mnist_network()
    again.load_weights(weights)
    for saved, loaded in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(saved, loaded)
    assert "| training | 1 epochs" in card.read_text(encoding="utf-8")
    assert sorted(path.name for path in weights.parent.iterdir()) == [f"{name}.md", f"{name}.weights.h5"]
    assert weights.stat().st_size < 2 * models.shipped_weights(digits)[0].stat().st_size  # no optimizer's state inside


def table_of(card: Path) -> dict[str, str]:
    rows = [line.strip("| ").split(" | ") for line in card.read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
    return {row[0]: row[1] for row in rows if len(row) == 2}


@pytest.mark.parametrize("name", ["resnet50_pqf72_stock_graph.h5", "resnet50_pqf72_v15.keras"])
def test_the_card_of_known_weights_names_their_file_their_licence_and_the_notice(name: str) -> None:
    facts = table_of((models.WEIGHTS / name).with_suffix(".md"))
    assert re.fullmatch("[0-9a-f]{64}", facts["SHA-256"])
    assert facts["file"].startswith(f"{name}, ")
    assert facts["notice"].startswith(f"{name}, ")
    for fact in ("Non-Commercial License", "Copyright 2020 UATC LLC", "scores and maps differ"):
        assert fact in facts["notice"]
    assert "https://github.com/uber-research/permute-quantize-finetune" in facts["notice"]


def test_the_card_of_corals_mobilenet_v2_tells_it_from_keras_own() -> None:
    facts = table_of(models.WEIGHTS / "mobilenet_v2_coral.md")
    assert facts["file"].startswith("mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224.h5, ")
    path = keras_home() / "models" / facts["file"].partition(",")[0]
    if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != facts["SHA-256"]:
        pytest.skip("Keras' cache holds no such file, or Keras' own")
    net = models.mobilenet_v2()
    assert net.notice == f"Weights: {facts['notice']}"
    assert net.names[int(CAM(net.model)(net.prepare(load_photo("chelsea"))).classes[0, 0])] == "Egyptian cat"


def test_the_notice_of_weights_is_that_of_the_card_with_their_checksum(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, cards = tmp_path / "given.keras", tmp_path / "cards"
    trained_network().save(path)
    cards.mkdir()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    for n, known in enumerate((digest[::-1], digest)):
        (cards / f"{n}.md").write_text(f"| | |\n| --- | --- |\n| SHA-256 | {known} |\n| notice | Notice {n}. |\n")
    monkeypatch.setattr(models.training, "WEIGHTS", cards)
    monkeypatch.setenv("CAM_COURSE_RESNET50", str(path))
    assert models.resnet50().notice == "Weights: Notice 1."
    (cards / "1.md").unlink()
    assert models.resnet50().notice == "Weights: given.keras; the course does not know where they come from."


def test_without_its_weights_mobilenet_v2_is_untrained_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise DownloadError("no network")

    monkeypatch.setattr("cam_course.models.photos._trained_mobilenet_v2", missing)
    net = models.mobilenet_v2()
    assert not net.trained
    assert net.notice.startswith("Weights: none. This MobileNetV2 is untrained, because")
    assert net.notice.count("no network") == 1
    assert CAM(net.model)(net.prepare(load_photo("chelsea"))).maps.shape == (1, 1, 7, 7)


@pytest.mark.usefixtures("offline")
def test_without_network_and_cache_resnet50_is_untrained_and_says_so() -> None:
    net = models.resnet50()
    assert not net.trained
    assert "untrained" in net.notice
    assert "\n" not in net.notice
    assert net.names[281] == "class 281"
    e = CAM(net.model)(np.concatenate([net.prepare(load_photo(name)) for name in PHOTOS]), top=5)
    assert e.residual < 1e-5 * np.abs(e.scores).max()
    assert len(set(e.classes[:, 0])) == 1  # as lesson 06 says: one class first on all five photographs


def small_resnet(*_: object, weights: str | None = None, **__: object) -> keras.Model:
    model = models.mnist_network()
    if weights:
        model.load_weights(weights)
    return model


def test_a_saved_model_is_taken_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "custom.keras"
    trained_network().save(path)
    monkeypatch.setenv("CAM_COURSE_RESNET50", str(path))
    net = models.resnet50()
    np.testing.assert_array_equal(net.model.get_weights()[0], trained_network().get_weights()[0])
    assert "custom.keras" in net.notice
    photo = load_photo("coffee")
    assert net.prepare(photo).shape == (1, 224, 224, 3)
    assert net.prepare(photo).min() >= 0  # a saved model does its own preprocessing


def test_a_weights_file_goes_into_keras_resnet50(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras.applications, "ResNet50", small_resnet)
    monkeypatch.setenv("CAM_COURSE_RESNET50", str(SMALL_WEIGHTS))
    net = models.resnet50()
    np.testing.assert_array_equal(net.model.get_weights()[0], trained_network().get_weights()[0])
    assert net.prepare(np.zeros((300, 300, 3), "uint8")).flat[0] == pytest.approx(
        -103.939
    )  # the mean of blue comes off


@pytest.mark.parametrize("suffix", [".h5", ".keras"])
@pytest.mark.parametrize("kind", ["missing", "text", "other weights"])
def test_a_file_of_the_wrong_kind_is_said_in_one_sentence(
    kind: str, suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"given{suffix}"
    if kind == "text":
        path.write_text("no weights")
    if kind == "other weights":
        path.write_bytes(SMALL_WEIGHTS.read_bytes())
    monkeypatch.setenv("CAM_COURSE_RESNET50", str(path))
    with pytest.raises(ValueError, match=f"given{suffix}.*name a .h5 file") as caught:
        models.resnet50()
    assert "\n" not in str(caught.value)
    if kind == "text":
        assert path.read_text() == "no weights"


def trained(path: Path) -> Path:
    """A small saved model of photographs."""
    layers = keras.layers
    head = [layers.Conv2D(4, 3), layers.GlobalAveragePooling2D(), layers.Dense(3)]
    keras.Sequential([keras.Input((32, 32, 3)), *head]).save(path)
    return path


@pytest.mark.parametrize("from_variable", [False, True])
@pytest.mark.parametrize("damage", ["cut off", "one byte", "empty"])
def test_a_damaged_model_is_said_to_be_one(
    damage: str, from_variable: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = trained(tmp_path / "given.keras")
    content = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        at = archive.getinfo("model.weights.h5").header_offset + 2000
    changed = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
    path.write_bytes({"cut off": content[: len(content) // 2], "one byte": changed, "empty": b""}[damage])
    monkeypatch.setenv("CAM_COURSE_RESNET50", str(path))
    with pytest.raises(ValueError, match=r"given\.keras' is no \.keras file or a damaged one: save it again") as caught:
        models.photo_network("resnet50" if from_variable else str(path))
    assert str(caught.value).count(". ") == 0


def doubled(x: object) -> object:
    return 2 * x  # type: ignore[operator]


class Doubles(keras.layers.Layer):
    """A layer that Keras does not know of."""

    def call(self, x: object) -> object:
        return doubled(x)


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        (Doubles(), "(Could not locate class 'Doubles')"),
        (keras.layers.Lambda(lambda x: 2 * x), "(Requested the deserialization of a "),
        (keras.layers.Dense(3, activation=doubled), "(Could not locate function 'doubled')"),
    ],
    ids=["custom", "lambda", "activation"],
)
@pytest.mark.parametrize("from_variable", [False, True])
def test_a_model_with_code_of_its_own_is_refused_for_keras_own_reason(
    from_variable: bool, layer: keras.layers.Layer, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "given.keras"
    image = keras.Input((32, 32, 3))
    F = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(4, 3)(image))
    keras.Model(image, layer(F)).save(path)
    monkeypatch.setenv("CAM_COURSE_RESNET50", str(path))
    with pytest.raises(ValueError, match="custom_objects or safe_mode=False, and explain it there, or") as caught:
        models.photo_network("resnet50" if from_variable else str(path))
    assert reason in str(caught.value)
    assert "not a saved model" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_inputs_and_outputs_to_choose_from_are_counted(tmp_path: Path) -> None:
    layers = keras.layers
    images = [keras.Input((32, 32, 3)), keras.Input((32, 32, 3))]
    F = [layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3)(image)) for image in images]
    scores = [layers.Dense(3)(pooled) for pooled in F]
    for model, counted in (
        (keras.Model(images[0], [scores[0], layers.Dense(2)(F[0])]), "2 outputs"),
        (keras.Model(images, layers.add(scores)), "2 inputs"),
    ):
        model.save(tmp_path / "given.keras")
        with pytest.raises(ValueError, match=f"given.keras' has {counted}, but a map explains"):
            models.photo_network(str(tmp_path / "given.keras"))


def test_a_model_that_was_never_built_is_said_to_be_one(tmp_path: Path) -> None:
    keras.Sequential([keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(3)]).save(tmp_path / "given.keras")
    with pytest.raises(ValueError, match=r"given.keras' was saved before it was built, .*: call the model on an image"):
        models.photo_network(str(tmp_path / "given.keras"))


@pytest.mark.parametrize("shape", [(), (7,), (32, 16, 3), (32, 32, 1)])
def test_images_that_are_not_square_and_rgb_are_refused(shape: tuple[int, ...], tmp_path: Path) -> None:
    x = keras.Input(shape)
    keras.Model(x, keras.layers.Rescaling(2.0)(x)).save(tmp_path / "given.keras")
    with pytest.raises(ValueError, match=r"given.keras' takes images of shape \(.*, not square RGB ones"):
        models.photo_network(str(tmp_path / "given.keras"))


@pytest.mark.usefixtures("offline")
def test_without_weights_a_network_for_photographs_is_not_to_be_had() -> None:
    with pytest.raises(DownloadError, match=r"resnet50_weights.* could not be downloaded"):
        models.photo_network("resnet50")


@pytest.mark.skipif(not GIVEN, reason="CAM_COURSE_RESNET50 names no weights")
def test_the_given_weights_recognise_the_cat_and_say_whose_they_are() -> None:
    net = models.resnet50()
    e = CAM(net.model)(net.prepare(load_photo("chelsea")), top=5)
    assert any("cat" in net.names[c] or net.names[c] == "tabby" for c in e.classes[0])
    assert e.residual < 1e-5 * np.abs(e.scores).max()
    if "pqf72" in str(GIVEN):
        for fact in ("Non-Commercial", "https://github.com/uber-research/permute-quantize-finetune", "stock"):
            assert fact in net.notice
        card = (models.WEIGHTS / Path(str(GIVEN)).name).with_suffix(".md")
        assert net.notice == f"Weights: {table_of(card)['notice']}"


# ---- the cantilever


def test_the_cantilever_network_is_that_of_deck_d0_and_takes_any_size() -> None:
    model = models.trained_cantilever_network()
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds == ["Conv2D", "MaxPooling2D", "Conv2D", "MaxPooling2D", "GlobalAveragePooling2D", "Dense"]
    assert [layer.count_params() for layer in model.layers if layer.weights] == [320, 18_496, 128]
    for size in ((24, 96), (24, 48), (40, 33)):
        assert model(np.zeros((1, *size, 1))).shape == (1, 2)


def test_the_shipped_weights_read_cluttered_digits_and_their_card_says_how() -> None:
    if locate(MNIST) is None:
        pytest.skip("Keras' cache holds no MNIST")
    digits = load_mnist()
    test = clutter(digits.test_images, digits.test_labels, 300, seed=1)
    P = models.trained_cluttered_network().predict(test.images, verbose=0)
    assert np.mean(P.argmax(axis=1) == test.labels) > 0.9
    card = (models.WEIGHTS / "cluttered_gap.md").read_text(encoding="utf-8")
    for fact in ("60,874", "25 epochs", "of 2,000 pictures", "no box is used", "`cam-course train cluttered`"):
        assert fact in card


def test_the_shipped_weights_tell_damaged_beams_from_sound_ones() -> None:
    _, test = load_cantilevers()
    P = models.trained_cantilever_network().predict(test.measured(), verbose=0)
    assert np.mean(P.argmax(axis=1) == test.damaged) > 0.8
    weights, card = (models.WEIGHTS / f"cantilever_gap.{end}" for end in ("weights.h5", "md"))
    assert weights.stat().st_size < 200_000
    text = card.read_text(encoding="utf-8")
    for fact in ("18,944", "300 epochs", "of 800 images", "`cam-course make cantilever`"):
        assert fact in text


# ---- the vision transformer and the five seeds


def test_the_class_is_read_off_the_class_token_alone() -> None:
    model = models.vit_network()
    last = next(layer for layer in reversed(model.layers) if isinstance(layer, keras.layers.LayerNormalization))
    images = np.random.default_rng(0).uniform(size=(2, 28, 28, 1))
    tokens = keras.Function(model.inputs, last.output)([images])
    w, b = model.layers[-1].get_weights()
    P = keras.ops.softmax(np.asarray(tokens)[:, 0] @ w + b)
    np.testing.assert_allclose(model(images), P, rtol=1e-4)


def test_attention_is_what_the_blocks_mix_by() -> None:
    # The output of a block's attention, from its values and the shares, equals the layer's own.
    model = models.vit_network()
    images = np.random.default_rng(1).uniform(size=(1, 28, 28, 1))
    layer = model.get_layer("attention_2")
    inputs, mixed = keras.Function(model.inputs, [layer._inbound_nodes[0].input_tensors[0], layer.output[0]])([images])
    values = np.einsum("nti,ihd->nthd", inputs, layer.value_dense.kernel) + layer.value_dense.bias.numpy()
    taken = np.einsum("nhtu,nuhd->nthd", models.attention_of(model, images)[1], values)
    by_hand = np.einsum("nthd,hdi->nti", taken, layer.output_dense.kernel) + layer.output_dense.bias.numpy()
    np.testing.assert_allclose(mixed, by_hand, atol=1e-5 * np.abs(by_hand).max())


@pytest.mark.parametrize("which", ["vit", "seeds"])
def test_shipped_networks_for_digits_read_them_and_their_card_says_how(which: str) -> None:
    if locate(MNIST) is None:
        pytest.skip("Keras' cache holds no MNIST")
    digits = load_mnist()
    images, labels = digits.test_images[:500], digits.test_labels[:500]
    networks = [models.trained_vit()] if which == "vit" else models.trained_seeds()
    for network in networks:
        assert np.mean(network.predict(images, verbose=0).argmax(axis=1) == labels) > 0.9
    card = table_of(models.WEIGHTS / {"vit": "mnist_vit.md", "seeds": "mnist_gap_seeds.md"}[which])
    assert card["test accuracy"].endswith("of 10,000 images")
    assert "epochs" in card["training"]


@pytest.mark.parametrize("weights", sorted(models.WEIGHTS.glob("*.h5")), ids=lambda path: path.name)
def test_shipped_weights_hold_no_optimizers_state(weights: Path) -> None:
    with h5py.File(weights) as file:
        assert "optimizer" not in file


def test_what_the_course_carries_for_lessons_07_to_10_stays_below_six_megabytes() -> None:
    core = {"mnist_gap.weights.h5", "small_digits_gap.weights.h5"}
    weights = [path for path in models.WEIGHTS.glob("*.h5") if path.name not in core]
    data = models.WEIGHTS.parent / "data" / "cantilever.npz"
    assert sum(path.stat().st_size for path in [*weights, data]) < 6_000_000
