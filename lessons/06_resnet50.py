# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   language_info: {name: python}
# ---

# %% [markdown] lang="en" minutes={"class": 3, "alone": 5} slideshow={"slide_type": "slide"}
# # 06 · ResNet50: photographs
#
# The formulas of lesson 03 had six maps of 3 × 3, and lesson 04 had 64 maps and ten digits. Now they meet a network
# with 2,048 maps and 1,000 classes, and photographs, your own among them. Nothing new is needed to compute a map. What
# is new is what can go wrong when one reads it.
#
# A position is $(x, y)$ again, row $x$ and column $y$, as in lessons 00 to 04; lesson 05 wrote $(i, j)$ for it.

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
# **After this lesson you can**
#
# 1. find $f$, $w$ and $b$ in ResNet50 and say why $f$ is not the output of its last convolution;
# 2. check $S_c = \sum_k w_k^c F_k + b_c$ in both orders of summation, and $P_c$, against the network's own numbers;
# 3. say in one formula why CAM and Grad-CAM agree at the last layer, and what the ReLU takes away;
# 4. read the maps of five classes, of one class on many photographs, and of several layers, each on the right scale;
# 5. explain a photograph of your own, and name four things that the picture does not tell you.
#
# **Time:** 71 minutes in class, 176 minutes alone. **Before:** lessons 03, 04 and 05.

# %% slideshow={"slide_type": "skip"}
# First, because it keeps TensorFlow's start-up messages out of the notebook:
from cam_course import CAM, GradCAM

import keras
import numpy as np

from cam_course import models
from cam_course.data.photos import PHOTOS, load_photo, square
from cam_course.maps import (
    class_activation_map,
    class_scores,
    global_average_pool,
    relu,
    softmax,
)
from cam_course.network import Network
from cam_course.plotting import (
    show_boxes_on_photos,
    show_images,
    show_layers,
    show_numbers,
    show_strip,
)
from cam_course.teaching.exercises import check
from cam_course.teaching.identity import check_identity
from cam_course.teaching.widgets.photo import photo_explorer

keras.utils.set_random_seed(1)  # for the network without training, near the end

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## The network
#
# ResNet50 (He et al. 2016) sorts photographs of 224 × 224 pixels into the 1,000 classes of ImageNet. It ends in global
# average pooling and one dense layer, so CAM applies to it as it stands. Its convolutions come in blocks, and each
# block adds what came in to what its convolutions made of it. That addition will matter below.
#
# **Read the first line that the cell prints.** It says whose weights drew every figure of this lesson. Other weights
# give other scores and other maps; the formulas hold with any.
#
# Where there are neither weights nor a network connection, the line says that this ResNet50 is untrained. It can then
# still show every identity, every shape, what a colour scale does, and each mistake. It cannot show where a class is: it
# puts one and the same class first on all five photographs, mostly with a high probability, and no map of it says
# anything about what is in the picture. The text between the figures then describes figures that you do not see.

# %% slideshow={"slide_type": "fragment"}
net = models.resnet50()
print(net.notice)
print(f"{net.model.count_params():,} parameters, {len(net.names):,} classes")
print("trained:", net.trained)

# %% [markdown] lang="en" minutes={"class": 2, "alone": 3} slideshow={"slide_type": "slide"}
# ## Five photographs
#
# They come with scikit-image, so everybody has the same ones. A photograph is rarely square, and the network takes only
# squares: `square` cuts the largest one out of the middle and brings it to 224 × 224. What lies outside is never seen.
#
# **Which of the 1,000 classes will the network name first for the man with the camera?** Decide now; there is no class
# "person" among them.

# %% slideshow={"slide_type": "fragment"}
photos = {name: load_photo(name) for name in PHOTOS}
shown = np.stack([square(photo) for photo in photos.values()]) / 255
show_images(shown, list(photos))

# %% [markdown] lang="en" minutes={"class": 3, "alone": 11} slideshow={"slide_type": "subslide"}
# ## What the network receives
#
# Not these pictures. Keras' ResNet50 was trained with the colours in the order blue, green, red, and with the mean
# colour of ImageNet taken away: 103.939 blue, 116.779 green, 123.68 red. One pixel by hand: red 200, green 100, blue
# 50 becomes
#
# $$(50 - 103.939,\; 100 - 116.779,\; 200 - 123.68) = (-53.94,\; -16.78,\; 76.32).$$

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
pixel = np.array([[[[200.0, 100.0, 50.0]]]])  # one image of one pixel: red, green, blue
print(keras.applications.resnet50.preprocess_input(pixel).round(2))

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### Exercise 6.1 · what the network receives (at home)
#
# `rgb` is a picture with red, green, blue as its last axis, any size. Return it as Keras' ResNet50 wants it, with the means above. (Do
# not use `preprocess_input`; the point is to have done it once.)
#
# The check says one of three things: not attempted yet, not yet (and why), or right. In a cell of your own, `hint("6.1")`
# shows hints one by one.


# %% tags=["exercise", "at-home"] slideshow={"slide_type": "skip"}
def as_received(rgb):
    ### BEGIN SOLUTION
    bgr = np.asarray(rgb, dtype="float64")[..., ::-1]
    return bgr - [103.939, 116.779, 123.68]
    ### END SOLUTION


# %% tags=["check", "at-home"] slideshow={"slide_type": "skip"}
check("6.1", as_received)

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# From the pixel to the photographs: the next cell prepares all five.

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# `net.prepare` does all of it: square, size, and the colours as this network wants them. Look at the range of the
# numbers. `X` is what every method below is given; `shown` is what we look at.

