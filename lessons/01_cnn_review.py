# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   language_info: {name: python}
# ---

# %% [markdown] lang="en" minutes={"class": 3, "alone": 5} slideshow={"slide_type": "slide"}
# # 01 · CNN review
#
# A class activation map is read off the last feature maps of a convolutional network. So before the maps: what is a feature
# map, how is each of its numbers computed, and how much of the picture has it seen? Every answer comes first by hand on a
# few numbers, then from Keras, and the two must agree.

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
# **After this lesson you can**
#
# 1. Compute a convolution with stride, and a max or mean pooling, by hand, and get the same from Keras.
# 2. Count the weights of a dense and of a convolutional layer on the same input, by formula.
# 3. Explain local connectivity, sparse interactions and weight sharing from one table of weights, and show what a shuffled
#    and a shifted picture do to each layer.
# 4. Say what a feature map means, and recompute one of a trained network from its weights.
# 5. Compute the receptive field of any cell, draw it, and check it by changing pixels.
#
# **Time:** 65 minutes in class, 143 minutes alone. **Before:** lesson 00; matrix products; what training a network means.

# %% [markdown] lang="en" minutes={"class": 15, "alone": 30} slideshow={"slide_type": "slide"}
# ## 1 · Convolution by hand
#
# A **filter** $v$ is a small grid of weights. It is laid on the picture $g$; every weight is multiplied by the value below
# it, and the products are added up. Then the filter moves on by the **stride** $s$ and does the same again. The results
# form the **feature map** $f$. At row $x$, column $y$:
#
# $$f(x, y) = \sum_{i=0}^{k-1} \sum_{j=0}^{k-1} v(i, j)\; g(s x + i,\; s y + j)$$
#
# (Deck D3, Kim, has it as "multiply and add".) The network's filters also add a bias $b$; here it is 0.

# %% slideshow={"slide_type": "skip"}
from cam_course.models import trained_mnist_network  # TensorFlow starts quietly

import keras
import numpy as np

from cam_course.maps import convolve
from cam_course.network import Network, receptive_field
from cam_course.plotting import show_convolution, show_numbers
from cam_course.teaching.exercises import check
from cam_course.teaching.identity import check_identity


# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Exercise 1.1 · one cell of the map
#
# Write the formula as a function: the value $f(x, y)$ for the picture `g`, the square filter `v` and the stride `s`. Both sums
# may be one call of NumPy. The check uses pictures that are not square.
#
# The check says one of three things: not attempted yet, not yet (and why), or right. In a cell of your own, `hint("1.1")`
# shows hints one by one.


# %% tags=["exercise"] slideshow={"slide_type": "fragment"}
def cell_of_map(g, v, x, y, s):
    ### BEGIN SOLUTION
    k = len(v)
    return np.sum(v * g[s * x : s * x + k, s * y : s * y + k])
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "skip"}
check("1.1", cell_of_map)

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# The course's own function `convolve` makes all cells of a map so. The picture is a stroke, as in a 1; the filter takes the left
# column minus the right.

# %% slideshow={"slide_type": "fragment"}
stroke = """
    0 0 3 1 0
    0 2 3 0 0
    0 0 3 0 0
    0 0 3 1 0
    1 2 3 2 1"""
g = np.array(stroke.split(), dtype=int).reshape(5, 5)  # a stroke, as in a 1
v = np.array([[1, 0, -1], [1, 0, -1], [1, 0, -1]])  # left minus right
f = convolve(g, v)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### One cell, written out
#
# Look at the frames: the cell $f(0, 0)$ and the nine values it comes from. The third grid shows the nine products.
#
# $$f(0,0) = \underbrace{(0 + 0 + 0)}_{\text{left column}} - \underbrace{(3 + 3 + 3)}_{\text{right column}} = -9$$
#
# **Which sign has the cell at the other end of the row, $f(0, 2)$?** Its window is two columns further right. Work it out
# before you look.

# %% slideshow={"slide_type": "fragment"}
show_convolution(g, v, f, cell=(0, 0))

# %% slideshow={"slide_type": "skip"}
# NBVAL_CHECK_OUTPUT
print("f(0, 0) by hand:", (0 + 0 + 0) - (3 + 3 + 3), "  by convolve:", f[0, 0])
print("f(0, 2) by hand:", (3 + 3 + 3) - (0 + 0 + 0), "  by convolve:", f[0, 2])

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# What does this filter look for? It answers +9 where the picture is bright on the left and dark on the right, and −9 where
# it is the other way round: the two edges of the stroke. In a constant area it answers 0, because its weights add up to 0.
#
# So a feature map says **where** in the picture a pattern is, and **how strongly**. In a network nobody writes the filter
# down; its weights are learned.

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Stride
#
# With stride 2 the filter moves two steps at a time. The window of $f(1, 0)$ then begins at row 2. A side of $n$ values
# gives
#
# $$\left\lfloor \frac{n - k}{s} \right\rfloor + 1$$
#
# values. **How many rows and columns has the map of our 5 × 5 picture with $k = 3$, $s = 2$?** And which cells of the map
# above are left?

