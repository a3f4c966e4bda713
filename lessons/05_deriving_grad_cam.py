# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   language_info: {name: python}
# ---

# %% [markdown] lang="en" minutes={"class": 4, "alone": 6} slideshow={"slide_type": "slide"}
# # 05 · Deriving Grad-CAM
#
# CAM needs a network that ends in global average pooling (GAP) and one dense layer. This lesson first shows what that
# costs. Then it replaces the weight $w_k^c$ by a gradient, which every network trained with gradients has: that is
# Grad-CAM. A proof, checked line by line in numbers, shows that where CAM is defined the two differ by a factor $N$ and
# a ReLU, and by nothing else.
#
# In this lesson a position is $(i, j)$, row $i$ and column $j$, as in Selvaraju et al. and deck D2. Lessons 00 to 04 and
# deck D1 call the same row $x$ and the same column $y$.

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
# **After this lesson you can**
#
# 1. show each of CAM's three limits on a network of your own;
# 2. compute $\alpha_k^c$ and a Grad-CAM map by hand on maps of 3 × 3, and with a gradient tape on a trained network;
# 3. prove $w_k^c = \sum_{ij} \partial S_c / \partial f_k(i, j)$, and say in which line a factor $N$ is easily lost;
# 4. say what the ReLU removes, why it is there, and which equality ends with it;
# 5. explain why the gradient starts at the score $S_c$ and not at the probability $P_c$.
#
# **Time:** 72 minutes in class, 207 minutes alone. **Before:** lesson 03 (the letters and the identity) and lesson 04
# (the MNIST network). The first cell says which images this machine has.

# %% slideshow={"slide_type": "skip"}
# First, because it keeps TensorFlow's start-up messages out of the notebook:
from cam_course import CAM, GradCAM

import keras
import numpy as np
import tensorflow as tf

from cam_course.data.mnist import load_mnist
from cam_course.maps import class_activation_map, class_scores, global_average_pool
from cam_course.maps import grad_cam, grad_cam_weights, relu, softmax
from cam_course.models import trained_mnist_network
from cam_course.plotting import show_digit_maps, show_numbers, show_strip
from cam_course.plotting import show_fading, show_two_passes
from cam_course.teaching.exercises import check
from cam_course.teaching.identity import check_identity

digits = load_mnist()
print(digits.notice)

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## Two ends for one network
#
# Every network in this lesson has two parts. The *body* turns an image into feature maps $f$. The *head* turns $f$
# into the ten scores $S$. Below are one small body, with 24 maps from each of its two convolutions, and two heads:
# GAP and one dense layer, as CAM wants it, and the older way, flatten and two dense layers. Neither head applies
# softmax, so the output is $S$ itself (the *logits*).
#
# Compare the two counts of parameters.

# %% slideshow={"slide_type": "fragment"}
layers = keras.layers


def network(name, *head):
    conv = {"kernel_size": 3, "padding": "same", "activation": "relu"}
    early, late = (layers.Conv2D(24, **conv, name=layer) for layer in ("early", "late"))
    body = [keras.Input((28, 28, 1)), early, layers.MaxPooling2D(4), late]
    return keras.Sequential([*body, *head], name=name)


def two_networks(seed):
    keras.utils.set_random_seed(seed)
    gap, dense = layers.GlobalAveragePooling2D(), layers.Dense(10, name="dense")
    flat_head = layers.Flatten(), layers.Dense(24, "relu"), layers.Dense(10)
    return network("gap_net", gap, dense), network("flat_net", *flat_head)


for net in two_networks(seed=0):
    print(f"{net.name}: {net.count_params():,} parameters")
gap_net, flat_net = two_networks(seed=0)

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## Limit 1: the network must end in GAP
#
# Deck D2 names three limits of CAM; here each is shown. First: the weights $w_k^c$ of CAM are those of the one dense
# layer after GAP. In `flat_net` the first dense layer has a weight for every position of every map, and its outputs
# are mixed once more before the score. **Which of its numbers would you take for $w_k^c$?** Decide, then read what the
# package answers. (Not every extra layer is a limit. Dropout does nothing when a network answers, and a batch normalization
# between GAP and the dense layer is only another weight and another bias for each feature, so a CAM exists; the package finds
# it. A second dense layer with a ReLU is a limit.)

# %% slideshow={"slide_type": "fragment"}
try:
    CAM(flat_net)
except ValueError as error:
    print(error)

# %% [markdown] lang="en" minutes={"class": 4, "alone": 7} slideshow={"slide_type": "slide"}
# ## Limit 2: the accuracy may fall
#
# To use CAM all the same, one replaces the head by GAP and trains again. GAP throws away where a feature was found, and the head
# that follows is small: `gap_net` has a sixth of the parameters. **Which of the two networks will read more digits correctly
# after the same training: `gap_net` or `flat_net`? Does the difference shrink when both train longer?** Decide before you run
# the cell. It trains each network three times, from three seeds, and looks after each epoch of 5,000 images. It takes some 10
# seconds.

# %% slideshow={"slide_type": "fragment"}
rows = np.arange(5_000) % len(digits.train_labels)  # fewer digits come again
train_images, train_labels = digits.train_images[rows], digits.train_labels[rows]
test_images, test_labels = digits.test_images[:2000], digits.test_labels[:2000]
test = test_images, test_labels
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)  # S comes out
accuracies, trained = {"gap_net": [], "flat_net": []}, {}  # per seed: of each epoch
for seed in (2, 1, 0):
    for net in two_networks(seed):
        adam = keras.optimizers.Adam(0.01)
        net.compile(adam, loss, metrics=["accuracy"], steps_per_execution=32)
        seen = net.fit(
            train_images, train_labels, epochs=3, validation_data=test, verbose=0
        )
        accuracies[net.name].append(seen.history["val_accuracy"])
        trained[net.name] = net  # the last seed stays

# %% slideshow={"slide_type": "fragment"}
gap_net, flat_net = trained["gap_net"], trained["flat_net"]
print(
    f"right on {len(test_images):,} test images: mean of three seeds, and their range"
)
for name, of_seeds in accuracies.items():
    for epoch, some in enumerate(zip(*of_seeds), 1):
        print(f"{name:9} after epoch {epoch}: {np.mean(some):.1%}", end="")
        print(f" ({min(some):.1%} to {max(some):.1%})")

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# Read the spread before the difference: one seed alone would have been a story. With the real MNIST the flat head leads clearly
# after one epoch, and much less after three: a good part of the first difference was that the small head learns more slowly. The
# two also differ in size, so this is no clean comparison of GAP alone. Lesson 04's network, with 64 maps, a finer grid and 15
# epochs on 60,000 images, reads about 96 % of its test images with a GAP head.
#
# For large networks on ImageNet Zhou et al. (2016, section 3.1) report that taking the dense layers out costs 1 to 2 percentage
# points in most cases; Selvaraju et al. (2020, section 4.1) report 2.98 points for their VGG-16 modified for CAM. So the accuracy
# *may* fall, and the network must be trained again in any case.

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## Limit 3: only the last feature maps
#
# `gap_net` has 24 maps after its first convolution as well, and its dense layer has 24 weights for each class. So
# nothing keeps you from weighting the *early* maps with them: the shapes fit. **Will the score come out?** Look at the
# three columns: the score of the network, the sum $\sum_k w_k^c F_k + b_c$ with the late maps, and the same sum with
# the early ones.

