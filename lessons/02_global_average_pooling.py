# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   language_info: {name: python}
# ---

# %% [markdown] lang="en" minutes={"class": 3, "alone": 5} slideshow={"slide_type": "slide"}
# # 02 · Global average pooling
#
# A convolutional network first finds features, then decides. Between the two something must turn maps into a few
# numbers. There are two usual ways, and they keep different things: one keeps where a feature was found, the other
# how much of it. The second, global average pooling (GAP), is what makes class activation maps possible.

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
# **After this lesson you can**
#
# 1. compute $F_k$ by hand and say what it keeps of a feature map and what it throws away;
# 2. count the weights of Flatten + Dense and of GAP + Dense for any map size, without running anything;
# 3. write down all shapes and parameter counts of the network of deck D0, and check them in Keras;
# 4. predict what happens to $F$ when positions are shuffled, a digit is moved, or black is added around it;
# 5. show in numbers, on a trained network, that $S_c = \sum_k w_k^c F_k + b_c$.
#
# **Time:** 69 minutes in class, 150 minutes alone. **Before:** lesson 01 (convolution, pooling, feature maps).

# %% slideshow={"slide_type": "skip"}
# First, because it keeps TensorFlow's start-up messages out of the notebook:
from cam_course.models import trained_mnist_network

import keras
import numpy as np
from keras import layers

from cam_course.data.mnist import load_mnist
from cam_course.maps import class_scores, global_average_pool, softmax
from cam_course.plotting import (
    show_canvases,
    show_feature_maps,
    show_features,
    show_images,
    show_numbers,
)
from cam_course.teaching.exercises import check
from cam_course.teaching.identity import check_identity
from cam_course.teaching.widgets.moving import digit_mover

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## Features first, then the decision
#
# Decks D1 (Oh, GIST) and D3 (Kim) cut a network in two. **Feature extraction:** convolution and pooling turn the
# image into $K$ feature maps. **Classification:** what comes after turns the last maps into one score for each class.
#
# | letter | what it is |
# | --- | --- |
# | $f_k(x, y)$ | feature map $k$ at row $x$, column $y$: how strongly feature $k$ was found there |
# | $h, w, N$ | rows and columns of the maps; $N = h\,w$ positions |
# | $F_k$ | one number made from map $k$ |
# | $w_k^c$, $b_c$ | weight of feature $k$ for class $c$; bias of class $c$ |
# | $S_c$, $P_c$ | score of class $c$ before softmax (logit); its probability |
#
# This lesson stands at the cut.

# %% [markdown] lang="en" minutes={"class": 5, "alone": 14} slideshow={"slide_type": "slide"}
# ## One map, one number
#
# Global average pooling replaces each map by its mean:
#
# $$F_k = \frac{1}{N} \sum_{x, y} f_k(x, y)$$
#
# Below are three maps of 3 × 3, so $N = 9$. The first has a strong spot, the second is the same everywhere, the third
# has a single large value in a corner. **Which of them has the largest $F_k$?** Decide before you add anything up.

# %% slideshow={"slide_type": "fragment"}
f_1 = [[0, 0, 1], [0, 6, 2], [0, 0, 0]]
f_2 = [[1, 1, 1], [1, 1, 1], [1, 1, 1]]
f_3 = [[9, 0, 0], [0, 0, 0], [0, 0, 0]]
show_numbers([f_1, f_2, f_3], ["$f_1$", "$f_2$", "$f_3$"], label="$f_k(x, y)$")

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# By hand, for the first map:
#
# $$F_1 = \tfrac{1}{9}\,(0 + 0 + 1 + 0 + 6 + 2 + 0 + 0 + 0) = \tfrac{9}{9} = 1$$
#
# The other two sums are nine as well. So all three means are 1: $F_k$ does not tell a strong spot from a weak wash.
# It measures strength times extent. (The largest value, which global *max* pooling keeps, would be 6, 1 and 9:
# strength alone.)
#
# Zhou et al. (2016) and deck D1 write $F_k$ as the sum; Keras takes the mean, and so do we. The two differ by the
# factor $N$. What goes wrong when they are mixed is shown in lesson 03.
#
# The function expects maps as Keras has them, `(h, w, K)`: position first, then the feature.

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### Exercise 2.1 · GAP for a stack of images (at home)
#
# A layer is given many images at once: `f` has the shape (n, h, w, K), image, row, column, feature. Return their means, shape
# (n, K), with NumPy.
#
# The check says one of three things: not attempted yet, not yet (and why), or right. In a cell of your own, `hint("2.1")`
# shows hints one by one.


# %% tags=["exercise", "at-home"] slideshow={"slide_type": "skip"}
def pooled_stack(f):
    ### BEGIN SOLUTION
    return np.mean(f, axis=(1, 2))
    ### END SOLUTION


