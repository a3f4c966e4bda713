# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   language_info: {name: python}
# ---

# %% [markdown] lang="en" minutes={"class": 3, "alone": 5} slideshow={"slide_type": "slide"}
# # 08 · Localisation without boxes
#
# Decks D1 and D3 quote a claim of Zhou et al. (2016): a network that was trained on class names alone finds *where* an object
# is nearly as well as one that was trained on boxes. Lesson 06 drew such boxes and asked you to look. Here they are counted:
# on a thousand pictures whose boxes are known, for three methods, and for a guess that needs no network.

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# **After this lesson you can**
#
# 1. go from a map to a box and from boxes to a localisation error, as Zhou et al. and ILSVRC count it;
# 2. put an error beside what a guess without a network gets, with an interval;
# 3. say what the threshold, the grid and several objects of one class do to boxes;
# 4. play the pointing game on a mosaic of photographs;
# 5. compute where in the image a cell of a map lies, and say why it is not where everybody draws it.
#
# **Time:** 51 minutes in class, 107 minutes alone. **Before:** lessons 04 to 06; lesson 01 for the receptive field.

# %% slideshow={"slide_type": "skip"}
# First, because it keeps TensorFlow's start-up messages out of the notebook:
from cam_course import CAM, GradCAM, GradCAMPlusPlus
from dataclasses import replace

import keras
import numpy as np
import tensorflow as tf

from cam_course import models
from cam_course.data.cluttered import clutter
from cam_course.data.mnist import load_mnist
from cam_course.data.photos import PHOTOS, load_photo, square
from cam_course.evaluate import box_iou, centre_box, energy_inside, localised
from cam_course.evaluate import mean_with_interval, share_with_interval
from cam_course.maps import relu
from cam_course.network import Network, drawn_centre, receptive_field
from cam_course.plotting import show_boxes_on_photos, show_measures, show_strip
from cam_course.teaching.exercises import check
from cam_course.teaching.identity import check_identity
from cam_course.teaching.widgets.photo import box_slider, photo_explorer

# %% [markdown] lang="en" minutes={"class": 4, "alone": 7} slideshow={"slide_type": "slide"}
# ## The protocol
#
# 1. Take the map of a class, $M_c(x, y)$ at row $x$, column $y$, and stretch it over the image.
# 2. Keep what is above 20 % of its maximum, and of that the largest connected part.
# 3. Put the smallest box around it.
# 4. Compare it with the true box: *intersection over union* (IoU), the area of both together divided by the area of either.
#    At least 0.5 counts as found.
# 5. An image is right if the class *and* the box are right. With five guesses (the five best classes, a box for each) one right
#    pair is enough. The share of wrong images is the top-1 or the top-5 *localisation error*.
#
# So three things can go wrong: the class, the place, the size. **A box has the right centre and half the side of the true one.
# Is it found?** Work out the IoU before you go on. (It is 1/4.)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### What was claimed
#
# | ILSVRC, test set, Zhou et al. (2016), table 3 | trained on | top-5 localisation error |
# | --- | --- | --- |
# | GoogLeNet with GAP, CAM, boxes chosen with care | class names | 37.1 % |
# | GoogLeNet with GAP, CAM | class names | 42.9 % |
# | AlexNet (2012) | boxes | 34.2 % |
# | GoogLeNet (2014) | boxes | 26.7 % |
#
# The decks quote 37.1 against 34.2. Read the table again: the 34.2 % are those of a network that was two years older. Against
# the same network with boxes it is 37.1 against 26.7, and without the care (several boxes for a guess) 42.9. "Without any box"
# is true of the training; how the 20 % were found the paper does not say.

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Exercise 8.1 · intersection over union
#
# Boxes are `(x0, y0, x1, y1)`, half-open, in pixels; in a box x is the column and y the row. Return the IoU of two boxes. They
# may lie apart.
#
# The check says one of three things: not attempted yet, not yet (and why), or right. In a cell of your own, `hint("8.1")`
# shows hints one by one.


