# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   language_info: {name: python}
# ---

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
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
# 3. name seven ways in which a correct map becomes a wrong picture, and show each;
# 4. read the lecture's five-column table, and say which of its columns obeys the identity;
# 5. give two things that a class activation map does not tell.
#
# **Time:** 50 minutes in class, 100 minutes alone. **Before:** lessons 02 (global average pooling) and 03 (the
# mathematics of CAM).

# %% slideshow={"slide_type": "skip"}
from cam_course import CAM  # first: it keeps TensorFlow's start-up messages out of the notebook
import cv2
import keras
import numpy as np
import tensorflow as tf
from IPython.display import Markdown

from cam_course.data.mnist import load_mnist
from cam_course.maps import class_activation_map, class_scores, global_average_pool, softmax
from cam_course.models import MNIST_WEIGHTS, train_mnist, trained_mnist_network
from cam_course.network import Network
from cam_course.plotting import show_colour_maps, show_digit_maps, show_five_columns, show_images, show_strip
from cam_course.teaching.identity import check_identity
from cam_course.teaching.widgets.digit import digit_map_slider

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
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
# convolution takes (N, height, width, channels). `load_mnist` does both, in 32-bit numbers; the deck's `/255.0` makes
# 64-bit ones, twice the memory for nothing.

# %% slideshow={"slide_type": "fragment"}
digits = load_mnist()
print(digits.notice)
x = digits.test_images
print(x.shape, x.dtype, "from", x.min(), "to", x.max())

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# Ten test images, and number 1005, the one that the deck explains. White is ink, 1; black is paper, 0.

# %% slideshow={"slide_type": "fragment"}
numbers = [*range(10), 1005]
show_images(digits.test_images[numbers], [f"test {i}: a {digits.test_labels[i]}" for i in numbers], columns=6)

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
# ## Step 1: a network that ends in GAP and one dense layer
#
# The deck's network has five layers: two convolutions, one pooling between them, GAP, one dense layer. Written for
# Keras 3, three things change. The input is a `keras.Input`, no longer `input_shape=` in the first layer. The second
# `input_shape=(14, 14, 32)` goes: Keras works it out. And `compile` wants `metrics=["accuracy"]`, a list.

# %% slideshow={"slide_type": "fragment"}
L = keras.layers


def lecture_layers():
    return [
        L.Conv2D(32, 3, padding="same", activation="relu"),
        L.MaxPooling2D(2),
        L.Conv2D(64, 3, padding="same", activation="relu"),  # its output: the feature maps f
        L.GlobalAveragePooling2D(),  # f -> F
        L.Dense(10, activation="softmax"),  # F -> S -> P
    ]


lecture_network = keras.Sequential([keras.Input((28, 28, 1)), *lecture_layers()])

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Count the parameters
#
# A filter of 3 × 3 has 9 weights for each input channel, and one bias:
#
# - first convolution: $(3\cdot 3\cdot 1 + 1)\cdot 32 = 320$,
# - second convolution: $(3\cdot 3\cdot 32 + 1)\cdot 64 = 18{,}496$,
# - dense layer: $64\cdot 10 + 10 = 650$.
#
# Pooling has none. Together 19,466, the number in the deck. **How large is one feature map $f_k$, and how many are there?**
# Say it before you run the cell.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
for layer in lecture_network.layers:
    print(f"{type(layer).__name__:24s}{layer.output.shape!s:24s}{layer.count_params():8,}")
print(f"{'together':48s}{lecture_network.count_params():8,}")

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
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
# This notebook trains nothing unless you ask for it. The course comes with weights that this very program made. Set
# `RETRAIN = True` to train your own: Keras then shows a bar for each epoch, and everything below uses your weights.

# %% slideshow={"slide_type": "fragment"}
RETRAIN = False
model = train_mnist(digits) if RETRAIN else trained_mnist_network()
print("Weights:", "trained in this notebook." if RETRAIN else "those that come with the course.")

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### The card of the weights
#
# Trained weights without their history are worth little. This card was written by the program that trained the shipped
# ones.

