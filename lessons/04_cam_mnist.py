# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   language_info: {name: python}
# ---

# %% [markdown] lang="en" minutes={"class": 3, "alone": 5} slideshow={"slide_type": "slide"}
# # 04 · CAM on handwritten digits
#
# Lesson 03 worked on six small maps. Here the same formulas run on a network that was trained: the MNIST program of deck
# D1 (Hyunseok Oh, GIST), steps 0 to 3, line by line. The program draws a map. We check that the map is right, and meet
# seven mistakes that this program and many others make.

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
# **After this lesson you can**
#
# 1. take $f_k$, $w_k^c$ and $b_c$ out of a trained Keras model and compute $M_c(x, y)$ for all classes with one matrix product;
# 2. check in numbers that the map adds up to the model's own score and the scores to its own probabilities;
# 3. name seven mistakes that spoil a map whose formula is right, and show each;
# 4. read the lecture's five-column table, and say which of its columns obeys the identity;
# 5. give two things that a class activation map does not tell.
#
# **Time:** 75 minutes in class, 185 minutes alone; a good place for a break is after the live figure. **Before:**
# lessons 02 (global average pooling) and 03 (the mathematics of CAM).

# %% slideshow={"slide_type": "skip"}
# First, because it keeps TensorFlow's start-up messages out of the notebook:
from cam_course import CAM
import cv2
import keras
import numpy as np
import tensorflow as tf
from IPython.display import Markdown

from cam_course.data.mnist import load_mnist
from cam_course.maps import (
    class_activation_map,
    class_scores,
    global_average_pool,
    softmax,
)
from cam_course.models import shipped_weights, train_mnist, trained_mnist_network
from cam_course.network import Network
from cam_course.plotting import (
    show_colour_maps,
    show_digit_maps,
    show_five_columns,
    show_images,
    show_strip,
)
from cam_course.teaching.exercises import check
from cam_course.teaching.explorer import DigitExplorer
from cam_course.teaching.identity import check_identity
from cam_course.teaching.widgets.digit import digit_map_slider

# %% [markdown] lang="en" minutes={"class": 3, "alone": 4} slideshow={"slide_type": "slide"}
# ## Step 0: the data
#
# Deck D1 (Oh, GIST) loads and prepares MNIST so:
#
# ```python
# (train_x, train_y), (test_x, test_y) = mnist.load_data()
# train_x, test_x = train_x/255.0, test_x/255.0
# train_x = train_x.reshape((train_x.shape[0], 28, 28, 1))
# ```
#
# Dividing by 255 brings the grey levels to 0 … 1. The reshape adds a last axis for the one channel, because a
# convolution takes (N, height, width, channels), here with N the number of images. `load_mnist` does both, in 32-bit
# numbers; the deck's `/255.0` makes 64-bit ones, twice the memory for nothing.
#
# Below: ten test images, and number 1005, the one that the deck explains. White is ink, 1; black is paper, 0.
#
# The first line that the cell prints says which images these are. Where MNIST cannot be had, a stand-in takes its place:
# scikit-learn's digits, with weights trained on them. Then all that is computed here still holds, and a map still shows
# where its network found reasons; number 1005 is a 9 there too. The stand-in cannot show the numbers and the pictures
# that the text describes: they are those of MNIST.

# %% slideshow={"slide_type": "fragment"}
digits = load_mnist()
print(digits.notice)
images = digits.test_images
print("test images", images.shape, images.dtype, f"{images.min()} to {images.max()}")
numbers = [*range(10), 1005]
titles = [f"test {i}: a {digits.test_labels[i]}" for i in numbers]
show_images(images[numbers], titles, columns=6)

# %% [markdown] lang="en" minutes={"class": 3, "alone": 9} slideshow={"slide_type": "slide"}
# ## Step 1: a network that ends in GAP and one dense layer
#
# The deck's network has five layers: two convolutions, one pooling between them, global average pooling (GAP), one dense
# layer. Written for Keras 3, three things change. The shape of the input goes into a `keras.Input`; `input_shape=` in the
# first layer still runs, with a warning. The second `input_shape=(14, 14, 32)` goes: Keras works it out. And `compile`
# wants `metrics=["accuracy"]`, a list.

# %% slideshow={"slide_type": "fragment"}
L = keras.layers
lecture_network = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        L.Conv2D(32, 3, padding="same", activation="relu"),
        L.MaxPooling2D(2),
        L.Conv2D(64, 3, padding="same", activation="relu"),  # makes f
        L.GlobalAveragePooling2D(),  # f -> F
        L.Dense(10, activation="softmax"),  # F -> S -> P
    ]
)

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### Count the parameters (at home)
#
# A filter of 3 × 3 has 9 weights for each input channel, and one bias:
#
# - first convolution: $(3\cdot 3\cdot 1 + 1)\cdot 32 = 320$,
# - second convolution: $(3\cdot 3\cdot 32 + 1)\cdot 64 = 18{,}496$,
# - dense layer: $64\cdot 10 + 10 = 650$.
#
# Pooling has none. Together 19,466, the number in the deck. **How large is one feature map $f_k$, and how many are there?**
# Say it before you run the cell.

# %% tags=["at-home"] slideshow={"slide_type": "skip"}
# NBVAL_CHECK_OUTPUT
for layer in lecture_network.layers:
    name, shape = type(layer).__name__, str(layer.output.shape)
    print(f"{name:24s}{shape:24s}{layer.count_params():8,}")
print(f"{'together':48s}{lecture_network.count_params():8,}")