# %% slideshow={"slide_type": "fragment"}
f_stride2 = convolve(g, v, stride=2)
show_convolution(g, v, f_stride2, cell=(1, 0), stride=2)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Padding, and the same with Keras
#
# A 3 × 3 filter cannot stand on a corner pixel, so each convolution makes the map smaller by 2. With `padding="same"` the
# picture first gets a rim of zeros, one wide for $k = 3$, and with stride 1 the map keeps the size of the picture. Without
# a rim it is called `"valid"`. The networks of this course use `"same"`.
#
# A Keras layer takes a batch of pictures with channels, shape (pictures, rows, columns, channels), and a filter of shape
# ($k$, $k$, channels in, channels out). Ours has one of each. **Which three shapes come out?**


# %% slideshow={"slide_type": "fragment"}
def keras_convolution(g, v, **options):
    layer = keras.layers.Conv2D(1, kernel_size=len(v), use_bias=False, **options)
    layer.build((None, *g.shape, 1))
    layer.set_weights([v[:, :, None, None]])
    batch = g[None, :, :, None].astype("float32")
    return np.array(layer(batch))[0, :, :, 0]


f_same = convolve(np.pad(g, 1), v)
check_identity("Conv2D, valid = by hand", keras_convolution(g, v), f)
f_keras = keras_convolution(g, v, strides=2)
check_identity("Conv2D, stride 2 = by hand", f_keras, f_stride2)
f_keras = keras_convolution(g, v, padding="same")
check_identity("Conv2D, same = by hand", f_keras, f_same)
print("valid:", f.shape, "  stride 2:", f_stride2.shape, "  same:", f_same.shape)

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# Now a digit. Move the filter row by row, or let the column play: the window, the nine products, and the cell that is their sum.
# Then change the filter, the stride and the rim, and look at the size of the map.

# %% slideshow={"slide_type": "fragment"}
from cam_course.data.mnist import load_mnist
from cam_course.teaching.widgets.convolution import convolution_stepper

digits = load_mnist()
print(digits.notice)
filters = {
    "left minus right": v,
    "top minus bottom": v.T,
    "mean": np.full((3, 3), 1 / 9),
}
convolution_stepper(digits.test_images[1005, ..., 0], filters)

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### Exercise 1.2 · how large is the map? (at home)
#
# Now with a rim of width `p` on every side of the picture. Return the side of the map for a picture with side `n`, a filter
# with side `k` and stride `s`. All are whole numbers, and a window that does not fit is left out.


# %% tags=["exercise", "at-home"] slideshow={"slide_type": "skip"}
def side_of_map(n, k, s, p):
    ### BEGIN SOLUTION
    return (n + 2 * p - k) // s + 1
    ### END SOLUTION


# %% tags=["check", "at-home"] slideshow={"slide_type": "skip"}
check("1.2", side_of_map)

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### A mistake to know: "convolution" (at home)
#
# In mathematics and signal processing, convolution turns the filter by 180° before it multiplies. What Keras and PyTorch
# compute under that name, like many neural network libraries, does not: it is **cross-correlation** ([4], chapter 9). For a learned filter the difference does
# not matter, training would learn the turned one. It matters when you type a filter in, or compare with SciPy.
#
# **What does turning by 180° do to our filter, and so to the map?**

# %% tags=["at-home"] slideshow={"slide_type": "skip"}
from scipy.signal import convolve2d

f_turned = convolve2d(g, v, mode="valid")
f_keras = keras_convolution(g, v[::-1, ::-1])
check_identity("convolve2d = Conv2D, filter turned", f_turned, f_keras)
show_numbers([f, f_turned], ["Keras' Conv2D", "SciPy's convolve2d"])

# %% [markdown] lang="en" minutes={"class": 5, "alone": 12} slideshow={"slide_type": "slide"}
# ## 2 · Pooling by hand
#
# **Pooling** replaces each block of a map by one value that stands for it: the largest (max pooling) or the mean (average
# pooling). A 2 × 2 block with stride 2 halves rows and columns.
#
# Look at the four blocks of the 4 × 4 map. **What do max and mean make of the block at the lower left, 0, 0, 8, 0?** Which of
# the two tells you that a feature was found? Which tells you how much of the block it fills?


# %% slideshow={"slide_type": "fragment"}
def pool(f, size, value):
    rows, columns = range(0, f.shape[0], size), range(0, f.shape[1], size)
    blocks = [[f[x : x + size, y : y + size] for y in columns] for x in rows]
    return np.array([[value(block) for block in row] for row in blocks])