# %% slideshow={"slide_type": "fragment"}
image = digits.test_images[1005]
both = [gap_net.get_layer(name).output for name in ("early", "late")]
f_early, f_late = (
    np.asarray(f)[0] for f in keras.Model(gap_net.inputs[0], both)(image[None])
)
w_small, b_small = gap_net.get_layer("dense").get_weights()
S_net = np.asarray(gap_net(image[None]))[0]
S_late, S_early = (
    class_scores(global_average_pool(f), w_small, b_small) for f in (f_late, f_early)
)
print("class       S    late   early")
for d, row in enumerate(zip(S_net, S_late, S_early, strict=True)):
    print(f"{d:5}", *(f"{value:7.2f}" for value in row))
print(f"early maps: largest difference from S_c is {np.abs(S_net - S_early).max():.2f}")
check_identity("S_c = sum_k w_k^c F_k + b_c, late maps", S_net, S_late)

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## The unknown weight
#
# The late maps give the score of every class, the early ones do not: between them and $S$ lies more than a mean, and
# the weights were not learned for them. So early maps have no weight $w_k^c$; and if the head has no GAP, no map has
# such a weight. Deck D3 (Kim) puts question marks in its place:
#
# $$S_c = \sum_k \underbrace{w_k^c}_{???} \; \frac{1}{N} \sum_{ij} f_k(i, j)$$
#
# But what does a weight say? If $F_k$ grows by one, $S_c$ grows by $w_k^c$. So a weight is a derivative,
# $w_k^c = \partial S_c / \partial F_k$, and derivatives of $S_c$ exist in every network that is trained with
# gradients.

# %% [markdown] lang="en" minutes={"class": 4, "alone": 8} slideshow={"slide_type": "subslide"}
# ## Grad-CAM
#
# Selvaraju et al. (2017, equations 1 and 2) take the derivative with respect to each value of the map, average it
# over the positions, and put the result where deck D3 has its question marks:
#
# $$\alpha_k^c = \frac{1}{N} \sum_{ij} \frac{\partial S_c}{\partial f_k(i, j)}, \qquad
# L_c(i, j) = \mathrm{ReLU}\Big(\sum_k \alpha_k^c\, f_k(i, j)\Big)$$
#
# In the next figure follow the upper arrows first: from the image to the score, forward. Then the lower ones: from the
# score back to the feature maps, and no further. The head may be anything. ($[x]_+$ is short for $\mathrm{ReLU}(x)$.)

# %% slideshow={"slide_type": "fragment"}
show_two_passes()

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Exercise 5.1 · alpha on paper
#
# For a class $c$ and maps of 2 × 2 the derivatives are
#
# $$\frac{\partial S_c}{\partial f_1} = \begin{pmatrix} 2 & 0 \\ -1 & 3 \end{pmatrix}, \qquad
# \frac{\partial S_c}{\partial f_2} = \begin{pmatrix} 0 & -4 \\ 0 & 0 \end{pmatrix}.$$
#
# Work out $\alpha_1^c$ and $\alpha_2^c$ on paper, and write them as a list of two numbers.
#
# The check says one of three things: not attempted yet, not yet (and why), or right. In a cell of your own, `hint("5.1")`
# shows hints one by one.

# %% tags=["exercise"] slideshow={"slide_type": "fragment"}
# a list of two numbers
### BEGIN SOLUTION
alpha_on_paper = [1, -1]
### END SOLUTION

# %% tags=["check"] slideshow={"slide_type": "skip"}
check("5.1", alpha_on_paper)

# %% [markdown] lang="en" tags=["at-home"] minutes={"class": 0, "alone": 3} slideshow={"slide_type": "skip"}
# ## The same thing in three alphabets (at home)
#
# | here | Selvaraju et al.; deck D3 | deck D2 | what it is |
# | --- | --- | --- | --- |
# | $f_k(i, j)$ | $A^k_{ij}$ | $f^k_{ij}$ | map $k$ at row $i$, column $j$; $f_k(x, y)$ in lessons 00 to 04 |
# | $N$ | $Z$ | $N$ | number of positions (deck D3 calls $Z$ a sum; it is this number) |
# | $F_k$ | $F^k$ | $a_k$ | mean of map $k$ |
# | $S_c$ | $y^c$, in D3 $S^c$ | $\hat y^c$ | score of class $c$ before softmax |
# | $\alpha_k^c$ | $\alpha_k^c$ | $\alpha_k^c$ | Grad-CAM's weight of map $k$ |
# | $L_c$ | $L^c_{\text{Grad-CAM}}$ | GradCAM | Grad-CAM's map |

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## By hand: two maps of 3 × 3
#
# $f_1$ has the mean $F_1 = 9/9 = 1$, $f_2$ the mean $F_2 = 18/9 = 2$. With the weights 3 and −1 and the bias 0.5 a
# GAP head gives $S = 3 \cdot 1 - 1 \cdot 2 + 0.5 = 1.5$.
#
# **Now add 1 to one single cell of $f_1$, say the middle. By how much does $S$ grow? And if it is a corner instead?**
# Decide before you go on.

# %% slideshow={"slide_type": "fragment"}
two_maps = [[[1, 0, 2], [0, 3, 0], [1, 0, 2]], [[0, 3, 0], [3, 6, 3], [0, 3, 0]]]
f_hand = np.array(two_maps, dtype=float).transpose(1, 2, 0)  # (h, w, K)
w_hand, b_hand = np.array([3.0, -1.0]), 0.5
show_numbers(two_maps, ["$f_1$,  $F_1$ = 1", "$f_2$,  $F_2$ = 2"], label="$f_k(i, j)$")

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "subslide"}
# ## The gradient, one cell at a time
#
# Adding 1 to one cell raises the mean by $1/9$, and the score by $w_k / 9$: $3/9$ for every cell of $f_1$,
# $-1/9$ for every cell of $f_2$. The position makes no difference. The cell below does not use this. It adds 1 to
# each of the 18 numbers in turn and looks how $S$ changes. (A finite difference. Here it is exact for any step,
# because $S$ is linear in $f$.)


# %% slideshow={"slide_type": "fragment"}
def score(f):
    return class_scores(global_average_pool(f), w_hand, b_hand)