# %% slideshow={"slide_type": "fragment"}
X = np.concatenate([net.prepare(photo) for photo in photos.values()])
print(f"X: {X.shape}, {X.dtype}, from {X.min():.1f} to {X.max():.1f}")
print("middle pixel of the cat as we see it:    ", np.round(shown[0, 112, 112] * 255))
print("middle pixel of the cat as it is received:", X[0, 112, 112].round(1))

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## The five best classes
#
# `CAM(net.model)` reads the network once. Called with photographs it returns maps, and with them the classes, the
# scores $S_c$ and the probabilities $P_c$. First the classes alone. Find a photograph where the network is sure and
# one where it is not; then remember that softmax must give its 100 % to something, also where none of the 1,000 names
# is right.

# %% slideshow={"slide_type": "fragment"}
cam = CAM(net.model)
five = cam(X, top=5)


def best_five(e, i):  # the five best classes of photograph i, in words
    pairs = zip(e.classes[i], e.probabilities[i], strict=True)
    return ", ".join(f"{net.names[c]} {p:.0%}" for c, p in pairs)


for i, name in enumerate(photos):
    print(f"{name:10}", best_five(five, i))
if not net.trained:
    print("Untrained: these classes say nothing about the photographs.")

# %% [markdown] lang="en" minutes={"class": 5, "alone": 7} slideshow={"slide_type": "slide"}
# ## The end of ResNet50
#
# Lesson 04 found $f$ by its role: what the pooling reads. Here are the last layers. **Which of them makes $f$: the last
# `Conv2D`, or the one above `avg_pool`?** Both have the shape (7, 7, 2048).

# %% slideshow={"slide_type": "fragment"}
# Only to look at them; what follows finds its layers by role:
for layer in net.model.layers[-7:]:
    print(f"{layer.name:22}{type(layer).__name__:24}{layer.output.shape}")

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# Read it upwards from `avg_pool`. The pooling reads `conv5_block3_out`, which is the ReLU of a sum: of the last
# convolution (after its batch normalisation) and of what came into the block, which no convolution of this block has
# touched. A map drawn on the convolution alone leaves that part out. `gap_head()` asks what the pooling reads.

# %% slideshow={"slide_type": "fragment"}
network = Network(net.model)
head = network.gap_head()
grid = network.layer_names()[-1]
last_conv = [
    layer.name for layer in net.model.layers if isinstance(layer, keras.layers.Conv2D)
][-1]
print(f"last convolution: {last_conv}; what the pooling reads: {grid}")
assert network.layer_output(grid) == head.features
assert network.layer_output(last_conv) != head.features

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# Numbers settle it. A second Keras model shares all layers with the first and returns four values on the way: the last
# convolution, $f$, the input of the dense layer, which is $F$, and $P$. The mean of each of the 2,048 maps must be
# $F_k$. It is for one of the two candidates.

# %% slideshow={"slide_type": "fragment"}
inside = [net.model.get_layer(name).output for name in (last_conv, grid)]
GAP = keras.layers.GlobalAveragePooling2D
[gap] = [layer for layer in net.model.layers if isinstance(layer, GAP)]
look_inside = keras.Model(net.model.input, [*inside, gap.output, net.model.output])
conv, f, F, P = look_inside.predict(X, verbose=0)
for name, maps in ((last_conv, conv), (grid, f)):
    off = np.abs(global_average_pool(maps) - F).max() / np.abs(F).max()
    print(f"{name:20} smallest {maps.min():7.2f}, means off by {off:.1e} of F's size")
check_identity("F_k = mean_xy f_k(x, y), conv5_block3_out", F, global_average_pool(f))

# %% [markdown] lang="en" minutes={"class": 5, "alone": 7} slideshow={"slide_type": "slide"}
# ## CAM by hand
#
# $f$ is here, and $w$ and $b$ lie in the dense layer. So the scores of all 1,000 classes are one line:
# $S_c = \sum_k w_k^c F_k + b_c$. The network does not print its scores, because its last layer applies softmax at once.
# `CAM` runs that layer without the softmax and returns what comes out: `e.scores`, the network's own logits.

# %% slideshow={"slide_type": "fragment"}
w, b = np.asarray(head.w), np.asarray(head.b)
e = cam(X, classes="all")
S = class_scores(F, w, b)
print(f"f {f.shape}, F {F.shape}, w {w.shape}, b {b.shape}, S {S.shape}")
np.testing.assert_allclose(S, e.scores, rtol=1e-5, atol=1e-5 * np.abs(S).max())
check_identity("S_c = sum_k w_k^c F_k + b_c, the network's own logits", e.scores, S)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# Two more checks, for 5 photographs × 1,000 classes at a time. The other order of summation: first over $k$, which
# makes the maps, then over the positions. And the probabilities: $P_c = \mathrm{softmax}(S)_c$ against what the
# unchanged network returns. The last line needs no trust in `CAM` at all, since softmax turns differences of scores
# into ratios of probabilities: $S_c - S_{c'} = \ln P_c - \ln P_{c'}$.

# %% slideshow={"slide_type": "fragment"}
M = class_activation_map(f, w)  # (5, 7, 7, 1000): every class on every photograph
S_from_maps = M.mean(axis=(1, 2)) + b
best, P_best = S.max(axis=1, keepdims=True), P.max(axis=1, keepdims=True)
np.testing.assert_allclose(S_from_maps, S, rtol=1e-5, atol=1e-5 * np.abs(S).max())
check_identity("S_c = mean_xy M_c(x, y) + b_c", S, S_from_maps)
check_identity("P_c = softmax(S)_c, the network's own output", P, softmax(S))
log_ratios = np.log(P) - np.log(P_best)
check_identity("S_c - S_best = ln P_c - ln P_best", S - best, log_ratios)