# %% [markdown] lang="en" minutes={"class": 5, "alone": 8} slideshow={"slide_type": "slide"}
# ## Step 2: training
#
# ```python
# model.compile(optimizer = 'adam', loss = 'sparse_categorical_crossentropy', metrics = 'accuracy')
# model.fit(train_x, train_y, epochs = 15)
# ```
#
# (Deck D1.) *Adam* is a gradient descent that adapts its step to each parameter. *Sparse categorical cross-entropy* is
# the loss $-\log P_y$ for the true class $y$; "sparse" says that $y$ comes as a number, not as a row of zeros and a one.
# 15 *epochs* show every training image 15 times. The deck's run took a minute and a half.

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# ### Weights that come with the course
#
# This notebook trains nothing unless you ask for it. The course comes with weights that this very program made, one file
# for MNIST and one for the stand-in, which has so few images that it took 1,000 epochs. The card below was written by
# the run that made the weights in use, because trained weights without their history are worth little.
#
# Set `RETRAIN = True` to train your own: everything below then uses your weights.

# %% slideshow={"slide_type": "fragment"}
RETRAIN = False
model = train_mnist(digits) if RETRAIN else trained_mnist_network(digits)
whose = (
    "trained in this notebook on" if RETRAIN else "those that come with the course for"
)
print(f"Weights: {whose} {digits.source}.")

# %% slideshow={"slide_type": "skip"}
_, card = shipped_weights(digits)
Markdown(card.read_text(encoding="utf-8").replace("# Weights", "#### Weights"))

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### How good is it here?
#
# The test images played no part in training. How many of those that this notebook uses does the model get right? And is
# the loss what the formula says? The cell computes $-\log P_y$ for every test image by hand, and lets Keras do the same.
# (Keras keeps every $P_y$ above $10^{-7}$, so that the logarithm stays finite.)

# %% slideshow={"slide_type": "fragment"}
y = digits.test_labels
P_test = model.predict(digits.test_images, verbose=0)
predicted = P_test.argmax(axis=1)
right = predicted == y
print(f"{right.sum():,} of {len(right):,} test images right ({right.mean():.1%})")
print(digits.source)

P_y = np.maximum(P_test[np.arange(len(y)), y], 1e-7)
loss = keras.losses.sparse_categorical_crossentropy(y, P_test)
check_identity("loss = -log P_y", loss, -np.log(P_y))

# %% [markdown] lang="en" minutes={"class": 9, "alone": 14} slideshow={"slide_type": "slide"}
# ## Step 3: the map, the deck's way
#
# ```python
# conv_layer = model.get_layer(index = 2)
# fc_layer = model.layers[4].get_weights()[0]
# my_map = tf.matmul(conv_layer.output, fc_layer)
# CAM = tf.keras.Model(inputs = model.inputs, outputs = my_map)
# ```
#
# These are the four lines of deck D1 (Oh). The idea: a second model with the same input that goes on from the feature maps to
# their product with the weights. (Counting starts at 0, so layer 2 is the second convolution and layer 4 the dense layer.)
# Note what `[0]` does: `get_weights()` returns $w$ **and** $b$, and the deck leaves $b$ out.
#
# We stop one step earlier, at $f$, so that every value can be looked at. Our second model returns the feature maps of any
# image. We give it test image 1005, as the deck does: a batch (a stack of images) of one. The order of the axes is (image,
# row, column, feature), as Keras has it; $f_k(x, y)$ is `f[0, x, y, k]`.
#
# **Which axes of $f$ and $w$ must meet in the product?** The shapes tell.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
conv_layer, fc_layer = model.get_layer(index=2), model.layers[4]
feature_maps = keras.Model(model.inputs[0], conv_layer.output)
w, b = fc_layer.get_weights()

image, label = digits.test_images[1005:1006], digits.test_labels[1005]
f = feature_maps(image).numpy()
print("image", image.shape, "  f", f.shape, "  w", w.shape, "  b", b.shape)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Exercise 4.1 · f, w and b of any network
#
# The numbers 2 and 4 fit this one network. Write a function for every Keras model that ends in GAP and one dense layer,
# wherever these stand, and one `image` (a batch of one): it returns three arrays, `f` (1, h, w, K), `w` (K, C) and `b` (C,). The
# check uses two small networks with other layers than ours.
#
# The check says one of three things: not attempted yet, not yet (and why), or right. In a cell of your own, `hint("4.1")`
# shows hints one by one.


# %% tags=["exercise"] slideshow={"slide_type": "fragment"}
def parts(model, image):
    ### BEGIN SOLUTION
    GAP = keras.layers.GlobalAveragePooling2D
    [pooling] = [layer for layer in model.layers if isinstance(layer, GAP)]
    f = keras.Model(model.inputs[0], pooling.input)(image)
    w, b = model.layers[-1].get_weights()
    return f, w, b
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "skip"}
check("4.1", parts)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### The road that the network takes
#
# $f$ has 64 numbers at each of 14 × 14 positions, $w$ has 64 numbers for each of 10 classes: the 64 meet. First the way
# of the network itself, to $F_k$, $S_c$ and $P_c$, with the functions of lesson 03.
#
# **Is that what the model computes?** It puts out $P_c$ alone. For $S_c$ we give the dense layer's weights to a second
# dense layer without softmax: its outputs are the model's own scores before softmax, its *logits*.

# %% slideshow={"slide_type": "fragment"}
F = global_average_pool(f)  # (1, 64)
S = class_scores(F, w, b)  # (1, 10)
P = softmax(S)
best = int(S[0].argmax())
print(f"test image 1005 is a {label}; predicted: {best}")
print(f"S = {S[0, best]:.4f}, P = {P[0, best]:.4f}")

bare = L.Dense(10)  # no activation
logits = keras.Model(model.inputs[0], bare(fc_layer.input))
bare.set_weights([w, b])
S_model, P_model = logits(image).numpy(), model(image).numpy()
check_identity("logits: S_c = sum_k w_k^c F_k + b_c", S_model, S)
check_identity("output: P_c = exp(S_c) / sum_c' exp(S_c')", P_model, P)