g_hand = np.zeros_like(f_hand)  # dS/df
for cell in np.ndindex(f_hand.shape):
    more = f_hand.copy()
    more[cell] += 1
    g_hand[cell] = score(more) - score(f_hand)
titles = ["$\\partial S/\\partial f_1$", "$\\partial S/\\partial f_2$"]
label = "$\\partial S/\\partial f_k(i, j)$"
show_numbers([g_hand[..., 0], g_hand[..., 1]], titles, label=label)

# %% [markdown] lang="en" minutes={"class": 5, "alone": 12} slideshow={"slide_type": "subslide"}
# ## From the gradient to the map
#
# The mean of each gradient is $\alpha_k$. Here it is the mean of nine equal numbers: $\alpha_1 = 1/3$ and $\alpha_2 =
# -1/9$. That is $w_k / 9$, and 9 is $N$. So the sum $\sum_k \alpha_k f_k$ is the class activation map divided by 9.
# The ReLU then sets its negative cells to zero.
#
# In the figure compare the four cells that are negative in the first two maps. In the numbers above it see which map
# still gives $S = 1.5$.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
alpha_hand = grad_cam_weights(g_hand)
M_hand, L_hand = class_activation_map(f_hand, w_hand), grad_cam(f_hand, alpha_hand)
print("alpha =", np.round(alpha_hand, 4), "  9 alpha =", np.round(9 * alpha_hand, 4))
print(f"S = {score(f_hand):.2f}")
print(f"mean of M + b = {M_hand.mean() + b_hand:.2f}")
print(f"mean of 9 L + b = {9 * L_hand.mean() + b_hand:.2f}")

# %% slideshow={"slide_type": "fragment"}
three = [M_hand, 9 * class_activation_map(f_hand, alpha_hand), 9 * L_hand]
titles = ["CAM: $M$", "$9\\,(\\alpha_1 f_1 + \\alpha_2 f_2)$", "9 × Grad-CAM: $9\\,L$"]
label = "$M$: against (−), for (+);\n$9\\,L$: for, from zero up"
show_numbers(three, titles, label=label)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Exercise 5.2 · Grad-CAM, your own
#
# Write Grad-CAM as a function of the feature maps `f` and the gradient `dS_df`, both of the shape (h, w, K). It returns the map
# $L_c$, shape (h, w), after the ReLU.


# %% tags=["exercise"] slideshow={"slide_type": "fragment"}
def my_grad_cam(f, dS_df):
    ### BEGIN SOLUTION
    alpha = dS_df.mean(axis=(0, 1))
    return np.maximum(f @ alpha, 0)
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "skip"}
check("5.2", my_grad_cam)

# %% [markdown] lang="en" minutes={"class": 1, "alone": 2} slideshow={"slide_type": "slide"}
# ## On the trained network
#
# The same on the network of lesson 04 and on test image 1005, the image of deck D1 (Oh). Layers are found by their
# role, as in lesson 04. Feature maps, weights and bias are then taken in double precision, so that the checks of the
# proof leave nothing but rounding in the last of sixteen digits.

# %% slideshow={"slide_type": "fragment"}
model = trained_mnist_network(digits)
gap = next(
    layer for layer in model.layers if isinstance(layer, layers.GlobalAveragePooling2D)
)
dense = next(layer for layer in model.layers if isinstance(layer, layers.Dense))
features = keras.Model(model.inputs[0], gap.input)
f = features.predict(image[None], verbose=0)[0].astype("float64")
w, b = (value.astype("float64") for value in dense.get_weights())
h, width, K = f.shape
N = h * width
print(f"f: {f.shape}, w: {w.shape}, b: {b.shape}, N = {h} x {width} = {N}")

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "subslide"}
# ## The gradient from a tape
#
# `tf.GradientTape` writes down each step of the calculation that leads from `f` to the score, and then goes back
# along it by the chain rule. The function below works for every head: it is given `f`, a function from `f` to scores,
# and a class. `gap_head` is the head of this network without its softmax.


# %% slideshow={"slide_type": "fragment"}
def gap_head(f):
    F = tf.reduce_mean(f, axis=(-3, -2))
    return tf.tensordot(F, w, axes=1) + b  # S


def gradient(head, f, c):
    f = tf.constant(f)
    with tf.GradientTape() as tape:
        tape.watch(f)
        S_c = head(f)[..., c]
    return tape.gradient(S_c, f).numpy()


# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "subslide"}
# ## Grad-CAM in three lines
#
# The gradient, its mean, the weighted sum with ReLU: `dS_df`, `alpha`, `L`. Both maps are drawn with the outline of the
# digit, the left one CAM, the right one $N$ times Grad-CAM, on one scale; white is zero. **Which colour will be missing
# on the right?** Decide, then look.

# %% slideshow={"slide_type": "fragment"}
S = gap_head(f).numpy()
c = int(S.argmax())
dS_df = gradient(gap_head, f, c)
alpha = grad_cam_weights(dS_df)
L = grad_cam(f, alpha)
M = class_activation_map(f, w[:, c])
titles = [f"CAM: $M_{c}$", f"$N$ × Grad-CAM: $N L_{c}$"]
both_signs = "$M_c$: against (−) and for (+) the class;\n$N L_c$: for it, from zero up"
show_digit_maps(image, [M, N * L], titles, label=both_signs)

# %% [markdown] lang="en" minutes={"class": 3, "alone": 5} slideshow={"slide_type": "slide"}
# ## The proof
#
# Claim: in a network that ends in GAP and one dense layer,
# $\displaystyle w_k^c = \sum_{ij} \frac{\partial S_c}{\partial f_k(i, j)}$. The left side is CAM's weight, the right
# side is what Grad-CAM averages. The proof is that of Selvaraju et al. (2020, section 3.1) and of deck D2. Each line is
# checked on the trained network before the next one uses it.
#
# **Line 1: what the head computes,** by the definition of GAP and of a dense layer:
#
# $$F_k = \frac{1}{N} \sum_{ij} f_k(i, j), \qquad S_c = \sum_k w_k^c F_k + b_c$$
#
# The second check sends the scores through softmax and compares them with the output of the whole network, which
# computes in single precision.

# %% slideshow={"slide_type": "fragment"}
F = f.sum(axis=(0, 1)) / N
check_identity("S_c = sum_k w_k^c F_k + b_c", S, F @ w + b)
P_net = model.predict(image[None], verbose=0)[0]
check_identity("the network's own output = softmax(S)", P_net, softmax(S))

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "subslide"}
# ## Lines 2 and 3: two derivatives
#
# **Line 2: the mean depends on each cell by $1/N$.** In the sum each cell stands once, with the factor $1/N$. Another
# map does not occur in $F_k$; the derivative there is 0.
#
# $$\frac{\partial F_k}{\partial f_k(i, j)} = \frac{1}{N} \quad \text{for every } (i, j)$$
#
# **Line 3: the score depends on the mean by the weight.** $S_c$ is linear in the $F_k$, and $w_k^c$ stands before
# $F_k$. The bias drops out.
#
# $$\frac{\partial S_c}{\partial F_k} = w_k^c$$
#
# Below both are taken with the tape, line 2 for the map that is largest on average.