# %% slideshow={"slide_type": "fragment"}
card = MNIST_WEIGHTS.with_name("mnist_gap.md").read_text(encoding="utf-8")
Markdown(card.replace("# Weights", "#### Weights"))

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### How good is it here?
#
# The test images played no part in training. How many of those that this notebook uses does the model get right?

# %% slideshow={"slide_type": "fragment"}
predicted = model.predict(digits.test_images, verbose=0).argmax(axis=1)
right = predicted == digits.test_labels
print(f"{right.sum():,} of {len(right):,} test images right ({right.mean():.1%}); {digits.source}")

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# The loss of the first hundred test images by hand, beside Keras'. (Keras keeps every $P_y$ above $10^{-7}$, so that the
# logarithm stays finite. `model(x)` is `model.predict(x)` without batches: right for a few images.)

# %% slideshow={"slide_type": "fragment"}
some, y = digits.test_images[:100], digits.test_labels[:100]
P_some = model(some).numpy()
P_y = np.maximum(P_some[np.arange(100), y], 1e-7)
loss = keras.losses.sparse_categorical_crossentropy(y, P_some)
check_identity("loss = -log P_y", loss, -np.log(P_y))

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
# ## Step 3: the map, the deck's way
#
# ```python
# conv_layer = model.get_layer(index = 2)
# fc_layer = model.layers[4].get_weights()[0]
# my_map = tf.matmul(conv_layer.output, fc_layer)
# CAM = tf.keras.Model(inputs = model.inputs, outputs = my_map)
# ```
#
# (Deck D1; its comment calls layer 2 "max pooling", but counting starts at 0, so it is the second convolution.) The idea
# is right: a second model with the same input that stops at the feature maps, and the weights of the dense layer. Note
# what `[0]` does: `get_weights()` returns $w$ **and** $b$, and the deck leaves $b$ behind.

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### One line no longer runs
#
# `conv_layer.output` is no array but a *symbolic* tensor: a shape that stands for values still to come. With Keras 3, a
# TensorFlow function does not take one. The cell shows what it says, and then the line that works: `keras.ops` has the
# same functions for both.

# %% slideshow={"slide_type": "fragment"}
conv_layer, fc_layer = model.get_layer(index=2), model.layers[4]
w, b = fc_layer.get_weights()
try:
    tf.matmul(conv_layer.output, w)
except ValueError as error:
    print("tf.matmul:", str(error).split(". ")[0])
print("keras.ops.matmul:", keras.ops.matmul(conv_layer.output, w))

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### $f$, $w$ and $b$ out of the trained model
#
# One step at a time, so that every value can be looked at. The second model returns the feature maps of any image. We
# give it test image 1005, as the deck does: a batch of one.
#
# **Which axes of $f$ and $w$ must meet in the product?** The shapes tell.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
feature_maps = keras.Model(model.inputs[0], conv_layer.output)
image, label = digits.test_images[1005:1006], digits.test_labels[1005]
f = feature_maps(image).numpy()
print("image", image.shape, "  f", f.shape, "  w", w.shape, "  b", b.shape)

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# $f$ has 64 numbers at each of 14 × 14 positions, $w$ has 64 numbers for each of 10 classes: the 64 meet. First the road
# that the network takes, to $F_k$, $S_c$, $P_c$:

# %% slideshow={"slide_type": "fragment"}
F = global_average_pool(f)  # (1, 64)
S = class_scores(F, w, b)  # (1, 10)
P = softmax(S)
print(f"test image 1005 is a {label}; predicted: {S[0].argmax()}")
with np.printoptions(precision=4, suppress=True):
    print("S:", S[0])
    print("P:", P[0])

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Is that what the model computes?
#
# The model puts out $P_c$ alone, so we compare those. For $S_c$ we give the dense layer's weights to a second dense layer
# without softmax: its outputs are the model's own scores before softmax, its *logits*.