# %% [markdown] lang="en" minutes={"class": 6, "alone": 9} slideshow={"slide_type": "slide"}
# ## The map: one matrix product
#
# $$M_c(x, y) = \sum_k w_k^c f_k(x, y)$$
#
# Row $x$, column $y$, as in deck D1 and the lessons before. No averaging; at each position 64 numbers times 64 weights, for ten
# classes at once.

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Exercise 4.2 · the map in one line
#
# Write the maps of all classes of all images as one expression: `f` has the shape (images, h, w, K), `w` (K, C), the result
# (images, h, w, C), the class last, where the feature was.


# %% tags=["exercise"] slideshow={"slide_type": "fragment"}
def maps_of_all(f, w):
    ### BEGIN SOLUTION
    return np.tensordot(f, w, axes=1)
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "skip"}
check("4.2", maps_of_all)

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# `tf.matmul` of arrays, NumPy's `@` and our `class_activation_map` are the same product, because all three act on the last
# axis of $f$ and the first of $w$. A layer would do it, too: a convolution with ten filters of 1 × 1 and without bias has just
# these weights, and its output is the map.

# %% slideshow={"slide_type": "fragment"}
M = class_activation_map(f, w)  # (1, 14, 14, 10)
by_hand = sum(w[k, label] * f[0, :, :, k] for k in range(64))  # one class
check_identity("M_c(x, y) = sum_k w_k^c f_k(x, y)", M[0, :, :, label], by_hand)
check_identity("tf.matmul(f, w) = M", tf.matmul(f, w), M)

one_by_one = L.Conv2D(10, 1, use_bias=False)
one_by_one.build(f.shape)
one_by_one.set_weights([w[None, None]])  # (1, 1, 64, 10)
check_identity("a 1 x 1 convolution of f = M", one_by_one(f), M)

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# ### The identity, on a trained network
#
# Lesson 03 proved it: the mean of the map plus the bias is the score. Here against the model's own logits, for all ten
# classes. `assert_allclose` stops the notebook if it is not so.

# %% slideshow={"slide_type": "fragment"}
S_from_maps = M.mean(axis=(1, 2)) + b
np.testing.assert_allclose(S_from_maps, S_model, rtol=1e-5, atol=1e-4)
check_identity("S_c = mean_xy M_c(x, y) + b_c", S_model, S_from_maps)

# %% [markdown] lang="en" minutes={"class": 3, "alone": 4} slideshow={"slide_type": "slide"}
# ## The same in one line
#
# `CAM(model)` finds the feature maps, the GAP and the dense layer by what they do, and keeps the bias. `classes="all"`
# asks for all ten maps, `top=5` would give the five best classes, nothing the predicted one. The order of the axes is
# another one here, (image, class, row, column): `np.moveaxis(M, -1, 1)` brings our $M$, with the class last, into it. Its `residual` is the largest $|S_c - b_c - \text{mean of } M_c|$, so every call checks
# itself.
#
# One image may be luck. The second half of the cell asks for a hundred test images and ten classes, a thousand maps.

# %% slideshow={"slide_type": "fragment"}
explain = CAM(model)
e = explain(image, classes="all")
print(e)
check_identity("CAM(model): the same maps", np.moveaxis(M, -1, 1), e.maps)
check_identity("CAM(model): the same probabilities", P_model, e.probabilities)

some = digits.test_images[:100]
many = explain(some, classes="all")
from_maps = many.maps.mean(axis=(2, 3)) + many.bias
check_identity("S_c = mean_xy M_c + b_c, 1,000 maps", logits(some), from_maps)

# %% [markdown] lang="en" tags=["at-home"] minutes={"class": 0, "alone": 4} slideshow={"slide_type": "skip"}
# ## The deck's third line today (at home)
#
# The deck's program was written for Keras 2. Its third line, `tf.matmul(conv_layer.output, fc_layer)`, no longer runs.
# `conv_layer.output` is no array but a *symbolic* tensor: a shape that stands for values still to come. With Keras 3, a
# TensorFlow function does not take one. The cell shows what it says, and then the line that works: `keras.ops` has the same
# functions for both.

# %% tags=["at-home"] slideshow={"slide_type": "skip"}
try:
    tf.matmul(conv_layer.output, w)
except ValueError as error:
    print("tf.matmul:", str(error).split(". ")[0])
print("keras.ops.matmul:", keras.ops.matmul(conv_layer.output, w))

# %% [markdown] lang="en" minutes={"class": 4, "alone": 6} slideshow={"slide_type": "slide"}
# ## Move through the classes
#
# The slider chooses a class, the switch draws $M_c$ or, as the deck does, $|M_c|$. From the left: the input, the raw map
# of 14 × 14 cells, the map with the outline of the digit, and the ten scores. All maps share one colour scale. Red
# speaks for the class, blue against it.
#
# **Find a class with a strong map and a low score. How can that be?** Then flip the switch and compare the two numbers
# above the figure.

# %% slideshow={"slide_type": "fragment"}
digit_map_slider(image[0], e)

# %% [markdown] lang="en" minutes={"class": 3, "alone": 5} slideshow={"slide_type": "slide"}
# ## For and against: an account
#
# A score is a difference. Split each map into its positive and its negative part and average both over all 196 positions;
# "for" plus "against" plus $b_c$ is $S_c$.
#
# **Compare the size of "for" and "against" with the size of $S_c$.** The map of a class with a low score need not be
# pale: strong reasons on both sides can cancel.

# %% slideshow={"slide_type": "fragment"}
pro = np.maximum(M[0], 0).mean(axis=(0, 1))
contra = np.minimum(M[0], 0).mean(axis=(0, 1))
mean = M[0].mean(axis=(0, 1))
print("class      for   against    mean M         b         S        P")
for c in range(10):
    values = (pro[c], contra[c], mean[c], b[c], S[0, c])
    print(f"{c:5d}", *[f"{v:9.3f}" for v in values], f"{P[0, c]:8.4f}")
check_identity("for + against + b_c = S_c", S_model[0], pro + contra + b)