# %% slideshow={"slide_type": "fragment"}
k = int(F.argmax())
dF_df = gradient(lambda f: tf.reduce_mean(f, axis=(-3, -2)), f, k)
expected = np.zeros_like(f)
expected[..., k] = 1 / N
check_identity("dF_k/df_k(i,j) = 1/N, and 0 for other maps", dF_df, expected)

dS_dF = gradient(lambda F: tf.tensordot(F, w, axes=1) + b, F, c)
check_identity("dS_c/dF_k = w_k^c", dS_dF, w[:, c])

# %% [markdown] lang="en" minutes={"class": 2, "alone": 3} slideshow={"slide_type": "subslide"}
# ## Line 4: the chain rule
#
# $f_k(i, j)$ acts on $S_c$ through $F_k$ alone. So the two derivatives are multiplied:
#
# $$\frac{\partial S_c}{\partial f_k(i, j)}
# = \frac{\partial S_c}{\partial F_k} \cdot \frac{\partial F_k}{\partial f_k(i, j)} = \frac{w_k^c}{N}$$
#
# The right side does not contain $(i, j)$: **before GAP the gradient is the same at every position.** The check
# compares all $h \cdot w \cdot K$ values of the tape with $w_k^c / N$.

# %% slideshow={"slide_type": "fragment"}
everywhere = np.broadcast_to(w[:, c] / N, f.shape)
check_identity("dS_c/df_k(i,j) = w_k^c / N", dS_df, everywhere)

# %% [markdown] lang="en" minutes={"class": 2, "alone": 3} slideshow={"slide_type": "subslide"}
# ## Lines 5 to 7: the sum over the positions
#
# **Line 5:** line 4 times $N$.
#
# $$w_k^c = N\, \frac{\partial S_c}{\partial f_k(i, j)}$$
#
# **Line 6:** the sum of both sides over the $N$ positions. The left side is the same number $N$ times.
#
# $$N\, w_k^c = N \sum_{ij} \frac{\partial S_c}{\partial f_k(i, j)}$$
#
# **Line 7:** divided by $N$.
#
# $$w_k^c = \sum_{ij} \frac{\partial S_c}{\partial f_k(i, j)} \qquad \blacksquare$$
#
# The last check is written out once more in plain NumPy, so that you see what a check is: two arrays, equal up to
# rounding.

# %% slideshow={"slide_type": "fragment"}
sum_ij = dS_df.sum(axis=(0, 1))
check_identity("w_k^c = N dS_c/df_k(i,j)", np.broadcast_to(w[:, c], f.shape), N * dS_df)
check_identity("N w_k^c = N sum_ij dS_c/df_k(i,j)", N * w[:, c], N * sum_ij)
check_identity("w_k^c = sum_ij dS_c/df_k(i,j)", w[:, c], sum_ij)
np.testing.assert_allclose(sum_ij, w[:, c], rtol=1e-5, atol=1e-12)

# %% [markdown] lang="en" minutes={"class": 4, "alone": 9} slideshow={"slide_type": "slide"}
# ## What follows
#
# $\alpha_k^c$ is that sum divided by $N$, so $\alpha_k^c = w_k^c / N$, and therefore
#
# $$N \sum_k \alpha_k^c f_k(i, j) = M_c(i, j)$$
#
# **$N$ × Grad-CAM before the ReLU is CAM.** In this sense Grad-CAM generalises CAM: where CAM is defined the two
# agree up to the constant $N$, which changes no picture that is drawn on its own scale; where CAM is not defined,
# Grad-CAM still is. The check runs over all ten classes.

# %% slideshow={"slide_type": "fragment"}
gradients = [gradient(gap_head, f, every) for every in range(10)]
alphas = grad_cam_weights(gradients).T  # (K, 10), like w
check_identity("alpha_k^c = w_k^c / N", alphas, w / N)
from_alpha = N * class_activation_map(f, alphas)
check_identity("N sum_k alpha_k^c f_k = M_c", from_alpha, class_activation_map(f, w))
np.testing.assert_allclose(N * (f @ alphas), f @ w, rtol=1e-5, atol=1e-9)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Exercise 5.3 · from Grad-CAM back to the score
#
# A network ends in GAP and one dense layer. You have Grad-CAM's map before the ReLU, `G`, and the bias `b` of the class. Return the
# score $S_c$.


# %% tags=["exercise"] slideshow={"slide_type": "fragment"}
def score_from_grad_cam(G, b):
    ### BEGIN SOLUTION
    return np.sum(G) + b
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "skip"}
check("5.3", score_from_grad_cam)

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## A mistake to know: the N that goes missing
#
# Deck D2 writes ($\hat y$ is our $S_c$, $a_k$ our $F_k$):
#
# $$\frac{\partial \hat y^c}{\partial a_k} = \frac{\partial \hat y^c}{\partial f^k_{ij}} = N\, \frac{\partial \hat y^c}{\partial f^k_{ij}}$$
#
# The second and the third expression differ by the factor $N$, so unless they are zero they cannot both equal the
# first. Line 4 says which: the first equals sign is the wrong one, because a cell is not a mean. The first and the
# third expression agree (line 5), so the deck's result is right. **By what factor is the first equals sign off on this
# network?**

# %% slideshow={"slide_type": "fragment"}
k = int(np.abs(w[:, c]).argmax())
left, right = dS_dF[k], dS_df[0, 0, k]
print(f"k = {k}: dS/dF_k = {left:.5f}, dS/df_k(0, 0) = {right:.7f}")
print(f"quotient {left / right:.6g}, N = {N}")
check_identity("dS_c/dF_k = N dS_c/df_k(i,j)", dS_dF, N * dS_df[0, 0])

# %% [markdown] lang="en" minutes={"class": 2, "alone": 8} slideshow={"slide_type": "slide"}
# ## What the ReLU removes
#
# Next: the maps for two classes, the predicted one and the one with the lowest score. In the upper row the map is
# signed, $M_c$: red speaks for the class, blue against it. The lower row is Grad-CAM with its ReLU, $N L_c$: white is
# zero, and there is no blue. All four share one scale.
#
# **What will be left of the map of the class that the network rejects?** Decide first.

# %% slideshow={"slide_type": "fragment"}
worst = int(S.argmin())
signed = [N * class_activation_map(f, alphas[:, d]) for d in (c, worst)]
titles = [f"$M_{d}$, signed" for d in (c, worst)]
titles += [f"$N L_{d}$, with ReLU" for d in (c, worst)]
maps = [*signed, *map(relu, signed)]
show_digit_maps(image, maps, titles, columns=2, label=both_signs)

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### Exercise 5.4 · what the ReLU does to the mean (at home)
#
# `M` is a signed map. By how much does its mean grow when all negative cells are set to zero?


