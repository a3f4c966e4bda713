# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   language_info: {name: python}
# ---

# %% [markdown] lang="en" minutes={"class": 3, "alone": 5} slideshow={"slide_type": "slide"}
# # 09 · Beyond CAM
#
# The decks end with names: Guided Grad-CAM, layer-wise relevance propagation, activation maximisation, attention. Each of them
# answers another question than CAM does. This lesson works each one by hand on a few numbers, then runs all of them on one
# photograph, and says for each what it needs, what it costs and what it promises.

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# **After this lesson you can**
#
# 1. tell HiResCAM, Grad-CAM, Grad-CAM++ and LayerCAM apart by what each does with the same gradient;
# 2. say where a map still adds up to its score when there is no GAP, and prove it in numbers;
# 3. send a gradient back through a ReLU in the guided way, and share a score out by LRP, on paper;
# 4. make the image that a network itself would call most a class, and say why the naive one looks like noise;
# 5. compute attention rollout, and say why attention is no score.
#
# **Time:** 62 minutes in class, 123 minutes alone. **Before:** lessons 03 to 06.

# %% slideshow={"slide_type": "skip"}
# First, because it keeps TensorFlow's start-up messages out of the notebook:
from cam_course import CAM, LRP, ActivationMaximization, GradCAM, GradCAMPlusPlus
from cam_course import (
    GuidedBackprop,
    GuidedGradCAM,
    HiResCAM,
    LayerCAM,
    Occlusion,
    ScoreCAM,
)
from time import perf_counter

import keras
import numpy as np
import tensorflow as tf

from cam_course import models
from cam_course.data.mnist import load_mnist
from cam_course.data.photos import load_photo, square
from cam_course.evaluate import (
    completeness_residual,
    mean_with_interval,
    rank_correlation,
)
from cam_course.maps import attention_rollout, grad_cam, grad_cam_pp_weights
from cam_course.maps import grad_cam_weights, hires_cam, layer_cam, lrp_dense, relu
from cam_course.plotting import show_images, show_methods, show_numbers, show_strip
from cam_course.teaching.exercises import check
from cam_course.teaching.identity import check_identity
from cam_course.teaching.widgets.relevance import relevance_explorer

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## Four ways to ask
#
# | The question | Methods | What they read |
# | --- | --- | --- |
# | Which cells of $f$ raise $S_c$? | CAM, Grad-CAM, Grad-CAM++, LayerCAM, HiResCAM | $f$ and $\partial S_c / \partial f$ |
# | Which pixels would raise $S_c$ if they changed a little? | guided backpropagation, Guided Grad-CAM | the gradient at the image |
# | What happens to $S_c$ if a part is hidden? | occlusion, Score-CAM | only what the network answers |
# | How is $S_c$ shared out among the pixels? | LRP | every layer, from the score back |
#
# Two more names do not belong in this table. Activation maximisation explains no image; it makes one. Attention is a part of some
# networks, and was not made to explain anything. **Which of the four questions does CAM also answer, where the head is GAP and one
# dense layer?** (The fourth: its cells add up to $S_c - b_c$.)

# %% [markdown] lang="en" minutes={"class": 5, "alone": 10} slideshow={"slide_type": "slide"}
# ## One gradient, four maps
#
# Two feature maps of 2 × 2 cells, and the gradient $g_k(x, y) = \partial S_c / \partial f_k(x, y)$ at row $x$, column $y$. All four
# methods read these sixteen numbers and nothing else.
#
# | | weight of $f_k(x, y)$ | then |
# | --- | --- | --- |
# | Grad-CAM | the mean of $g_k$ over the cells | ReLU |
# | Grad-CAM++ | a weighted sum of $\mathrm{ReLU}(g_k)$ over the cells | ReLU |
# | LayerCAM | $\mathrm{ReLU}(g_k(x, y))$, its own | ReLU |
# | HiResCAM | $g_k(x, y)$, its own | nothing |
#
# **The second map speaks for the class in one cell and against it in another, equally strongly. What does Grad-CAM make of it?**

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
f = np.array([[[2.0, 1], [0, 3]], [[1, 0], [4, 1]]])  # (x, y, k): two maps of 2 x 2
g = np.array([[[0.5, 0], [0.5, 2]], [[0.5, 0], [0.5, -2]]])
alpha = grad_cam_weights(g)
print(
    "Grad-CAM's weights:", alpha, " Grad-CAM++'s:", grad_cam_pp_weights(f, g).round(2)
)
maps = [grad_cam(f, alpha), grad_cam(f, grad_cam_pp_weights(f, g))]
maps += [layer_cam(f, g), hires_cam(f, g)]
for name, M in zip(("Grad-CAM", "Grad-CAM++", "LayerCAM", "HiResCAM"), maps):
    print(f"{name:11}", M.round(2).tolist(), "sum", M.sum().round(2))

