"""Every identity of the lessons, broken on purpose: the check must fail. A check that cannot fail is worth nothing."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from networks import F_MAPS, IMAGE, B, F, M, S, W, flat_network, gap_network

from cam_course import CAM, GradCAM, HiResCAM
from cam_course.maps import (
    attention_rollout,
    class_activation_map,
    class_scores,
    global_average_pool,
    lrp_dense,
    relu,
    softmax,
)
from cam_course.teaching.identity import MIME, check_identity

N = 4
P = softmax(S)
MEANS = M.mean(axis=(1, 2))
REFERENCE = np.array([[2.0, 0.0], [-1.0, 1.0]])  # its mean is 0.5


def gradient(of_probability: bool) -> np.ndarray:
    """dS_1/df or dP_1/df on the tiny network, shape (2, 2, 2)."""
    f = tf.constant(F_MAPS)
    with tf.GradientTape() as tape:
        tape.watch(f)
        scores = tf.reduce_mean(f, axis=(0, 1))[None] @ W + B
        value = (tf.nn.softmax(scores) if of_probability else scores)[0, 1]
    return tape.gradient(value, f).numpy()


def sigmoid(s: float) -> float:
    return 1 / (1 + np.exp(-s))


# A head of one dense layer after Flatten; LRP's three neurons of lesson 09; attention of two blocks.
FLAT = HiResCAM(flat_network())(IMAGE, classes="all")
FLAT_MEANS = GradCAM(flat_network(), relu=False)(IMAGE, classes="all").maps
SHARED = lrp_dense([1.0, 2.0], [[3.0, -1.0], [-1.0, 2.0]], [0.0, 0.0], [2.0, 3.0])
MIXED = np.array([[[0.2, 0.8], [0.5, 0.5]], [[0.9, 0.1], [0.4, 0.6]]])

HOLDS = {
    "score and means": (S, class_scores(F, W, B)),
    "score and map": (S, MEANS + B),
    "means of the maps": (F, global_average_pool(F_MAPS)),
    "the two orders of summation": (class_scores(F, W), class_activation_map(F_MAPS, W).sum(axis=(0, 1)) / N),
    "probabilities": (P, gap_network()(IMAGE).numpy()[0]),
    "weights from the gradient": (W[:, 1], gradient(of_probability=False).sum(axis=(0, 1))),
    "HiResCAM adds up": (S - B, HiResCAM(gap_network())(IMAGE, classes="all").maps[0].sum(axis=(1, 2))),
    "HiResCAM after Flatten": (FLAT.scores - FLAT.bias, FLAT.maps.sum(axis=(2, 3))),
    "LRP shares all": (5.0, np.sum(SHARED)),
    "rows of a rollout": (np.ones(2), attention_rollout(MIXED).sum(axis=1)),
    "two classes without bias": (sigmoid(MEANS[1] - MEANS[0]), softmax(MEANS[:2])[1]),
    "a reference taken off": (MEANS[1] - MEANS[0] - 0.5, np.mean(M[1] - M[0] - REFERENCE)),
    "N x Grad-CAM before ReLU = CAM": (M, N * GradCAM(gap_network(), relu=False)(IMAGE, classes="all").maps[0]),
}

BROKEN = {
    "bias dropped": (S, MEANS),
    "bias added twice": (S, MEANS + 2 * B),
    "weights transposed": (S[:2], class_scores(F, W[:, :2].T, B[:2])),
    "sum for mean": (S, class_scores(F_MAPS.sum(axis=(0, 1)), W, B)),
    "sum of the map for its mean": (S, M.sum(axis=(1, 2)) + B),
    "mean for sum of the gradient": (W[:, 1], gradient(of_probability=False).mean(axis=(0, 1))),
    "ReLU left out": (relu(M) / N, GradCAM(gap_network(), relu=False)(IMAGE, classes="all").maps[0]),
    "ReLU where there is none": (M, N * GradCAM(gap_network())(IMAGE, classes="all").maps[0]),
    "mean of HiResCAM for its sum": (S - B, HiResCAM(gap_network())(IMAGE, classes="all").maps[0].mean(axis=(1, 2))),
    "Grad-CAM after Flatten": (FLAT.scores - FLAT.bias, FLAT_MEANS.sum(axis=(2, 3))),
    "LRP with the bias left out": (5.0, np.sum(lrp_dense([1.0, 2.0], [[3.0], [-1.0]], [4.0], [5.0]))),
    "LRP without division": (5.0, np.sum(np.array([[3.0], [-1.0]]) @ [5.0])),
    "rollout not halved": (np.ones(2), ((MIXED[1] + np.eye(2)) @ (MIXED[0] + np.eye(2))).sum(axis=1)),
    "one map of two": (sigmoid(MEANS[1] - MEANS[0]), sigmoid(MEANS[1])),
    "the two classes exchanged": (sigmoid(MEANS[1] - MEANS[0]), sigmoid(MEANS[0] - MEANS[1])),
    "a reference taken off twice": (MEANS[1] - MEANS[0] - 0.5, np.mean(M[1] - M[0] - 2 * REFERENCE)),
    "N forgotten": (M, GradCAM(gap_network(), relu=False)(IMAGE, classes="all").maps[0]),
    "softmax for logit": (S, P),
    "gradient of softmax for that of logit": (W[:, 1], gradient(of_probability=True).sum(axis=(0, 1))),
    "wrong class": (S, np.roll(MEANS + B, 1)),
    "wrong class in the map": (M[1], CAM(gap_network())(IMAGE, classes=[0]).maps[0, 0]),
    "maps turned": (M, M.transpose(0, 2, 1)),
    "absolute value": (S - B, np.abs(M).mean(axis=(1, 2))),
    "one value of many": (S, S + np.array([0, 0, 1e-3])),
    "not a number": (S, np.array([np.nan, *S[1:]])),
    "another shape": (S, S[None]),
}


@pytest.mark.parametrize("name", HOLDS)
def test_the_identity_holds(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    check_identity(name, *HOLDS[name])
    assert f"{name}   holds: largest residual" in capsys.readouterr().out


@pytest.mark.parametrize("name", BROKEN)
def test_the_broken_identity_is_caught(name: str) -> None:
    with pytest.raises(AssertionError, match=name):
        check_identity(name, *BROKEN[name])


def test_the_residual_is_relative_to_the_size_of_the_left_side() -> None:
    check_identity("tiny difference", [1000.0, 0.0], [1000.0, 0.009])
    with pytest.raises(AssertionError, match=r"residual 1\.1e-05 .* at \(1,\)"):
        check_identity("small difference", [1000.0, 0.0], [1000.0, 0.011])
    with pytest.raises(AssertionError):
        check_identity("strict", 1.0, 1.0 + 1e-9, rtol=1e-12)


def test_in_a_notebook_the_numbers_stand_beside_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    published = []
    monkeypatch.setattr("IPython.get_ipython", lambda: object())
    monkeypatch.setattr("IPython.display.publish_display_data", published.append)
    check_identity("2 = 2", 2.0, 2.0)
    (bundle,) = published
    assert bundle["text/plain"] == "2 = 2   holds: largest residual 0 (allowed 1e-05)"
    assert json.loads(json.dumps(bundle[MIME])) == {"formula": "2 = 2", "residual": 0.0}


def test_the_network_on_paper_is_the_network_in_keras() -> None:
    model = gap_network(None)
    np.testing.assert_allclose(model(IMAGE)[0], S, rtol=1e-6)
    np.testing.assert_allclose(keras.Model(model.inputs[0], model.get_layer("maps").output)(IMAGE)[0], F_MAPS)