f4 = np.array([[1, 3, 2, 2], [5, 3, 2, 2], [0, 0, 1, 0], [8, 0, 0, 7]])
f_max, f_mean = pool(f4, 2, np.max), pool(f4, 2, np.mean)
show_numbers([f4, f_max, f_mean], ["map", "max of each 2 × 2", "mean of each 2 × 2"])

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# The max says that a feature was found, the mean how much of the block it fills. Keras gives the same numbers, and its
# pooling layers have **no parameters**: nothing in them is trained. Pooling shrinks the map and keeps a representative
# value (deck D3). What it loses is where in the block that value was.

# %% slideshow={"slide_type": "fragment"}
max_pool, mean_pool = keras.layers.MaxPooling2D(2), keras.layers.AveragePooling2D(2)
batch = f4[None, :, :, None].astype("float32")
check_identity("MaxPooling2D = by hand", max_pool(batch)[0, :, :, 0], f_max)
check_identity("AveragePooling2D = by hand", mean_pool(batch)[0, :, :, 0], f_mean)
print("parameters:", max_pool.count_params(), "and", mean_pool.count_params())

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### Exercise 1.3 · mean pooling on paper (at home)
#
# Work out the mean pooling of this map on paper, with blocks of 2 × 2 and stride 2, and write the result as two rows of two
# numbers: `[[..., ...], [..., ...]]`.
#
# $$\begin{pmatrix} 2 & 0 & 1 & 3 \\ 4 & 2 & 0 & 0 \\ 0 & 6 & 5 & 1 \\ 2 & 0 & 1 & 1 \end{pmatrix}$$

# %% tags=["exercise", "at-home"] slideshow={"slide_type": "skip"}
# two rows of two numbers
### BEGIN SOLUTION
mean_pooled = [[2, 1], [2, 2]]
### END SOLUTION

# %% tags=["check", "at-home"] slideshow={"slide_type": "skip"}
check("1.3", mean_pooled)

# %% [markdown] lang="en" minutes={"class": 7, "alone": 15} slideshow={"slide_type": "slide"}
# ## 3 · Dense against convolutional, counted
#
# Deck D1 compares an ANN (artificial neural network), whose layers are **dense** (every output is connected with every input), with a CNN. Count both
# on the same input, a picture of 28 × 28 × 1 = 784 values, and with the same output, 28 × 28 × 32 = 25,088 values:
#
# | layer | weights and biases |
# | --- | --- |
# | dense | $784 \cdot 25{,}088$ weights $+\;25{,}088$ biases |
# | convolution, 32 filters of 3 × 3 × 1 | $3 \cdot 3 \cdot 1 \cdot 32$ weights $+\;32$ biases |
#
# **How many times more has the dense layer: 80, 2,000 or 60,000 times?** Then let Keras count.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
n_in, n_out = 28 * 28, 28 * 28 * 32
dense = keras.layers.Dense(n_out)
conv = keras.layers.Conv2D(32, 3, padding="same")
dense.build((None, n_in))
conv.build((None, 28, 28, 1))
assert dense.count_params() == n_in * n_out + n_out
assert conv.count_params() == 3 * 3 * 1 * 32 + 32
print(f"dense {dense.count_params():,}   convolution {conv.count_params():,}")
print(f"{dense.count_params() / conv.count_params():,.0f} times as many")
del dense  # 79 MB

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Exercise 1.4 · the parameters of a convolution
#
# Write the count for any convolution: filters of `k` × `k`, `channels_in` maps come in, `channels_out` maps come out. Weights
# and biases together.


# %% tags=["exercise"] slideshow={"slide_type": "fragment"}
def parameters_of_convolution(k, channels_in, channels_out):
    ### BEGIN SOLUTION
    return (k * k * channels_in + 1) * channels_out
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "skip"}
check("1.4", parameters_of_convolution)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Where the saving comes from
#
# Two steps. First each output looks at 3 × 3 inputs only, not at all 784: **local connectivity**. Of all possible
# connections few are left: **sparse interactions**. Then all positions use the same nine weights: **weight sharing**
# ([4], chapter 9). At the border some of the nine meet the rim of zeros; they are counted all the same.
#
# The convolution does not even know the size of the picture. **What happens to the three counts when the side of the
# picture doubles?**

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
print("side   dense                local, own weights   local and shared")
for n in (28, 56, 112):
    positions = n * n
    all_to_all = positions * positions * 32 + positions * 32
    local = positions * 32 * (3 * 3 + 1)
    shared = 32 * (3 * 3 + 1)
    print(f"{n:4}   {all_to_all:<18,}   {local:<18,}   {shared}")

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### All three in one table of weights (at home)
#
# Twice the side: about 16 times the dense count, 4 times the local one, and the shared one stays.
#
# A convolution is a dense layer in which most weights are zero and the rest repeat. To see it, feed in the 16 pictures of
# 4 × 4 that have a single 1: the answers are the weights. The filter is 1 to 9, so that each weight can be recognised.
#
# Lower row: one grid for each of the four outputs, its 16 connections to the picture. Upper row: the same for a dense layer
# with random weights. **Find in the lower row: zeros (sparse), the 3 × 3 block (local), the same nine numbers four times
# (shared).** The table `W` **is** the convolution: any picture times `W` gives the same map, as the line above the figure
# checks.