# %% slideshow={"slide_type": "fragment"}
arrays = [f[..., 0], f[..., 1], g[..., 0], g[..., 1], *maps]
titles = ["$f_1$", "$f_2$", "$g_1$", "$g_2$", "Grad-CAM", "Grad-CAM++"]
show_numbers(arrays, [*titles, "LayerCAM", "HiResCAM"], columns=4)

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# Grad-CAM's mean is 0: the second map is gone, with all that it says. LayerCAM keeps what speaks for the class. HiResCAM keeps both.

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Exercise 9.1 · cell by cell
#
# `f` and `g` have the shape (h, w, K). Return HiResCAM's map, (h, w): each value times its own gradient, and the sum over $k$.
#
# The check says one of three things: not attempted yet, not yet (and why), or right. In a cell of your own, `hint("9.1")`
# shows hints one by one.


# %% tags=["exercise"] slideshow={"slide_type": "fragment"}
def cell_by_cell(f, g):
    ### BEGIN SOLUTION
    return (f * g).sum(axis=-1)
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "fragment"}
check("9.1", cell_by_cell)

# %% [markdown] lang="en" minutes={"class": 5, "alone": 9} slideshow={"slide_type": "slide"}
# ## The identity without GAP
#
# Lesson 05 left a gap: Grad-CAM takes any network, but its cells then add up to nothing. HiResCAM (Draelos and Carin 2020) closes it
# wherever $S_c$ is *affine* in $f$, that is, a weighted sum plus a constant. After Flatten and one dense layer every cell has a
# weight of its own, and that weight is the gradient:
#
# $$S_c = \sum_{x,y} \sum_k w_k^c(x, y) f_k(x, y) + b_c, \qquad \frac{\partial S_c}{\partial f_k(x, y)} = w_k^c(x, y)$$
#
# So $S_c - b_c = \sum_{x,y} \sum_k g_k(x, y) f_k(x, y)$, the sum of HiResCAM. **Is training needed for this?** The network below has
# random weights.

# %% slideshow={"slide_type": "fragment"}
digits = load_mnist()
print(digits.notice)
X, labels = digits.test_images[:100].copy(), digits.test_labels[:100]
gap = models.trained_mnist_network(digits)  # for later
del digits  # 70,000 images are not needed any more
keras.utils.set_random_seed(9)
conv = {"activation": "relu", "padding": "same"}
flat = keras.Sequential([keras.Input((28, 28, 1))])
for layer in (keras.layers.Conv2D(8, 3, **conv), keras.layers.MaxPooling2D(4)):
    flat.add(layer)
for layer in (keras.layers.Conv2D(16, 3, **conv), keras.layers.Flatten()):
    flat.add(layer)
flat.add(keras.layers.Dense(10, bias_initializer="normal"))

# %% slideshow={"slide_type": "fragment"}
h = HiResCAM(flat)(X, classes="all")  # 100 digits, 10 classes
check_identity(
    "S_c - b_c = sum_xy HiResCAM, Flatten", h.scores - h.bias, h.maps.sum(axis=(2, 3))
)
off = GradCAM(flat, relu=False)(X, classes="all")
cells = off.maps[0, 0].size
residual = completeness_residual(off, cells).max()
print(f"Grad-CAM's sum is off by up to {residual:.0%} of the largest score")
print(h)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# Before a GAP head the gradient is $w_k^c / N$ in every cell. HiResCAM is then CAM / $N$: the same map, up to the factor
# that lesson 05 found for Grad-CAM. So CAM's identity is a special case of this one, and HiResCAM is CAM where there is no GAP.
# **And with two dense layers and a ReLU between them?** Then $S_c$ is not affine in $f$, and the engine promises nothing: the
# residual is "none".

# %% slideshow={"slide_type": "fragment"}
every = CAM(gap)(X, classes="all")
N = every.maps[0, 0].size
check_identity(
    "N x HiResCAM = CAM", every.maps, N * HiResCAM(gap)(X, classes="all").maps
)

layers = keras.layers
deep = keras.Sequential([*flat.layers[:-1], layers.Dense(20, "relu"), layers.Dense(10)])
print("two dense layers:", HiResCAM(deep)(X[:3]))