# %% tags=["check", "at-home"] slideshow={"slide_type": "skip"}
check("2.1", pooled_stack)

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# Now the three maps above, by the course's own function.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
f_hand = np.stack([f_1, f_2, f_3], axis=-1).astype("float32")
F_hand = global_average_pool(f_hand)
print(f"f {f_hand.shape}  ->  F {F_hand.shape}: {F_hand}")
np.testing.assert_allclose(F_hand, [1, 1, 1], rtol=1e-6)

# %% [markdown] lang="en" minutes={"class": 5, "alone": 9} slideshow={"slide_type": "slide"}
# ## Two ways from maps to a decision
#
# **Flatten + Dense**, the classical fully connected end (decks D0 and D3): line all positions of all maps up, and
# give each number a weight of its own for each class. **GAP + Dense:** take the mean of each map, and give each *map*
# one weight for each class.
#
# Move the nine values of $f_1$ to other positions. At the right are Flatten's weights $u(x, y)$ for one class, which
# wants its feature in the middle. GAP has the single weight $w_1 = 2$. **Which of the two scores changes?** Decide,
# and work out $\sum_{x, y} u(x, y) f(x, y)$ for both maps on paper.

# %% slideshow={"slide_type": "fragment"}
order = [4, 0, 7, 2, 8, 1, 5, 3, 6]  # a shuffled list of the nine positions
shuffled = np.ravel(f_1)[order].reshape(3, 3)
u = np.array([[-1, -1, 1], [-1, 2, 1], [-1, -1, -1]])
titles = ["$f_1$", "$f_1$ shuffled", "$u(x, y)$: Flatten's weights"]
show_numbers([f_1, shuffled, u], titles, label="value")

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
w_1 = 2
for name, values in (("f_1", np.array(f_1)), ("shuffled", shuffled)):
    S_flatten, S_gap = np.sum(u * values), w_1 * np.mean(values)
    print(f"{name:>8}:   Flatten + Dense S = {S_flatten:2.0f}", end="   ")
    print(f"GAP + Dense S = {S_gap:.0f}")

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# By hand: $1\cdot 1 + 2\cdot 6 + 1\cdot 2 = 15$ before, $-1\cdot 6 - 1\cdot 1 - 1\cdot 2 = -9$ after. With GAP the
# score is $2 \cdot 1 = 2$ both times, for any shuffle, because a sum does not ask for the order.
#
# | | Flatten + Dense | GAP + Dense |
# | --- | --- | --- |
# | keeps | **where** each feature is | **how much** of each feature there is |
# | throws away | nothing | where in the map a value stood |
# | weights for $n$ classes | $h\,w\,K\,n$ | $K\,n$ |
# | input size | fixed | any |
#
# The rest of the lesson checks this table, row by row, first in counts and then on a trained network.

# %% [markdown] lang="en" tags=["at-home"] minutes={"class": 0, "alone": 5} slideshow={"slide_type": "skip"}
# ## GAP is Flatten with shared weights (at home)
#
# Write the mean out inside the score of one map:
#
# $$w_k F_k = w_k \cdot \frac{1}{N}\sum_{x,y} f_k(x,y) = \sum_{x,y} \frac{w_k}{N}\, f_k(x,y)$$
#
# The right side is Flatten + Dense whose weights are all equal within a map, $u_k(x, y) = w_k / N$. So GAP + Dense
# can do nothing that Flatten + Dense could not. It is the same layer under a constraint: one weight shared by all
# positions, as a filter is in a convolution. The cell checks it for the three maps and the weights 2, −1 and 0.5:
# first with NumPy's own test, so that you see there is no magic, then with the course's `check_identity`, which does
# the same and prints the largest difference.

# %% tags=["at-home"] slideshow={"slide_type": "skip"}
w_hand, N = np.array([2.0, -1.0, 0.5]), 9
u_shared = np.tile(w_hand / N, (N, 1))  # (N, K): the same row for every position
S_flatten = np.sum(u_shared * f_hand.reshape(N, 3))
S_gap = class_scores(F_hand, w_hand)
np.testing.assert_allclose(S_flatten, S_gap, rtol=1e-5)
check_identity("sum_kxy (w_k / N) f_k(x, y) = sum_k w_k F_k", S_flatten, S_gap)

# %% [markdown] lang="en" minutes={"class": 7, "alone": 11} slideshow={"slide_type": "slide"}
# ## Count the weights
#
# The network of deck D0 ends in maps of 7 × 7 × 64. One weight for each number and class, without biases:
#
# - Flatten + Dense: $7 \cdot 7 \cdot 64 \cdot n = 3{,}136\, n$
# - GAP + Dense: $64\, n$
#
# The ratio is $N = 49$, whatever $n$ is. **How many weights does each need for the 1,000 classes of ImageNet?**
# Multiply before you run the cell; it compares both formulas with what Keras counts.


# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
def weights_counted(to_numbers, n):
    dense = layers.Dense(n, use_bias=False)
    return keras.Sequential([keras.Input((7, 7, 64)), to_numbers, dense]).count_params()


print("classes n   Flatten + Dense   GAP + Dense")
for n in (2, 10, 1000):
    assert weights_counted(layers.Flatten(), n) == 7 * 7 * 64 * n
    assert weights_counted(layers.GlobalAveragePooling2D(), n) == 64 * n
    print(f"{n:9,}   {7 * 7 * 64 * n:15,}   {64 * n:11,}")

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# In large networks this end is most of the model. VGG-16 (Simonyan and Zisserman, 2015) flattens 7 × 7 × 512 numbers
# into a dense layer of 4,096: $25{,}088 \cdot 4{,}096 + 4{,}096 = 102{,}764{,}544$ of its 138 million parameters.
#
# Fewer weights also means less to overfit with. Lin, Chen and Yan (2014, section 3.2) gave three reasons when they
# introduced GAP: each map then belongs to a class and can be read as such; there is nothing to train in it, so nothing
# that can overfit; and a sum over positions does not mind if the input is moved a little. On CIFAR-10 their network
# made 11.59 % errors with a fully connected end, 10.88 % with dropout added to that end, and 10.41 % with GAP (section
# 4.6). (Their GAP had one map for each class and no dense layer after it.) It is one data set; that accuracy can also
# fall is a subject of lesson 05.

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Exercise 2.2 · how many weights fewer
#
# Maps of h × w, K of them, n classes, no biases. How many weights fewer has GAP + Dense than Flatten + Dense? Write it as a
# function.


# %% tags=["exercise"] slideshow={"slide_type": "fragment"}
def weights_saved(h, w, K, n):
    ### BEGIN SOLUTION
    return (h * w - 1) * K * n
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "skip"}
check("2.2", weights_saved)

# %% [markdown] lang="en" minutes={"class": 9, "alone": 15} slideshow={"slide_type": "slide"}
# ## The network of deck D0
#
# Deck D0 (Lee, Industrial AI Lab) builds this network for images of 28 × 28 × 1 and two classes:
#
# 1. convolution, 32 filters of 3 × 3, same padding, ReLU
# 2. max pooling 2 × 2
# 3. convolution, 64 filters of 3 × 3, same padding, ReLU
# 4. max pooling 2 × 2
# 5. global average pooling
# 6. dense, 2 classes, softmax, no bias
#
# **Write six lines on paper: the shape after each step, and its number of parameters.** Then go on.

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Exercise 2.3 · count before Keras does
#
# Write the six counts as a function, for any network of this form: pictures of `side` × `side` × `channels`, `n_1` and `n_2`
# filters of 3 × 3, and `classes` classes. Return a list of six numbers, one for each step. (Does every argument play a
# part?)


# %% tags=["exercise"] slideshow={"slide_type": "fragment"}
def parameters_of_six(side, channels, n_1, n_2, classes):
    ### BEGIN SOLUTION
    first, second = (9 * channels + 1) * n_1, (9 * n_1 + 1) * n_2
    return [first, 0, second, 0, 0, n_2 * classes]
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "skip"}
check("2.3", parameters_of_six)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### On paper
#
# A filter has $3 \cdot 3$ weights for each channel that it reads, and one bias.
#
# | step | shape | why | parameters |
# | --- | --- | --- | --- |
# | Conv 32 | 28 × 28 × 32 | same padding keeps 28 × 28 | $(3 \cdot 3 \cdot 1 + 1) \cdot 32 = 320$ |
# | pool | 14 × 14 × 32 | half the rows, half the columns | 0 |
# | Conv 64 | 14 × 14 × 64 | each filter reads all 32 maps | $(3 \cdot 3 \cdot 32 + 1) \cdot 64 = 18{,}496$ |
# | pool | 7 × 7 × 64 | | 0 |
# | GAP | 64 | one number a map | 0 |
# | Dense | 2 | no bias | $64 \cdot 2 = 128$ |
#
# Together 18,944.

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### In Keras
#
# The same network in today's Keras. The deck gives `input_shape` to both convolutions; Keras 3 takes the shape from
# an `Input` in front, and only the first was ever needed. It is untrained here; lesson 07 trains it on its own task, a
# cantilever in two classes.
#
# Look for the same six shapes and counts. (Most tutorials read a shape as `layer.output_shape`. Keras 3 has no such
# attribute: a shape is `layer.output.shape`, and its first entry, the number of images, is `None`, not fixed.)