# %% [markdown] lang="en" minutes={"class": 6, "alone": 9} slideshow={"slide_type": "slide"}
# ## What is zero? The map of a black picture
#
# A picture without any ink has scores as well. **Which class does the network give to an empty sheet: none, or one of the ten?**
# And what does its map look like: zero everywhere?

# %% slideshow={"slide_type": "fragment"}
black = np.zeros_like(image)
e_black = explain(black, classes="all")
M_black = np.moveaxis(e_black.maps, 1, -1)[0]  # (14, 14, 10)
S_black = e_black.scores[0]
winner = int(S_black.argmax())
print(f"the empty sheet is a {winner}: S = {S_black[winner]:.2f}, ", end="")
print(f"P = {e_black.probabilities[0, winner]:.2f}")
inside, corner = M_black[7, 7, winner], M_black[0, 0, winner]
print(f"its map: {inside:.2f} in every cell inside, {corner:.2f} in the corner")

D = M[0] - M_black
check_identity("mean (M - M_black) = S - S_black", S[0] - S_black, D.mean(axis=(0, 1)))

# %% slideshow={"slide_type": "fragment"}
three = [M[0, :, :, best], M_black[:, :, best], D[:, :, best]]
titles = [f"$M_{best}$ of the image", f"$M_{best}$, black picture", "difference"]
show_digit_maps(np.concatenate([image, black, image]), three, titles)

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# On black paper the filters still give what their biases give, and the weights make a map of that, the same in every picture.
# At the frame it is another one, because there the rim of zeros takes part. So the zero of $M_c$ is not "no ink": it is "no
# feature". The difference $M_c$ minus the map of the black picture answers another question: what did *the ink* change? Its
# mean is the difference of the two scores, exactly; the bias drops out.
#
# Both are right answers, each to its question, and neither is the only one: a grey picture, or the mean of all images, would be
# another reference. Say which one you took. (If a map has its peak in one and the same corner for every image, look at the map
# of the black picture first: what does not move with the digit is mostly there. What is left after the subtraction comes from the
# images, as the sticker of lesson 00 did.)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Exercise 4.3 · from the difference to the score
#
# Given the difference `D` of one class, the map of an image minus the map of the black picture, and the score `S_black` of the
# black picture. Return the score of the image.


# %% tags=["exercise"] slideshow={"slide_type": "fragment"}
def score_from_difference(D, S_black):
    ### BEGIN SOLUTION
    return S_black + D.mean()
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "skip"}
check("4.3", score_from_difference)

# %% [markdown] lang="en" minutes={"class": 4, "alone": 5} slideshow={"slide_type": "slide"}
# ## A mistake to know: the absolute value
#
# ```python
# attention = predCAM[:, :, :, pred]
# attention = np.abs(np.reshape(attention, (14, 14)))
# ```
#
# (Deck D1; `predCAM` holds the maps, `pred` the predicted class.) After `np.abs` the reasons against a class look like
# reasons for it. The mean of $|M_c|$ is "for" minus "against" in the account above, so a class can shine because so much
# speaks against it.
#
# **Which class has the strongest $|M_c|$: the predicted one?** Look at the account and decide. The figure shows the
# predicted class and the strongest of all others, signed beside absolute, on one scale. The second and the
# fourth picture are what the deck's program draws: all blue has turned red.

# %% slideshow={"slide_type": "fragment"}
strength = np.abs(M[0]).mean(axis=(0, 1))
others = [c for c in range(10) if c != best]
loud = max(others, key=lambda c: strength[c])
maps, titles = [], []
for c in (best, loud):
    maps += [M[0, :, :, c], np.abs(M[0, :, :, c])]
    titles += [
        f"$M_{c}$: $S_{c}$ = {S[0, c]:.2f}\nmean {mean[c]:.2f}",
        f"$|M_{c}|$: $P_{c}$ = {P[0, c]:.4f}\nmean {strength[c]:.2f}",
    ]
print(f"predicted: class {best};   strongest |M|: class {strength.argmax()}")
label = "against (−) and for (+); $|M|$ shows both as +"
show_digit_maps(image[0], maps, titles, label=label)

# %% [markdown] lang="en" minutes={"class": 3, "alone": 6} slideshow={"slide_type": "slide"}
# ## A mistake to know: the bias left behind
#
# The deck's `get_weights()[0]` drops $b_c$. The map is the same without it, but its mean is then $S_c - b_c$. (Deck D0's
# network has `use_bias=False` and nothing to drop.) The bias is the score where all feature maps are zero; it belongs to
# no position, so no map can show it. **Can it turn a decision?** The cell counts.
#
# The deck also writes $F_k$ as a sum over $(x, y)$; Keras' GAP takes the mean. With sums on weights that were learned
# with means, everything but the bias grows by $N = 14\cdot 14 = 196$. **What does that do to $P_c$?**

# %% slideshow={"slide_type": "fragment"}
check_identity("mean_xy M_c = S_c - b_c", S_model - b, M.mean(axis=(1, 2)))
S_test = logits.predict(digits.test_images, verbose=0)
turned = (S_test - b).argmax(axis=1) != S_test.argmax(axis=1)
print(f"without the bias another class: {turned.sum()} of {len(turned):,} test images")

N = 14 * 14
S_sum = class_scores(f.sum(axis=(1, 2)), w, b)
check_identity("with sums: S_c - b_c, N times", N * (S_model - b), S_sum - b)
print(f"means: largest S {S.max():6.1f}, largest P {P.max():.6f}")
print(f"sums:  largest S {S_sum.max():6.1f}, largest P {softmax(S_sum).max():.6f}")

# %% [markdown] lang="en" tags=["at-home"] minutes={"class": 0, "alone": 8} slideshow={"slide_type": "skip"}
# ## A mistake to know: layers by number (at home)
#
# `model.get_layer(index=2)` and `model.layers[4]` are right for this one list of layers. Three networks that a student
# may well write: the deck's; the same layers as a functional model, where the input counts as a layer; one with a hidden
# dense layer before the last.
#
# **What stands at 2 and at 4 in each?**