# %% tags=["exercise"] slideshow={"slide_type": "fragment"}
def iou(one, other):
    ### BEGIN SOLUTION
    width = max(0, min(one[2], other[2]) - max(one[0], other[0]))
    height = max(0, min(one[3], other[3]) - max(one[1], other[1]))
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return width * height / (sum(areas) - width * height)
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "fragment"}
check("8.1", iou)

# %% [markdown] lang="en" minutes={"class": 4, "alone": 7} slideshow={"slide_type": "slide"}
# ## Pictures whose boxes are known
#
# A digit stands anywhere on 64 × 64 pixels, among pieces of 8 × 8 pixels that were cut out of other digits (after Mnih et al.
# 2014). Its box is the smallest that holds its ink. The network is small and ends in GAP; it was trained on 30,000 such
# pictures and their classes, never on a box. **Name the digits in the first row of the figure below, and then say what a network
# without boxes might take for the digit.**

# %% slideshow={"slide_type": "fragment"}
digits = load_mnist()
print(digits.notice)
of_test = digits.test_images, digits.test_labels
test = clutter(*of_test, count=1000, seed=1)
three = clutter(*of_test, count=300, seed=3, copies=3)  # three of one class, for later
of_train = digits.train_images[:5000], digits.train_labels[:5000]
tuning = clutter(*of_train, count=500, seed=2)  # to choose a threshold on
del digits, of_train  # 60,000 training images are no longer needed
model = models.trained_cluttered_network()
right = model.predict(test.images, verbose=0).argmax(axis=1) == test.labels
print("class right:", share_with_interval(right.sum(), len(test)))

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# (Without the real MNIST the pictures are made of scikit-learn's digits, which this network has never seen. All cells run; the
# shares are then lower.)

# %% slideshow={"slide_type": "fragment"}
cam = CAM(model)
e = cam(test.images, top=5)  # maps (1000, 5, 16, 16)
boxes = e.resize((64, 64)).boxes(0.2)
six = range(6)
best = [boxes[i][0] for i in six]
fits = [box_iou(best[i], test.boxes[i, 0]) if best[i] else 0.0 for i in six]
says = e.classes[:, 0]
titles = [f"true {test.labels[i]}, says {says[i]}\nIoU {fits[i]:.2f}" for i in six]
show_boxes_on_photos(e.maps[six, 0], best, titles, test.images[six])

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# Go through twenty of the pictures and move the threshold. A low one takes the neighbours in, a high one leaves only the peak.

# %% slideshow={"slide_type": "fragment"}
true_boxes = [tuple(box) for box in test.boxes[:20, 0].tolist()]
box_slider(test.images[:20], e.maps[:20, 0], true_boxes, says[:20].tolist())

# %% [markdown] lang="en" minutes={"class": 5, "alone": 17} slideshow={"slide_type": "slide"}
# ## The error, and what it is worth
#
# Now all 1,000 pictures, for CAM, Grad-CAM and Grad-CAM++, each by the same protocol. And a guess that looks at nothing: the box in
# the middle of the picture, of the mean size of a digit, with the network's own classes. **Will the middle beat any of them? By how
# much do you expect CAM and Grad-CAM to differ?** (Lesson 05 derived an answer to the second question, up to one thing.)

# %% slideshow={"slide_type": "fragment"}
truth = [[tuple(box) for box in of_image.tolist()] for of_image in test.boxes]


def found(classes, boxes, k):  # 1 where one of the k first guesses is right
    each = zip(classes, boxes, test.labels, truth)
    return np.array(
        [localised(c[:k], b[:k], label, true) for c, b, label, true in each]
    )


def error(hits):
    return share_with_interval(int(np.sum(~hits)), len(hits))


# %% slideshow={"slide_type": "fragment"}
explanations = {"CAM": e}
for method in (GradCAM, GradCAMPlusPlus):
    explanations[method.__name__] = method(model)(test.images, top=5)