# %% slideshow={"slide_type": "fragment"}
network = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        layers.Conv2D(32, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(64, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.GlobalAveragePooling2D(),
        layers.Dense(2, activation="softmax", use_bias=False),
    ]
)

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
conv_1, conv_2 = (3 * 3 * 1 + 1) * 32, (3 * 3 * 32 + 1) * 64
shapes = [(28, 28, 32), (14, 14, 32), (14, 14, 64), (7, 7, 64), (64,), (2,)]
counts = [conv_1, 0, conv_2, 0, 0, 64 * 2]
for layer, shape, count in zip(network.layers, shapes, counts, strict=True):
    assert (layer.output.shape[1:], layer.count_params()) == (shape, count)
    print(f"{type(layer).__name__:24}{' x '.join(map(str, shape)):14}{count:7,}")
print(f"{'total':38}{network.count_params():7,}")

# %% [markdown] lang="en" minutes={"class": 7, "alone": 11} slideshow={"slide_type": "slide"}
# ## A trained network, cut open at GAP
#
# The network of the MNIST lesson (deck D1) is the same idea with one pooling less and ten classes with a bias. Its
# last maps are therefore 14 × 14 × 64, so $N = 196$, and its dense layer has $(64 + 1) \cdot 10 = 650$ parameters.
# The course ships it trained.
#
# The line that is printed says which images are in use. Without a network connection they are a stand-in, and the weights
# are those trained on it: then every formula still holds, but pictures and accuracies differ.
#
# We want three things of each image: what goes into GAP ($f$), what comes out ($F$), and the probabilities ($P$). Layers
# are found by their role. `model.layers[3]` would mean another one as soon as a layer is added.

# %% slideshow={"slide_type": "fragment"}
digits = load_mnist()
model = trained_mnist_network(digits)
images, labels = digits.test_images[:500], digits.test_labels[:500]
print(digits.notice)

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
[gap] = [
    part for part in model.layers if isinstance(part, layers.GlobalAveragePooling2D)
]
inside = keras.Model(model.inputs[0], [gap.input, gap.output, model.outputs[0]])
f, F, P = (np.asarray(values) for values in inside(images))
print(f"f {f.shape}   F {F.shape}   P {P.shape}")

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Check 1: Keras' GAP is our mean
#
# `F` is what Keras' layer gave. `global_average_pool(f)` is the formula of the 3 × 3 example. Here 500 images times
# 64 features are compared. The notebook stops if they differ by more than one part in a hundred thousand, which leaves
# room for the rounding of 32-bit numbers and for nothing else.

# %% slideshow={"slide_type": "fragment"}
np.testing.assert_allclose(global_average_pool(f), F, rtol=1e-5, atol=1e-6)
check_identity("F from Keras = mean over x, y of f", F, global_average_pool(f))

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Check 2: the score is a weighted sum of $F$
#
# $$S_c = \sum_k w_k^c F_k + b_c$$
#
# The model's dense layer applies softmax at once, so its scores are not visible. We put a second dense layer after
# the same GAP, without softmax, and give it the same weights. What it returns are the model's own logits, to compare
# with our formula. Softmax of our scores must then be the model's own probabilities.

# %% slideshow={"slide_type": "fragment"}
dense = next(layer for layer in model.layers if isinstance(layer, layers.Dense))
w, b = dense.get_weights()  # (64, 10) and (10,)
without_softmax = layers.Dense(10)
logits = keras.Model(model.inputs[0], without_softmax(gap.output))
without_softmax.set_weights([w, b])
S_keras = np.asarray(logits(images))

S = class_scores(F, w, b)
np.testing.assert_allclose(S, S_keras, rtol=1e-5, atol=1e-4)  # atol: scores close to 0
check_identity("logits from Keras = sum_k w_k F_k + b", S_keras, S)
check_identity("P from the model = softmax(S)", P, softmax(S))

# %% [markdown] lang="en" minutes={"class": 5, "alone": 7} slideshow={"slide_type": "slide"}
# ## What $F$ means
#
# For this network an image *is* its 64 numbers $F_k$. Whatever it decides, it decides from them.
#
# Below: a handwritten 1, another 1, and a 0, with the distance of their $F$ from that of the first row (the length of
# the difference). The three features in which the first 1 and the 0 differ most are orange. **How much farther is the
# 0 than the other 1: as far, twice, five times?** Decide, then run. (From here on features are counted from 0, as in
# the code.)

# %% slideshow={"slide_type": "fragment"}
one, other_one = np.flatnonzero(labels == 1)[:2]
zero = np.flatnonzero(labels == 0)[0]
shown = [one, other_one, zero]
differ = np.sort(np.argsort(-np.abs(F[zero] - F[one]))[:3])
distances = np.linalg.norm(F[shown] - F[one], axis=1)
titles = [f"a {labels[i]}, distance {d:.1f}" for i, d in zip(shown, distances)]
show_features(images[shown], F[shown], titles, marked=differ)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# Where do those three numbers come from? Below are the maps $f_k$ that the orange bars are the means of, all on one colour scale.
# Compare each map with the one under it: a large $F_k$ is a map that is bright, or bright in many places. **What do
# you think each of the three features responds to?** (With the real MNIST one of them lights up where a stroke runs
# horizontally, at the top and the bottom of the 0. The 1 has little of that.)