# %% slideshow={"slide_type": "fragment"}
bare = L.Dense(10)  # no activation
logits = keras.Model(model.inputs[0], bare(fc_layer.input))
bare.set_weights([w, b])
S_model, P_model = logits(image).numpy(), model(image).numpy()

np.testing.assert_allclose(S, S_model, rtol=1e-5, atol=1e-4)
check_identity("logits: S_c = sum_k w_k^c F_k + b_c", S_model, S)
check_identity("output: P_c = exp(S_c) / sum_c' exp(S_c')", P_model, P)

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
# ## The map: one matrix product
#
# $$M_c(x, y) = \sum_k w_k^c f_k(x, y)$$
#
# No averaging; at each position 64 numbers times 64 weights, for ten classes at once. `tf.matmul` of arrays, NumPy's `@`
# and our `class_activation_map` are the same product, because all three act on the last axis of $f$ and the first of $w$.

# %% slideshow={"slide_type": "fragment"}
M = class_activation_map(f, w)  # (1, 14, 14, 10)
by_hand = sum(w[k, label] * f[0, :, :, k] for k in range(64))  # one class, as the formula says
check_identity("M_c(x, y) = sum_k w_k^c f_k(x, y)", M[0, :, :, label], by_hand)
check_identity("tf.matmul(f, w) = M", tf.matmul(f, w), M)
check_identity("f @ w = M", f @ w, M)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### The identity, on a trained network
#
# Lesson 03 proved it: the mean of the map plus the bias is the score. Here against the model's own logits, for all ten
# classes. `assert_allclose` stops the notebook if it is not so.

# %% slideshow={"slide_type": "fragment"}
S_from_maps = M.mean(axis=(1, 2)) + b
np.testing.assert_allclose(S_from_maps, S_model, rtol=1e-5, atol=1e-4)
check_identity("S_c = mean_xy M_c(x, y) + b_c", S_model, S_from_maps)

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
# ## The same in one line
#
# `CAM(model)` finds the feature maps, the GAP and the dense layer by what they do, and keeps the bias. `classes="all"`
# asks for all ten maps, `top=5` would give the five best classes. The order of the axes is (image, class, row, column).
#
# Its `residual` is the largest $|S_c - b_c - \text{mean of } M_c|$, so every call checks itself.

# %% slideshow={"slide_type": "fragment"}
explain = CAM(model)
e = explain(image, classes="all")
check_identity("CAM(model): the same maps", np.moveaxis(M, -1, 1), e.maps)
check_identity("CAM(model): the same scores", S_model, e.scores)
check_identity("CAM(model): the same probabilities", P_model, e.probabilities)
print(e)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# One image may be luck. The same for a hundred test images and ten classes, a thousand maps:

# %% slideshow={"slide_type": "fragment"}
many = explain(some, classes="all")
S_some = logits(some).numpy()
check_identity("S_c = mean_xy M_c + b_c, 1,000 maps", S_some, many.maps.mean(axis=(2, 3)) + many.bias)
check_identity("P_c, 1,000 of them", P_some, many.probabilities)
print(f"residual of all maps: {many.residual:.1e}")

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
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

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
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
print("class     for  against   mean M       b  mean M + b        S       P")
for c in range(10):
    print(f"{c:5d} {pro[c]:7.2f} {contra[c]:8.2f} {mean[c]:8.3f} {b[c]:7.3f}", end="")
    print(f" {mean[c] + b[c]:11.3f} {S[0, c]:8.3f}  {P[0, c]:.4f}")
check_identity("for + against + b_c = S_c", S_model[0], pro + contra + b)

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
# ## A mistake to know: the absolute value
#
# ```python
# attention = np.abs(np.reshape(attention, (14, 14)))
# ```
#
# (Deck D1.) After `np.abs` the reasons against a class look like reasons for it. The mean of $|M_c|$ is "for" minus
# "against" in the account above, and so a class can shine because so much speaks against it.
#
# **Which class has the strongest $|M_c|$: the predicted one?** Look at the account and decide.