# %% [markdown] lang="en" minutes={"class": 3, "alone": 4} slideshow={"slide_type": "slide"}
# ## Forty-nine numbers
#
# That is all a map is. Below stands $M_c$ of the class "espresso" on the coffee cup, as numbers in their cells. Their
# mean plus $b_c$ is the score. **Where in the photograph is the largest number?** Compare with the picture in the next
# section.

# %% slideshow={"slide_type": "fragment"}
CAT, ESPRESSO, TRIPOD = 285, 967, 872  # ImageNet's "Egyptian cat", "espresso", "tripod"
cat, coffee = PHOTOS.index("chelsea"), PHOTOS.index("coffee")
M_coffee = M[coffee, :, :, ESPRESSO]
title = f"{net.names[ESPRESSO]} on coffee"
figure = show_numbers([M_coffee], [title], decimals=0, label="$M_c(x, y)$")
figure.set_size_inches(6, 4.9)
figure

# %% slideshow={"slide_type": "fragment"}
by_hand = M.transpose(0, 3, 1, 2)  # CAM puts the classes before the positions
check_identity("M_c(x, y) of CAM = sum_k w_k^c f_k(x, y)", e.maps, by_hand)
largest = np.sort(M_coffee.ravel())[-5:].sum() / 49
mean = M_coffee.mean()
print(f"S = {S[coffee, ESPRESSO]:.2f} = mean {mean:.2f} + bias {b[ESPRESSO]:.2f}")
print(f"the five largest of the 49 numbers bring {largest:.2f} of {mean:.2f}")

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## Grad-CAM on a photograph
#
# Deck D3 (Kim) shows Grad-CAM of ResNet50 on one photograph. The cell below does the same. Without the argument
# `layer` it takes the same $f$ as CAM. With `relu=False` it keeps what the ReLU, applied otherwise, would remove.
#
# **Will the two maps differ in form, in size, or not at all?** Write the formula of lesson 05 down before you run on:
# at the last layer $S_c = \sum_k w_k^c \frac{1}{N} \sum_{x,y} f_k(x, y) + b_c$.

# %% slideshow={"slide_type": "fragment"}
grad_cam = GradCAM(net.model, relu=False)
g = grad_cam(X, classes=five.classes)
print(g)
largest_cam, largest_grad_cam = (np.abs(maps).max() for maps in (five.maps, g.maps))
print(f"largest |CAM| {largest_cam:.3f}, largest |Grad-CAM| {largest_grad_cam:.3f}")

# %% [markdown] lang="en" minutes={"class": 3, "alone": 4} slideshow={"slide_type": "subslide"}
# ## Why they agree
#
# One value $f_k(x, y)$ enters $S_c$ once, times $w_k^c / N$. So its derivative is that number, at every position, and
# so is the mean of the derivatives:
#
# $$\alpha_k^c = \frac{1}{N} \sum_{x,y} \frac{\partial S_c}{\partial f_k(x, y)} = \frac{w_k^c}{N}$$
#
# $$N \sum_k \alpha_k^c f_k(x, y) = \sum_k w_k^c f_k(x, y) = M_c(x, y)$$
#
# Here $N = 7 \cdot 7 = 49$: Grad-CAM before its ReLU, times 49, is CAM. Checked for five photographs and five classes
# each.

# %% slideshow={"slide_type": "fragment"}
N = g.maps[0, 0].size
np.testing.assert_allclose(
    N * g.maps, five.maps, rtol=1e-5, atol=1e-5 * np.abs(five.maps).max()
)
check_identity(f"N x Grad-CAM before ReLU = CAM, N = {N}", five.maps, N * g.maps)
sums = g.maps.sum(axis=(2, 3))
check_identity("S_c - b_c = sum_xy of Grad-CAM, no ReLU", five.scores - five.bias, sums)

# %% [markdown] lang="en" minutes={"class": 3, "alone": 5} slideshow={"slide_type": "slide"}
# ## Side by side
#
# One class, "espresso", on the coffee cup and on the cat: CAM, $N$ × Grad-CAM before the ReLU, and $N L_c$, after the
# ReLU, all six on one scale. From here on maps are stretched over the photograph for the eye, by bilinear interpolation; the 49 numbers
# are those of the grid.
#
# **What will be left of the lower row after the ReLU?** Decide, then look.

# %% slideshow={"slide_type": "fragment"}
rows = [coffee, cat]
no_relu = grad_cam(X[rows], classes=[ESPRESSO]).maps[:, 0]
six, titles = [], []
for i, before in zip(rows, no_relu, strict=True):
    L = relu(before)
    six += [e.maps[i, ESPRESSO], N * before, N * L]
    methods = ("CAM: $M_c$", f"{N} × Grad-CAM, no ReLU", f"{N} × Grad-CAM: {N} $L_c$")
    titles += [f"{method}\n{net.names[ESPRESSO]} on {PHOTOS[i]}" for method in methods]
label = f"$M_c$: against (−) and for (+)\nthe class; {N} $L_c$: from zero up"
show_strip(six, titles, np.repeat(shown[rows], 3, axis=0), columns=3, label=label)

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# The first two columns are the same numbers. The third has no blue left: what speaks against the class is set to zero.
# Whoever sees only the third column cannot tell "nothing here" from "clear evidence against", and the sum is no longer
# the score:

# %% slideshow={"slide_type": "fragment"}
for i, before, after in zip(rows, six[1::3], six[2::3], strict=True):
    score = e.scores[i, ESPRESSO] - b[ESPRESSO]
    means = f"mean before ReLU {before.mean():6.2f}, after ReLU {after.mean():6.2f}"
    print(f"{PHOTOS[i]:8} S - b = {score:6.2f}, {means}")

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## Five classes of one photograph
#
# Deck D0 (Lee) shows the maps of the five best classes of one image. Here are those of the cat, best first, on one
# scale.
#
# **Will the five maps lie on five different places, or on the same one?** Think of where the network could see a cat,
# and where one kind of cat rather than another.