# %% [markdown] lang="en" minutes={"class": 6, "alone": 11} slideshow={"slide_type": "slide"}
# ## Back through a ReLU
#
# The gradient at the image has the resolution of the image, and looks like noise. Springenberg et al. (2015) changed one rule on
# the way back. At $y = \mathrm{ReLU}(x)$, where the gradient $G$ arrives:
#
# | | passes back |
# | --- | --- |
# | backpropagation | $G$ where $x > 0$ |
# | guided backpropagation | $G$ where $x > 0$ *and* $G > 0$ |
#
# (Here $x$ is the input of a ReLU, no position.) **$x = (1, -1, 2, -3)$ and $G = (-2, 3, 5, -1)$. What comes back, by each rule?** Write
# both rows down. ($(-2, 0, 5, 0)$ and $(0, 0, 5, 0)$.)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Exercise 9.2 · guided
#
# `x` and `G` are arrays of one shape: the inputs of ReLUs, and the gradient that arrives at their outputs. Return what guided
# backpropagation passes back.


# %% tags=["exercise"] slideshow={"slide_type": "fragment"}
def guided(x, G):
    ### BEGIN SOLUTION
    return np.where((x > 0) & (G > 0), G, 0)
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "fragment"}
check("9.2", guided)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### On a digit, for two classes
#
# Guided Grad-CAM multiplies the guided gradient by Grad-CAM, stretched over the image, cell by cell. Each map below has a scale of
# its own. **One class is the digit's own, the other is not there. How different will the two guided maps be? And the two of Guided
# Grad-CAM?**

# %% slideshow={"slide_type": "fragment"}
i = 0
pair = [int(labels[i]), (int(labels[i]) + 3) % 10]
with tf.GradientTape() as tape:
    tape.watch(image := tf.constant(X[i : i + 1]))
    P = gap(image)[0, pair[0]]
    log_odds = tf.math.log(P) - tf.math.log(1 - P)
plain = tape.gradient(log_odds, image)[0, ..., 0].numpy()
rows, titles = [plain], ["plain gradient"]
for method in (GuidedBackprop, GuidedGradCAM):
    found = method(gap)(X[i : i + 1], classes=pair).maps[0, ..., 0]
    rows += list(found)
    titles += [f"{method.__name__}\nclass {c}" for c in pair]
show_strip(rows, titles, shared_scale=False, columns=3, label="each its own")

# %% slideshow={"slide_type": "fragment"}
for method in (CAM, GuidedBackprop, GuidedGradCAM):
    both = method(gap)(X, classes=pair).maps
    alike = [rank_correlation(*of_image) for of_image in both]
    print(f"{method.__name__:15} map of one class with that of the other:", end=" ")
    print(mean_with_interval(alike))

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# A rank correlation of 1 says that two maps order the pixels alike. The guided maps of two classes are far more alike than the class
# activation maps: they show edges that matter to the network in general. Cutting negative parts away at every ReLU brings the
# network close to a recovery of the image itself (Nie, Zhang and Patel 2018), so a sharp picture is no proof of a good explanation.
# Lesson 10 tests it.

# %% [markdown] lang="en" minutes={"class": 4, "alone": 7} slideshow={"slide_type": "slide"}
# ## Hide a part and ask again
#
# *Occlusion* needs no inside of the network: hide a window, and see how far the score falls. *Score-CAM* (Wang et al. 2020) hides the
# image under each feature map in turn: the weight of $f_k$ is what the network says of the image that is left where $f_k$ is large.
#
# By hand: $S = 5 \cdot 1 + 0 \cdot 2 - 2 \cdot 1$ for the pixels $(1, 2, 1)$. Replacing one pixel by 0 lowers the score by
# $(5, 0, -2)$: for a linear network occlusion with zeros *is* what each pixel contributes. **When is it not?** (When hiding one part
# changes what another one means: a ReLU, a maximum, a window that leaves an edge of its own.)

# %% slideshow={"slide_type": "fragment"}
three = X[:3]
by_cam = CAM(gap)(three)
asked = ScoreCAM(gap, progress=False)(three)
hidden = Occlusion(gap, size=4, stride=2, progress=False)(three)
rows, titles = [], []
for name, e in (("CAM", by_cam), ("Score-CAM", asked), ("occlusion", hidden)):
    rows += list(e.maps[:, 0])
    titles += [f"{name}\nclass {c}" for c in e.classes[:, 0]]
show_strip(rows, titles, shared_scale=False, columns=3, label="each its own")

