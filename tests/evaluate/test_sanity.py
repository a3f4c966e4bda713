"""Randomisation on models where it is known what must change and what cannot."""

import keras
import numpy as np
import pytest
from networks import gap_network

from cam_course import CAM, GradCAM
from cam_course.evaluate import random_logit, randomisation, randomised, rank_correlation, sparseness
from cam_course.evaluate.controls import edge_map
from cam_course.explanation import Explanation

layers = keras.layers
IMAGES = np.random.default_rng(0).normal(size=(3, 8, 8, 1)).astype("float32")


@pytest.fixture(scope="module")
def model() -> keras.Model:
    """Something like a trained network: no weight is what its layer starts from."""
    body = [layers.Conv2D(4, 3, activation="relu", name="first"), layers.BatchNormalization(name="norm")]
    nested = keras.Sequential([keras.Input((8, 8, 1)), *body], name="body")
    end = [layers.Conv2D(5, 3, activation="relu", name="last"), layers.GlobalAveragePooling2D(), layers.Dropout(0.5)]
    model = keras.Sequential([keras.Input((8, 8, 1)), nested, *end, layers.Dense(4, name="scores")])
    rng = np.random.default_rng(5)
    model.set_weights(
        [np.abs(rng.normal(size=w.shape)) if w.ndim == 1 else rng.normal(size=w.shape) for w in model.get_weights()]
    )
    return model


def weights_of(model: keras.Model) -> dict[str, list[np.ndarray]]:
    return {
        layer.name: layer.get_weights()
        for layer in model._flatten_layers()
        if layer.weights and not isinstance(layer, keras.Model)
    }


def test_the_other_layers_stay_bit_for_bit_and_the_model_too(model: keras.Model) -> None:
    before = weights_of(model)
    after = weights_of(randomised(model, ["last", "norm"]))
    assert set(after) == {"first", "norm", "last", "scores"}
    for name, weights in after.items():
        for new, old in zip(weights, before[name], strict=True):
            if name in ("last", "norm"):
                assert not np.isclose(new, old).any(), name  # every single weight
            else:
                np.testing.assert_array_equal(new, old)
    for name, weights in weights_of(model).items():
        for now, old in zip(weights, before[name], strict=True):
            np.testing.assert_array_equal(now, old)


def test_weights_are_drawn_afresh_and_not_permuted(model: keras.Model) -> None:
    old, new = (m.get_layer("last").get_weights()[0].ravel() for m in (model, randomised(model, ["last"])))
    assert not np.isin(new, old).any()
    limit = np.sqrt(6 / (9 * 4 + 9 * 5))  # Glorot's for 3 x 3 x 4 inputs and 3 x 3 x 5 outputs
    assert np.abs(new).max() <= limit
    assert np.abs(new).max() > limit / 2