# %% slideshow={"slide_type": "fragment"}
cam(X[cat], top=5).show(shown[cat], names=net.names)

# %% [markdown] lang="en" minutes={"class": 6, "alone": 10} slideshow={"slide_type": "subslide"}
# ## First or second?
#
# With trained weights the first two are kinds of cat, and their maps look much alike: the cell prints the correlation.
# The maps do not say what decided between the two. Their difference does. It is the CAM of the weights $w_k^a -
# w_k^b$, so it adds up as well:
#
# $$S_a - S_b = \frac{1}{N} \sum_{x,y} \bigl(M_a(x, y) - M_b(x, y)\bigr) + b_a - b_b.$$
#
# The cell checks it for the first class against each of the other four. Red in its third picture: for the first class
# *rather than* the second.

# %% slideshow={"slide_type": "fragment"}
S_five, b_five, M_five = five.scores[cat], five.bias[cat], five.maps[cat]
from_maps = (M_five[0] - M_five[1:]).mean(axis=(1, 2)) + b_five[0] - b_five[1:]
ahead = S_five[0] - S_five[1:]
check_identity("S_a - S_b = mean_xy (M_a - M_b) + b_a - b_b", ahead, from_maps)
alike = np.corrcoef(M_five[:2].reshape(2, -1))[0, 1]
print(f"correlation of the first two maps: {alike:.2f}")
first, second = (net.names[c] for c in five.classes[cat, :2])
titles = [first, second, f"{first}\n− {second}"]
maps = [M_five[0], M_five[1], M_five[0] - M_five[1]]
show_strip(maps, titles, images=shown[cat], label="$M_c(x, y)$")

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Exercise 6.2 · by how much is it ahead?
#
# Given the maps `M_a` and `M_b` of two classes on one photograph, and their biases `b_a` and `b_b`: by how much is the score of the
# first class above that of the second?


# %% tags=["exercise"] slideshow={"slide_type": "fragment"}
def margin(M_a, M_b, b_a, b_b):
    ### BEGIN SOLUTION
    return np.mean(M_a - M_b) + b_a - b_b
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "skip"}
check("6.2", margin)

# %% [markdown] lang="en" minutes={"class": 3, "alone": 5} slideshow={"slide_type": "slide"}
# ## One class, many photographs
#
# The other picture of deck D0: one class, here "Egyptian cat", over many images. The class exists for every
# photograph, so every photograph has a map of it; whether it is there is in the sign and the size. Before you run it:
# **how should the map look on a photograph without a cat?**

# %% slideshow={"slide_type": "fragment"}
of_cat = e.maps[:, CAT]  # e has every class on every photograph
titles = [f"{name}: S = {S:.1f}" for name, S in zip(photos, e.scores[:, CAT])]
show_strip(of_cat, titles, images=shown, label=f"$M_c$, {net.names[CAT]}")

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# What do the colours mean? White is zero, red speaks for the class, blue against it, and the bar says how much. Blue is not
# "cold" and not "unimportant": it is as strong as red of the same depth. If another program shows a map in the colours of
# `jet`, blue is its smallest value, whatever that is; and if its colours look inverted, see "OpenCV's order" below.
#
# The mean of each map is $S_c - b_c$. So where the score of a class is clearly negative, blue outweighs red: a map on
# this scale says "not here" as well as "here".

# %% [markdown] lang="en" minutes={"class": 3, "alone": 5} slideshow={"slide_type": "slide"}
# ## A mistake to know: every map scaled by itself
#
# Many programs take each map's smallest value to 0 and its largest to 1 before they draw it. Below: "espresso" on the
# same five photographs, first on one shared scale, then scaled that way. **On how many of them will you see espresso
# in the second figure?**

# %% slideshow={"slide_type": "fragment"}
of_espresso, how_likely = e.maps[:, ESPRESSO], e.probabilities[:, ESPRESSO]
under_photos = [
    f"{name}: P = {P:.3f}" for name, P in zip(photos, how_likely, strict=True)
]
label = f"$M_c$, {net.names[ESPRESSO]}"
show_strip(of_espresso, under_photos, images=shown, label=label)


# %% slideshow={"slide_type": "fragment"}
def by_itself(M):  # what many programs do and this course does not
    return (M - M.min()) / (M.max() - M.min())


maps = [by_itself(M) for M in of_espresso]
label = "(M − min) / (max − min)"
show_strip(maps, under_photos, shown, label=label, rectified=True)  # from zero up

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# The second figure has a full red spot on every photograph, by construction: each map's largest value became 1, however
# small it was, even if it was negative. The zero is gone, and with it the line between for and against. The numbers
# that were thrown away:

# %% slideshow={"slide_type": "fragment"}
for i, name in enumerate(photos):
    of_photo, scaled = of_espresso[i], by_itself(of_espresso[i])
    print(f"{name:10} M from {of_photo.min():6.1f} to {of_photo.max():6.1f}, ", end="")
    print(f"scaled by itself from {scaled.min():.1f} to {scaled.max():.1f}")