# %% [markdown] lang="en" minutes={"class": 5, "alone": 9} slideshow={"slide_type": "slide"}
# ## Sharing out a score: three neurons
#
# Layer-wise relevance propagation (Bach et al. 2015) starts with $R = S_c$ and goes back. In every layer each sum
# $z_k = \sum_j a_j w_{jk}$ gives its relevance away, in proportion to the summands:
#
# $$R_j = \sum_k \frac{a_j w_{jk}}{z_k} R_k \qquad \text{so that} \qquad \sum_j R_j = \sum_k R_k$$
#
# Two inputs $a = (1, 2)$; two neurons with ReLU, $z_1 = 3 a_1 - a_2 = 1$ and $z_2 = -a_1 + 2 a_2 = 3$; and a third neuron,
# $S = 2 \cdot 1 + 1 \cdot 3 = 5$. **Share out the 5: first to the two neurons, then to the two inputs.** Do it on paper. (First 2 and 3.
# Then $2 \cdot \frac{3}{1} + 3 \cdot \frac{-1}{3} = 5$ and $2 \cdot \frac{-2}{1} + 3 \cdot \frac{4}{3} = 0$.)

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
a, w_1, w_2 = np.array([1.0, 2]), np.array([[3.0, -1], [-1, 2]]), np.array([[2.0], [1]])
z = relu(a @ w_1)
S = z @ w_2
nothing = np.zeros(2)
for name, gamma in (("epsilon", 0), ("gamma = 1", 1), ("z+", np.inf)):
    R_z = lrp_dense(z, w_2, nothing[:1], S, gamma=gamma)
    R_a = lrp_dense(a, w_1, nothing, R_z, gamma=gamma)
    print(
        f"{name:9} neurons {R_z.round(2)}, inputs {R_a.round(2)}, sum {R_a.sum():.2f}"
    )
    check_identity(f"S = sum of R, {name}", S.sum(), R_a.sum())

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# Three rules, three answers, and all of them add up to 5. The first counts every summand, and says that the second input brought
# nothing in the end. *z+* counts only the summands with the sign of their sum, and says that it brought most. *gamma* lies between.
# Conservation alone does not choose a rule. **Which of the three is the gradient times the input?** Work out $\partial S / \partial a$,
# then run on.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
gradient = w_1 @ ((z > 0) * w_2[:, 0])  # dS/da
R_a = lrp_dense(a, w_1, nothing, lrp_dense(z, w_2, nothing[:1], S))
np.testing.assert_allclose(R_a, gradient * a)
print("gradient times input:", gradient * a)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Exercise 9.3 · relevance
#
# `a` (J,) are inputs, `w` (J, K) weights, `R` (K,) the relevance of the K sums, none of which is zero. There is no bias. Return the
# relevance of the inputs, (J,), by the first rule.


# %% tags=["exercise"] slideshow={"slide_type": "fragment"}
def relevance(a, w, R):
    ### BEGIN SOLUTION
    summands = a[:, None] * w
    return summands @ (R / summands.sum(axis=0))
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "fragment"}
check("9.3", relevance)

# %% [markdown] lang="en" minutes={"class": 4, "alone": 8} slideshow={"slide_type": "slide"}
# ## Where the relevance goes
#
# In a network with biases a part of each $R_k$ goes to the bias, and that part is on no map. `conservation` counts it, layer by layer.
# **Predict: how much of the score of a digit arrives at the pixels?**

# %% slideshow={"slide_type": "fragment"}
table = LRP(gap).conservation(X[:1])
print("layer                      what came   to inputs   to biases")
for layer in table:
    flows = (layer.output, layer.input, layer.bias)
    print(f"{layer.name:25}", "".join(f"{v[0, 0]:12.3f}" for v in flows))
arrived = sum(layer.bias[0, 0] for layer in table) + table[-1].input[0, 0]
check_identity("S_c = R of pixels + R of biases", table[0].output[0, 0], arrived)

# %% slideshow={"slide_type": "fragment"}
rules = ("epsilon", "gamma", "z+")
shares = [LRP(gap, rule=rule)(X[:3]).maps[:, 0] for rule in rules]
show_strip(
    [M for of_rule in shares for M in of_rule],
    [f"{rule}\nclass {c}" for rule in rules for c in by_cam.classes[:, 0]],
    shared_scale=False,
    columns=3,
    label="$R$",
)

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# Change the rule and its parameter; and for comparison the window of occlusion, which asks the network without looking into it. A choice
# that is made for the first time takes a second. Read the sum of the map beside $S$: which methods keep it?

# %% slideshow={"slide_type": "fragment"}
relevance_explorer(gap, X[0])

# %% [markdown] lang="en" minutes={"class": 6, "alone": 11} slideshow={"slide_type": "slide"}
# ## What would the network like to see?
#
# Activation maximisation explains no image. It starts with weak noise and climbs: at each step the image moves a little along
# $\partial S_c / \partial$ image. *Naive*, that is all. *Regularised*, the image is also shifted to and fro, blurred a little and drawn
# back to grey, so that only what survives all three can grow.
#
# **Which of the two will reach the higher score? Which will look more like the class?**