# %% tags=["at-home"] slideshow={"slide_type": "skip"}
# NBVAL_CHECK_OUTPUT
to_F = lecture_network.layers[:4]
ends = [L.Dense(32, "relu", name="hidden_units"), L.Dense(10, "softmax")]
variants = {
    "deck": lecture_network,
    "functional": keras.Model(lecture_network.inputs[0], lecture_network.outputs[0]),
    "hidden": keras.Sequential([keras.Input((28, 28, 1)), *to_F, *ends], name="hidden"),
}
print(f"{'':12s}{'layer 2':15s}{'layer 4':24s}weights of layer 4")
for name, variant in variants.items():
    two, four = variant.get_layer(index=2), variant.layers[4]
    names = f"{type(two).__name__:15s}{type(four).__name__:24s}"
    weights = four.get_weights()
    print(f"{name:12s}{names}{weights[0].shape if weights else 'none'}")

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# In the functional model, layer 4 is the GAP, which has no weights: `get_weights()[0]` stops with an `IndexError`. That
# is the good case. In the last network nothing stops: the product of (14, 14, 64) and (64, 32) gives 32 "maps", and
# `[:, :, :, pred]` picks one by the number of a class, though these 32 belong to hidden units and not to classes.
#
# By role it cannot happen. Asked for the layer after the GAP, `Network` gives the right one or says why there is none.

# %% tags=["at-home"] slideshow={"slide_type": "skip"}
# NBVAL_CHECK_OUTPUT
for name, variant in variants.items():
    network = Network(variant)
    try:
        head = network.gap_head()
        print(f"{name:12s}f: {head.features.shape}   w: {tuple(head.w.shape)}")
    except ValueError as error:
        print(f"{name:12s}no CAM: {error}")

# %% [markdown] lang="en" tags=["at-home"] minutes={"class": 0, "alone": 8} slideshow={"slide_type": "skip"}
# ## A mistake to know: OpenCV counts width first (at home)
#
# ```python
# resized_attention = cv2.resize(attention, (28, 28), interpolation = cv2.INTER_CUBIC)
# ```
#
# (Deck D1.) NumPy's shape is (height, width), OpenCV's size is (width, height). On squares nobody notices. Take the
# middle 8 of 14 rows of the map, and double them: height 16, width 28. **What does `cv2.resize(part, (16, 28))` return?**

# %% tags=["at-home"] slideshow={"slide_type": "skip"}
# NBVAL_CHECK_OUTPUT
M_c = M[0, :, :, best]
part = M_c[3:11]  # 8 rows, 14 columns
wrong = cv2.resize(part, (16, 28))
correct = cv2.resize(part, (28, 16))
print("part", part.shape)
print("size (16, 28):", wrong.shape, "  size (28, 16):", correct.shape)
as_numpy = e.resize((16, 28)).maps.shape[2:]
print("Explanation.resize((16, 28)), as NumPy has it:", as_numpy)

# %% tags=["at-home"] slideshow={"slide_type": "skip"}
titles = ["part of the raw map", "size (16, 28)", "size (28, 16)"]
show_strip([part, wrong, correct], titles, label="$M_c(x, y)$")

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### Exercise 4.4 · resize to (h, w) (at home)
#
# Write `resize_to(M, height, width)`: the map `M` on `height` rows and `width` columns, by OpenCV's bilinear interpolation.


# %% tags=["exercise", "at-home"] slideshow={"slide_type": "skip"}
def resize_to(M, height, width):
    ### BEGIN SOLUTION
    return cv2.resize(M, (width, height))
    ### END SOLUTION


# %% tags=["check", "at-home"] slideshow={"slide_type": "skip"}
check("4.4", resize_to)

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### … and blue first (at home)
#
# OpenCV also keeps colours as blue, green, red. What it reads and writes itself is consistent; mixed with Pillow,
# Matplotlib or Keras, which say red, green, blue, red and blue trade places, and a network is fed colours it has not
# seen. The digits are grey, so here nothing happens. Lesson 06 meets it on photographs.

# %% tags=["at-home"] slideshow={"slide_type": "skip"}
# NBVAL_CHECK_OUTPUT
red = np.array([[[255, 0, 0]]], dtype=np.uint8)  # one pixel, red in RGB
# What others see, if OpenCV takes it for BGR:
read_as_bgr = cv2.cvtColor(red, cv2.COLOR_BGR2RGB)
print("red, green, blue:", red[0, 0], " through OpenCV:", read_as_bgr[0, 0])

# %% [markdown] lang="en" tags=["at-home"] minutes={"class": 0, "alone": 14} slideshow={"slide_type": "skip"}
# ## A mistake to know: bicubic values are not the map's (at home)
#
# Bicubic interpolation, the deck's `cv2.INTER_CUBIC`, puts a smooth curve through the cells, and this curve swings out
# before and after a step. A quarter of the way from one cell to the next, OpenCV weighs the four nearest so (Keys,
# 1981, has the family of such kernels and takes $a = -\tfrac12$ himself; OpenCV takes $a = -\tfrac34$):
#
# $$\tfrac{-27}{256},\quad \tfrac{225}{256},\quad \tfrac{67}{256},\quad \tfrac{-9}{256} \qquad\text{(sum 1)}$$
#
# **Double the length of the row 0 0 0 1 1 1. Which is the largest value that comes out?** Choose which of the four
# weights fall on a 1.

# %% tags=["at-home"] slideshow={"slide_type": "skip"}
# NBVAL_CHECK_OUTPUT
row = np.array([[0, 0, 0, 1, 1, 1]], dtype=np.float32)
for name, kind in (("bilinear", cv2.INTER_LINEAR), ("bicubic", cv2.INTER_CUBIC)):
    doubled = cv2.resize(row, (12, 1), interpolation=kind)[0]
    print(f"{name:8s}", *[f"{value:5.2f}" for value in doubled.round(2) + 0])