# %% [markdown] lang="en" minutes={"class": 6, "alone": 10} slideshow={"slide_type": "slide"}
# ## From map to box
#
# Zhou et al. (2016) turn a map into a box: keep what is above 20 % of the map's maximum, take the largest connected
# part, and put a box around it. `boxes(0.2)` does that on whatever grid it is given, so the maps are resized first.
# **Look for a box that fits and for one that does not.** Lesson 08 measures how well they fit.
#
# A box is `(x0, y0, x1, y1)`, left, upper, right and lower edge. Mind the letters: programs for pictures count columns
# with x and rows with y, so here x is the column, while in $M_c(x, y)$ it is the row.

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Exercise 6.3 · a box on paper
#
# Find the box of this map by Zhou's rule, with the threshold at 20 % of the maximum: `[x0, y0, x1, y1]`, counted from 0. (Cells that
# touch at a corner belong together.)
#
# $$M = \begin{pmatrix} 0 & 0 & 0 & 0 & 0 \\ 0 & 0 & 0 & 0 & 5 \\ 0 & 3 & 6 & 0 & 0 \\ 0 & 4 & 10 & 1 & 0 \\ 0 & 0 & 3 & 1 & 0 \end{pmatrix}$$

# %% tags=["exercise"] slideshow={"slide_type": "fragment"}
# [left, upper, right, lower]
### BEGIN SOLUTION
box = [1, 2, 3, 5]
### END SOLUTION

# %% tags=["check"] slideshow={"slide_type": "skip"}
check("6.3", box)

# %% slideshow={"slide_type": "fragment"}
boxes = five.resize((224, 224)).boxes(0.2)
titles = [net.names[c] for c in five.classes[:, 0]]
first_boxes = [box_of_class[0] for box_of_class in boxes]  # of the best class, or None
show_boxes_on_photos(five.maps[:, 0], first_boxes, titles, shown)

# %% [markdown] lang="en" minutes={"class": 5, "alone": 15} slideshow={"slide_type": "slide"}
# ## Earlier layers
#
# CAM has one place to look: what the pooling reads. Grad-CAM takes any layer, says deck D3, because a gradient exists
# everywhere. Four layers follow, the last of each stage of ResNet50. From stage to stage the grid has half the side,
# and each position sees more of the picture. How much, lesson 01 derived: a 3 × 3 convolution widens the receptive
# field by 2 steps of its grid. It is 11 pixels wide, with steps of 4, where the first stage begins.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
stages = {"conv2_block3": 3, "conv3_block4": 4, "conv4_block6": 6, "conv5_block3": 3}
blocks = {f"{stage}_out": n for stage, n in stages.items()}
field, step = 11, 4
for layer, n in blocks.items():
    field += n * 2 * step  # n blocks, each with one 3 x 3 convolution
    side = 224 // step
    print(
        f"{layer}: grid {side} x {side}, a position sees at most {field} pixels across"
    )
    step *= 2  # the next stage begins with a stride of 2

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# Now the maps, for "espresso" on the coffee cup. Each has **a colour bar of its own**, and here that is right: the
# layers have different features, in different units and numbers, and no sum ties one layer's map to another's. Shades
# can be compared within a picture, not between them.
#
# **What do you expect of the early maps: finer outlines, or clearer objects?**

# %% slideshow={"slide_type": "fragment"}
by_layer = {
    layer: GradCAM(net.model, layer=layer, relu=False)
    for layer in blocks
    if layer != grid
}
by_layer[grid] = grad_cam  # the one we have
one = X[coffee]
found = [explain(one, classes=[ESPRESSO]) for explain in by_layer.values()]
early_to_late = [of_layer.maps[0, 0] for of_layer in found]
titles = [f"{layer}\n{len(m)} × {len(m)}" for layer, m in zip(blocks, early_to_late)]
show_strip(early_to_late, titles, images=shown[coffee], shared_scale=False)

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# With the weights used for the stored figures: on the left fine outlines, red and blue side by side; on the right one
# coarse spot. In numbers: at the last layer the map adds up to $S_c - b_c$, as proved above. At the earlier ones
# nothing says it must: between them and the score lie ReLUs and more convolutions, and $\alpha_k^c$ is only the mean
# of a gradient that differs from place to place. (Some of the sums below come close all the same. The last section of lesson 05
# computes why: with each value's own derivative only the share of the later biases is missing; averaging disturbs that.)

# %% slideshow={"slide_type": "fragment"}
print(f"S - b = {e.scores[coffee, ESPRESSO] - b[ESPRESSO]:.2f}")
for layer, m in zip(blocks, early_to_late, strict=True):
    print(f"{layer}: values from {m.min():7.4f} to {m.max():6.4f}, sum {m.sum():6.2f}")

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### Exercise 6.4 · the map at another layer (at home)
#
# Write a function that returns the signed Grad-CAM map (before the ReLU) of class `c` at the layer named `layer`, for one `image`. Use
# `GradCAM`. The result has two axes, row and column. The check uses two small networks.


# %% tags=["exercise", "at-home"] slideshow={"slide_type": "skip"}
def map_at(model, layer, image, c):
    ### BEGIN SOLUTION
    explain = GradCAM(model, layer=layer, relu=False)
    return explain(image, classes=[c]).maps[0, 0]
    ### END SOLUTION


# %% tags=["check", "at-home"] slideshow={"slide_type": "skip"}
check("6.4", map_at)

# %% [markdown] lang="en" minutes={"class": 5, "alone": 8} slideshow={"slide_type": "slide"}
# ## Which layer knows the class?
#
# A test where the answer is known: half of one photograph beside half of another. A map of "Egyptian cat" ought to be
# positive on the cat's half, one of "espresso" on the cup's. Three photographs give three such pictures, each object
# once on the left and once on the right. Here is the first, and the two maps at each layer: a column has one scale, so
# compare above with below. **At which layer do the two maps part?**

# %% slideshow={"slide_type": "fragment"}
own = {"chelsea": CAT, "coffee": ESPRESSO, "camera": TRIPOD}
pairs = [("chelsea", "coffee"), ("coffee", "camera"), ("camera", "chelsea")]
halves = {name: square(photos[name])[:, 56:168] for name in own}
mixed = np.stack([np.hstack([halves[left], halves[right]]) for left, right in pairs])
X_mixed = np.concatenate([net.prepare(picture) for picture in mixed])
classes = [[own[left], own[right]] for left, right in pairs]