# %% tags=["at-home"] slideshow={"slide_type": "skip"}
v9 = np.arange(1, 10).reshape(3, 3)
single_ones = np.eye(16).reshape(16, 4, 4)
W = np.array([convolve(one, v9).ravel() for one in single_ones])  # (16 in, 4 out)

any_picture = np.random.default_rng(1).normal(size=(4, 4))
its_map = convolve(any_picture, v9)
check_identity("picture @ W = convolution", any_picture.ravel() @ W, its_map.ravel())
used = W[W != 0]
print(f"{W.size} places, {used.size} used, {len(np.unique(used))} different weights")

W_dense = np.random.default_rng(0).integers(-9, 10, size=(16, 4))
grids = [*W_dense.T.reshape(4, 4, 4), *W.T.reshape(4, 4, 4)]
titles = [f"{kind}, output {n}" for kind in ("dense", "convolution") for n in range(4)]
show_numbers(grids, titles, columns=4, label="weight")

# %% [markdown] lang="en" minutes={"class": 9, "alone": 12} slideshow={"slide_type": "slide"}
# ## 4 · Spatial information
#
# Deck D1 (Oh) says that an ANN has no spatial information, and that a CNN preserves it. Two experiments show what that means. Here is a digit,
# and the same digit with its 784 pixels shuffled. All pictures will be shuffled by this one rule.

# %% slideshow={"slide_type": "fragment"}
from cam_course.plotting import show_images

picture, digit = digits.test_images[1005], digits.test_labels[1005]  # as in deck D1

shuffle = np.random.default_rng(0).permutation(784)
shuffled = picture.reshape(784)[shuffle].reshape(28, 28, 1)
show_images([picture, shuffled], [f"test 1005: a {digit}", "shuffled"])

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# Two dense layers are trained for 20 steps from zero weights, as in lesson 00 but with ten outputs: one on 500 pictures as
# they are, one on the same pictures shuffled. **Which learns better?** The cell compares the weights they end with, and
# the scores they give. `softmax` turns ten scores into ten probabilities.

# %% slideshow={"slide_type": "fragment"}
from cam_course.maps import softmax


def train_dense(pixels, labels, steps=20, rate=0.1):
    w = np.zeros((784, 10))
    for _ in range(steps):
        error = softmax(pixels @ w) - np.eye(10)[labels]
        w = w - rate * pixels.T @ error / len(labels)
    return w


pixels = digits.train_images[:500].reshape(500, 784).astype("float64")
w = train_dense(pixels, digits.train_labels[:500])
w_shuffled = train_dense(pixels[:, shuffle], digits.train_labels[:500])
check_identity("weights from shuffled = shuffled weights", w_shuffled, w[shuffle])
S_shuffled = pixels[:, shuffle] @ w_shuffled
check_identity("scores of shuffled = scores", S_shuffled, pixels @ w)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# Neither: they learn the same. A dense layer adds up $\sum_p w_p\, g_p$ over pixels $p$, and the order of a sum does not
# matter. It never knew which pixels are neighbours, so nothing is lost when they are torn apart.
#
# A convolution knows the neighbours. Now the edge filter $v$ of section 1 goes over both pictures. **Will the map of the
# shuffled digit (middle) be the shuffled map of the digit (right)?** It would be, if places did not matter.

# %% slideshow={"slide_type": "fragment"}
from cam_course.plotting import show_strip

map_of_digit = keras_convolution(picture[..., 0], v, padding="same")
map_of_shuffled = keras_convolution(shuffled[..., 0], v, padding="same")
shuffled_map = map_of_digit.reshape(784)[shuffle].reshape(28, 28)
assert not np.allclose(map_of_shuffled, shuffled_map)

titles = ["map of the digit", "map of the shuffled digit", "shuffled map of the digit"]
show_strip([map_of_digit, map_of_shuffled, shuffled_map], titles, label="$f(x, y)$")

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
# ### Shift the picture, and the map shifts
#
# They differ: the middle map is noise. Second experiment: move the digit 2 rows down and 3 columns to the left. **What
# happens to the feature map?** The same weights are applied at every place, so the same numbers must come out, 2 rows lower
# and 3 columns further left. Only near the border, where the rim of zeros comes in, may they differ.
#
# Lesson 00's classifier had a weight for each place, and a shift by one pixel cost it many right answers. This is the first
# half of the cure; the second is to average each map over all places (lesson 02).

# %% slideshow={"slide_type": "fragment"}
shifted = np.roll(picture[..., 0], (2, -3), axis=(0, 1))
map_of_shifted = keras_convolution(shifted, v, padding="same")
shifted_map = np.roll(map_of_digit, (2, -3), axis=(0, 1))
inner = np.s_[4:-4, 4:-4]  # 4 = the shift of 3 and the reach of the filter, 1
check_identity(
    "map of shifted = shifted map", map_of_shifted[inner], shifted_map[inner]
)
titles = ["map of the digit", "map of the shifted digit"]
show_strip([map_of_digit, map_of_shifted], titles, label="$f(x, y)$")