# %% tags=["exercise", "at-home"] slideshow={"slide_type": "skip"}
def mean_removed(M):
    ### BEGIN SOLUTION
    return np.maximum(M, 0).mean() - M.mean()
    ### END SOLUTION


# %% tags=["check", "at-home"] slideshow={"slide_type": "skip"}
check("5.4", mean_removed)

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "subslide"}
# ## Why Selvaraju et al. take it
#
# They ask where a class is seen. They keep only what raises the score; what lowers it, they assume, belongs to other classes
# in the image. Without the ReLU their maps localised worse (Selvaraju et al. 2017, section
# 3).
#
# The price: "speaks against" and "says nothing" are both drawn as zero. And the equality of lesson 03 ends. With
# $[M]_+ = \mathrm{ReLU}(M)$ the mean grows by exactly what was cut off:
# $\overline{[M]_+} - \overline{M} = \overline{[-M]_+}$.

# %% slideshow={"slide_type": "fragment"}
mean, kept, cut_off = (
    np.mean(maps, axis=(1, 2))
    for maps in (signed, relu(signed), relu(np.negative(signed)))
)
for n, d in enumerate((c, worst)):
    from_signed, from_kept = mean[n] + b[d], kept[n] + b[d]
    print(f"class {d}: S = {S[d]:.3f}, from the signed map {from_signed:.3f}, ", end="")
    print(f"with ReLU {from_kept:.3f}")
check_identity("S_c = mean M_c + b_c", S[[c, worst]], mean + b[[c, worst]])
check_identity("mean [M]+ - mean M = mean [-M]+", kept - mean, cut_off)

# %% [markdown] lang="en" minutes={"class": 4, "alone": 8} slideshow={"slide_type": "slide"}
# ## Without GAP, by hand
#
# Back to maps of 3 × 3. A head that flattens has its own weight $v_k(i, j)$ for every cell:
# $S = \sum_{k,i,j} v_k(i, j) f_k(i, j)$. The gradient is then $v$ itself, different from cell to cell. Grad-CAM takes
# its mean.
#
# **What is $\alpha_2$ for the second gradient below, and what does Grad-CAM then show of map 2?**

# %% slideshow={"slide_type": "fragment"}
v_1, v_2 = [[0, 1, 0], [1, 5, 1], [0, 1, 0]], [[-2, -2, -2], [0, 0, 0], [2, 2, 2]]
v = np.array([v_1, v_2], dtype=float).transpose(1, 2, 0)
titles = ["$v_1 = \\partial S/\\partial f_1$", "$v_2 = \\partial S/\\partial f_2$"]
show_numbers([v_1, v_2], titles, label="$\\partial S/\\partial f_k(i, j)$")

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
print("alpha =", grad_cam_weights(v))

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### What averaging loses
#
# $\alpha_2 = 0$: upper and lower row cancel, and Grad-CAM leaves map 2 out, although $S$ depends on six of its cells. The other way
# round, map 1 counts with the mean $\alpha_1 = 1$ also in its corners, where $v_1$ is 0 and the score does not look at all.
#
# Draelos and Carin (2020) multiply each value by *its own* derivative instead, and add up over $k$: $\sum_k v_k(i, j)\, f_k(i, j)$.
# They call it HiResCAM. For this head it adds up to $S$ exactly, so every cell shows what it contributed. **Look for a cell that
# Grad-CAM shows and the score does not use, and for one that it hides.** The maps $f_k$ are those of the example above.

# %% slideshow={"slide_type": "fragment"}
grad_cam_map = f_hand @ grad_cam_weights(v)  # before the ReLU
each_its_own = (f_hand * v).sum(axis=-1)
S_flat = np.sum(f_hand * v)
check_identity("S = sum_ij sum_k v_k(i,j) f_k(i,j)", S_flat, each_its_own.sum())
print(f"S = {S_flat:.0f};   sum of Grad-CAM before the ReLU: {grad_cam_map.sum():.0f}")
titles = ["$\\alpha_1 f_1 + \\alpha_2 f_2$", "$v_1 f_1 + v_2 f_2$"]
show_numbers([grad_cam_map, each_its_own], titles, label="for (+), against (−)")

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# So Grad-CAM without GAP can light up cells that the score did not use: "the map shows what the model used" holds for CAM and
# for HiResCAM, not for Grad-CAM. Lesson 09 proves it for any network of one dense layer, and lesson 10 builds one that is blind for half
# of the picture and whose Grad-CAM is red there.

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "subslide"}
# ## Without GAP, trained
#
# So without GAP $\alpha_k^c$ is a summary: the mean effect of a value of map $k$, no longer the effect of each.
# (Selvaraju et al. (2017, section 3) call it a partial linearisation of the network after $f$.)
#
# Now `gap_net` and `flat_net`: `at_late` cuts a network after its late maps and returns them, and the gradient of the
# best score with respect to them. Drawn is the gradient for the map with the largest $|\alpha_k|$; the spread is its
# standard deviation over the positions. **Which of the two has a single colour, and why?**


# %% slideshow={"slide_type": "fragment"}
def at_late(net):
    late = net.get_layer("late")
    f = np.asarray(keras.Model(net.inputs[0], late.output)(image[None]))[0]
    head = keras.Sequential(
        [keras.Input(f.shape), *net.layers[net.layers.index(late) + 1 :]]
    )
    return f, gradient(lambda f: head(f[None])[0], f, int(np.argmax(head(f[None]))))


strongest = [
    g[..., np.abs(grad_cam_weights(g)).argmax()]
    for _, g in map(at_late, (gap_net, flat_net))
]
numbers = [f"$\\alpha_k$ = {g.mean():.3f}, spread {g.std():.3f}" for g in strongest]
titles = [f"gap_net\n{numbers[0]}", f"flat_net\n{numbers[1]}"]
show_strip(strongest, titles, label="$\\partial S_c/\\partial f_k(i, j)$")

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "subslide"}
# ## The map that CAM could not draw
#
# `CAM(flat_net)` was refused. `GradCAM(flat_net)` is not: it finds the last maps by itself and takes the gradient as
# above. So limits 1 and 2 are gone: the network stays as it was trained. The cell prints "residual none", because
# without GAP nobody promises that the mean of the map gives the score.
#
# The left map has the ReLU, $L_c$; the right map keeps the signs. Both are coarse: 7 × 7 cells over
# 28 × 28 pixels.