guesses = {name: x.resize((64, 64)).boxes(0.2) for name, x in explanations.items()}
middle = centre_box((64, 64), share=19 / 64)  # a digit is about 19 pixels wide
guesses["middle"] = [[middle] * 5] * len(test)
print("localisation error   top-1                            top-5")
for name, of_method in guesses.items():
    one, five = (error(found(e.classes, of_method, k)) for k in (1, 5))
    print(f"{name:16} {one!s:32} {five}")

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# Two surprises. The middle finds nearly nothing here, because these digits stand anywhere. On photographs it is a strong guess:
# photographers put things there.
#
# And CAM and Grad-CAM differ a little, although boxes ask only for what is above zero, and up to the factor $N$ only the ReLU
# stands between the two maps. But *when* is it applied? Grad-CAM sets negative cells to zero before the map is stretched. In CAM's
# map they are still there, and where it is stretched they pull their neighbours down. The next cell applies the ReLU to CAM's maps
# first. **Are the boxes the same now?**

# %% slideshow={"slide_type": "fragment"}
rectified = replace(e, maps=relu(e.maps)).resize((64, 64)).boxes(0.2)
pairs = zip(rectified, guesses["GradCAM"])
same = sum(one == other for ours, theirs in pairs for one, other in zip(ours, theirs))
print("boxes that are equal:", share_with_interval(same, 5 * len(test)))

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# All, or all but a few that rounding decides. Grad-CAM++ has far fewer errors here. It lets only positive gradients count, so
# nothing speaks against a cell, its maps are wider, and a box around a wider map holds more of the digit. That makes it better at
# boxes. Its mean is no score, and it cannot show what speaks against a class: another question, another method.

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### Exercise 8.2 · the localisation error (at home)
#
# For each image you have whether the class is right, and the IoU of its box with the true one. Return the top-1 localisation error.


# %% tags=["exercise", "at-home"] slideshow={"slide_type": "skip"}
def localisation_error(class_right, ious):
    ### BEGIN SOLUTION
    hits = np.logical_and(class_right, np.asarray(ious) >= 0.5)
    return 1 - np.mean(hits)
    ### END SOLUTION


# %% tags=["check", "at-home"] slideshow={"slide_type": "skip"}
check("8.2", localisation_error)

# %% [markdown] lang="en" minutes={"class": 4, "alone": 8} slideshow={"slide_type": "slide"}
# ## The threshold
#
# Why 20 %? Try every threshold. **What happens to the boxes when it rises? Where will the error be least, and will that place be the
# same for both methods?** The best place is looked for on other pictures than those that are counted: a threshold that was
# chosen on the test pictures would flatter itself.

# %% slideshow={"slide_type": "fragment"}
shares = np.arange(0, 0.75, 0.1)
curves = {}
for name, method in (("CAM", cam), ("Grad-CAM++", GradCAMPlusPlus(model))):
    tuned = method(tuning.images).resize((64, 64))
    curves[name] = []
    for share in shares:
        ious = [
            box_iou(b[0], true[0]) if b[0] else 0
            for b, true in zip(tuned.boxes(share), tuning.boxes)
        ]
        fits = np.array(ious) >= 0.5
        curves[name].append(share_with_interval(fits.sum(), len(fits)))
show_measures(shares, curves, "threshold, share of the maximum", "boxes that fit")

# %% slideshow={"slide_type": "fragment"}
for name, of_method in curves.items():
    best_share = shares[np.argmax([mean.value for mean in of_method])]
    tested = explanations[name.replace("-", "").replace("++", "PlusPlus")]
    hits = found(e.classes, tested.resize((64, 64)).boxes(best_share), 1)
    print(f"{name:11} threshold {best_share:.1f}: top-1 error {error(hits)}")

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# A method and its threshold belong together. Selvaraju et al. (2017) take 15 % for Grad-CAM, Zhou et al. 20 % for CAM, each for their
# own networks. A comparison at one threshold compares thresholds. Choe et al. (2020) chose it for each of five newer methods on
# pictures that were held out, and found none of them much better than CAM. And choosing it needs boxes: "without boxes" is a little
# less than it says.