# %% [markdown] lang="en" minutes={"class": 12, "alone": 24} slideshow={"slide_type": "slide"}
# ## 5 · A trained network: features, then a decision
#
# This is the network of deck D1, with weights that come with the course: trained on MNIST [1] by `cam-course train mnist`,
# or, where the stand-in takes its place, on the stand-in by `cam-course train small-digits`. Decks D1 and D3 divide the
# network in two. **Feature extraction**: convolution and pooling turn the picture into feature maps. **Classification**:
# the maps become a few numbers, and a dense layer turns these into ten probabilities.
#
# Check the counts with section 3's formula: a filter of the second convolution reaches through all 32 maps below it, so it
# has $3 \cdot 3 \cdot 32$ weights.

# %% slideshow={"slide_type": "fragment"}
model = trained_mnist_network(digits)
print("layer                     output        parameters")
for layer in model.layers:
    shape = " × ".join(str(size) for size in layer.output.shape[1:])
    print(f"{type(layer).__name__:24}  {shape:12}  {layer.count_params():6,}")
by_hand = (3 * 3 * 1 * 32 + 32) + (3 * 3 * 32 * 64 + 64) + (64 * 10 + 10)
assert model.count_params() == by_hand
print(f"together {model.count_params():,}")

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# The outputs of the first three layers have rows and columns: they are stacks of maps. One pass gives all three: `f1` from
# the first convolution, `p1` after the pooling, `f2` from the second convolution. `f2` is the last stack, the one that CAM
# will use. **What shape has each for our one picture?** Read it off the table.

# %% slideshow={"slide_type": "fragment"}
map_layers = [layer for layer in model.layers if len(layer.output.shape) == 4]
all_maps = keras.Model(model.inputs[0], [layer.output for layer in map_layers])

f1, p1, f2 = (np.array(maps)[0] for maps in all_maps(picture[None]))
P = np.array(model(picture[None]))[0]
print("f1", f1.shape, "  p1", p1.shape, "  f2", f2.shape)
print(f"the answer: {P.argmax()} with P = {P.max():.3f}; written was a {digit}")

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### What the maps look like
#
# Four of the 32 maps of the first convolution, then four of the 64 of the last: in each case those that reach the largest
# value. Above each map stands its mean, $F_k$. Zero is dark. No value is negative, because a **ReLU**, $\max(0, \cdot)$,
# follows each convolution.
#
# **Which of the two rows will look more like the digit?**

# %% slideshow={"slide_type": "fragment"}
from cam_course.plotting import show_feature_maps

strongest1 = f1.max(axis=(0, 1)).argsort()[::-1][:4]
show_feature_maps(picture[None], f1[None], strongest1, ["first convolution"])

# %% slideshow={"slide_type": "fragment"}
strongest2 = f2.max(axis=(0, 1)).argsort()[::-1][:4]
show_feature_maps(picture[None], f2[None], strongest2, ["last convolution"])

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### How they are computed
#
# With the real MNIST the first row still shows the digit. In the second most maps are bright at a few places only, where
# their feature is.
#
# The rule is that of section 1, for several maps below: the filter has one 3 × 3 grid for each of them, $v_k(i, j, m)$, and
# all products go into one sum. Then come the bias and the ReLU:
#
# $$f_k(x, y) = \max\Big(0,\; \sum_{i,j,m} v_k(i, j, m)\, g_m(x + i - 1,\, y + j - 1) + b_k\Big).$$
#
# Below `f1` lies one picture ($m = 1$, 9 products), below `f2` lie the 32 maps of `p1`: 288 products, so a filter can ask
# for combinations, this edge here and that one beside it.

# %% slideshow={"slide_type": "fragment"}
conv1, conv2 = (layer for layer in map_layers if isinstance(layer, keras.layers.Conv2D))
V1, b1 = conv1.get_weights()  # (3, 3, 1, 32) and (32,)
V2, b2 = conv2.get_weights()  # (3, 3, 32, 64) and (64,)


def feature_map(g, V, b, k):
    padded = np.pad(g, ((1, 1), (1, 1), (0, 0)))
    sums = sum(convolve(padded[..., m], V[:, :, m, k]) for m in range(g.shape[-1]))
    return np.maximum(0, sums + b[k])


k1, k2 = strongest1[0], strongest2[0]
check_identity("f1_k by hand = Keras", feature_map(picture, V1, b1, k1), f1[..., k1])
check_identity("f2_k by hand = Keras", feature_map(p1, V2, b2, k2), f2[..., k2])

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### Exercise 1.5 · one value of a feature map (at home)
#
# `window` is what the filter lies on, shape (3, 3, channels), `v` the filter of the same shape, `b` its bias. Return the value
# of the cell, as this network computes it.


