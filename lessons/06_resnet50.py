# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   language_info: {name: python}
# ---

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
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
# **Time:** 60 minutes in class, 110 minutes alone. **Before:** lessons 03, 04 and 05.

# %% slideshow={"slide_type": "skip"}
from cam_course import (
    CAM,
    GradCAM,
)  # first, because it keeps TensorFlow's start-up messages out of the notebook

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

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
from cam_course.plotting import show_images, show_layers, show_numbers, show_strip
from cam_course.teaching.identity import check_identity

plt.rcParams["figure.dpi"] = 75  # figures of photographs make large notebooks
tf.config.run_functions_eagerly(
    True
)  # for so few calls compiling costs more than it saves

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
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
print(
    f"{net.model.count_params():,} parameters, {len(net.names):,} classes, trained: {net.trained}"
)

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
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

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
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

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# `net.prepare` does all of it: square, size, and the colours as this network wants them. Look at the range of the
# numbers. `X` is what every method below is given; `shown` is what we look at.

# %% slideshow={"slide_type": "fragment"}
X = np.concatenate([net.prepare(photo) for photo in photos.values()])
print(f"X: {X.shape}, {X.dtype}, from {X.min():.1f} to {X.max():.1f}")
print("middle pixel of the cat as we see it:    ", np.round(shown[0, 112, 112] * 255))
print("middle pixel of the cat as it is received:", X[0, 112, 112].round(1))

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
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

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
# ## The end of ResNet50
#
# Lesson 04 found $f$ by its role: what the pooling reads. Here are the last layers. **Which of them makes $f$: the last
# `Conv2D`, or the one above `avg_pool`?** Both have the shape (7, 7, 2048).

# %% slideshow={"slide_type": "fragment"}
for layer in net.model.layers[
    -7:
]:  # only to look at them; what follows finds its layers by role
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
gap = next(
    layer
    for layer in net.model.layers
    if isinstance(layer, keras.layers.GlobalAveragePooling2D)
)
look_inside = keras.Model(net.model.input, [*inside, gap.output, net.model.output])
conv, f, F, P = (np.asarray(values) for values in look_inside(X))
for name, maps in ((last_conv, conv), (grid, f)):
    off = np.abs(global_average_pool(maps) - F).max() / np.abs(F).max()
    print(
        f"{name:20} smallest value {maps.min():7.2f}, means off from F by {off:.1e} of its size"
    )
check_identity(
    "F_k = mean_xy f_k(x, y), on conv5_block3_out", F, global_average_pool(f)
)

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
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
check_identity(
    "S_c - S_best = ln P_c - ln P_best", S - best, np.log(P) - np.log(P_best)
)

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
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
print(
    f"S = {S[coffee, ESPRESSO]:.2f} = mean of M {M_coffee.mean():.2f} + bias {b[ESPRESSO]:.2f}"
)
print(
    f"the five largest of the 49 numbers bring {largest:.2f} of {M_coffee.mean():.2f}"
)

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
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
print(
    f"largest |CAM| {np.abs(five.maps).max():.3f}, largest |Grad-CAM| {np.abs(g.maps).max():.3f}"
)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
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
check_identity(
    "S_c - b_c = sum_xy of Grad-CAM before ReLU",
    five.scores - five.bias,
    g.maps.sum(axis=(2, 3)),
)

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
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

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
# ## Five classes of one photograph
#
# Deck D0 (Lee) shows the maps of the five best classes of one image. Here are those of the cat, best first, on one
# scale.
#
# **Will the five maps lie on five different places, or on the same one?** Think of where the network could see a cat,
# and where one kind of cat rather than another.