# %% slideshow={"slide_type": "fragment"}
strength = np.abs(M[0]).mean(axis=(0, 1))
best = int(S[0].argmax())
loud = max((c for c in range(10) if c != best), key=lambda c: strength[c])  # the strongest of the others
for c in (best, loud):
    print(f"class {c}: mean of |M| = {strength[c]:5.2f}   S = {S[0, c]:6.2f}   P = {P[0, c]:.4f}")
print(f"predicted: class {best};   strongest |M|: class {strength.argmax()}")

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# The predicted class, and the one with the strongest $|M_c|$ of all others: signed beside absolute, on one shared scale.
# The second and the fourth picture have lost all blue; those are what the deck's program draws.

# %% slideshow={"slide_type": "fragment"}
pair = [best, loud]
show_digit_maps(
    image[0],
    [change(M[0, :, :, c]) for c in pair for change in (np.copy, np.abs)],
    [f"{symbol}, P = {P[0, c]:.2f}" for c in pair for symbol in (f"$M_{c}$", f"$|M_{c}|$")],
    label="against (−) and for (+); of |M|: both the same",
)

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
# ## A mistake to know: the bias left behind
#
# The deck's `get_weights()[0]` drops $b_c$. The map is the same without it, but its mean is then $S_c - b_c$: the
# columns "mean M" and "S" of the account differ by exactly $b_c$. (Deck D0's network has `use_bias=False` and nothing to
# drop.) The bias is what the network says before it has looked at any position, so no map can show it.
#
# **Can it turn a decision?** The cell counts.

# %% slideshow={"slide_type": "fragment"}
check_identity("mean_xy M_c = S_c - b_c", M.mean(axis=(1, 2)), S_model - b)
S_test = logits.predict(digits.test_images, verbose=0)  # in batches: these are many
turned = (S_test - b).argmax(axis=1) != S_test.argmax(axis=1)
print(f"{turned.sum()} of {len(turned):,} test images would be given to another class without the bias.")

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### And the factor $N$
#
# Deck D1 writes $F_k = \sum_{x,y} f_k(x, y)$, a sum; Keras' GAP takes the mean. Here $N = 14\cdot 14 = 196$. Put sums on
# weights that were learned with means, and every score without its bias is 196 times too large. Softmax sees the
# differences grow as much, and grows sure of itself.

# %% slideshow={"slide_type": "fragment"}
N = 14 * 14
S_sum = class_scores(f.sum(axis=(1, 2)), w, b)
check_identity("sum_xy M_c = N (S_c - b_c)", M.sum(axis=(1, 2)), N * (S_model - b))
print(f"means: largest score {S.max():6.1f}, largest P {P.max():.6f}")
print(f"sums:  largest score {S_sum.max():6.1f}, largest P {softmax(S_sum).max():.6f}")

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
# ## A mistake to know: layers by number
#
# `model.get_layer(index=2)` and `model.layers[4]` are right for this one list of layers. Four networks that a student may
# well write next: the deck's; the same in the functional style, where the input counts as a layer; one that scales the
# pixels inside the model; one with a hidden dense layer.
#
# **What stands at 2 and at 4 in each?**

# %% slideshow={"slide_type": "fragment"}
def functional(layers):
    x = inputs = keras.Input((28, 28, 1))
    for layer in layers:
        x = layer(x)
    return keras.Model(inputs, x)