# %% tags=["exercise", "at-home"] slideshow={"slide_type": "skip"}
def value_of_cell(window, v, b):
    ### BEGIN SOLUTION
    return np.maximum(np.sum(window * v) + b, 0)
    ### END SOLUTION


# %% tags=["check", "at-home"] slideshow={"slide_type": "skip"}
check("1.5", value_of_cell)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### What they mean
#
# Look at the place where the first of these maps is largest: the window of the picture, the filter, and their products.
# **Do the bright pixels lie on positive or on negative weights?** The sum is large where the window is bright on the
# positive weights and dark on the negative ones. A large value says: here the picture looks like my filter.

# %% slideshow={"slide_type": "fragment"}
x, y = np.unravel_index(f1[..., k1].argmax(), (28, 28))
window = np.pad(picture[..., 0], 1)[x : x + 3, y : y + 3]
filter_k = V1[:, :, 0, k1]
total = np.sum(window * filter_k)
print(f"row {x}, column {y}: {total:.2f} + b = {total + b1[k1]:.2f}, ", end="")
print(f"Keras: {f1[x, y, k1]:.2f}")
titles = ["window", f"filter {k1}", f"products, sum {total:.2f}"]
show_numbers([window, filter_k, window * filter_k], titles)

# %% [markdown] lang="en" minutes={"class": 5, "alone": 20} slideshow={"slide_type": "slide"}
# ## 6 · How much of the picture a cell has seen
#
# A cell of `f1` depends on 3 × 3 pixels. A cell of `f2` depends on 3 × 3 cells of `p1`, and each of those on more pixels.
# The pixels that a cell depends on are its **receptive field**. Its side $r$ grows from layer to layer:
#
# $$r_l = r_{l-1} + (k_l - 1)\, j_{l-1}, \qquad j_l = j_{l-1}\, s_l, \qquad r_0 = j_0 = 1 .$$
#
# $k_l$ is the side of the filter or of the pooling block, $s_l$ the stride, and $j$ (jump) how many pixels lie between
# neighbouring cells: the product of all strides so far [3]. **Work out $r$ for the three layers: (3, 1), (2, 2), (3, 1).**


# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Exercise 1.6 · the receptive field
#
# `layers` is a list of pairs (k, s), the first layer first, for instance `[(3, 1), (2, 2), (3, 1)]`. Return the side $r$ of the
# receptive field of a cell of the last layer. (A loop over the pairs is a good way.)


# %% tags=["exercise"] slideshow={"slide_type": "fragment"}
def side_of_field(layers):
    ### BEGIN SOLUTION
    r, jump = 1, 1
    for k, s in layers:
        r, jump = r + (k - 1) * jump, jump * s
    return r
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "skip"}
check("1.6", side_of_field)

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# Then the same for the layers of the trained network. The course's own function reads the windows and strides out of the model.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
network = Network(model)
for layer in map_layers:
    field, _ = receptive_field(network, network.layer_output(layer))
    r, j = field.size, field.step
    share = r * r / (28 * 28)
    print(f"{type(layer).__name__:13} r = {r}, j = {j}, {share:.1%} of the picture")

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### Where it lies (at home)
#
# For one cell, walk back layer by layer. Cell $x$ of a layer reads the cells from $s x - p$ to $s x - p + k - 1$ of the
# layer before, where $p$ is the width of the rim: 1 for our convolutions, 0 for the pooling.
#
# Start from cell (7, 7) of the last maps, in the middle of 14 × 14. **Which rows of the picture does it see?** The columns
# are the same. The figure frames them in the picture and, for each layer, in the mean of its maps. It is given boxes
# `(x0, y0, x1, y1)`: in a box x is the column and y the row, as programs for pictures have it; in $f(x, y)$ x is the row.


# %% tags=["at-home"] slideshow={"slide_type": "skip"}
# NBVAL_CHECK_OUTPUT
def kernel_and_stride(layer):
    is_convolution = isinstance(layer, keras.layers.Conv2D)
    size = layer.kernel_size if is_convolution else layer.pool_size
    return size[0], layer.strides[0]


first, last = 7, 8  # half-open: cells 7 up to, not including, 8
spans = [(first, last)]
for layer in reversed(map_layers):
    k_l, s_l = kernel_and_stride(layer)
    rim = (k_l - 1) // 2 if layer.padding == "same" else 0
    first, last = first * s_l - rim, (last - 1) * s_l - rim + k_l
    spans.insert(0, (first, last))
print("picture, f1, p1, f2:", spans)

# %% tags=["at-home"] slideshow={"slide_type": "skip"}
from cam_course.plotting import show_boxes

maps = [picture[..., 0], *(maps.mean(axis=-1) for maps in (f1, p1, f2))]
sides = [last - first for first, last in spans]
names = ["picture", "f1", "p1", "f2"]
titles = [f"{name}: {side} × {side}" for name, side in zip(names, sides)]
boxes = [(first, first, last, last) for first, last in spans]  # (x0, y0, x1, y1)
show_boxes(maps, boxes, titles)

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### Checked by changing pixels (at home)
#
# If the box is right, everything outside may be destroyed and the cell will not notice. **Replace all pixels outside by
# noise: which of the 64 values at cell (7, 7) change?** And if the pixels inside are replaced instead?