# %% slideshow={"slide_type": "fragment"}
with_relu, signed_map = GradCAM(flat_net)(image), GradCAM(flat_net, relu=False)(image)
f_flat, g_flat = at_late(flat_net)
by_hand = grad_cam(f_flat, grad_cam_weights(g_flat))
check_identity("GradCAM(flat_net) = made by hand", with_relu.maps[0, 0], by_hand)
print(with_relu)
two = [with_relu.maps[0, 0], signed_map.maps[0, 0]]
label = "$L_c$: for the class, from zero up;\nbefore the ReLU: against (−), for (+)"
show_digit_maps(image, two, ["Grad-CAM: $L_c$", "before the ReLU"], label=label)

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## A mistake to know: the gradient of the probability
#
# A Keras classifier usually ends in softmax. Then `model(image)[:, c]` is the probability $P_c$ and not the score
# $S_c$ (the logit), and it is easy to differentiate that by mistake. What comes out is another thing. For two classes
# with scores $s$ and 0,
#
# $$P_1 = \frac{1}{1 + e^{-s}}, \qquad \frac{\partial P_1}{\partial S_1} = P_1 (1 - P_1).$$
#
# **The network grows surer, $s = 0, 2, 5, 10, 20$. What happens to the gradient of $P_1$, and what to that of $S_1$?**

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
print("  s   dS_1/dS_1   dP_1/dS_1")
for s in (0, 2, 5, 10, 20):
    P_1 = 1 / (1 + np.exp(-s))
    print(f"{s:3}      1        {P_1 * (1 - P_1):.1e}")

# %% [markdown] lang="en" tags=["at-home"] minutes={"class": 0, "alone": 14} slideshow={"slide_type": "skip"}
# ## All classes come in (at home)
#
# With softmax every probability depends on every score:
# $\partial P_c / \partial S_{c'} = P_c\,(\delta_{cc'} - P_{c'})$, where $\delta_{cc'}$ is 1 for $c' = c$ and else 0. By
# the chain rule
#
# $$\frac{\partial P_c}{\partial f} = \sum_{c'} P_c\,(\delta_{cc'} - P_{c'})\,\frac{\partial S_{c'}}{\partial f}.$$
#
# Before GAP line 4 gives $\partial S_{c'} / \partial f_k(i, j) = w_k^{c'} / N$. So the weights that Grad-CAM would get
# from $P_c$ can be written down for 300 images at once, $c$ being the predicted class of each. The check compares 20
# of them with the tape.


# %% tags=["at-home"] slideshow={"slide_type": "skip"}
def to_P(f):
    return tf.nn.softmax(gap_head(f))


f_many = features.predict(digits.test_images[:300], verbose=0).astype("float64")
S_many = class_scores(global_average_pool(f_many), w, b)
P_many, best = softmax(S_many), S_many.argmax(axis=1)
delta = np.eye(10)[best]  # 1 where c' is the predicted class
dP_dS = P_many.max(axis=1, keepdims=True) * (delta - P_many)
alpha_S, alpha_P = w[:, best].T / N, dP_dS @ w.T / N
dP_df = [gradient(to_P, f_many[n], best[n]) for n in range(20)]
formula = np.broadcast_to(alpha_P[:20, None, None], np.shape(dP_df))
check_identity("dP_c/df = sum_c' P_c (delta - P_c') w^c' / N", dP_df, formula)

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### Exercise 5.5 · the gradient of a probability (at home)
#
# Given the probabilities `P` of all classes and a class `c`, return $\partial P_c / \partial S_{c'}$ for every class $c'$: as many
# numbers as there are classes.


# %% tags=["exercise", "at-home"] slideshow={"slide_type": "skip"}
def gradient_of_P(P, c):
    ### BEGIN SOLUTION
    delta_c = np.eye(len(P))[c]
    return P[c] * (delta_c - P)
    ### END SOLUTION


# %% tags=["check", "at-home"] slideshow={"slide_type": "skip"}
check("5.5", gradient_of_P)

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "subslide"}
# ## They fade as the network grows sure
#
# Each image is two points: the size of Grad-CAM's weights (the length of the vector $\alpha^c$) when the gradient
# starts at $S_c$, and when it starts at $P_c$. To the right the network is unsure, to the left it is sure; both axes
# are logarithmic. **Which of the two clouds lies flat?**

# %% slideshow={"slide_type": "fragment"}
doubt = np.where(delta == 1, 0, P_many).sum(axis=1)  # 1 - P_c, without losing digits
length_S, length_P = np.linalg.norm(alpha_S, axis=1), np.linalg.norm(alpha_P, axis=1)
show_fading(doubt, length_S, length_P)

# %% [markdown] lang="en" tags=["at-home"] minutes={"class": 0, "alone": 4} slideshow={"slide_type": "skip"}
# ## A sure image (at home)
#
# The length for $S_c$ can take at most ten different values, because $\alpha^c = w^c / N$ is one vector for each class, whatever
# the image. Those of $P_c$ fall with the factor $P_c (1 - P_c)$.
#
# Now the image with the least doubt of the 300. All maps are before the ReLU, for the predicted class, and on one
# scale: from $S_c$, from $P_c$, and the second one once more, multiplied until its largest value is that of the first.
# **Is the third map the same as the first?**

# %% tags=["at-home"] slideshow={"slide_type": "skip"}
sure = int(doubt.argmin())
from_S, from_P = (
    class_activation_map(f_many[sure], a[sure]) for a in (alpha_S, alpha_P)
)
ratio = np.abs(from_S).max() / np.abs(from_P).max()
print(f"class {best[sure]}: 1 - P_c = {doubt[sure]:.0e}")
titles = ["from $S_c$", "from $P_c$", f"from $P_c$, × {ratio:,.0f}"]
maps = [from_S, from_P, ratio * from_P]
label = "map before the ReLU: against (−) and for (+) the class"
show_digit_maps(digits.test_images[sure], maps, titles, label=label)

# %% [markdown] lang="en" tags=["at-home"] minutes={"class": 0, "alone": 6} slideshow={"slide_type": "skip"}
# ## An unsure image: whose map is it? (at home)
#
# With the real MNIST nothing is left of the second map, and the third is not the first: a larger scale does not solve
# it, because the other classes are in it. If nearly all of the doubt lies with one rival $r$, so that
# $P_r \approx 1 - P_c$, the formula leaves
#
# $$\frac{\partial P_c}{\partial f} \approx P_c\,P_r \Big(\frac{\partial S_c}{\partial f} - \frac{\partial S_r}{\partial f}\Big).$$
#
# That map shows where $c$ beats $r$: an answer, but to another question. Below is the image whose two best classes
# are closest to half and half. **Which of the first three maps does the fourth resemble?** Each has its own scale. The
# printed correlation is 1 if two maps are equal up to a positive factor and a constant.