# %% slideshow={"slide_type": "fragment"}
show_feature_maps(images[[one, zero]], f[[one, zero]], differ, ["a 1", "a 0"])

# %% [markdown] lang="en" minutes={"class": 5, "alone": 8} slideshow={"slide_type": "slide"}
# ## Why the last maps?
#
# GAP could follow any layer. Decks D1 and D3 say the last maps carry the most. Lesson 01 gave a reason: a value of
# the last map sees 8 × 8 pixels, one of the first map 3 × 3. Here is a measurement. Take the means of the maps of
# each stage, average them over 600 training images class by class, and give a test image the class whose average is
# nearest. Nothing else is fitted.
#
# **Guess the share of right answers from the mean of the image itself: one number, how much ink there is.** Chance is
# about 10 %.


# %% slideshow={"slide_type": "fragment"}
def nearest_mean(F_train, F_test):  # share of images whose class has the nearest F
    centres = np.stack([F_train[train_labels == c].mean(axis=0) for c in range(10)])
    nearest = np.linalg.norm(F_test[:, None] - centres, axis=-1).argmin(axis=-1)
    return np.mean(nearest == labels)


train_images, train_labels = digits.train_images[:600], digits.train_labels[:600]
maps_of = [layer.output for layer in model.layers if isinstance(layer, layers.Conv2D)]
stages = [model.inputs[0], *maps_of]  # the image, the first maps, the last maps
pooled = [layers.GlobalAveragePooling2D()(stage) for stage in stages]
means = keras.Model(model.inputs[0], pooled)

# %% slideshow={"slide_type": "fragment"}
of_train, of_test = means(train_images), means(images)
names = ("image", "first maps", "last maps")
for name, F_a, F_b in zip(names, of_train, of_test, strict=True):
    right = nearest_mean(np.asarray(F_a), np.asarray(F_b))
    print(f"{name:>10}:   K = {F_a.shape[1]:2}   {right:4.0%} right")
print(f"the trained network itself: {np.mean(P.argmax(axis=1) == labels):.0%} right")

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# GAP throws the positions away. So everything about the arrangement that matters must already be inside the feature:
# "a curve that opens to the left", not "a dark pixel". A feature that sees 3 × 3 pixels cannot say that, one that
# sees 8 × 8 can say a little. That is why GAP comes after the last maps. The dense layer then does better than
# distances do, because it has learned how much each feature counts.
#
# Be fair to the first maps: there are half as many of them, and nobody trained them to be averaged.

# %% [markdown] lang="en" minutes={"class": 10, "alone": 15} slideshow={"slide_type": "slide"}
# ## Move the digit
#
# First the shuffle of before, on the real maps: one random order of the 196 positions for all of them. Then something
# that happens in practice: the digit stands a few pixels further to the right.
#
# **By how many percent will $F$ change when the 1 moves by one pixel? By two? And the flattened maps?**

# %% slideshow={"slide_type": "fragment"}
positions = f.reshape(500, 196, 64)  # 500 images, N = 14 * 14 positions, K = 64
f_shuffled = positions[:, np.random.default_rng(0).permutation(196)].reshape(f.shape)
check_identity("F of shuffled maps = F", F, global_average_pool(f_shuffled))


# %% slideshow={"slide_type": "fragment"}
def move(images, s):
    """The images, s pixels further to the right; what leaves the frame is lost."""
    wider = np.pad(images, ((0, 0), (0, 0), (max(s, 0), max(-s, 0)), (0, 0)))
    return wider[:, :, max(-s, 0) :][:, :, :28]


moved = np.concatenate([move(images[[one]], s) for s in range(5)])
show_images(moved, [f"{s} px" for s in range(5)], columns=3)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Exercise 2.4 · what leaves F as it is?
#
# One map with positive values is changed in five ways. After which of them is its mean $F$ the same as before? Answer with five
# words, `True` or `False`, in this order:
#
# 1. the map is mirrored, left and right exchanged;
# 2. its values are shuffled;
# 3. every value is doubled;
# 4. two rows and columns of zeros are laid around it;
# 5. four copies of it are put together, two by two.

# %% tags=["exercise"] slideshow={"slide_type": "fragment"}
# a list of five, True or False
### BEGIN SOLUTION
F_stays = [True, True, False, False, True]
### END SOLUTION

# %% tags=["check"] slideshow={"slide_type": "skip"}
check("2.4", F_stays)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# The change is the length of the difference, relative to the length of the original: 0 % is no change, 100 % is as
# large as the thing itself. Compare the column of the flattened maps (12,544 numbers) with that of $F$ (64 numbers).
# Look at the even steps, too.