print(f"largest, bicubic: {doubled.max():.4f}")
print(f"by hand: (225 + 67 - 9) / 256 = {(225 + 67 - 9) / 256:.4f}")

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# The same on the map of test image 1005. The identity belongs to the raw 14 × 14 map. A resized map is for the eye: its
# largest and smallest values are no longer the map's, and its mean plus $b_c$ need not be the score.
#
# Bilinear interpolation takes weights between 0 and 1 only, so it invents no extremes, though it flattens those that are
# there. At whole multiples of 14 it keeps the mean; at 40 × 40 it does not. `Explanation.resize` uses it, and computes
# the residual anew.


# %% tags=["at-home"] slideshow={"slide_type": "skip"}
def line(name, R):
    off = R.mean() + b[best] - S[0, best]
    print(f"{name:18s}{R.min():9.2f}{R.max():9.2f}{off:+19.4f}")


print(f"{'':18s}{'min':>9s}{'max':>9s}   mean + b_c - S_c")
line("raw 14 x 14", M_c)
for name, kind in (("bilinear", cv2.INTER_LINEAR), ("bicubic", cv2.INTER_CUBIC)):
    for side in (28, 40, 112):
        R = cv2.resize(M_c, (side, side), interpolation=kind)
        line(f"{name} {side} x {side}", R)

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### Exercise 4.5 · resize first, or multiply first? (at home)
#
# Two ways to a large map: resize all $f_k$ and multiply by the weights then, or make the map first and resize it. For which of
# these pairs of steps does the order make **no** difference? Answer with four words, `True` or `False`.
#
# 1. bilinear resizing, and the weighted sum over $k$;
# 2. bicubic resizing, and the weighted sum over $k$;
# 3. bilinear resizing, and a ReLU;
# 4. bilinear resizing, and dividing a map by its own largest value.

# %% tags=["exercise", "at-home"] slideshow={"slide_type": "skip"}
# a list of four, True or False
### BEGIN SOLUTION
order_is_free = [True, True, False, False]
### END SOLUTION

# %% tags=["check", "at-home"] slideshow={"slide_type": "skip"}
check("4.5", order_is_free)

# %% [markdown] lang="en" tags=["at-home"] minutes={"class": 0, "alone": 6} slideshow={"slide_type": "skip"}
# ## A mistake to know: jet (at home)
#
# Many maps in papers and tutorials are drawn in the rainbow colours *jet*. The eye finds edges by lightness, and jet's
# lightness goes up and down along the scale: bright at cyan and at yellow, dark at both ends. So jet draws rims where the
# data have none. And it gives red and green different meanings, which many colour-blind people cannot tell apart.
#
# The figure shows one map in three colour maps; below, the lightness L* alone, as a grey print has it; below that, L*
# along the scale (0 black, 100 white). **Follow jet's curve from left to right: how often does it turn?** Then find
# its brightest point in the grey print: thin light rims around the red places, at a value where no meaning changes.

# %% tags=["at-home"] slideshow={"slide_type": "skip"}
smooth = cv2.resize(M_c, (112, 112), interpolation=cv2.INTER_CUBIC)
show_colour_maps(smooth, ["jet", "RdBu_r", "viridis"])

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# A good scale changes direction only where the meaning does: never for values that only grow (viridis), once at zero for
# a signed map (RdBu_r, red for, blue against). The cell counts the turns of L* along each scale and says where the
# lightest colour lies, from −1 to 1. The price of two directions: in a grey print "for" and "against" look alike, so
# signed maps need their colours.

# %% tags=["at-home"] slideshow={"slide_type": "skip"}
# NBVAL_CHECK_OUTPUT
from matplotlib import colormaps
from skimage.color import rgb2lab

for name in ("jet", "RdBu_r", "viridis"):
    lightness = rgb2lab(colormaps[name](np.linspace(0, 1, 256))[:, :3])[:, 0]
    steps = np.diff(lightness).round(2)
    turns = np.sum(np.diff(np.sign(steps[steps != 0])) != 0)
    lightest = np.linspace(-1, 1, 256)[lightness.argmax()].round(1) + 0
    print(f"{name:8s} turns: {turns}   lightest at {lightest:+.1f}")

# %% [markdown] lang="en" minutes={"class": 5, "alone": 8} slideshow={"slide_type": "slide"}
# ## A mistake to know: each map scaled by itself
#
# Another habit: $(M - \min M)/(\max M - \min M)$, for each map. It makes the largest value of every map 1, whatever it
# was, and it moves zero. Below the maps of the predicted class and of the three least likely ones, each scaled by itself,
# in the same colours as before. Nothing is negative any more, so nothing is blue.
#
# **Try to tell the predicted class from its map.** The titles do not help.


# %% slideshow={"slide_type": "fragment"}
def min_max(M):
    return (M - M.min()) / (M.max() - M.min())


ranked = np.argsort(-S[0])
shown = sorted([ranked[0], *ranked[-3:]])
scaled_maps = [min_max(M[0, :, :, c]) for c in shown]
label = "each map scaled to 0 … 1 by itself"
show_digit_maps(image[0], scaled_maps, ["?"] * 4, label=label, rectified=True)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Exercise 4.6 · one scale for all
#
# `maps` holds several maps, shape (n, h, w). Bring them to one scale from −1 to 1 on which zero stays zero and the strongest
# cell of all, for or against, has the size 1.


# %% tags=["exercise"] slideshow={"slide_type": "fragment"}
def on_one_scale(maps):
    ### BEGIN SOLUTION
    return np.divide(maps, np.abs(maps).max())
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "skip"}
check("4.6", on_one_scale)

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# The same four maps, unscaled, on one shared scale with zero in the middle. What is absent no longer looks present: the
# blue is back, white is zero again, and the largest values, all 1 before, differ. (The red that remains is real: single
# places can speak for a class that loses. The account above says by how much it is outweighed.)