# %% tags=["at-home"] slideshow={"slide_type": "skip"}
ordered = np.sort(P_many, axis=1)
unsure = int((ordered[:, -1] * ordered[:, -2]).argmax())
r, q = (int(d) for d in S_many[unsure].argsort()[-2:])  # the rival, the predicted
M_q, M_r = (class_activation_map(f_many[unsure], w[:, d]) for d in (q, r))
from_P = N * class_activation_map(f_many[unsure], alpha_P[unsure])
P_q, P_r = P_many[unsure, q], P_many[unsure, r]
print(f"P_{q} = {P_q:.2f}, rival P_{r} = {P_r:.2f}; the map from P_{q} correlates")
for name, other in ((f"M_{q}", M_q), (f"M_{q} - M_{r}", M_q - M_r)):
    print(f"    with {name}: {np.corrcoef(from_P.ravel(), other.ravel())[0, 1]:.3f}")
titles = [f"$M_{q}$", f"$M_{r}$, the rival", f"$M_{q} - M_{r}$", f"$N$ × from $P_{q}$"]
four = [M_q, M_r, M_q - M_r, from_P]
show_digit_maps(digits.test_images[unsure], four, titles, columns=2, shared_scale=False)

# %% [markdown] lang="en" minutes={"class": 3, "alone": 5} slideshow={"slide_type": "slide"}
# ## Logit or probability: a choice of question
#
# Both sides have arguments.
#
# - *For the score $S_c$:* it is the sum that the map lays out; its gradient does not fade; other classes stay out of it.
# - *Against it:* scores are not unique. Add the same map to the map of every class: all $S_c$ change, no $P_c$ does. Lesson 04
#   emptied a map in this way without changing one probability, and Lerma and Lucas (2023a) turn it into an attack: two models with
#   the same answers and different maps.
# - *For the probability $P_c$:* it is what the user sees, and it is unique. Its gradient shows where $c$ beats its rivals. The
#   authors of Score-CAM weight their maps after the softmax for this reason (Wang et al. 2020).
# - *Against it:* it fades when the network is sure, as the figures show. The logarithm helps in part:
#   $\partial \log P_c / \partial S_{c'} = \delta_{cc'} - P_{c'}$ has lost the factor $P_c$, and still goes to zero with the doubt.
#
# Lerma and Lucas (2023b) compare both and find cases for each. So it is a choice of the question: "where does this score come
# from?" or "why this class and not the others?" For the second, the difference of two maps $M_c - M_d$ is exact and does not
# fade. Say which question a map answers.

# %% [markdown] lang="en" minutes={"class": 2, "alone": 5} slideshow={"slide_type": "slide"}
# ## The package, and limit 3 again
#
# `GradCAM(model)` does what this lesson did by hand. It takes the score before softmax even though the model ends in
# softmax. The first check compares it with the map made by hand above, the second with `CAM`, for all ten classes of
# eight images.
#
# With `layer=` it takes any layer that has a grid (deck D3 names this as its advantage; lesson 06 draws a strip of
# layers). **For which layers is $N$ × the mean of the map before the ReLU, plus $b_c$, still $S_c$?** ($N$ is that of the
# layer.)

# %% slideshow={"slide_type": "fragment"}
by_package = GradCAM(model)(image, classes=[c]).maps[0, 0]
check_identity("GradCAM(model) = made by hand", by_package, L)
images = digits.test_images[1005:1013]
e_cam = CAM(model)(images, classes="all")
maps = GradCAM(model, relu=False)(images, classes="all").maps
check_identity("N GradCAM(model, relu=False) = CAM(model)", N * maps, e_cam.maps)

print(f"S_c = {S[c]:.3f}")
for layer in (layer for layer in model.layers if len(layer.output.shape) == 4):
    layer_map = GradCAM(model, layer=layer, relu=False)(image, classes=[c]).maps[0, 0]
    total = layer_map.size * layer_map.mean() + b[c]
    name = type(layer).__name__
    print(f"{name:13} {layer_map.shape!s:9} N x mean + b_c = {total:.3f}")

# %% [markdown] lang="en" tags=["at-home"] minutes={"class": 0, "alone": 26} slideshow={"slide_type": "skip"}
# ## Close, but not equal: why? (at home)
#
# The sums of the earlier layers miss $S_c$, and yet some come near it. Nothing forces them to. But there is a sum at every
# layer that almost adds up: each value times *its own* derivative. Convolution, ReLU and max pooling are pieces of linear maps,
# and for a linear map without bias $S = \sum f \cdot \partial S / \partial f$ exactly. What is missing are the biases of the
# layers that follow: each contributes its value times its derivative. **With the bias of the second convolution added, will the
# sum at the first layer be exact?** Averaging the derivative first, as Grad-CAM does, breaks this balance.


# %% tags=["at-home"] slideshow={"slide_type": "skip"}
def scores_after(x, place):  # what follows the layer at this place, without softmax
    for layer in model.layers[place + 1 : -1]:
        x = layer(x)
    return x @ dense.kernel + dense.bias


conv_2 = model.layers[2]
for place, layer in enumerate(model.layers[:3]):
    f_l = np.asarray(keras.Model(model.inputs[0], layer.output)(image[None]))
    g_l = gradient(lambda x, n=place: scores_after(x, n)[0], f_l, c)
    averaged = np.sum(f_l @ g_l.mean(axis=(0, 1, 2))) + b[c]
    own = np.sum(f_l * g_l) + b[c]
    print(f"{type(layer).__name__:13} averaged {averaged:.3f}, each its own {own:.3f}")

# %% tags=["at-home"] slideshow={"slide_type": "skip"}
f_1 = keras.Model(model.inputs[0], model.layers[0].output)(image[None])
g_1 = gradient(lambda x: scores_after(x, 0)[0], f_1, c)
with tf.GradientTape() as tape:
    S_c = scores_after(f_1, 0)[0, c]
bias_share = np.sum(tape.gradient(S_c, conv_2.bias.value) * conv_2.bias.value)
whole = np.sum(f_1 * g_1) + bias_share + b[c]
print(f"share of the second convolution's biases: {bias_share:.3f}")
check_identity("S_c = sum f dS/df + bias share + b_c, first layer", S_c, whole)

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### Exercise 5.6 · Grad-CAM of a Keras model (at home)
#
# Now the whole way: `model` is a Keras Sequential that ends in a dense layer with softmax, `image` a batch of one, `c` a class. Return
# Grad-CAM's map $L_c$ at the last convolution, shape (h, w), from the **score**. You need the tape (`gradient` above shows how),
# the layers after the last convolution, and the weights and the bias of the last layer. The check uses two small networks, one
# with GAP and one without.