mixed_maps = {
    layer: explain(X_mixed, classes=classes).maps for layer, explain in by_layer.items()
}
names = [net.names[c] for c in classes[0]]
of_first = [maps[0] for maps in mixed_maps.values()]
show_layers(of_first, list(mixed_maps), names, mixed[0])

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# In numbers, over all three pictures and both classes: how much of the positive evidence for a class lies in the half
# where it belongs? A map that knows nothing about the class gets 50 %. Beside it the correlation of the two classes'
# maps. (A common belief is that early maps are the same for every class. Then it would be close to 1 there. **Is
# it?**)


# %% slideshow={"slide_type": "fragment"}
def share_in_own_half(maps):  # (n, 2, h, w): first class left, second right
    half = maps.shape[-1] // 2  # the middle column of an odd grid belongs to neither
    left = relu(maps[..., :half]).sum(axis=(2, 3))
    right = relu(maps[..., -half:]).sum(axis=(2, 3))
    return (left[:, 0] + right[:, 1]).sum() / (left + right).sum()


share = {layer: share_in_own_half(maps) for layer, maps in mixed_maps.items()}
for layer, maps in mixed_maps.items():
    alike = np.mean([np.corrcoef(two.reshape(2, -1))[0, 1] for two in maps])
    print(f"{layer}: {share[layer]:4.0%} in its own half, correlation {alike:5.2f}")

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# With the weights used for the stored figures the last layer puts nearly everything in the right half, and the first
# is as good as guessing. So the early maps are finer and know less about the class. But they are not the same for every
# class: their correlation is nowhere near 1. They differ, only not by where the object is. (A position of the last
# layer may see 483 pixels across, more than the picture has. That it still answers mostly for its own place has two reasons:
# the pixels in the middle of a receptive field count most, already before training, see lesson 01; and training.)
#
# Three pictures and six maps are few: read the order of the layers, not the second digit. It agrees with what Selvaraju et al.
# (2017) report, that their maps become worse in earlier layers.
# An untrained network has no reason to leave 50 % at any layer.

# %% [markdown] lang="en" tags=["at-home"] minutes={"class": 0, "alone": 10} slideshow={"slide_type": "skip"}
# ## A mistake to know: OpenCV's order (at home)
#
# OpenCV disagrees with NumPy twice. `cv2.resize` takes (width, height), where the shape of an array says (height,
# width): no error, a picture of the wrong form. And `cv2.imread` returns blue, green, red. First the size, with the
# cat:

# %% tags=["at-home"] slideshow={"slide_type": "skip"}
# NBVAL_CHECK_OUTPUT
import cv2

chelsea = photos["chelsea"]
height, width = chelsea.shape[:2]
print("the photograph       ", chelsea.shape)
print("size (height, width) ", cv2.resize(chelsea, (height, width)).shape, "by mistake")
print("size (width, height) ", cv2.resize(chelsea, (width, height)).shape)

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# Then the colours. `[..., ::-1]` reverses the colour order, as in `cv2.imread`'s output. To a program that
# expects red first, blue and red are exchanged. **For which photograph can this change nothing?**

# %% tags=["at-home"] slideshow={"slide_type": "skip"}
X_exchanged = np.concatenate(
    [net.prepare(photo[..., ::-1]) for photo in photos.values()]
)
exchanged = cam(X_exchanged, top=5)
show_images(shown[..., ::-1], [f"{name}, exchanged" for name in photos])

# %% tags=["at-home"] slideshow={"slide_type": "skip"}
for i, name in enumerate(photos):
    print(f"{name:10} right:     {best_five(five, i)}")
    print(f"{'':10} exchanged: {best_five(exchanged, i)}")
grey = PHOTOS.index("camera")
same = five.scores[grey], exchanged.scores[grey]
check_identity("grey photograph: same scores", *same)
kept = (five.classes[:, 0] == exchanged.classes[:, 0]).sum()
print(f"{kept} of {len(photos)} photographs keep their first class")

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# No error, and not even always another first class. That is why this mistake lives long: the program seems to work,
# only worse. The way out: read with `load_photo` (or Pillow, scikit-image), and look at the picture that you feed.

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### A map with the wrong colours (at home)
#
# `cv2.applyColorMap` colours a map, and its result is blue, green, red, too. Drawn by a program that expects red first, "strong" and
# "weak" trade colours: the map looks inverted. **Which colour has the strongest cell in `jet`, and which does it seem to have?**

# %% tags=["at-home"] slideshow={"slide_type": "skip"}
# NBVAL_CHECK_OUTPUT
strongest = np.array([[255]], dtype=np.uint8)  # one cell, as strong as can be
coloured = cv2.applyColorMap(strongest, cv2.COLORMAP_JET)[0, 0]
print("OpenCV's order, blue, green, red:", coloured)
print("taken for red, green, blue it is blue; turned round:", coloured[::-1])

# %% [markdown] lang="en" minutes={"class": 3, "alone": 5} slideshow={"slide_type": "slide"}
# ## A mistake to know: a map as a proof
#
# Here is a ResNet50 that nobody has trained: random weights, no photograph ever seen. **Will its maps be blank, noise
# all over, or spots that look like an answer?** Above, three maps of our network's first class; below, those of the
# untrained one's, all drawn as many programs draw them: each scaled by itself.