# %% [markdown] lang="en" minutes={"class": 3, "alone": 6} slideshow={"slide_type": "slide"}
# ## The grid
#
# $f$ is on a grid of 16 × 16 here, 7 × 7 in ResNet50. What does a coarser grid cost? Pool the map of CAM to 8 × 8, 4 × 4 and 2 × 2 cells
# by means. **Will the score change? Will the boxes?**

# %% slideshow={"slide_type": "fragment"}
for cells in (16, 8, 4, 2):
    n = 16 // cells
    pooled = e.maps.reshape(len(test), 5, cells, n, cells, n).mean(axis=(3, 5))
    coarse = replace(e, maps=pooled.astype("float32"))
    hits = found(e.classes, coarse.resize((64, 64)).boxes(0.2), 1)
    print(f"{cells:2} x {cells:2}: top-1 error {error(hits)}")
    np.testing.assert_allclose(
        pooled.mean(axis=(2, 3)), e.maps.mean(axis=(2, 3)), atol=1e-3
    )
check_identity(
    "S_c = mean M_c + b_c, 2 x 2", e.scores, pooled.mean(axis=(2, 3)) + e.bias
)

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# The score is the mean, and a mean of means is the same mean: the identity holds on every grid, and says nothing about places.
# The boxes need the grid.

# %% [markdown] lang="en" minutes={"class": 4, "alone": 7} slideshow={"slide_type": "slide"}
# ## Several digits of one class
#
# Chattopadhay et al. (2018) built Grad-CAM++ for pictures with several objects of one class: it is to cover all of them where
# Grad-CAM covers one. Here are pictures with three digits of one class. A digit counts as *covered* if somewhere in its box the map
# is above 20 % of its maximum. **How many of three will each method cover? Does covering more mean being better?** The last column
# says how much of the map's energy lies in the three boxes.

# %% slideshow={"slide_type": "fragment"}
for name, method in (("CAM", cam), ("Grad-CAM++", GradCAMPlusPlus(model))):
    maps = method(three.images, classes=three.labels[:, None]).resize((64, 64)).maps
    covered, inside = [], []
    for M, of_image in zip(maps[:, 0], three.boxes):
        mask = np.zeros((64, 64), dtype=bool)
        for x0, y0, x1, y1 in of_image:
            covered.append(M[y0:y1, x0:x1].max() > 0.2 * max(M.max(), 1e-9))
            mask[y0:y1, x0:x1] = True
        inside.append(energy_inside(M, mask))
    share = share_with_interval(int(np.sum(covered)), len(covered))
    print(f"{name:11} digits covered {share}, energy {mean_with_interval(inside)}")

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# Here CAM covers nearly all three as well, so there was nothing to repair: the digits are of one size, and each raises its cells
# alike. And compare the two columns before you say which one is better: a map that is above zero everywhere would cover everything.
# (Lerma and Lucas 2022 show that Grad-CAM++ is in practice close to Grad-CAM with the positive gradients alone.)

# %% [markdown] lang="en" minutes={"class": 4, "alone": 8} slideshow={"slide_type": "slide"}
# ## A mosaic of photographs
#
# ResNet50 and four photographs in one picture, a quarter each. Three of them show a class that the network knows. The *grid
# pointing game* (Böhle et al. 2021) asks: of all that is positive in the map of a class, how much lies in its own quarter? A map that
# knows nothing gets 25 %. **Which of the three will be easiest?**

# %% slideshow={"slide_type": "fragment"}
net = models.resnet50()
print(net.notice)
known = {"chelsea": 285, "coffee": 967, "camera": 872}  # cat, espresso, tripod
quarters = [square(load_photo(name), 112) for name in (*known, "rocket")]
mosaic = np.vstack([np.hstack(quarters[:2]), np.hstack(quarters[2:])])
cam_photo = CAM(net.model)
m = cam_photo(net.prepare(mosaic), classes=list(known.values()))
names = [net.names[c] for c in known.values()]
show_strip(m.maps[0], names, images=mosaic / 255)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Exercise 8.3 · the share in a quarter
#
# `M` is a map of the size (h, w), both even; `row` and `column` are 0 or 1 and name a quarter. Return the share of the map's
# *positive* values that lies in that quarter.