# %% slideshow={"slide_type": "fragment"}
net = models.mobilenet_v2()
print(net.notice)
wanted = [985, 417]  # ImageNet's "daisy" and "balloon"
made = {}
for name, regularised in (("naive", False), ("regularised", True)):
    maximise = ActivationMaximization(net.model, (-1, 1), regularised, steps=24)
    made[name] = maximise(wanted)
    print(f"{name:12} scores {made[name].scores}, noise {made[name].start}")
pictures = np.concatenate([(of.images + 1) / 2 for of in made.values()])
titles = [f"{net.names[c]}, {name}" for name in made for c in wanted]
show_images(pictures, titles, columns=4)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Why the naive one looks like noise
#
# It has by far the higher score, so it is what was asked for. There are 150,528 values to move, and a tiny step of each in the right
# direction adds up; nothing in the question says that neighbours should be alike. The number below compares the differences of
# neighbouring pixels with the spread of all pixels: about 4 for pure noise, near 0 for a photograph.


# %% slideshow={"slide_type": "fragment"}
def roughness(images):
    across, down = np.diff(images, axis=2), np.diff(images, axis=1)
    return (np.mean(across**2) + np.mean(down**2)) / np.var(images)


noise = np.random.default_rng(0).normal(size=(1, 224, 224, 3))
print(f"noise {roughness(noise):.2f},", end=" ")
print(f"photograph {roughness(net.prepare(load_photo('coffee'))):.2f}")
for name, of in made.items():
    print(f"{name:12} {roughness(of.images):.2f}")

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### And the digits?
#
# **What will the network of lesson 04 draw as its ideal 4?** Remember what GAP asks of a feature map.

# %% slideshow={"slide_type": "fragment"}
ideal = ActivationMaximization(gap, (0, 1))(range(10))
real = CAM(gap)(X, classes="all").scores
best = real.max(axis=0)  # of 100 digits, for each class
print("scores of its own images:", ideal.scores.round(1))
print("best of 100 real digits: ", best.round(1))
print("higher for", np.sum(ideal.scores > best), "of 10 classes")
show_images(ideal.images, [f"class {c}" for c in range(10)], columns=5)

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# No digit at all, but the strokes of one, repeated over the whole frame: GAP takes the mean of each $f_k$, so a picture that is full of a
# class's strokes can beat every single digit. The network has never seen such a picture, and is surer of it than of real ones.
# (Lesson 02: GAP keeps what is there and forgets where.) And climbing finds *a* hill: where a real digit scores higher, the search has
# ended on a low one.

# %% [markdown] lang="en" minutes={"class": 6, "alone": 13} slideshow={"slide_type": "slide"}
# ## Attention
#
# A *vision transformer* cuts a digit into 7 × 7 patches. Each becomes a *token*, a list of 48 numbers; one more token, without a patch,
# carries the class. In each of four blocks every token takes something from every other one. $A_{tu}$ is the share that token $t$ takes
# from token $u$; the shares of a token add up to 1. After the last block the class is read off the class token.
#
# *Raw attention* shows row 0 of $A$ in the last block: what the class token takes from each patch. *Attention rollout* (Abnar and
# Zuidema 2020) follows the shares through all blocks. Half of a token stays with itself, because each block adds its result to
# what came in:
#
# $$\tilde A_l = \tfrac12 (A_l + I), \qquad \text{rollout} = \tilde A_4 \tilde A_3 \tilde A_2 \tilde A_1$$
#
# **Two tokens, two blocks: $A_1$ lets both take everything from token 2, $A_2$ exchanges them. What does token 1 hold of each in the
# end?** (A quarter of token 1, three quarters of token 2.)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Exercise 9.4 · rollout
#
# `A` has the shape (blocks, tokens, tokens), the first block first. Return the rollout, (tokens, tokens).


# %% tags=["exercise"] slideshow={"slide_type": "fragment"}
def rollout(A):
    ### BEGIN SOLUTION
    rolled = np.eye(A.shape[-1])
    for block in A:
        rolled = (block + np.eye(len(block))) / 2 @ rolled
    return rolled
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "fragment"}
check("9.4", rollout)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Beside the CAM of the same digit
#
# The attention comes from the transformer, the CAM from the network of lesson 04: two networks, one digit. **Where will the three maps
# agree?**

# %% slideshow={"slide_type": "fragment"}
vit = models.trained_vit()
P = vit.predict(X, verbose=0)
print(f"right: {np.sum(P.argmax(axis=1) == labels)} of {len(X)}")
A = models.attention_of(vit, X)  # (4 blocks, 100 digits, 3 heads, 50 tokens, 50)
A = A.mean(axis=2)  # the mean over the heads
raw = A[-1][:, 0, 1:].reshape(-1, 7, 7)
rolled = attention_rollout(A)[:, 0, 1:].reshape(-1, 7, 7)
sums = attention_rollout(A).sum(axis=-1)
check_identity("the rows of the rollout add up to 1", np.ones_like(sums), sums)