# %% tags=["exercise", "at-home"] slideshow={"slide_type": "skip"}
def grad_cam_of(model, image, c):
    ### BEGIN SOLUTION
    last = max(n for n, part in enumerate(model.layers) if len(part.output.shape) == 4)
    f = keras.Model(model.inputs[0], model.layers[last].output)(image)
    w, b = model.layers[-1].get_weights()
    with tf.GradientTape() as tape:
        tape.watch(f)
        x = f
        for layer in model.layers[last + 1 : -1]:
            x = layer(x)
        S_c = (x @ w + b)[0, c]
    dS_df = tape.gradient(S_c, f)[0]
    alpha = tf.reduce_mean(dS_df, axis=(0, 1))
    return tf.nn.relu(tf.reduce_sum(alpha * f[0], axis=-1))
    ### END SOLUTION


# %% tags=["check", "at-home"] slideshow={"slide_type": "skip"}
check("5.6", grad_cam_of)

# %% [markdown] lang="en" tags=["open", "at-home"] slideshow={"slide_type": "skip"}
# ### Open question · which sentence may stand under the map? (at home)
#
# A report shows a Grad-CAM map of a network without GAP and says: "The red places are what the model used." Which part of this
# sentence would you change, and which map would you ask for beside it? Write two or three sentences.

# %% [markdown] lang="en" tags=["solution", "at-home"] slideshow={"slide_type": "skip"}
# A good answer: without GAP the gradient differs from place to place and Grad-CAM averages it, so red places can be ones that the
# score did not use, and used places can be missing; with the ReLU, what speaks against the class is missing as well. It asks for
# the map before the ReLU, for HiResCAM (each value times its own derivative), or for the score after the red places are covered.

# %% [markdown] lang="en" minutes={"class": 2, "alone": 5} slideshow={"slide_type": "slide"}
# ## Summary
#
# - CAM needs GAP and one dense layer at the end. Changing a network to that means training it again, and it may read
#   worse. Its weights belong to the last feature maps and to no others.
# - Grad-CAM takes $\alpha_k^c$, the mean of $\partial S_c / \partial f_k(i, j)$ over the positions, for the unknown
#   weight. That exists for every head and every layer.
# - Before GAP the gradient is $w_k^c / N$ at every position. So
#   $w_k^c = \sum_{ij} \partial S_c / \partial f_k(i, j)$, and $N$ × Grad-CAM before the ReLU is CAM.
# - Without GAP, and for earlier layers, the gradients differ from position to position, and $\alpha_k^c$ is their
#   mean: a summary, with no identity for the score.
# - The ReLU keeps what speaks for the class. "Against" and "nothing" then look the same.
# - The gradient starts at $S_c$ where the question is "where does this score come from?". That of $P_c$ fades as the network
#   grows sure and carries the other classes; it asks another question.
# - Without GAP averaging the gradient can show cells that the score does not use, and hide cells that it does.
#
# Next: lesson 06 takes both methods to ResNet50 and photographs.

# %% [markdown] lang="en" minutes={"class": 0, "alone": 8} slideshow={"slide_type": "skip"}
# ## Quiz
#
# Think of your answer first, then open it. Each choice says why it is right or wrong.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **Which part of a network does Grad-CAM differentiate through?**
#
# - [ ] All of it, down to the pixels. :: It stops at the feature maps.
# - [x] The layers between the feature maps and the score. :: Yes. That is why it costs little more than one answer.
# - [ ] The convolutions before the feature maps. :: They made the maps; the gradient goes no further back than $f$.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **A network ends in GAP and one dense layer. What is $\alpha_k^c$?**
#
# - [ ] $w_k^c$. :: Off by a factor.
# - [ ] $N w_k^c$. :: The factor is on the other side.
# - [x] $w_k^c / N$. :: Yes: the gradient is this number at every position, and so is its mean.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **The Grad-CAM map of a class is zero everywhere. What may you conclude?**
#
# - [x] Before the ReLU no cell was positive. :: Yes, and nothing else: look at the signed map.
# - [ ] The network ignores the image. :: Everything may speak against the class, and strongly.
# - [ ] The gradient is zero. :: The gradient may be large; the weighted sum was negative or zero.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **You differentiate the output of a softmax layer. The map of a sure image is almost zero. Why?**
#
# - [ ] The image holds no evidence. :: It holds so much that nothing is left to gain.
# - [ ] Softmax has no gradient. :: It has, but it is proportional to $P_c (\delta - P)$.
# - [x] The factor $P_c (1 - P_c)$ is almost zero. :: Yes. The gradient of the score does not fade.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **Without GAP: does a cell that Grad-CAM shows in red raise the score?**
#
# - [ ] Always: red means for the class. :: The weight is a mean over all positions; at this cell the derivative may be zero or
#   negative.
# - [x] Not always: its own derivative may be another one than the mean. :: Yes. HiResCAM takes each cell's own.
# - [ ] Never. :: Often it does, and exactly so where the gradient is the same everywhere.

# %% [markdown] lang="en" minutes={"class": 0, "alone": 0} slideshow={"slide_type": "skip"}
# ## Sources
#
# - R. R. Selvaraju, M. Cogswell, A. Das, R. Vedantam, D. Parikh, D. Batra (2017). Grad-CAM: visual explanations from
#   deep networks via gradient-based localization. *ICCV*, 618–626. Equations (1) and (2) define $\alpha_k^c$ and the
#   map. (Deck D2 names CVPR; it was ICCV.)
# - R. R. Selvaraju, M. Cogswell, A. Das, R. Vedantam, D. Parikh, D. Batra (2020). Grad-CAM: visual explanations from
#   deep networks via gradient-based localization. *International Journal of Computer Vision*, 128, 336–359. Section
#   3.1 proves that Grad-CAM generalises CAM.
# - B. Zhou, A. Khosla, A. Lapedriza, A. Oliva, A. Torralba (2016). Learning deep features for discriminative
#   localization. *CVPR*, 2921–2929. Section 2 defines CAM, section 3.1 compares accuracies with and without the dense
#   layers.
# - M. Lin, Q. Chen, S. Yan (2014). Network in network. *ICLR*. Section 3.2 introduces global average pooling.
# - R. L. Draelos, L. Carin (2020). Use HiResCAM instead of Grad-CAM for faithful explanations of convolutional neural
#   networks. arXiv:2011.08891.
# - M. Lerma, M. Lucas (2023a). A vulnerability of attribution methods using pre-softmax scores. arXiv:2307.03305. (2023b) Pre
#   or post-softmax scores in gradient-based attribution methods, what is best? arXiv:2306.13197.
# - H. Wang, Z. Wang, M. Du, F. Yang, Z. Zhang, S. Ding, P. Mardziel, X. Hu (2020). Score-CAM: score-weighted visual
#   explanations for convolutional neural networks. *CVPR Workshops*, 111–119.
# - Y. LeCun, C. Cortes, C. J. C. Burges (1998). The MNIST database of handwritten digits.
# - Decks: D1 (Hyunseok Oh, GIST), test image 1005; D2 (lecture 26, "Explainable AI"), the limits of CAM and the
#   proof; D3 (Kim Hyunwoo), the unknown weight and Grad-CAM on any layer.