# %% tags=["exercise"] slideshow={"slide_type": "fragment"}
def share_in_quarter(M, row, column):
    ### BEGIN SOLUTION
    h, w = np.shape(M)
    rows = slice(row * h // 2, (row + 1) * h // 2)
    columns = slice(column * w // 2, (column + 1) * w // 2)
    positive = np.maximum(M, 0)
    return positive[rows, columns].sum() / positive.sum()
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "fragment"}
check("8.3", share_in_quarter)

# %% slideshow={"slide_type": "fragment"}
masks = np.zeros((4, 224, 224), dtype=bool)
for q in range(4):
    masks[q, q // 2 * 112 :, q % 2 * 112 :][:112, :112] = True
large = m.resize((224, 224)).maps[0]
for name, M, own in zip(names, large, masks):
    print(f"{name:14} in its own quarter: {energy_inside(M, own):.0%}")

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# And on a photograph, or on one of your own: one of its first five classes, and the box at a threshold that you choose.

# %% slideshow={"slide_type": "fragment"}
photo_explorer(net, load_photo("chelsea"), {"last maps": cam_photo})

# %% [markdown] lang="en" minutes={"class": 5, "alone": 10} slideshow={"slide_type": "slide"}
# ## Where does a cell of a map lie?
#
# Everybody draws a map by stretching it over the image. The middle cell of ResNet50's 7 × 7 grid is cell 3, and stretching draws it at
# $(3 + \frac12) \cdot 224 / 7 - \frac12 = 111.5$, the middle of the image. Is it there?
#
# Lesson 01 computed how much of the image a cell sees. The same arithmetic says where the middle of that is. Pixel 0 has its middle at
# 0. A window of $k$ in steps of $s$, after $p$ cells of padding at the left, moves cell 0 by $\frac{k-1}{2} - p$ cells of its input,
# and makes the step $s$ times as large:
#
# $$\text{start} \leftarrow \text{start} + \Bigl(\frac{k-1}{2} - p\Bigr) \cdot \text{step}, \qquad \text{step} \leftarrow s \cdot \text{step}$$
#
# **ResNet50 begins with a window of 7 in steps of 2 after 3 cells of padding, then one of 3 in steps of 2 after 1. Where is cell 0 after
# these two?** Work it out. (At 0 both times.)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Exercise 8.4 · the middle of what a cell sees
#
# `windows` is a list of `(k, s, p)`, one for each layer, from the image on. Return the middle of what cell number `cell` sees, in
# pixels.


# %% tags=["exercise"] slideshow={"slide_type": "fragment"}
def middle_of(windows, cell):
    ### BEGIN SOLUTION
    start, step = 0, 1
    for k, s, p in windows:
        start += ((k - 1) / 2 - p) * step
        step *= s
    return start + step * cell
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "fragment"}
check("8.4", middle_of)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Three networks
#
# `receptive_field` does it for any network of known layers. All three have a grid of 7 × 7. **In which of them is the middle cell drawn
# where it looks?**

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
shape = {"include_top": False, "weights": None, "input_shape": (224, 224, 3)}
for build in ("ResNet50", "VGG16", "MobileNetV2"):
    base = getattr(keras.applications, build)(**shape)
    gap = keras.layers.GlobalAveragePooling2D()(base.output)
    network = Network(keras.Model(base.input, keras.layers.Dense(2)(gap)))
    rows, _ = receptive_field(network, network.grid())
    drawn = drawn_centre(3, cells=7, pixels=224)
    print(f"{build:12} drawn at {drawn}, middle of what it sees {rows.centre(3)}")

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# ResNet50's windows lean to the left and top: its layers that halve the grid take the *first* of every two cells. Keras' MobileNetV2
# pads at the right and bottom alone, and leans the other way. VGG16 pools pairs, and is straight.

# %% [markdown] lang="en" minutes={"class": 6, "alone": 12} slideshow={"slide_type": "slide"}
# ## Where it does lie, measured
#
# The arithmetic gives the middle of what a cell *can* see. What it *does* see is weighted by the network. A first measurement: how
# much does the middle cell of $f$, added up over $k$, change with each pixel? The centre of mass of the sizes of these gradients,
# along the columns, is where the cell looks. **Will it be nearer to 96 or to 111.5?**

# %% slideshow={"slide_type": "fragment"}
network = cam_photo.network
grid = network.grid()


@tf.function  # a graph holds less in memory
def gradient_of_middle_cell(image):
    with tf.GradientTape() as tape:
        tape.watch(image)
        f = network.run({network.images: image}, to=grid)[grid]
        middle_cell = tf.reduce_sum(f[0, 3, 3])
    return tape.gradient(middle_cell, image)


for name in PHOTOS:
    gradient = gradient_of_middle_cell(tf.constant(net.prepare(load_photo(name))))
    size = np.abs(gradient[0]).sum(axis=(0, 2))  # per column
    print(f"{name:10} looks at column {size @ np.arange(224) / size.sum():.1f}")

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Find a known object again
#
# The second measurement asks the map. Paste an object at nine places in a row, and find it again: the centre of mass of what is
# positive, along the columns. One catch: the part of the object that the network likes may not be its middle. So paste its mirror
# image as well; then that part errs once to the left and once to the right. **Will the object be found where the map is drawn, or
# where the arithmetic says?**

# %% slideshow={"slide_type": "fragment"}
_, columns = receptive_field(network, grid)
lefts = np.arange(0, 129, 16)


def cells_of(photo, c):  # where the map has the pasted object, counted in cells
    pasted = np.full((len(lefts), 224, 224, 3), 124, np.uint8)
    for picture, left in zip(pasted, lefts):
        picture[64:160, left : left + 96] = photo
    X = np.concatenate([net.prepare(picture) for picture in pasted])
    parts = np.array_split(X, 3)  # all at once would need much memory
    M = np.concatenate([cam_photo(part, classes=[c]).maps[:, 0] for part in parts])
    profile = np.maximum(M, 0).sum(axis=1)
    return profile @ np.arange(7) / np.maximum(profile.sum(axis=1), 1e-9)


# %% slideshow={"slide_type": "fragment"}
true = np.tile(lefts + 47.5, 2)  # the middle of the object, twice
for name, c in known.items():
    photo = square(load_photo(name), 96)
    cells = np.concatenate([cells_of(photo, c), cells_of(photo[:, ::-1], c)])
    drawn, looked = drawn_centre(cells, 7, 224), columns.centre(cells)
    print(
        f"{name:8} drawn {np.mean(drawn - true):+6.1f} pixels from the object,", end=""
    )
    print(f" by the arithmetic {np.mean(looked - true):+6.1f}")

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# With trained weights the object is found *between* the two: the map is drawn some pixels too far to the right, and the arithmetic puts
# it too far to the left. (The weights that the network uses lie mostly in the middle of its windows, and each of its blocks has
# a path that skips the window.) So a map of ResNet50 is uncertain by a quarter of a cell to begin with, whatever draws it.

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# What follows: do not read a map to the pixel; a box from a 7 × 7 grid has edges that are good to some 10 or 20 pixels; and a shift
# of a few pixels between map and object is the drawing's, not the network's. When somebody asks why a map looks shifted, this is the
# first thing to compute.

# %% [markdown] lang="en" tags=["open"] minutes={"class": 5, "alone": 7} slideshow={"slide_type": "slide"}
# ## Open question · one number for a paper
#
# A colleague writes: "our map localises with 41 % error, against 45 % of CAM". Write down the questions that you would ask before you
# believe that it localises better.

# %% [markdown] lang="en" tags=["solution"] slideshow={"slide_type": "skip"}
# A good answer asks for: the number of images and the intervals; the threshold, and on which pictures it was chosen for *each* method;
# whether the classes are the same (a better classifier has a lower error with the same maps); the grid and how it was drawn over
# the image; what the centre box gets; whether the network was trained again for one of the two; top-1 or top-5, and how many boxes
# for a guess.

# %% [markdown] lang="en" minutes={"class": 4, "alone": 6} slideshow={"slide_type": "slide"}
# ## Summary
#
# - A localisation error counts class, place and size together. 37.1 % against 34.2 % compared networks of different years.
# - Before a GAP head CAM's and Grad-CAM's boxes differ only by when the ReLU is applied. A method and its threshold belong together,
#   and choosing the threshold needs boxes.
# - The identity holds on every grid; boxes get worse on a coarse one.
# - Covering several objects is easy for a map that covers everything: look at the energy as well.
# - A cell of a map does not lie where it is drawn. Arithmetic says where its window lies, and a measurement lies between.
#
# Next: lesson 09 goes beyond class activation maps.

# %% [markdown] lang="en" minutes={"class": 0, "alone": 7} slideshow={"slide_type": "skip"}
# ## Quiz
#
# Think of your answer first, then open it. Each choice says why it is right or wrong.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **A box lies inside the true box and has half its area. Is it found?**
#
# - [ ] No, half is missing. :: Work it out: the union is the true box.
# - [x] Just so: IoU 0.5. :: Yes: intersection one half, union one.
# - [ ] That depends on where it lies. :: Inside is all that counts.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **Two methods are compared at a threshold of 20 %. What was compared?**
#
# - [x] Two methods at a threshold that may suit one of them. :: Yes: give each its own, chosen on other pictures.
# - [ ] Two methods, fairly: it is the same number. :: The same number means different boxes for maps of different form.
# - [ ] Nothing: boxes need no threshold. :: Without one there is no box.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **A map of ResNet50 looks shifted by 8 pixels against the object. What is likely?**
#
# - [ ] The network looks beside the object. :: Perhaps; but first compute what the drawing does.
# - [ ] The weights are wrong. :: They know nothing of drawings.
# - [x] The map is drawn where its cells do not lie. :: Yes: stretching and receptive field differ by half a cell here.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **The maps are pooled from 16 × 16 to 2 × 2. What stays?**
#
# - [ ] The boxes. :: They become quarters of the picture.
# - [x] The score. :: Yes: a mean of means of equal parts is the mean.
# - [ ] Both. :: Only what is a mean stays.

# %% [markdown] lang="en" minutes={"class": 0, "alone": 0} slideshow={"slide_type": "skip"}
# ## Sources
#
# - B. Zhou, A. Khosla, A. Lapedriza, A. Oliva, A. Torralba (2016). Learning deep features for discriminative
#   localization. *CVPR*, 2921–2929. Section 3.2 and table 3.
# - O. Russakovsky et al. (2015). ImageNet large scale visual recognition challenge. *International Journal of Computer
#   Vision* 115, 211–252.
# - V. Mnih, N. Heess, A. Graves, K. Kavukcuoglu (2014). Recurrent models of visual attention. *NeurIPS*.
# - R. R. Selvaraju, M. Cogswell, A. Das, R. Vedantam, D. Parikh, D. Batra (2017). Grad-CAM. *ICCV*, 618–626.
# - A. Chattopadhay, A. Sarkar, P. Howlader, V. N. Balasubramanian (2018). Grad-CAM++. *WACV*, 839–847.
# - M. Lerma, M. Lucas (2022). Grad-CAM++ is equivalent to Grad-CAM with positive gradients. arXiv:2205.10838.
# - J. Choe, S. J. Oh, S. Lee, S. Chun, Z. Akata, H. Shim (2020). Evaluating weakly supervised object localization methods right.
#   *CVPR*, 3133–3142.
# - M. Böhle, M. Fritz, B. Schiele (2021). Convolutional dynamic alignment networks for interpretable classifications. *CVPR*,
#   10029–10038. The grid pointing game.
# - A. Araujo, W. Norris, J. Sim (2019). Computing receptive fields of convolutional neural networks. *Distill*.
# - The claim and its numbers: decks D1 (Oh) and D3 (Kim).