# %% slideshow={"slide_type": "fragment"}
cam(X[cat], top=5).show(shown[cat], names=net.names)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
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
check_identity(
    "S_a - S_b = mean_xy (M_a - M_b) + b_a - b_b", S_five[0] - S_five[1:], from_maps
)
print(
    f"correlation of the first two maps: {np.corrcoef(M_five[:2].reshape(2, -1))[0, 1]:.2f}"
)
first, second = (net.names[c] for c in five.classes[cat, :2])
titles = [first, second, f"{first}\n− {second}"]
maps = [M_five[0], M_five[1], M_five[0] - M_five[1]]
show_strip(maps, titles, images=shown[cat], label="$M_c(x, y)$")

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
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
# The mean of each map is $S_c - b_c$. So where the score of a class is clearly negative, blue outweighs red: a map on
# this scale says "not here" as well as "here".

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
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

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
# ## From map to box
#
# Zhou et al. (2016) turn a map into a box: keep what is above 20 % of the map's maximum, take the largest connected
# part, and put a box around it. `boxes(0.2)` does that on whatever grid it is given, so the maps are resized first.
# **Look for a box that fits and for one that does not.** Lesson 08 measures how well they fit.
#
# A box is `(x0, y0, x1, y1)`, left, upper, right and lower edge. Mind the letters: programs for pictures count columns
# with x and rows with y, so here x is the column, while in $M_c(x, y)$ it is the row.

# %% slideshow={"slide_type": "fragment"}
from matplotlib.patches import Rectangle

boxes = five.resize((224, 224)).boxes(0.2)
titles = [net.names[c] for c in five.classes[:, 0]]
figure = show_strip(five.maps[:, 0], titles, images=shown, label="$M_c(x, y)$")
for place, (box, *_) in zip(
    figure.axes, boxes
):  # the last of the axes is the colour bar
    if box is not None:  # there is none where no value is positive
        x0, y0, x1, y1 = box  # columns x0 up to x1, rows y0 up to y1
        place.add_patch(Rectangle((x0, y0), x1 - x0, y1 - y0, fill=False, lw=2))