# %% slideshow={"slide_type": "fragment"}
untrained = CAM(keras.applications.ResNet50(weights=None))(X[:3])
maps = [by_itself(M) for found in (five, untrained) for M in found.maps[:3, 0]]
titles = [net.names[c] for c in five.classes[:3, 0]]
titles += [f"untrained: class {c}" for c in untrained.classes[:, 0]]
pictures = np.concatenate([shown[:3], shown[:3]])
label = "(M − min) / (max − min)"
show_strip(maps, titles, pictures, columns=3, label=label, rectified=True)

# %% slideshow={"slide_type": "fragment"}
from_maps = untrained.maps.mean(axis=(2, 3)) + untrained.bias
check_identity("S_c = mean_xy M_c + b_c, untrained", untrained.scores, from_maps)
for name, c, p in zip(photos, untrained.classes[:, 0], untrained.probabilities[:, 0]):
    print(f"{name:10} class {c}, P = {p:.2f}")

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# The untrained maps have spots too: a random filter still answers to edges and bright places, and the photograph has
# those. The identity holds as well. It proves that the map adds up to the score, and says nothing about whether the
# score is worth anything; look at the classes and how sure they are. A pretty spot is no evidence that the network is
# right. Whether a *method* depends on what the network learned can be tested: Adebayo et al. (2018) replaced trained weights by
# random ones, and the maps of plain gradients and of Grad-CAM changed, while those of guided backpropagation and Guided
# Grad-CAM hardly did. Lesson 10 repeats such a test.

# %% [markdown] lang="en" minutes={"class": 3, "alone": 28} slideshow={"slide_type": "slide"}
# ## Your own photograph
#
# Put the path of a file between the quotation marks and run the next two cells. `~` is your home folder; JPEG, PNG,
# WebP and others will do. A Windows path needs the r before the quotation marks, as in `r"C:\Users\me\dog.jpg"`, or `/`
# instead of `\`: otherwise Python takes `\U` for the beginning of a special character and stops with a `SyntaxError`.
#
# Only the middle square is seen. Predict the first class before you run it.

# %% slideshow={"slide_type": "fragment"}
my_photo = r"astronaut"  # or your own: r"~/Pictures/dog.jpg", r"C:\Users\me\dog.jpg"

mine = None  # until this photograph is read, none is
my_picture = square(load_photo(my_photo))
mine = cam(net.prepare(my_picture), top=5)
mine.show(my_picture, names=net.names)

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# Its first class from early to late, its box, and the identities, which hold for your photograph too.

# %% slideshow={"slide_type": "fragment"}
assert mine is not None, "No photograph was read: run the cell above with another path."
first_class = mine.classes[:, :1]
my_X = net.prepare(my_picture)
mine_by_layer = [m(my_X, classes=first_class).maps for m in by_layer.values()]
from_maps = mine.maps.mean(axis=(2, 3)) + mine.bias
check_identity("S_c = mean_xy M_c + b_c", mine.scores, from_maps)
last = N * mine_by_layer[-1]
check_identity("N x Grad-CAM before ReLU = CAM", mine.maps[:, :1], last)
my_box = mine.resize((224, 224)).boxes(0.2)[0][0]
print("box of the first class (x0, y0, x1, y1):", my_box)
print("(columns x0 up to x1, rows y0 up to y1 of 224)")
titles = [f"{layer}\n{net.names[first_class[0, 0]]}" for layer in by_layer]
one_each = [maps[0, 0] for maps in mine_by_layer]
show_strip(one_each, titles, my_picture, shared_scale=False)

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# The same by hand. Choose a layer and one of the first five classes, put a ReLU after the map, move the threshold of the box; or give a
# photograph from the page. Maps of layers before the last take some seconds.

# %% slideshow={"slide_type": "fragment"}
photo_explorer(net, photos["coffee"], by_layer)

# %% [markdown] lang="en" slideshow={"slide_type": "skip"}
# When a file cannot be read, the last line of the error says what to do, and the cell after it stops: the photograph that
# was read before does not stand in for it. Two examples, caught here so that the notebook runs on: a file that is not
# there, and a folder.

# %% slideshow={"slide_type": "skip"}
for path in ("/pictures/dog.jpg", "/"):
    try:
        load_photo(path)
    except OSError as error:
        print(f"{type(error).__name__}: {error}")

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### Exercise 6.5 · cover a place (at home)
#
# A map shows a place; the network can be asked what it says without it. Write a function that returns a copy of `picture` (rows,
# columns, colours) in which everything inside `box`, `(x0, y0, x1, y1)`, has the grey value 128.


# %% tags=["exercise", "at-home"] slideshow={"slide_type": "skip"}
def cover(picture, box):
    ### BEGIN SOLUTION
    x0, y0, x1, y1 = box
    covered = np.array(picture)
    covered[y0:y1, x0:x1] = 128
    return covered
    ### END SOLUTION


# %% tags=["check", "at-home"] slideshow={"slide_type": "skip"}
check("6.5", cover)

# %% [markdown] lang="en" tags=["open", "at-home"] slideshow={"slide_type": "skip"}
# ### Open question · your own photograph (at home)
#
# Explain a photograph of your own. Look at the map of its first class, cover the box with your function, and ask again:
# `cam(net.prepare(cover(my_picture, my_box)), top=5)`. Does the score fall? Does another class come first? Was the red place the
# thing that you would have named? Write three sentences, and say what you still do not know.

# %% [markdown] lang="en" tags=["solution", "at-home"] slideshow={"slide_type": "skip"}
# A good answer names the class, its score before and after covering, and compares the place with the thing. It keeps apart what was
# seen (the score fell by so much when this place became grey) and what was not (grey is itself something the network has hardly
# seen; another place might have done the same; one photograph is no test).