# %% slideshow={"slide_type": "fragment"}
rows, titles = [], []
for n in range(3):
    rows += [raw[n], rolled[n], every.maps[n, labels[n]]]
    titles += [f"{name}, digit {labels[n]}" for name in ("raw", "rollout", "CAM")]
show_strip(rows, titles, shared_scale=False, columns=3, label="each its own")

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Attention is not the score
#
# Three checks. First: turn the signs of the last layer's weights, so that every score becomes its opposite. **What happens to the
# attention?** Second: which class is it for? Third, measured: hide each patch, see how far the score falls, and compare the order of the
# patches with that of each map; for CAM within its own network.

# %% slideshow={"slide_type": "fragment"}
dense = vit.layers[-1]
kept = dense.get_weights()
dense.set_weights([-v for v in kept])
agree = np.mean(vit.predict(X, verbose=0).argmax(axis=1) == P.argmax(axis=1))
same = np.array_equal(models.attention_of(vit, X).mean(axis=2), A)
dense.set_weights(kept)
print(f"scores turned: the class stays for {agree:.0%}, attention identical: {same}")

# %% slideshow={"slide_type": "fragment"}
fall = Occlusion(vit, size=4, stride=4, progress=False)(X[:30]).maps[:, 0, ::4, ::4]
of_gap = Occlusion(gap, size=4, stride=4, progress=False)(X[:30]).maps[:, 0, ::4, ::4]
cams = CAM(gap)(X[:30]).maps[:, 0].reshape(-1, 7, 2, 7, 2).mean(axis=(2, 4))
print("order of the patches, compared with what hiding each of them does")
for name, maps, D in (
    ("raw", raw, fall),
    ("rollout", rolled, fall),
    ("CAM", cams, of_gap),
):
    alike = [rank_correlation(*pair) for pair in zip(maps, D)]
    print(f"{name:8} {mean_with_interval(alike)}")

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# Look at the raw attention again: much of it lies on empty corners. No order comes near 1, not even that of CAM: hiding an empty patch
# changes nothing, and no map is zero there. But the attention of the last block says next to nothing of what hiding does.
#
# Attention says from where a token takes, not what it takes nor what is made of it: the values, the dense layers and the last layer do
# not enter. It has no class, it is never negative, and it adds up to 1 and to no score. It can be a hint where the network's
# information comes from (Jain and Wallace 2019 and Wiegreffe and Pinter 2019 argue about how good a hint). For the score ask the score:
# here with occlusion, which any network answers.

# %% [markdown] lang="en" minutes={"class": 6, "alone": 11} slideshow={"slide_type": "slide"}
# ## All of them on one photograph
#
# One photograph, one network, the class that it puts first. What each method costs is measured now: its time divided by that of a plain
# forward pass. **Order them before you look: CAM, Grad-CAM, LRP, occlusion with 49 windows, Score-CAM with 96 maps.** (Score-CAM
# takes a layer of 96 maps here. The last one has 1,280 and would take thirteen times as long.)

# %% slideshow={"slide_type": "fragment"}
methods = {  # what it needs, what it promises
    "CAM": (CAM, "GAP, one dense layer", "mean = S - b"),
    "HiResCAM": (HiResCAM, "any grid", "sum = S - b, if affine"),
    "Grad-CAM": (GradCAM, "any grid", "CAM / N before GAP"),
    "Grad-CAM++": (GradCAMPlusPlus, "any grid", "nothing"),
    "LayerCAM": (LayerCAM, "any grid", "nothing"),
    "Score-CAM": (ScoreCAM, "any grid, no gradient", "nothing"),
    "occlusion": (Occlusion, "the output alone", "contributions, if linear"),
    "guided": (GuidedBackprop, "ReLUs", "nothing"),
    "Guided Grad-CAM": (GuidedGradCAM, "ReLUs, a grid", "nothing"),
    "LRP": (LRP, "known layers", "sum = S - biases"),
}

# %% slideshow={"slide_type": "fragment"}
photo = load_photo("chelsea")
cat = net.prepare(photo)
few = {"progress": False, "batch_size": 8}  # masked images at once
slow = {"Score-CAM": {"layer": "block_12_project_BN", **few}}
slow["occlusion"] = {"size": 56, "stride": 28, **few}


def timed(call, images, times):  # seconds, and what came out
    spans = []
    for _ in range(times + 1):
        start = perf_counter()
        made = call(images)
        spans.append(perf_counter() - start)
    return np.median(spans[1:] or spans), made  # the first call compiles