scaled = [L.Rescaling(1 / 255), *lecture_layers()]
hidden = [*lecture_layers()[:4], L.Dense(32, activation="relu", name="hidden_units"), L.Dense(10)]
variants = {
    "deck": lecture_network,
    "functional": functional(lecture_layers()),
    "scaled": keras.Sequential([keras.Input((28, 28, 1)), *scaled]),
    "hidden": keras.Sequential([keras.Input((28, 28, 1)), *hidden], name="hidden"),
}

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
print(f"{'':12s}{'index 2':14s}{'output':14s}{'index 4':24s}w")
for name, variant in variants.items():
    two, four = variant.layers[2], variant.layers[4]
    w_shape = four.get_weights()[0].shape if four.get_weights() else "none"
    print(f"{name:12s}{type(two).__name__:14s}{two.output.shape[1:]!s:14s}{type(four).__name__:24s}{w_shape}")

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# Twice, index 4 is the GAP, which has no weights, and `get_weights()[0]` stops with an `IndexError`. That is the good case. In
# the last network nothing stops: the product of (14, 14, 64) and (64, 32) gives 32 "maps", and `[:, :, :, pred]` picks
# one by the number of a class, though these 32 belong to hidden units and not to classes.
#
# By role it cannot happen. Asked for the layer behind the GAP, `Network` gives the right one or says why there is none.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
for name, variant in variants.items():
    network = Network(variant)
    try:
        head = network.gap_head()
        print(f"{name:12s}f: {network.shape(head.features)}   w: {head.dense.kernel.shape}")
    except ValueError as error:
        print(f"{name:12s}no CAM: {error}")

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# The identity also holds in the networks for which it found a head, untrained as they are: it is arithmetic, and takes
# no training.

# %% slideshow={"slide_type": "fragment"}
for name in ("deck", "functional", "scaled"):
    u = CAM(variants[name])(some, classes="all")
    check_identity(f"{name}: S_c = mean_xy M_c + b_c", u.scores, u.maps.mean(axis=(2, 3)) + u.bias)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### One more index
#
# `predCAM[:, :, :, pred]` (deck D1) takes the maps of the predicted classes. With one image that is right. With two, NumPy
# gives every image the maps of **both** predictions, and the reshape to (14, 14) fails. `take_along_axis` pairs each
# image with its own class; so does `CAM(model)(images)`.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
two_images = digits.test_images[[1005, 0]]
M_two = class_activation_map(feature_maps(two_images), w)
pred = model(two_images).numpy().argmax(axis=1)
print("[:, :, :, pred]  ", M_two[:, :, :, pred].shape)
print("take_along_axis  ", np.take_along_axis(M_two, pred[:, None, None, None], axis=3).shape)
print("CAM(model)(...)  ", explain(two_images).maps.shape, " (image, class, row, column)")

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
# ## A mistake to know: OpenCV counts width first
#
# ```python
# resized_attention = cv2.resize(attention, (28, 28), interpolation = cv2.INTER_CUBIC)
# ```
#
# (Deck D1.) NumPy's shape is (height, width), OpenCV's size is (width, height). On squares nobody notices. Take the
# middle 8 of 14 rows of the map, and double them: height 16, width 28. **What does `cv2.resize(part, (16, 28))` return?**

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
M_c = M[0, :, :, best]
part = M_c[3:11]  # 8 rows, 14 columns
wrong = cv2.resize(part, (16, 28))
correct = cv2.resize(part, (28, 16))
print("part", part.shape, "  size (16, 28):", wrong.shape, "  size (28, 16):", correct.shape)
print("Explanation.resize((16, 28)), as NumPy has it:", e.resize((16, 28)).maps.shape[2:])

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# The three as pictures: the part; resized by mistake, squeezed and stretched; resized as meant.