# %% slideshow={"slide_type": "fragment"}
maps = [M[0, :, :, c] for c in shown]
titles = [f"class {c}: $S_{c}$ = {S[0, c]:.1f}" for c in shown]
titles = [f"{t}\nlargest {m.max():.0f}" for t, m in zip(titles, maps)]
show_digit_maps(image[0], maps, titles)

# %% [markdown] lang="en" minutes={"class": 7, "alone": 10} slideshow={"slide_type": "slide"}
# ## The lecture's table: class 1
#
# Deck D1 shows its results in five columns: the input and the raw map as they are; both resized; both together. Only
# the second column, the raw map, obeys the identity. Four test images of the class, the signed map of that class, one
# scale for all rows. The deck resizes to 28 × 28, which leaves its input as it is; here it is 112 × 112, with the digit
# as an outline in the last column, so that the colours stay those of the bar.
#
# **A 1 is one stroke. What would you expect to speak for "1": the ink, or the empty space beside it?** Four images
# invite stories, so the line above the table counts over a hundred; a cell is ink if it is more than a quarter white.


# %% slideshow={"slide_type": "fragment"}
def table_of(c):
    chosen = np.flatnonzero(digits.test_labels == c)[:100]
    images = digits.test_images[chosen]
    found = explain(images, classes=[c])
    maps, P_c = found.maps[:, 0], found.probabilities[:, 0]
    ink = images.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)) > 0.25  # one value a cell
    print(f"{len(images)} images, ink on {ink.mean():.0%} of the cells")
    for name, part in (("M", maps), ("M - M_black", maps - M_black[..., c])):
        positive = np.maximum(part, 0)
        share = positive[ink].sum() / positive.sum()
        print(f"{share:.0%} of what speaks for {c} in {name} lies on ink")
    names = [f"test {i}\nP = {p:.2f}" for i, p in zip(chosen, P_c[:4])]
    return show_five_columns(images[:4], maps[:4], names)


table_of(1)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Class 7
#
# **What distinguishes a 7 from a 1 and from a 9? Where should the map of class 7 be red?** Decide, then look at the raw
# maps in the second column.

# %% slideshow={"slide_type": "fragment"}
table_of(7)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Class 9
#
# **A 9 has a loop on top and a stem. Which of them speaks for "9"?** And is what speaks against it on the ink or beside it?
#
# Where the paper is empty, $f_k$ is what the biases of the convolutions leave, the same in every picture: that is the pale
# ground of the maps. Compare the two shares above each table. Against the black picture, more of what speaks for the class
# lies on the ink: much of what looked like "empty space as a reason" was that ground. The rest is real: a cell beside a stroke
# sees the stroke's edge, and the network uses whatever separates the classes.

# %% slideshow={"slide_type": "fragment"}
table_of(9)

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## The five best classes of one image
#
# Deck D0 shows the maps of the five best predictions of one picture. `top=5` gives them, best first. Same image, same
# feature maps $f_k$; only the weights differ. One shared scale.
#
# **Which class comes second for image 1005, and what speaks for it?**

# %% slideshow={"slide_type": "fragment"}
five = explain(image, top=5)
titles = [f"class {c}\nS = {S[0, c]:.1f}, P = {P[0, c]:.2f}" for c in five.classes[0]]
show_digit_maps(image[0], five.maps[0], titles)

# %% [markdown] lang="en" minutes={"class": 3, "alone": 5} slideshow={"slide_type": "slide"}
# ## One class over many images
#
# The other question of deck D0: one class, many pictures. Twelve test images of the digit 9, the map of class 9 for each,
# one scale.
#
# **Look for what moves with the digit, and for what stays where it is.** Titles give the score and mark an image that the
# network takes for another digit.

# %% slideshow={"slide_type": "fragment"}
nines = np.flatnonzero(digits.test_labels == 9)[:12]
found = explain(digits.test_images[nines], classes=[9])
titles = []
for i, s in zip(nines, found.scores[:, 0], strict=True):
    wrong = "" if predicted[i] == 9 else f"\ntaken for {predicted[i]}"
    titles.append(f"test {i}: $S_9$ = {s:.1f}{wrong}")
show_digit_maps(digits.test_images[nines], found.maps[:, 0], titles, columns=4)

# %% [markdown] lang="en" minutes={"class": 3, "alone": 9} slideshow={"slide_type": "slide"}
# ## What a map is, and what it is not
#
# A map is the score, laid out over positions: exact, signed, in the units of the score. Two things it does not tell.
#
# **Why this class and not another.** Softmax sees only differences: $\log(P_c / P_d) = S_c - S_d$, the mean of
# $M_c - M_d$ plus $b_c - b_d$. Subtract the weights of the predicted class from those of every class: its map is
# then empty, and no probability has changed. So read a map beside those of other classes.
#
# **Whether the reason is good.** It says where this network took its score from, not what would happen if that place
# looked different. The identity is arithmetic and holds for an untrained network too. Lesson 06 draws such maps; lesson
# 10 puts maps to the test. (The next cell, not a slide, has these claims in numbers.)

# %% slideshow={"slide_type": "skip"}
log_ratios = np.log(P_model[:, [best]] / P_model)
from_maps = (M[..., [best]] - M).mean(axis=(1, 2)) + b[best] - b
check_identity("log(P_c / P_d) = mean (M_c - M_d) + b_c - b_d", log_ratios, from_maps)

w_moved = w - w[:, [best]]
check_identity("the same probabilities", P_model, softmax(class_scores(F, w_moved, b)))
largest = np.abs(class_activation_map(f, w_moved)[0, :, :, best]).max()
print(f"largest |M_{best}|: {np.abs(M_c).max():.1f} before, {largest:.1f} after")

u = CAM(lecture_network)(some, classes="all")
from_maps = u.maps.mean(axis=(2, 3)) + u.bias
check_identity("untrained: S_c = mean_xy M_c + b_c", u.scores, from_maps)