# %% tags=["at-home"] slideshow={"slide_type": "skip"}
features = keras.Model(model.inputs[0], map_layers[-1].output)
first, last = spans[0]
box = np.zeros((28, 28, 1), dtype=bool)
box[first:last, first:last] = True

noise = np.random.default_rng(0).random((28, 28, 1), dtype="float32")
outside, inside = np.where(box, picture, noise), np.where(box, noise, picture)
three = np.stack([picture, outside, inside])
cell, noise_outside, noise_inside = np.array(features(three))[:, 7, 7]
check_identity("f2(7, 7) with noise outside the box = f2(7, 7)", noise_outside, cell)
print(f"with noise inside the box {np.sum(noise_inside != cell)} of 64 values change;")
both_zero = np.sum((noise_inside == 0) & (cell == 0))
print(f"{both_zero} are 0 both times, cut off by the ReLU")

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# The box is large enough. Is it also no larger than needed? Take the same layers with every weight 1 and every bias 0, so
# that nothing can cancel, and send in 784 pictures with a single bright pixel each. Cell (7, 7) must answer to the 64
# pixels of its box and to no other; the cell below stops if it does not.
#
# **Will it answer equally strongly to all 64 of them?** The figure shows its answers inside the box.

# %% tags=["at-home"] slideshow={"slide_type": "skip"}
probe = keras.models.clone_model(features)
ones_and_zeros = [np.full(v.shape, v.ndim == 4) for v in probe.get_weights()]
probe.set_weights(ones_and_zeros)
single_pixels = np.eye(784, dtype="float32").reshape(784, 28, 28, 1)
answer = probe.predict(single_pixels, verbose=0)[:, 7, 7, 0].reshape(28, 28)
ways = answer / 32  # every one of the 32 maps below adds 1
np.testing.assert_array_equal(ways > 0, box[..., 0])
show_numbers([ways[first:last, first:last]], ["answer to each pixel of the box"])

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# The number counts the cells of `p1` through which a pixel reaches our cell: 4 from the middle, 1 from a corner. Pixels in
# the middle weigh more. In deep networks the part that really counts is much smaller than $r$ says, and bell-shaped: the
# **effective receptive field** (Luo et al. 2016 [2]), and it is centred on the cell already in a network with
# random weights, before any training. This is one reason why a cell of a map still stands for a place even
# where $r$ is larger than the picture, as at the end of the ResNet50 of lesson 06: $r = 483$ [3], on a picture of 224.

# %% [markdown] lang="en" minutes={"class": 6, "alone": 10} slideshow={"slide_type": "slide"}
# ## 7 · Why the last maps carry the most
#
# What does a map look for? Ask the data: in 500 test pictures find the three in which the map reaches its largest values,
# and cut out the receptive field of that cell. We do this for the strongest map of the first convolution and for the four
# maps of the last one that you saw in section 5.
#
# A cell of `f1` sees 3 × 3 pixels, one of `f2` 8 × 8. In the figure each column belongs to one map, the first to `f1`, the
# others to `f2`. The titles name the digit from which a window was cut; the grey frame is not part of it.
#
# **Which columns will show more than an edge? Will there be one that you could name a digit from?**