# %% slideshow={"slide_type": "fragment"}
show_strip([part, wrong, correct], ["part of the raw map", "size (16, 28)", "size (28, 16)"], label="$M_c(x, y)$")

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### … and blue first
#
# OpenCV also keeps colours as blue, green, red. What it reads and writes itself is consistent; mixed with Pillow,
# Matplotlib or Keras, which say red, green, blue, red and blue trade places, and a network is fed colours it has not
# seen. The digits are grey, so here nothing happens. Lesson 06 meets it on photographs.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
red = np.array([[[255, 0, 0]]], dtype=np.uint8)  # one pixel, red in RGB
read_as_bgr = cv2.cvtColor(red, cv2.COLOR_BGR2RGB)  # what others see, if OpenCV takes it for BGR
print("red, green, blue:", red[0, 0], " through OpenCV:", read_as_bgr[0, 0])

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
# ## A mistake to know: bicubic values are not the map's
#
# Bicubic interpolation puts a smooth curve through the cells. A smooth curve that has to climb a step swings out before
# and after it. A quarter of the way from one cell to the next, OpenCV weighs the four nearest so:
#
# $$\tfrac{-27}{256},\quad \tfrac{225}{256},\quad \tfrac{67}{256},\quad \tfrac{-9}{256} \qquad\text{(sum 1)}$$
#
# **Double the length of the row 0 0 0 1 1 1. Which is the largest value that comes out?** Choose which of the four
# weights fall on a 1.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
row = np.array([[0, 0, 0, 1, 1, 1]], dtype=np.float32)
for name, kind in (("bilinear", cv2.INTER_LINEAR), ("bicubic", cv2.INTER_CUBIC)):
    doubled = cv2.resize(row, (12, 1), interpolation=kind)[0]
    print(f"{name:8s}", *[f"{value:5.2f}" for value in doubled.round(2) + 0])
print(f"largest, bicubic: {doubled.max():.4f};   by hand: (225 + 67 - 9) / 256 = {(225 + 67 - 9) / 256:.4f}")

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# The same on the map of test image 1005. The identity belongs to the raw 14 × 14 map. A resized map is for the eye: its
# largest and smallest values are no longer the map's, and its mean plus $b_c$ need not be the score.
#
# Bilinear interpolation takes weights between 0 and 1 only, so it invents no extremes, though it flattens those that are
# there. At whole multiples of 14 it keeps the mean; at 40 × 40 it does not. `Explanation.resize` uses it, and computes
# the residual anew.

# %% slideshow={"slide_type": "fragment"}
def line(name, R):
    print(f"{name:18s}{R.min():9.2f}{R.max():9.2f}{R.mean() + b[best] - S[0, best]:+19.4f}")


print(f"{'':18s}{'min':>9s}{'max':>9s}   mean + b_c - S_c")
line("raw 14 x 14", M_c)
for name, kind in (("bilinear", cv2.INTER_LINEAR), ("bicubic", cv2.INTER_CUBIC)):
    for side in (28, 40, 112):
        line(f"{name} {side} x {side}", cv2.resize(M_c, (side, side), interpolation=kind))

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
# ## A mistake to know: jet
#
# Many maps in papers and tutorials are drawn in the rainbow colours *jet*. The eye finds edges by lightness, and jet's
# lightness goes up and down along the scale: bright at cyan and at yellow, dark at both ends. So jet draws rims where the
# data have none. And it puts red beside green, which many colour-blind people cannot tell apart.
#
# The figure shows one map in three colour maps; below, the lightness L* alone, as a grey print has it; below that, L*
# along the scale (0 black, 100 white). **Follow jet's curve from left to right: how often does it turn?** Then look for
# its brightest turning point in the grey print: thin light rims around the red places, at a value where no meaning
# changes.

# %% slideshow={"slide_type": "fragment"}
smooth = cv2.resize(M_c, (112, 112), interpolation=cv2.INTER_CUBIC)
show_colour_maps(smooth, ["jet", "RdBu_r", "viridis"])

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# A good scale changes direction only where the meaning does: never for values that only grow (viridis), once at zero for
# a signed map (RdBu_r, red for, blue against). The cell counts the turns of L* along each scale and says where the
# lightest colour lies, from −1 to 1. The price of two directions: in a grey print "for" and "against" look alike, so
# signed maps need their colours.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
from matplotlib import colormaps
from skimage.color import rgb2lab