# %% slideshow={"slide_type": "fragment"}
def change(values):
    flat = np.reshape(values, (len(values), -1))
    return np.linalg.norm(flat - flat[0], axis=1) / np.linalg.norm(flat[0])


f_moved, F_moved, P_moved = (np.asarray(values) for values in inside(moved))
print("       flattened maps          F    P of class 1")
for s in range(5):
    print(f"{s} px   {change(f_moved)[s]:14.0%}   {change(F_moved)[s]:8.5%}", end="")
    print(f"   {P_moved[s, 1]:13.3f}")

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# With the real MNIST one pixel changes $F$ by a few percent, and two pixels by nothing but rounding. The reason is
# the pooling layer: the last maps stand on a grid of two pixels. A step of two pixels moves every map by one cell,
# and a mean does not notice. A step of one pixel sorts the pixels into other pooling windows, and the maps themselves
# change a little. (A digit close to the frame meets the padding; then a step of two changes something as well.)
#
# The flattened maps change by about half at one pixel, and soon by as much as they are large.

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# And a score? Here are two heads on the same maps $f$: the network's own, GAP and a dense layer; and one after Flatten, with a weight for
# every position, fitted by least squares to 1,000 training digits. Move the 1 to the right in steps of two. **Which head jumps?**

# %% slideshow={"slide_type": "fragment"}
examples = digits.train_images[:1000]
f_train = np.concatenate(
    [np.asarray(inside(x)[0]) for x in np.array_split(examples, 10)]
)
flat_train = f_train.reshape(len(examples), -1)
targets = np.eye(10)[digits.train_labels[: len(examples)]]
gram = flat_train @ flat_train.T
gram[np.diag_indices_from(gram)] += 1e-3 * np.trace(gram) / len(gram)
w_flat = flat_train.T @ np.linalg.solve(gram, targets)  # (12544, 10)


def two_heads(image):
    f_one, F_one, _ = (np.asarray(values)[0] for values in inside(image[None]))
    return F_one, {"GAP": class_scores(F_one, w, b), "Flatten": f_one.ravel() @ w_flat}


digit_mover(images[one], two_heads)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### The price
#
# What GAP throws away is gone. Let the task be: *does the digit stand left or right?* Move the 1 by two pixels to each
# side. If $F$ is the same, no weights $w$ can tell these two pictures apart: the scores are computed from $F$ alone. Where
# position is the question, GAP after layers like these is the wrong end.
#
# **Will $F$ stay the same however far the 1 moves, as long as all of it stays in the picture?** The second half of the
# cell moves it, in even steps, until its ink touches the frame.

# %% slideshow={"slide_type": "fragment"}
sides = np.concatenate([move(images[[one]], -2), move(images[[one]], 2)])
f_sides, F_sides, _ = inside(sides)
print("left against right:")
print(f"flattened maps {change(f_sides)[1]:.0%}, F {change(F_sides)[1]:.5%}")

last_ink = np.flatnonzero(images[one].max(axis=(0, 2))).max()  # a column
room = (27 - last_ink) // 2 * 2  # an even number of pixels up to the frame
steps = [0, room - 6, room - 4, room - 2, room]
_, F_far, _ = inside(np.concatenate([move(images[[one]], s) for s in steps]))
for s, part in zip(steps, change(F_far)):
    print(f"{s:2} px moved, {27 - last_ink - s} px from the frame: F {part:.5%}")

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# Close to the frame $F$ changes, although nothing has left the picture. The reason is the rim of zeros that "same" padding
# lays around every map: a filter that reaches over the frame meets zeros where it would have met black paper and what the
# layer before makes of it. So a network with padding can learn from $F$ whether something stands near the frame, and a deep
# one, whose cells all see the frame, can learn more: Islam et al. (2021) read positions out of the pooled features of
# trained networks. GAP forgets the place of a value in its map. It does not forget what the features already know of it.

# %% [markdown] lang="en" tags=["at-home"] minutes={"class": 0, "alone": 4} slideshow={"slide_type": "skip"}
# ## Another image size: Flatten (at home)
#
# The network of deck D0 turns 28 × 28 pixels into 7 × 7 × 64 numbers. Give it 40 × 40 pixels, and the convolutions go
# on as before: a filter does not care how far it slides. The last maps are then 10 × 10 × 64.
#
# Flatten now hands on 6,400 numbers, but the weight matrix has 3,136 rows. Read what Keras says.

# %% tags=["at-home"] slideshow={"slide_type": "skip"}
flatten, dense = layers.Flatten(), layers.Dense(2, use_bias=False, name="two_classes")
dense(flatten(np.zeros((1, 7, 7, 64))))  # the first call fixes the weight matrix
print("weight matrix:", tuple(dense.kernel.shape))
try:
    dense(flatten(np.zeros((1, 10, 10, 64))))
except ValueError as error:
    print(f"ValueError: {error}")