# %% [markdown] lang="en" tags=["at-home"] minutes={"class": 0, "alone": 5} slideshow={"slide_type": "skip"}
# ## Your own model (at home)
#
# Most own models are a trained network inside another one: `base` with its top cut off, then GAP and a dense layer. In Keras such
# a model is *nested*: `base` counts as one layer, and many programs stop with "graph disconnected" when they look for a
# convolution inside. `CAM` and `GradCAM` open nested models by themselves. **What does the next cell need in order to work on a
# ResNet50 of your own?** Nothing but the model.

# %% tags=["at-home"] slideshow={"slide_type": "skip"}
layers = keras.layers
convs = [layers.Conv2D(k, 3, strides=2, activation="relu") for k in (8, 16)]
base = keras.Sequential([keras.Input((64, 64, 3)), *convs])
own = keras.Sequential(
    [
        keras.Input((64, 64, 3)),
        layers.Rescaling(1 / 255),
        base,
        layers.GlobalAveragePooling2D(),
        layers.Dropout(0.5),
        layers.Dense(2, "softmax"),
    ]
)

# %% tags=["at-home"] slideshow={"slide_type": "skip"}
small = np.stack([square(photo)[::3, ::3][:64, :64] for photo in photos.values()])
own_e = CAM(own)(small, classes="all")
from_maps = own_e.maps.mean(axis=(2, 3)) + own_e.bias
check_identity("own nested model: S_c = mean_xy M_c + b_c", own_e.scores, from_maps)
inside = GradCAM(own, layer=convs[-1])(small)
print(own_e, inside, sep="\n")

# %% [markdown] lang="en" minutes={"class": 2, "alone": 5} slideshow={"slide_type": "slide"}
# ## Summary
#
# - In ResNet50 $f$ is `conv5_block3_out`, (7, 7, 2048), the ReLU of a sum. The last `Conv2D` is one part of that sum.
# - $S_c = \sum_k w_k^c F_k + b_c = \frac1N \sum_{x,y} M_c(x, y) + b_c$ and $P_c = \mathrm{softmax}(S)_c$ hold for all
#   1,000 classes to float32 rounding.
# - At the last layer $\alpha_k^c = w_k^c / N$, so $N$ × Grad-CAM before the ReLU is CAM. The ReLU removes what speaks
#   against the class.
# - Maps of one layer share one scale, with zero in the middle. Maps of different layers have different units, each its
#   own.
# - Earlier layers have the finer grid. The test with two half photographs measures how much they know about the class:
#   in the stored run little, and nearly all at the last layer.
# - A map does not tell whether the class is right, whether it is there at all (look at $S_c$ and the shared scale),
#   whether the picture was fed correctly, or whether the network learned anything.

# %% [markdown] lang="en" minutes={"class": 0, "alone": 8} slideshow={"slide_type": "skip"}
# ## Quiz
#
# Think of your answer first, then open it. Each choice says why it is right or wrong.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **A map of "espresso" on a photograph without coffee shows a red spot. What do you look at first?**
#
# - [x] At the score and at the scale. :: Yes: a weak spot on a shared scale, or a low score, says "not here".
# - [ ] At the spot's form. :: Scaled by itself every map has a spot.
# - [ ] At another photograph. :: The numbers of this one already tell.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **Which layer's output is $f$ in ResNet50?**
#
# - [ ] The last `Conv2D`. :: It is one part of a sum; its mean is not $F_k$.
# - [ ] `avg_pool`. :: There the positions are gone.
# - [x] What `avg_pool` reads, `conv5_block3_out`. :: Yes, the ReLU of the sum.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **The maps of the two best classes look alike. How do you see what decided between them?**
#
# - [ ] By scaling both to 0 … 1. :: That makes them more alike.
# - [x] By the difference of the two maps. :: Yes. Its mean plus the difference of the biases is the difference of the scores.
# - [ ] It cannot be seen. :: The difference adds up exactly, cell by cell.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **Two maps from different layers are drawn on one colour scale. What is wrong?**
#
# - [ ] Nothing, one scale is always right. :: Within a layer it is; different layers have different units.
# - [ ] They have different grids. :: Each could be drawn on its own grid; the values are the trouble.
# - [x] Their values are in different units. :: Yes: no sum ties one layer's map to another's.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **An untrained network's map has a clear spot, and the identity holds. What follows?**
#
# - [ ] The network has found the object. :: It has never seen one.
# - [ ] The method is wrong. :: It did what it promises: the map adds up to the score.
# - [x] Neither a spot nor the identity says that the network is right. :: Yes.

# %% [markdown] lang="en" minutes={"class": 0, "alone": 0} slideshow={"slide_type": "skip"}
# ## Sources
#
# - K. He, X. Zhang, S. Ren, J. Sun (2016). Deep residual learning for image recognition. *CVPR*, 770–778.
# - O. Russakovsky et al. (2015). ImageNet large scale visual recognition challenge. *International Journal of Computer
#   Vision* 115, 211–252.
# - B. Zhou, A. Khosla, A. Lapedriza, A. Oliva, A. Torralba (2016). Learning deep features for discriminative
#   localization. *CVPR*, 2921–2929. Sections 2 (maps) and 3.2 (boxes).
# - R. R. Selvaraju, M. Cogswell, A. Das, R. Vedantam, D. Parikh, D. Batra (2017). Grad-CAM: Visual explanations from
#   deep networks via gradient-based localization. *ICCV*, 618–626. Equations (1) and (2).
# - J. Adebayo, J. Gilmer, M. Muelly, I. Goodfellow, M. Hardt, B. Kim (2018). Sanity checks for saliency maps.
#   *NeurIPS*.
# - Five classes of one image, one class on many images: deck D0 (Seungchul Lee). ResNet50 and other layers: deck D3
#   (Kim Hyunwoo).
# - Photographs: shipped with scikit-image (`skimage.data`). Weights: named by the first line that this notebook prints.