# %% [markdown] lang="en" tags=["open", "at-home"] slideshow={"slide_type": "skip"}
# ### Open question · a map for the newspaper (at home)
#
# A newspaper wants to print one picture that shows "why the computer reads a 9". Which map would you give it (signed or positive
# only, minus the black picture or not, of which class, on which scale), and which sentence would you put under it? Write three
# sentences.

# %% [markdown] lang="en" tags=["solution", "at-home"] slideshow={"slide_type": "skip"}
# A good answer names what it chose and what the choice hides: for instance the signed map of class 9, minus that of the black
# picture, on a scale with zero in the middle, beside the map of the second class on the same scale. The sentence under it says
# that red places raised the score of "9" compared with an empty sheet, in this network and for this image, and that the map does
# not say whether these are good reasons.

# %% [markdown] lang="en" tags=["at-home"] minutes={"class": 0, "alone": 12} slideshow={"slide_type": "skip"}
# ## Draw a digit of your own (at home)
#
# The same network, computed in your browser while you draw: with mouse, finger or pen, or with the arrow keys and the space bar. The ten
# maps share one scale; point at a cell of the large map, and see what it sees and which terms $w_k^c f_k(x, y)$ its number is made of.
#
# **Can you draw a 4 that the network calls a 9?** Say first which stroke has to change, and look at the map of both classes.

# %% tags=["at-home"] slideshow={"slide_type": "skip"}
explorer = DigitExplorer(model, image[0])
explorer

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# Your strokes stay in the browser; the picture and the browser's own ten maps come back here. Draw, then run the next cell: `CAM(model)` of
# your picture must be what the browser has computed.

# %% tags=["at-home"] slideshow={"slide_type": "skip"}
drawing = explorer.drawing
if drawing.maps is None:
    print("Run the cell above, draw, and run this one again.")
else:
    yours = CAM(model)(drawing.image, classes="all")
    check_identity("M_c of the browser = M_c", yours.maps[0], drawing.maps)

# %% [markdown] lang="en" minutes={"class": 3, "alone": 5} slideshow={"slide_type": "slide"}
# ## Summary
#
# - Second model for $f$, `get_weights()` for $w$ and $b$, one product `f @ w`: ten maps of 14 × 14. `CAM(model)(images)`
#   does the same by role.
# - $S_c = \text{mean of } M_c + b_c$ holds to rounding error against the model's own logits, for every class and image
#   tried.
# - The score is the difference of reasons for and against. `np.abs` adds what should be subtracted.
# - The raw signed map carries the identity. Resizing, scaling by itself and jet change what is seen.
# - Find layers by role; keep the bias; OpenCV says (width, height) and BGR.
# - A single map explains one score and no probability; differences of maps do.

# %% [markdown] lang="en" minutes={"class": 0, "alone": 8} slideshow={"slide_type": "skip"}
# ## Quiz
#
# Think of your answer first, then open it. Each choice says why it is right or wrong.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **The largest value of $M_3$ is higher than that of $M_9$. Which class does the network predict?**
#
# - [ ] 3. :: One strong cell does not make a score; all cells and the bias count.
# - [x] That cannot be told from this. :: Yes. The means of the maps and the biases decide.
# - [ ] 9. :: Nothing here says so.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **`np.abs` is applied to the map before drawing. What is lost?**
#
# - [x] Whether a place speaks for or against the class. :: Yes, and with it the sum that gives the score.
# - [ ] Nothing, because only the place matters. :: A place that speaks against the class is then shown as a reason for it.
# - [ ] The resolution. :: The cells stay as they are.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **The map of a black picture is not zero. What does that mean?**
#
# - [ ] The program has a fault. :: Filters have biases; on black paper these are all that is left.
# - [ ] The network looks at the paper. :: There is nothing on the paper to look at; the same map lies under every picture.
# - [x] A map is relative to "no feature", not to "no ink". :: Yes. Subtract the black picture's map to ask what the ink changed.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **Which of these obeys $S_c = \text{mean of the map} + b_c$ exactly?**
#
# - [ ] The map after bicubic resizing. :: Its mean is another one at most sizes.
# - [ ] The map divided by its largest value. :: Then the mean is divided, too.
# - [ ] The map after a ReLU. :: The mean grows by what was cut off.
# - [x] The raw signed map. :: Yes, and that one alone of these four.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **`cv2.resize(M, (112, 224))` of a map. What shape has the result?**
#
# - [ ] (112, 224). :: OpenCV counts width first.
# - [x] (224, 112). :: Yes: width 112, height 224, and NumPy says height first.

# %% [markdown] lang="en" minutes={"class": 0, "alone": 0} slideshow={"slide_type": "skip"}
# ## Sources
#
# - The program of steps 0 to 3 and the table of five columns: deck D1, Hyunseok Oh, Gwangju Institute of Science and
#   Technology (GIST), "Class Activation Map". Top five and one class over many images: deck D0, Seungchul Lee, Industrial AI Lab.
# - B. Zhou, A. Khosla, A. Lapedriza, A. Oliva, A. Torralba: Learning deep features for discriminative localization. CVPR
#   2016, pp. 2921–2929.
# - Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: Gradient-based learning applied to document recognition. Proceedings of
#   the IEEE 86 (11), 1998, pp. 2278–2324 (MNIST).
# - D. P. Kingma, J. Ba: Adam: a method for stochastic optimization. ICLR 2015.
# - R. G. Keys: Cubic convolution interpolation for digital image processing. IEEE Transactions on Acoustics, Speech, and
#   Signal Processing 29 (6), 1981, pp. 1153–1160.
# - D. Borland, R. M. Taylor II: Rainbow color map (still) considered harmful. IEEE Computer Graphics and Applications 27
#   (2), 2007, pp. 14–17.
# - F. Crameri, G. E. Shephard, P. J. Heron: The misuse of colour in science communication. Nature Communications 11, 5444
#   (2020).
