"""Exercises of lesson 09, beyond CAM."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ..language import Text
from .exercise import Exercise, Mistake


def layers_and_relevance(rng: Generator) -> list[tuple[NDArray, NDArray, NDArray]]:
    """Inputs a (J,), weights w (J, K) and relevance R (K,), no sum near zero."""
    by_hand = np.array([1.0, 2.0]), np.array([[3.0, -1.0], [-1.0, 2.0]]), np.array([2.0, 3.0])
    drawn = []
    for J, K in ((3, 2), (4, 3), (2, 4)):
        a, w = rng.uniform(0.5, 2, J), rng.normal(size=(J, K))
        w[0] += np.where(a @ w >= 0, 2.0, -2.0) / a[0]
        drawn.append((a, w, rng.uniform(0.5, 3, K)))
    return [by_hand, *drawn]


def shared(a: NDArray, w: NDArray, R: NDArray) -> NDArray:
    return a[:, None] * w / (a @ w) @ R


def relus(rng: Generator) -> list[tuple[NDArray, NDArray]]:
    """Inputs of a ReLU and what arrives at its output, every pair of signs."""
    fixed = np.array([1.0, -1.0, 2.0, -3.0]), np.array([-2.0, 3.0, 5.0, -1.0])
    return [fixed, *((rng.normal(size=size), rng.normal(size=size)) for size in ((8,), (3, 5)))]


def maps_and_gradients(rng: Generator) -> list[tuple[NDArray, NDArray]]:
    """Feature maps (h, w, K), not negative, and the gradient of the score at each of their values."""
    return [(rng.uniform(0, 2, size), rng.normal(0.2, 1, size)) for size in ((2, 2, 2), (3, 4, 5), (4, 3, 2))]


def attentions(rng: Generator) -> list[tuple[NDArray]]:
    """Attention of some blocks, (blocks, tokens, tokens), rows that add up to 1."""
    two = np.array([[[0.5, 0.5], [0.0, 1.0]], [[0.2, 0.8], [1.0, 0.0]]])
    return [(two,), *((rng.dirichlet(np.ones(n), size=(L, n)),) for L, n in ((2, 3), (3, 4), (4, 5)))]


def product(A: NDArray, residual: float = 0.5, turned: bool = False) -> NDArray:
    rolled = np.eye(A.shape[-1])
    for block in A:
        mixed = residual * np.eye(A.shape[-1]) + (1 - residual) * block
        rolled = rolled @ mixed if turned else mixed @ rolled
    return rolled


EXERCISES = (
    Exercise(
        id="9.1",
        answer="cell_by_cell",
        arguments=("f", "g"),
        right=lambda f, g: np.sum(f * g, axis=-1),
        cases=maps_and_gradients,
        mistakes=(
            Mistake(
                "Grad-CAM",
                lambda f, g: np.sum(f * g.mean(axis=(0, 1)), axis=-1),
                Text(
                    "You averaged the gradient over the cells first. That is Grad-CAM; here every cell keeps its own."
                ),
            ),
            Mistake(
                "LayerCAM",
                lambda f, g: np.maximum(np.sum(f * np.maximum(g, 0), axis=-1), 0),
                Text("You left the negative gradients out. That is LayerCAM, and its sum is no score."),
            ),
            Mistake(
                "ReLU at the end",
                lambda f, g: np.maximum(np.sum(f * g, axis=-1), 0),
                Text("The ReLU throws away what speaks against the class, and with it the sum."),
            ),
            Mistake(
                "mean over the maps",
                lambda f, g: np.mean(f * g, axis=-1),
                Text("You took the mean over k. The contributions of the K maps are added."),
            ),
            Mistake(
                "gradient alone",
                lambda f, g: np.sum(g, axis=-1),
                Text("f is missing. A gradient says what a change would do; times f it says what is there."),
            ),
            Mistake(
                "one number for each map",
                lambda f, g: np.sum(f * g, axis=(0, 1)),
                Text("You summed over the cells. What is left is one number for each k, and no map."),
            ),
        ),
        hints=(
            Text("Each value of f times the gradient at that very value: two arrays of the same shape."),
            Text("Then the sum over the last axis, k."),
        ),
        meaning=Text("Where the score is affine in f this map adds up to S_c - b_c, whatever stands after f."),
    ),
    Exercise(
        id="9.2",
        answer="guided",
        arguments=("x", "G"),
        right=lambda x, G: np.where((x > 0) & (G > 0), G, 0),
        cases=relus,
        mistakes=(
            Mistake(
                "plain gradient",
                lambda x, G: np.where(x > 0, G, 0),
                Text("This is plain backpropagation: what lowers the score still comes through where G is negative."),
            ),
            Mistake(
                "the deconvolution network",
                lambda x, G: np.maximum(G, 0),
                Text("Only G was looked at. A ReLU that was off in the forward pass must let nothing back."),
            ),
            Mistake(
                "one for the gradient",
                lambda x, G: ((x > 0) & (G > 0)).astype(float),
                Text("These are the places where something passes. What passes there is G."),
            ),
            Mistake(
                "the forward pass",
                lambda x, G: np.maximum(x, 0),
                Text("This is the ReLU itself. Asked is what goes back through it when G arrives at its output."),
            ),
            Mistake(
                "input times gradient",
                lambda x, G: np.where((x > 0) & (G > 0), x * G, 0),
                Text("You multiplied by x. A gradient that comes back through a ReLU is not scaled by its input."),
            ),
        ),
        hints=(
            Text("Two questions for each value: was the ReLU on, and is what arrives positive?"),
            Text("Where both are true G passes; everywhere else zero."),
        ),
        meaning=Text("Twice a part is cut away; so the result is the gradient of no score any more."),
    ),
    Exercise(
        id="9.3",
        answer="relevance",
        arguments=("a", "w", "R"),
        right=shared,
        cases=layers_and_relevance,
        mistakes=(
            Mistake(
                "weights alone",
                lambda a, w, R: w / w.sum(axis=0) @ R,
                Text("You shared by the weights. What counts is what each input brought: a_j times its weight."),
            ),
            Mistake(
                "gradient times relevance",
                lambda a, w, R: w @ R,
                Text(
                    "This is what backpropagation does with a gradient. Relevance is shared: each sum z_k gives away R_k."
                ),
            ),
            Mistake(
                "not divided",
                lambda a, w, R: a * (w @ R),
                Text("The division by z_k is missing, so the inputs get more or less than there was to share."),
            ),
            Mistake(
                "sizes for signs",
                lambda a, w, R: np.abs(a[:, None] * w) / np.abs(a[:, None] * w).sum(axis=0) @ R,
                Text(
                    "You shared by the sizes of the summands. A summand that lowers z_k gets relevance of the other sign."
                ),
            ),
            Mistake(
                "the positive ones alone",
                lambda a, w, R: np.maximum(a[:, None] * w, 0) / np.maximum(a[:, None] * w, 1e-12).sum(axis=0) @ R,
                Text(
                    "This is the rule z+, which leaves out what speaks against. The rule asked for counts every summand."
                ),
            ),
            Mistake(
                "equal shares",
                lambda a, w, R: np.full(len(a), R.sum() / len(a)),
                Text("Every input gets the same here. The shares go by what each brought."),
            ),
        ),
        hints=(
            Text(
                "Make the table of summands first: a[:, None] * w has one row for each input, one column for each sum."
            ),
            Text("Divide each column by its sum, and add the columns up, each times its R_k."),
        ),
        meaning=Text("What comes in goes out: the shares of the inputs add up to the relevance that was there."),
    ),
    Exercise(
        id="9.4",
        answer="rollout",
        arguments=("A",),
        right=product,
        cases=attentions,
        mistakes=(
            Mistake(
                "the other order",
                lambda A: product(A, turned=True),
                Text(
                    "The order is turned round. A token of the last block takes from the block before, so the last matrix stands at the left."
                ),
            ),
            Mistake(
                "no residual path",
                lambda A: product(A, residual=0),
                Text("The path around each attention is missing: half of what a token is comes from itself."),
            ),
            Mistake(
                "not halved",
                lambda A: np.linalg.multi_dot(
                    [*(block + np.eye(A.shape[-1]) for block in A[::-1]), np.eye(A.shape[-1])]
                ),
                Text("Attention plus identity has rows that add up to 2. Halve it, so that the shares stay shares."),
            ),
            Mistake(
                "the mean of the blocks",
                lambda A: A.mean(axis=0),
                Text(
                    "You averaged the blocks. What goes through two blocks goes along paths, and along a path shares multiply."
                ),
            ),
            Mistake(
                "the last block",
                lambda A: A[-1],
                Text("This is the raw attention of the last block. Its tokens are mixtures already."),
            ),
            Mistake(
                "cell by cell",
                lambda A: np.prod(0.5 * A + 0.5 * np.eye(A.shape[-1]), axis=0),
                Text(
                    "You multiplied cell by cell. A path goes from token to token to token: a matrix product adds all of them up."
                ),
            ),
        ),
        hints=(
            Text("For each block a matrix: half the attention, half the identity."),
            Text("Begin with the identity. Each block, from the first on, is multiplied from the left."),
        ),
        meaning=Text(
            "Rows that add up to 1 again: shares of the patches in a token, if mixing were all that a block does."
        ),
    ),
)