# %% [markdown] lang="en" minutes={"class": 7, "alone": 24} slideshow={"slide_type": "slide"}
# ## Another image size: GAP
#
# GAP hands on 64 numbers, however large the maps are. So the trained layers can be put after a new `Input` of any
# height and width. Nothing is copied and nothing is trained: they are the same layers with the same weights.
#
# Look at the shapes: only $f$ grows.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
outputs = [keras.Input((None, None, 1))]
for layer in model.layers:
    outputs.append(layer(outputs[-1]))
any_size = keras.Model(outputs[0], outputs[-3:])  # the last three: f, F and P

for side in (28, 40, 56):
    made = any_size(np.zeros((1, side, side, 1), dtype="float32"))
    f_shape, F_shape, P_shape = (tuple(values.shape[1:]) for values in made)
    print(f"{side} x {side}:   f {f_shape}   F {F_shape}   P {P_shape}")

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# It runs. But is the answer the same? Take the first 7 of the test images, unchanged, on a larger black canvas, and
# four copies of it side by side. The titles give the class the network decides for, $P_7$, and the average of the 64
# means $F_k$.
#
# **The digit is the same in all four pictures. In which does the network still say 7?** Think of what a mean does
# with more black around the digit.

# %% slideshow={"slide_type": "fragment"}
seven = images[labels == 7][:1]
canvases = {
    "28 × 28": seven,
    "40 × 40": np.pad(seven, ((0, 0), (6, 6), (6, 6), (0, 0))),
    "56 × 56": np.pad(seven, ((0, 0), (14, 14), (14, 14), (0, 0))),
    "four copies": np.tile(seven, (1, 2, 2, 1)),
}
titles = []
for name, canvas in canvases.items():
    _, F_canvas, P_canvas = (np.asarray(values)[0] for values in any_size(canvas))
    says = f"says {P_canvas.argmax()}, $P_7$ = {P_canvas[7]:.2f}"
    titles.append(f"{name}\n{says}\nmean $F_k$ = {F_canvas.mean():.2f}")
show_canvases([canvas[0] for canvas in canvases.values()], titles)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### A mistake to know: "any size" is not "same answer"
#
# With 40 × 40 pixels the mean is over $20 \cdot 20 = 400$ positions instead of 196, and most of the 204 new ones saw
# only black. So each $F_k$ moves towards its value on black, the score moves with it, and with the real MNIST the
# network no longer sees a 7 on the largest canvas. Four copies have the same share of black as one, and the answer
# stays.
#
# So another image size means another $F$, other scores and another map, though all weights are the same: a network
# should be given the size that it was trained with. GAP is blind to where in the map a value stands, but not to how much
# of the picture the object fills.

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### Exercise 2.5 · a larger canvas (at home)
#
# A picture has the means `F` over its `n` positions. It is laid on a larger black canvas, which adds `m` positions that saw only
# black; there the maps have the values `F_black`. Return the means over the whole canvas. (What happens at the seam is left
# out here.)


# %% tags=["exercise", "at-home"] slideshow={"slide_type": "skip"}
def pooled_on_canvas(F, F_black, n, m):
    ### BEGIN SOLUTION
    return (n * F + m * F_black) / (n + m)
    ### END SOLUTION


# %% tags=["check", "at-home"] slideshow={"slide_type": "skip"}
check("2.5", pooled_on_canvas)

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### Exercise 2.6 · the decision (at home)
#
# Write the whole end of such a network: from the means `F`, shape (n, K), the weights `w`, shape (K, C), and the biases `b`,
# shape (C,), to the probabilities, shape (n, C).


# %% tags=["exercise", "at-home"] slideshow={"slide_type": "skip"}
def probabilities(F, w, b):
    ### BEGIN SOLUTION
    return softmax(F @ w + b)
    ### END SOLUTION


# %% tags=["check", "at-home"] slideshow={"slide_type": "skip"}
check("2.6", probabilities)

# %% [markdown] lang="en" tags=["open", "at-home"] slideshow={"slide_type": "skip"}
# ### Open question · which end would you take? (at home)
#
# A camera over a conveyor belt looks for scratches; the part can lie anywhere. A second camera checks whether a label sits in
# the upper left corner. Which end would you give each network, Flatten or GAP, and why? Write two or three sentences.

# %% [markdown] lang="en" tags=["solution", "at-home"] slideshow={"slide_type": "skip"}
# A good answer: GAP for the scratches, because where the scratch is does not matter, the same weights serve every position, and
# fewer weights need fewer examples. Flatten (or another end that keeps positions) for the label, because there the position is
# the question, and GAP throws it away. It may add that a small scratch raises a mean only a little when the picture is large.

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## From the score back to the picture
#
# GAP gave the positions away, but the maps $f_k$ still have them. Two facts of this lesson:
#
# $$S_c = \sum_k w_k^c\, F_k + b_c \qquad\text{and}\qquad F_k = \frac{1}{N} \sum_{x, y} f_k(x, y)$$
#
# Each $F_k$ is a mean over the same $N$ positions. A weighted sum of means over positions is itself a mean over
# positions:
#
# $$S_c - b_c = \frac{1}{N} \sum_{x, y} \Big(\;\; ? \;\;\Big)$$
#
# **What stands in the bracket?** It has one value for each position $(x, y)$ and each class $c$, so it can be drawn
# as a picture. It is the subject of lesson 03.