# %% slideshow={"slide_type": "fragment"}
forward = tf.function(lambda images: net.model(images, training=False))
one_pass, _ = timed(forward, cat, times=9)
found = {}
print(f"{'method':16} {'needs':22} {'promises':25} {'passes':>6}")
for name, (method, needs, promises) in methods.items():
    explain = method(net.model, **slow.get(name, {}))
    took, e = timed(explain, cat, times=1 if name in slow else 5)
    found[name] = e.maps[0, 0]
    print(f"{name:16} {needs:22} {promises:25} {took / one_pass:6.1f}")

# %% slideshow={"slide_type": "fragment"}
pictures = {n: M.sum(axis=-1) if M.ndim == 3 else M for n, M in found.items()}
pictures["LRP, z+"] = LRP(net.model, rule="z+")(cat).maps[0, 0]
show_methods(square(photo), pictures)

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# Read the scales: every picture has its own, and they measure different things, so colours cannot be compared between them. Guided maps
# are summed over the colour channels. Of LRP with *z+* next to nothing arrives at the pixels: the biases, here those of batch
# normalisation, take nearly all. Score-CAM reads an earlier layer and sees something else. Occlusion is mostly blue, because grey
# squares on this cat raise its score: a picture with a hidden part is a new picture. The other families agree roughly about eyes and
# nose. That is a comfort, and no proof: they share the network, and lesson 10 asks how much each map depends on it at all.

# %% [markdown] lang="en" minutes={"class": 3, "alone": 8} slideshow={"slide_type": "slide"}
# ## What came after
#
# Each in one line: what it changes. None of them is built here; each has a paper and code.
#
# | | changes | in the words of this course |
# | --- | --- | --- |
# | Finer-CAM (Zhang et al. 2025) | *what* is explained: $S_c - \gamma S_d$ for a similar class $d$ | with CAM and $\gamma = 1$ it is the difference of two classes of lesson 06, $M_c - M_d$ |
# | Opti-CAM (Zhang et al. 2024) | the weights: found for each image, so that $S_c$ of the masked image is largest | Score-CAM's question, answered by climbing |
# | ShapleyCAM (Cai 2025) | the weights: a Shapley value up to second order, with the Hessian | gradients alone give back Grad-CAM's and HiResCAM's |
# | LeGrad (Bousselham et al. 2025) | transformers: $\partial S_c / \partial A$ in every block in place of $A$ | attention that has a class again |
# | B-cos networks (Böhle et al. 2022, 2024) | the network: each layer is linear for a given image, so that all of it is | the exact sum of HiResCAM, down to the pixels, paid for in training |
#
# **Which of them changes the question, which the method, and which the network?**

# %% [markdown] lang="en" tags=["open"] minutes={"class": 4, "alone": 6} slideshow={"slide_type": "slide"}
# ## Open question · choose one
#
# A hospital has a network with GAP, a factory one with two dense layers after Flatten, and a phone a vision transformer. Each asks you
# for one map for its users. Which method do you give to each, and which sentence do you write under it?

# %% [markdown] lang="en" tags=["solution"] slideshow={"slide_type": "skip"}
# A good answer: CAM for the hospital, signed, with $S_c$, $b_c$ and the scale: its mean is the score. For the factory HiResCAM promises
# nothing, because two dense layers with a ReLU are not affine; Grad-CAM or HiResCAM with the sentence "does not add up to the score", or
# occlusion with its window and baseline stated. For the phone occlusion, since attention has no class; or LeGrad with the same
# warning. Each sentence says what the colours measure and what they do not.

# %% [markdown] lang="en" minutes={"class": 3, "alone": 5} slideshow={"slide_type": "slide"}
# ## Summary
#
# - Grad-CAM, Grad-CAM++, LayerCAM and HiResCAM read the same gradient and keep different parts of it. HiResCAM keeps all, so it adds up to
#   $S_c - b_c$ wherever $S_c$ is affine in $f$, with GAP or without.
# - Guided backpropagation cuts at every ReLU. Its pictures are sharp and depend little on the class.
# - Occlusion and Score-CAM ask the network again: no gradient, and many passes.
# - LRP shares the score out and loses nothing; but the rule decides who gets what, and biases take a part.
# - The image that a network likes best is mostly no picture. With GAP it is a field of strokes.
# - Attention has no class and is no score.
#
# Next: lesson 10 asks which of these maps can be trusted.