def test_a_seed_repeats_and_another_one_does_not(model: keras.Model) -> None:
    one, again, other = (weights_of(randomised(model, ["scores"], seed))["scores"][0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert not np.isclose(one, other).any()


def test_a_layer_that_is_not_there_is_named(model: keras.Model) -> None:
    with pytest.raises(ValueError, match="no layer 'lost' with weights; it has 'first', 'norm', 'last', 'scores'"):
        randomised(model, ["lost"])


def test_the_cascade_goes_down_from_the_scores_and_leaves_the_trained_model_out(model: keras.Model) -> None:
    left = randomisation(CAM, model, IMAGES)
    assert list(left) == ["scores", "last", "norm", "first"]
    by_hand = CAM(randomised(model, ["scores", "last"]))(IMAGES, classes=CAM(model)(IMAGES).classes).maps[:, 0]
    trained = CAM(model)(IMAGES).maps[:, 0]
    np.testing.assert_allclose(left["last"], [rank_correlation(a, b) for a, b in zip(trained, by_hand, strict=True)])
    assert all(values.shape == (3,) and (np.abs(values) < 1).all() for values in left.values())
    assert list(randomisation(GradCAM, model, IMAGES, ["last"], signed=False)) == ["last"]


def test_an_edge_detector_does_not_notice(model: keras.Model) -> None:
    def edges(_: keras.Model):
        def explain(images, classes=None):
            maps = np.stack([edge_map(image) for image in images])[:, None].astype("float32")
            one = np.ones((len(images), 1), "float32")
            return Explanation.of(maps, 0 * one, one, one, one, exact=False)

        return explain

    for values in randomisation(edges, model, IMAGES).values():
        np.testing.assert_allclose(values, 1)


def test_an_explainer_that_keeps_old_weights_is_refused(model: keras.Model) -> None:
    def of_a_copy(model: keras.Model) -> CAM:  # as libraries do that change a model for their purpose
        return CAM(randomised(model, []))

    with pytest.raises(ValueError, match="keeps the weights that it was made with"):
        randomisation(of_a_copy, model, IMAGES)


def test_the_cascade_is_that_of_networks_made_one_by_one(model: keras.Model) -> None:
    trained = GradCAM(model)(IMAGES)
    names = ["scores", "last", "norm", "first"]
    for i, (name, values) in enumerate(randomisation(GradCAM, model, IMAGES, seed=3).items(), 1):
        maps = GradCAM(randomised(model, names[:i], seed=3))(IMAGES, classes=trained.classes).maps[:, 0]
        one_by_one = [rank_correlation(a, b) for a, b in zip(trained.maps[:, 0], maps, strict=True)]
        np.testing.assert_allclose(values, one_by_one, err_msg=name)


def test_random_logit_compares_the_predicted_class_with_another_one() -> None:
    image = np.array([[1.0, 2.0], [3.0, -4.0]], "float32").reshape(1, 2, 2, 1)
    e = CAM(gap_network())(image, classes="all")
    best = int(e.scores.argmax())
    possible = [rank_correlation(e.maps[0, best], e.maps[0, c]) for c in range(3) if c != best]
    found = [random_logit(CAM(gap_network()), image, seed=seed)[0] for seed in range(12)]
    assert set(np.round(found, 6)) == set(np.round(possible, 6))
    one = keras.Sequential(
        [keras.Input((2, 2, 1)), layers.Conv2D(2, 1), layers.GlobalAveragePooling2D(), layers.Dense(1)]
    )
    with pytest.raises(ValueError, match="a single class"):
        random_logit(CAM(one), image)


def test_rank_correlation_by_hand() -> None:
    # Ranks 1 2 3 4 and 2 1 4 3: 1 - 6 (1 + 1 + 1 + 1) / (4 (16 - 1)) = 0.6
    assert rank_correlation([1.0, 5.0, 7.0, 100.0], [0.2, 0.1, 0.9, 0.3]) == pytest.approx(0.6)
    assert rank_correlation([-3.0, 1.0, 2.0], [3.0, 1.0, 2.0], signed=False) == pytest.approx(1.0)
    assert np.isnan(rank_correlation([1.0, 1.0], [1.0, 2.0]))
    rng = np.random.default_rng(0)
    by_chance = [rank_correlation(rng.normal(size=49), rng.normal(size=49)) for _ in range(500)]
    assert np.mean(by_chance) == pytest.approx(0, abs=0.02)
    with pytest.raises(ValueError, match=r"\(2,\) and \(3,\)"):
        rank_correlation([1.0, 2.0], [1.0, 2.0, 3.0])


def test_sparseness_by_hand() -> None:
    # Sizes 1, 3: (-1 * 1 + 1 * 3) / (2 * 4) = 0.25
    assert sparseness([-3.0, 1.0]) == pytest.approx(0.25)
    assert sparseness(np.eye(1, 100)) == pytest.approx(0.99)
    assert sparseness(np.random.default_rng(0).uniform(size=100_000)) == pytest.approx(1 / 3, abs=0.005)
    assert np.isnan(sparseness(np.zeros(4)))