figure

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
# ## Earlier layers
#
# CAM has one place to look: what the pooling reads. Grad-CAM takes any layer, says deck D3, because a gradient exists
# everywhere. Four layers follow, the last of each stage of ResNet50. From stage to stage the grid has half the side,
# and each position sees more of the picture. How much, lesson 01 derived: a 3 × 3 convolution widens the receptive
# field by 2 steps of its grid. It is 11 pixels wide, with steps of 4, where the first stage begins.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
blocks = {
    "conv2_block3_out": 3,
    "conv3_block4_out": 4,
    "conv4_block6_out": 6,
    "conv5_block3_out": 3,
}
field, step = 11, 4
for layer, n in blocks.items():
    field += n * 2 * step  # n blocks, each with one 3 x 3 convolution
    print(
        f"{layer}: grid {224 // step} x {224 // step}, a position sees at most {field} pixels across"
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
# With the weights that drew the stored figures: on the left fine outlines, red and blue side by side; on the right one
# coarse spot. In numbers: at the last layer the map adds up to $S_c - b_c$, as proved above. At the earlier ones
# nothing says it must: between them and the score lie ReLUs and more convolutions, and $\alpha_k^c$ is only the mean
# of a gradient that differs from place to place.

# %% slideshow={"slide_type": "fragment"}
print(f"S - b = {e.scores[coffee, ESPRESSO] - b[ESPRESSO]:.2f}")
for layer, m in zip(blocks, early_to_late, strict=True):
    print(f"{layer}: values from {m.min():7.4f} to {m.max():6.4f}, sum {m.sum():6.2f}")

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
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
show_layers(
    [maps[0] for maps in mixed_maps.values()], list(mixed_maps), names, mixed[0]
)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# In numbers, over all three pictures and both classes: how much of the positive evidence for a class lies in the half
# where it belongs? A map that knows nothing about the class gets 50 %. Beside it the correlation of the two classes'
# maps. (A common belief is that early maps are the same for every class. Then it would be close to 1 there. **Is
# it?**)


# %% slideshow={"slide_type": "fragment"}
def share_in_own_half(
    maps,
):  # (n, 2, h, w): the first class belongs left, the second right
    half = maps.shape[-1] // 2  # the middle column of an odd grid belongs to neither
    left = relu(maps[..., :half]).sum(axis=(2, 3))
    right = relu(maps[..., -half:]).sum(axis=(2, 3))
    return (left[:, 0] + right[:, 1]).sum() / (left + right).sum()


share = {layer: share_in_own_half(maps) for layer, maps in mixed_maps.items()}
for layer, maps in mixed_maps.items():
    alike = np.mean([np.corrcoef(two.reshape(2, -1))[0, 1] for two in maps])
    print(
        f"{layer}: {share[layer]:4.0%} in its own half, correlation of the two maps {alike:5.2f}"
    )

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# With the weights that drew the stored figures the last layer puts nearly everything in the right half, and the first
# is as good as guessing. So the early maps are finer and know less about the class. But they are not the same for every
# class: their correlation is nowhere near 1. They differ, only not by where the object is. (A position of the last
# layer may see 483 pixels across, more than the picture has; that it answers for its own place is learned, not forced.)
# An untrained network has no reason to leave 50 % at any layer.

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
# ## A mistake to know: OpenCV's order
#
# OpenCV disagrees with NumPy twice. `cv2.resize` takes (width, height), where the shape of an array says (height,
# width): no error, a picture of the wrong form. And `cv2.imread` returns blue, green, red. First the size, with the
# cat:

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
import cv2

chelsea = photos["chelsea"]
height, width = chelsea.shape[:2]
print("the photograph       ", chelsea.shape)
print("size (height, width) ", cv2.resize(chelsea, (height, width)).shape, "by mistake")
print("size (width, height) ", cv2.resize(chelsea, (width, height)).shape)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# Then the colours. `[..., ::-1]` makes of a photograph what `cv2.imread` would have returned for it. To a program that
# expects red first, blue and red are exchanged. **For which photograph can this change nothing?**

# %% slideshow={"slide_type": "fragment"}
X_exchanged = np.concatenate(
    [net.prepare(photo[..., ::-1]) for photo in photos.values()]
)
exchanged = cam(X_exchanged, top=5)
show_images(shown[..., ::-1], [f"{name}, exchanged" for name in photos])

# %% slideshow={"slide_type": "fragment"}
for i, name in enumerate(photos):
    print(f"{name:10} right:     {best_five(five, i)}")
    print(f"{'':10} exchanged: {best_five(exchanged, i)}")
grey = PHOTOS.index("camera")
check_identity(
    "grey photograph: same scores", five.scores[grey], exchanged.scores[grey]
)
kept = (five.classes[:, 0] == exchanged.classes[:, 0]).sum()
print(f"{kept} of {len(photos)} photographs keep their first class")

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# No error, and not even always another first class. That is why this mistake lives long: the program seems to work,
# only worse. The way out: read with `load_photo` (or Pillow, scikit-image), and look at the picture that you feed.

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
# ## A mistake to know: a map as a proof
#
# Here is a ResNet50 that nobody has trained: random weights, no photograph ever seen. **Will its maps be blank, noise
# all over, or spots that look like an answer?** Above, three maps of our network's first class; below, those of the
# untrained one's, all drawn as many programs draw them: each scaled by itself.

# %% slideshow={"slide_type": "fragment"}
keras.utils.set_random_seed(1)
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
# right, or that the method is (Adebayo et al. 2018). Lesson 10 tests that properly.

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
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
mine_by_layer = [
    explain(my_X, classes=first_class).maps for explain in by_layer.values()
]
from_maps = mine.maps.mean(axis=(2, 3)) + mine.bias
check_identity("S_c = mean_xy M_c + b_c", mine.scores, from_maps)
check_identity(
    "N x Grad-CAM before ReLU = CAM", mine.maps[:, :1], N * mine_by_layer[-1]
)
print(
    "box of the first class (x0, y0, x1, y1):", mine.resize((224, 224)).boxes(0.2)[0][0]
)
print("(columns x0 up to x1, rows y0 up to y1 of 224)")
titles = [f"{layer}\n{net.names[first_class[0, 0]]}" for layer in by_layer]
show_strip(
    [maps[0, 0] for maps in mine_by_layer], titles, my_picture, shared_scale=False
)

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

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
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

# %% [markdown] lang="en" slideshow={"slide_type": "skip"}
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