# %% slideshow={"slide_type": "fragment"}
def cut_outs(stack, k, side, jump, rim):
    """What the cells see in which map k is largest: 24 x 24, framed."""
    windows = []
    for n in stack[..., k].max(axis=(1, 2)).argsort()[::-1][:3]:
        x, y = np.unravel_index(stack[n, ..., k].argmax(), stack.shape[1:3])
        padded = np.pad(many[n, ..., 0], rim)
        window = padded[jump * x : jump * x + side, jump * y : jump * y + side]
        large = np.kron(window, np.ones((24 // side, 24 // side)))
        title = f"{side} × {side}, map {k}, a {digits.test_labels[n]}"
        windows.append((np.pad(large, 1, constant_values=0.5)[..., None], title))
    return windows


# %% slideshow={"slide_type": "fragment"}
many = digits.test_images[:500]
f1_many, _, f2_many = all_maps.predict(many, verbose=0)
columns = [cut_outs(f1_many, k1, side=3, jump=1, rim=1)]
columns += [cut_outs(f2_many, k, side=8, jump=2, rim=3) for k in strongest2]
cells = [cell for row in zip(*columns, strict=True) for cell in row]
show_images([window for window, _ in cells], [title for _, title in cells], columns=5)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# With the real MNIST the map of `f1` answers to an edge, and every digit has edges. The maps of `f2` answer to pieces of
# strokes; one of them to the black bay between two strokes, open to the left, which it finds in 3s. From such pieces a
# weighted sum can tell digits apart; from edges it hardly can. Lesson 02 measures this, layer by layer.
#
# So the last maps carry the most: each value sums up the largest window (deck D3), after the most filters (deck D1). And
# they still have rows and columns. CAM needs exactly these two: the value says **what** was found, the position **where**.

# %% [markdown] lang="en" tags=["open", "at-home"] slideshow={"slide_type": "skip"}
# ### Open question · a table without neighbours (at home)
#
# A factory has 784 sensors all over its building, in no particular order. Would you take a convolution over the row of their
# values, or a dense layer? Say why, with what the shuffled pictures showed. Write two or three sentences.

# %% [markdown] lang="en" tags=["solution", "at-home"] slideshow={"slide_type": "skip"}
# A good answer: a convolution uses the same small filter at every place, which helps only if neighbours belong together and if
# the same pattern can occur anywhere. In a list without order neither holds, so the convolution has the wrong connections and
# few of them. A dense layer does not know the order, so it loses nothing; it needs more weights and more data.

# %% [markdown] lang="en" minutes={"class": 3, "alone": 7} slideshow={"slide_type": "slide"}
# ## Summary
#
# - Convolution: lay the filter on, multiply, add, move on by the stride. In Keras it is cross-correlation: nothing is turned.
# - Pooling keeps one value of a block, shrinks the map, and has no parameters.
# - On 28 × 28 × 1 → 28 × 28 × 32 a dense layer has 19,694,080 parameters, a 3 × 3 convolution 320. Local connectivity and
#   sparse interactions remove connections, weight sharing makes the rest equal.
# - Shuffle the pixels of all pictures: a dense layer learns the same, a convolution finds noise. Shift the picture: the
#   feature map of a convolution shifts.
# - $f_k(x, y)$ says how well the window at $(x, y)$ fits filter $k$.
# - $r_l = r_{l-1} + (k_l - 1)\, j_{l-1}$: in this network 3, 4, 8 pixels. The last maps see the
#   most, and still know where.
#
# Lesson 02 takes the last maps, averages each to one number $F_k$, and asks what that keeps and what it throws away.

# %% [markdown] lang="en" minutes={"class": 0, "alone": 8} slideshow={"slide_type": "skip"}
# ## Quiz
#
# Think of your answer first, then open it. Each choice says why it is right or wrong.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **A 3 × 3 filter with stride 2 moves over a picture of 9 × 9 without a rim. How many values has the map?**
#
# - [ ] 9. :: A side has $\lfloor (9 - 3)/2 \rfloor + 1$ values, more than 3.
# - [x] 16. :: Yes: four on each side.
# - [ ] 49. :: That is the map with stride 1.
# - [ ] 25. :: The last window would reach over the edge.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **What is trained in a max pooling layer?**
#
# - [ ] Which cell of a block is taken. :: The largest one is taken, whatever the training.
# - [ ] One weight for each map. :: Pooling has no weights.
# - [x] Nothing. :: Yes. It has no parameters.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **All training and test pictures are shuffled by one and the same rule. Who learns worse?**
#
# - [x] The convolutional network. :: Yes. Its filters look for patterns of neighbours, and those are torn apart.
# - [ ] The dense layer. :: The order of a sum does not matter to it.
# - [ ] Both. :: One of the two does not notice.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **A filter of a second convolution is 3 × 3, and 32 maps come in. How many weights has it, without the bias?**
#
# - [ ] 9. :: That is its grid for one of the maps.
# - [ ] 32. :: Each map needs a grid of its own.
# - [x] 288. :: Yes: $3 \cdot 3 \cdot 32$. It adds up over all maps.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **What does a large value $f_k(x, y)$ say?**
#
# - [ ] The pixel at row $x$, column $y$ is bright. :: A filter can answer to dark places as well.
# - [x] The window there looks like filter $k$. :: Yes: bright on its positive weights, dark on its negative ones.
# - [ ] Class $k$ is at this place. :: A feature is no class. Lesson 03 says how features speak for classes.

# %% [markdown] lang="en" minutes={"class": 0, "alone": 0} slideshow={"slide_type": "skip"}
# ## Sources
#
# Decks: D1 (Hyunseok Oh, GIST), D3 (Kim Hyunwoo). Network of section 5: deck D1.
#
# 1. Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: Gradient-based learning applied to document recognition. Proceedings of the IEEE 86(11), 2278–2324 (1998). Also the source of MNIST.
# 2. W. Luo, Y. Li, R. Urtasun, R. Zemel: Understanding the effective receptive field in deep convolutional neural networks. NeurIPS 2016. arXiv:1701.04128
# 3. A. Araujo, W. Norris, J. Sim: Computing receptive fields of convolutional neural networks. Distill (2019). doi:10.23915/distill.00021
# 4. I. Goodfellow, Y. Bengio, A. Courville: Deep learning, chapter 9. MIT Press, 2016. The terms sparse interactions and parameter sharing; that many neural network libraries compute cross-correlation.