for name in ("jet", "RdBu_r", "viridis"):
    lightness = rgb2lab(colormaps[name](np.linspace(0, 1, 256))[:, :3])[:, 0]
    steps = np.diff(lightness).round(2)
    turns = np.sum(np.diff(np.sign(steps[steps != 0])) != 0)
    print(f"{name:8s} turns: {turns}   lightest at {np.linspace(-1, 1, 256)[lightness.argmax()].round(1) + 0:+.1f}")

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
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
show_digit_maps(image[0], scaled_maps, ["?"] * 4, label="each map scaled to 0 … 1 by itself")

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# The same four maps, unscaled, on one shared scale with zero in the middle. What is absent no longer looks present: the
# blue is back, white is zero again, and the numbers on the bar mean something. (The red that remains is real: single
# places can speak for a class that loses. The account above says by how much it is outweighed.)

# %% slideshow={"slide_type": "fragment"}
titles = [f"class {c}: S = {S[0, c]:.1f}, P = {P[0, c]:.2f}" for c in shown]
show_digit_maps(image[0], [M[0, :, :, c] for c in shown], titles)

# %% slideshow={"slide_type": "fragment"}
print("class   largest M   after min-max      zero lies at")
for c in shown:
    m = M[0, :, :, c]
    print(f"{c:5d}{m.max():12.1f}{min_max(m).max():16.1f}{-m.min() / (m.max() - m.min()):18.2f}")

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
# ## The lecture's table: class 1
#
# Deck D1 shows its results in five columns: the input and the raw map as they are; both resized; both together. We
# take the first four test images of the class and the map of that class, signed, one scale for all rows. The deck resizes
# to 28 × 28, which leaves its input as it is; here it is 112 × 112. The last column draws the digit as an outline, so
# that the colours stay those of the bar.
#
# **A 1 is one stroke. Which places would you expect to speak for "1": the ink, or the empty space beside it?**

# %% slideshow={"slide_type": "fragment"}
def table_of(c, count=4):
    chosen = np.flatnonzero(digits.test_labels == c)[:count]
    found = explain(digits.test_images[chosen], classes=[c])
    names = [f"test {i}\nP = {p:.2f}" for i, p in zip(chosen, found.probabilities[:, 0], strict=True)]
    return show_five_columns(digits.test_images[chosen], found.maps[:, 0], names)


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

# %% slideshow={"slide_type": "fragment"}
table_of(9)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### What many images have in common
#
# Four images invite stories. The mean map of the first hundred images of each class tells more, drawn with the outline of
# the mean digit. Below it, in numbers: where its largest and its smallest value lie, and what share of everything that
# speaks for the class lies on ink (cells that are more than a quarter white).

# %% slideshow={"slide_type": "fragment"}
means = {}
for c in (1, 7, 9):
    x = digits.test_images[digits.test_labels == c][:100]
    means[c] = x.mean(axis=0), explain(x, classes=[c]).maps[:, 0], x
show_digit_maps(
    np.stack([digit / digit.max() for digit, _, _ in means.values()]),
    [maps.mean(axis=0) for _, maps, _ in means.values()],
    [f"class {c}" for c in means],
    label="mean of $M_c(x, y)$ over 100 images",
)

# %% slideshow={"slide_type": "fragment"}
def place(cell):  # of 14 x 14, numbered row by row
    row, column = divmod(int(cell), 14)
    return f"{('top', 'middle', 'bottom')[row * 3 // 14]} {('left', 'centre', 'right')[column * 3 // 14]}"