# %% [markdown] lang="en" minutes={"class": 0, "alone": 6} slideshow={"slide_type": "skip"}
# ## Quiz
#
# Think of your answer first, then open it. Each choice says why it is right or wrong.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **The gradient of $f_1$ is $+1$ in one cell and $-1$ in another, elsewhere 0. What is left of $f_1$ in Grad-CAM?**
#
# - [ ] The cell with $+1$. :: That is LayerCAM, which looks at each cell.
# - [x] Nothing. :: Yes: the mean of the gradient is 0, and the whole map gets the weight 0.
# - [ ] Both cells, with their signs. :: That is HiResCAM.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **Where does HiResCAM add up to $S_c - b_c$?**
#
# - [x] Wherever $S_c$ is a weighted sum of the values of $f$, plus a constant. :: Yes: GAP or Flatten, and one dense layer.
# - [ ] In every network. :: A ReLU or a softmax after $f$ breaks it.
# - [ ] Only before GAP. :: There it does, and equals CAM / N; but Flatten and one dense layer will do.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **Two rules of LRP give different maps, and both add up to the score. Which is wrong?**
#
# - [ ] The one with negative values. :: A summand that lowers the score may get relevance below zero.
# - [ ] Both: the right one is unique. :: Conservation leaves infinitely many ways to share.
# - [x] Neither can be called wrong by the sum alone. :: Yes. The rule is a choice; say which one was taken.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **The last layer of a transformer is trained anew for other classes, everything before it stays. How does the attention change?**
#
# - [x] Not at all. :: Yes: attention is computed before the last layer and knows no class.
# - [ ] It moves to the parts that matter for the new classes. :: Nothing that computes it has changed.
# - [ ] Only in the last block. :: The last block comes before the last layer, too.

# %% [markdown] lang="en" minutes={"class": 0, "alone": 0} slideshow={"slide_type": "skip"}
# ## Sources
#
# - R. L. Draelos, L. Carin (2020). Use HiResCAM instead of Grad-CAM for faithful explanations of convolutional neural networks.
#   arXiv:2011.08891.
# - R. R. Selvaraju, M. Cogswell, A. Das, R. Vedantam, D. Parikh, D. Batra (2017). Grad-CAM. *ICCV*, 618–626. Guided Grad-CAM as well.
# - A. Chattopadhay, A. Sarkar, P. Howlader, V. N. Balasubramanian (2018). Grad-CAM++. *WACV*, 839–847.
# - P.-T. Jiang, C.-B. Zhang, Q. Hou, M.-M. Cheng, Y. Wei (2021). LayerCAM. *IEEE Transactions on Image Processing* 30, 5875–5888.
# - H. Wang et al. (2020). Score-CAM. *CVPR Workshops*.
# - M. D. Zeiler, R. Fergus (2014). Visualizing and understanding convolutional networks. *ECCV*. Occlusion.
# - J. T. Springenberg, A. Dosovitskiy, T. Brox, M. Riedmiller (2015). Striving for simplicity: the all convolutional net. *ICLR
#   Workshop*. Guided backpropagation.
# - W. Nie, Y. Zhang, A. B. Patel (2018). A theoretical explanation for perplexing behaviors of backpropagation-based visualizations.
#   *ICML*.
# - S. Bach et al. (2015). On pixel-wise explanations for non-linear classifier decisions by layer-wise relevance propagation.
#   *PLoS ONE* 10(7), e0130140. G. Montavon et al. (2019). Layer-wise relevance propagation: an overview. *LNCS* 11700, 193–209.
# - K. Simonyan, A. Vedaldi, A. Zisserman (2014). Deep inside convolutional networks. *ICLR Workshop*. C. Olah, A. Mordvintsev,
#   L. Schubert (2017). Feature visualization. *Distill*.
# - A. Dosovitskiy et al. (2021). An image is worth 16 × 16 words. *ICLR*. S. Abnar, W. Zuidema (2020). Quantifying attention flow in
#   transformers. *ACL*.
# - S. Jain, B. C. Wallace (2019). Attention is not explanation. *NAACL*. S. Wiegreffe, Y. Pinter (2019). Attention is not not explanation.
#   *EMNLP*.
# - Z. Zhang et al. (2025). Finer-CAM. *CVPR*. H. Zhang, F. Torres, R. Sicre, Y. Avrithis, S. Ayache (2024). Opti-CAM. *Computer Vision
#   and Image Understanding*, arXiv:2301.07002. H. Cai (2025). CAMs as Shapley value-based explainers. arXiv:2501.06261. W. Bousselham et al. (2025).
#   LeGrad. *ICCV*, 20336–20345. M. Böhle, M. Fritz, B. Schiele (2022). B-cos networks. *CVPR*; M. Böhle, N. Singh, M. Fritz, B. Schiele
#   (2024). B-cos alignment for inherently interpretable CNNs and vision transformers. *IEEE TPAMI*.
# - The names this lesson takes up: decks D0 to D2.