# %% [markdown] lang="en" minutes={"class": 2, "alone": 6} slideshow={"slide_type": "slide"}
# ## Summary
#
# - $F_k$ is the mean of feature map $k$: how much of feature $k$ there is, strength times extent, without where.
# - Flatten + Dense keeps where, with $h\,w\,K\,n$ weights (3,136 $n$ for 7 × 7 × 64). GAP + Dense needs $K\,n$ (64
#   $n$): it is Flatten with one shared weight $w_k / N$ a map.
# - The network of deck D0 has 320 + 18,496 + 128 = 18,944 parameters.
# - Shuffling the positions does not change $F$. Moving a digit changes $F$ only slightly, as long as it stays away from
#   the frame; there zero padding lets a network know something about position.
# - GAP comes after the last maps, because what it throws away must already be inside the features.
# - GAP takes any image size, but a mean depends on how much of the picture the object fills.
# - $S_c = \sum_k w_k^c F_k + b_c$: checked on 500 images, softmax included.

# %% [markdown] lang="en" minutes={"class": 0, "alone": 8} slideshow={"slide_type": "skip"}
# ## Quiz
#
# Think of your answer first, then open it. Each choice says why it is right or wrong.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **Two maps have the same mean: one a strong spot, one a weak wash. What do the scores say?**
#
# - [ ] The strong spot gets the higher score. :: The score sees the mean alone, and that is the same.
# - [x] They are the same. :: Yes. GAP keeps strength times extent.
# - [ ] The wash gets the higher score, because it covers more. :: It covers more, but weakly; the product counts.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **Maps of 14 × 14, and 100 classes. How many times as many weights has Flatten + Dense as GAP + Dense?**
#
# - [ ] 100. :: Both have weights for every class.
# - [ ] 14. :: A map has rows and columns.
# - [x] 196. :: Yes: one for each position instead of one for each map.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **Which layer of the network has weights for positions?**
#
# - [x] None of them. :: Yes: convolutions share theirs, pooling and GAP have none, and the dense layer reads one number a map.
# - [ ] The second convolution. :: It uses the same filters at every place.
# - [ ] The dense layer after GAP. :: It gets one number for each map.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **A network with GAP was trained on 28 × 28 pixels. You give it 56 × 56 pixels with the same digit in a black frame. What
# happens?**
#
# - [ ] Keras refuses. :: It would with Flatten. GAP hands on as many numbers as before.
# - [x] It runs, and the answer may be another one. :: Yes. The means now hold much black.
# - [ ] It runs, and the answer is the same. :: The digit fills a quarter of the area it filled before.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **Why does GAP come after the last maps and not after the first?**
#
# - [ ] The last maps have fewer positions. :: That saves time and decides nothing.
# - [x] What GAP throws away must already be in the feature. :: Yes. The mean of an edge map says how many edges there are, not
#   how they lie to each other.
# - [ ] The first maps have no mean. :: Every map has one.

# %% [markdown] lang="en" minutes={"class": 0, "alone": 0} slideshow={"slide_type": "skip"}
# ## Sources
#
# - M. Lin, Q. Chen, S. Yan: Network in network. ICLR 2014, arXiv:1312.4400. Section 3.2 introduces GAP; section 4.6
#   has the comparison on CIFAR-10.
# - M. A. Islam, M. Kowal, S. Jia, K. G. Derpanis, N. D. B. Bruce: Global pooling, more than meets the eye: position
#   information is encoded channel-wise in CNNs. ICCV 2021, arXiv:2108.07884.
# - B. Zhou, A. Khosla, A. Lapedriza, A. Oliva, A. Torralba: Learning deep features for discriminative localization.
#   CVPR 2016, pp. 2921–2929. Section 2 has $F_k$, $S_c$ and the comparison of global average with global max pooling.
# - K. Simonyan, A. Zisserman: Very deep convolutional networks for large-scale image recognition. ICLR 2015,
#   arXiv:1409.1556.
# - Y. LeCun, C. Cortes, C. J. C. Burges: The MNIST database of handwritten digits, 1998. E. Alpaydin, C. Kaynak:
#   Optical recognition of handwritten digits, UCI Machine Learning Repository, 1998 (the stand-in).
# - Decks: D0, S. Lee, Industrial AI Lab, Explainable AI (CAM); D1, H. Oh, GIST, Class activation map; D3, H. Kim, CAM
#   / Grad-CAM.