print(f"{'':10s}{'most for it':16s}{'most against it':18s}what is for it, on ink")
for c, (_, maps, x) in means.items():
    mean_map, positive = maps.mean(axis=0), np.maximum(maps, 0)
    ink = x.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)) > 0.25  # one value a cell of the map
    share = positive[ink].sum() / positive.sum()
    print(f"class {c}   {place(mean_map.argmax()):16s}{place(mean_map.argmin()):18s}{share:.0%}")

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# A network may count empty space as a reason, and an edge of a stroke more than its middle: it uses whatever separates
# the classes. What we would have looked at is a separate question.

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
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

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Why the first and not the second?
#
# Softmax compares scores, so the question "why $c$ rather than $d$" has a map of its own: the difference. Divide one
# probability by the other, and the common denominator of softmax cancels:
#
# $$\log\frac{P_c}{P_d} = S_c - S_d = \frac1N\sum_{x,y}\bigl(M_c(x, y) - M_d(x, y)\bigr) + b_c - b_d$$
#
# Red: here the image is more like $c$ than like $d$.

# %% slideshow={"slide_type": "fragment"}
c, d = five.classes[0, :2]
differences = M[..., [c]] - M  # M_c minus the map of every class
log_ratios = np.log(P_model[:, [c]] / P_model)
from_maps = differences.mean(axis=(1, 2)) + b[c] - b
check_identity("log(P_c / P_d) = mean (M_c - M_d) + b_c - b_d", log_ratios, from_maps)
show_digit_maps(
    image[0],
    [M[0, :, :, c], M[0, :, :, d], differences[0, :, :, d]],
    [f"$M_{c}$", f"$M_{d}$", f"$M_{c} - M_{d}$"],
    label="against (−) and for (+)",
)

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
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
titles = [f"test {i}: S = {s:.1f}" for i, s in zip(nines, found.scores[:, 0], strict=True)]
titles = [t if predicted[i] == 9 else f"{t}\ntaken for {predicted[i]}" for i, t in zip(nines, titles, strict=True)]
show_digit_maps(digits.test_images[nines], found.maps[:, 0], titles, columns=6)

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
# ## What a map is
#
# It is the score, laid out over positions: exact, signed, in the units of the score. And it is local: through a 3 × 3
# convolution, a 2 × 2 pooling and another 3 × 3 convolution a cell sees 8 × 8 pixels of the input, no more. So if the
# lower half of the picture is erased, cells whose window lies in the upper half keep their value.
#
# Cell $i$ sees pixel rows $2i - 3$ to $2i + 4$. **Rows 14 and below are erased. Which rows of the map may change?**

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
erased = image.copy()
erased[:, 14:] = 0
change = np.abs(explain(erased, classes="all").maps - e.maps).max(axis=(0, 1, 3))  # for each row of the map
print("rows that did not change:", np.flatnonzero(change < 1e-5 * np.abs(e.maps).max()))

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
# ## What a map is not
#
# One map alone is not the reason for a probability. Take any 64 numbers $v_k$ and add them to the weights of **every**
# class. All maps change by the same $\sum_k v_k f_k(x, y)$, all scores by the same amount, and softmax, which sees only
# differences, gives the same $P_c$ for every image.
#
# **Choose $v_k = -w_k^c$ for the predicted class $c$. What becomes of its map?**

# %% slideshow={"slide_type": "fragment"}
w_moved = w - w[:, [best]]  # the same 64 numbers taken from the weights of every class
P_moved = softmax(class_scores(F, w_moved, b))
M_moved = class_activation_map(f, w_moved)
check_identity("the same probabilities", P_model, P_moved)
check_identity("M_c - M_d is the same", M[..., [best]] - M, M_moved[..., [best]] - M_moved)
largest = np.abs(M_moved[0, :, :, best]).max()
print(f"largest |M_{best}|: {np.abs(M_c).max():.1f} before, {largest:.1f} after")

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# The same probabilities, and the map of the predicted class is empty. What both networks share are the differences
# $M_c - M_d$. So read a map beside those of other classes.
#
# Nor is a map a proof. It says where this network took its score from, not whether that is a good reason, and not what
# would happen if the place looked different. An untrained network has maps as well, and the identity holds for them, as
# you saw. Lesson 06 draws such maps; lesson 10 puts maps to the test.

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
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

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
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
