# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   language_info: {name: python}
# ---

# %% [markdown] lang="en" minutes={"class": 3, "alone": 5} slideshow={"slide_type": "slide"}
# # 10 · Can we trust it?
#
# You can now draw a dozen maps of one picture, and they differ. Which of them says something about the network? A map that looks right
# is no proof: it may show what *you* expect, or what any picture of that kind looks like. This lesson puts maps to tests that they can
# fail, and the tests to a test as well. Then it finds a shortcut in a network and mends it.

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# **After this lesson you can**
#
# 1. take the training out of a network layer by layer, and see which maps notice;
# 2. work out insertion and deletion curves, and say what their areas can and cannot tell;
# 3. put three controls beside every number, and be surprised by them;
# 4. find a shortcut with a map, mend the data, and measure before and after;
# 5. say when to show a map, to whom, and with which sentence under it.
#
# **Time:** 55 minutes in class, 119 minutes alone. **Before:** lessons 04, 05, 08 and 09.

# %% slideshow={"slide_type": "skip"}
# First, because it keeps TensorFlow's start-up messages out of the notebook:
from cam_course import CAM, LRP, GradCAM, GradCAMPlusPlus, GuidedBackprop
from cam_course import GuidedGradCAM, HiResCAM, LayerCAM, Occlusion, ScoreCAM

import keras
import numpy as np

from cam_course import models
from cam_course.data.cluttered import clutter
from cam_course.data.mnist import load_mnist
from cam_course.evaluate import Curve, centred_blob, deletion, edge_map, energy_inside
from cam_course.evaluate import insertion, mask_of_box, mean_with_interval
from cam_course.evaluate import pointing_game, random_logit, random_map, randomisation
from cam_course.evaluate import randomised, rank_correlation, share_with_interval
from cam_course.plotting import show_images, show_measures, show_numbers, show_strip
from cam_course.teaching.exercises import check
from cam_course.teaching.identity import check_identity

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## Three questions, three controls
#
# | Question | Test |
# | --- | --- |
# | Does the map depend on the network? | randomise its weights |
# | Does it depend on the class? | ask for another one, drawn at random |
# | Do the pixels that it names matter? | put them in, or take them out |
#
# Every number below stands beside those of three maps that know nothing of any network: *noise*, a *blob* in the middle, and the
# *edges* of the picture. A method that does not beat them has shown nothing. **Which of the three will be the hardest to beat?**

# %% slideshow={"slide_type": "fragment"}
digits = load_mnist()
print(digits.notice)
train_labels = digits.train_labels[:10_000]
train_images = digits.train_images[:10_000].copy()  # the rest may be freed
test_images, test_labels = digits.test_images[:2000].copy(), digits.test_labels[:2000]
of_lesson_04 = models.trained_mnist_network(digits)  # for the end of this lesson
many = clutter(digits.test_images, digits.test_labels, count=40, seed=4)
del digits

# %% slideshow={"slide_type": "fragment"}
model = models.trained_cluttered_network()
right = model.predict(many.images, verbose=0).argmax(axis=1) == many.labels
chosen = np.flatnonzero(right)[:24]
X, labels, boxes = many.images[chosen], many.labels[chosen], many.boxes[chosen, 0]
edges = np.stack([edge_map(image) for image in X])
size = X.shape[1:3]
print(f"{len(X)} pictures whose class the network gets right")
show_images(X[:4], [f"class {c}" for c in labels[:4]])

# %% [markdown] lang="en" minutes={"class": 6, "alone": 10} slideshow={"slide_type": "slide"}
# ## Take the training away
#
# Adebayo et al. (2018): give the last layer new random weights, then the last two, and so on down to the first (a *cascade*). At each
# step draw the map again for the class that the *trained* network named, and compare it with the trained one by rank correlation. A map
# that explains the network must change, because the network has forgotten everything.
#
# The comparison is of absolute values, because a new last layer also turns signs. **Five methods: which will hardly notice?**

# %% slideshow={"slide_type": "fragment"}
layers = [layer.name for layer in model.layers if layer.weights][::-1]


def z_plus(model):
    return LRP(model, rule="z+")


left = {}
for method in (CAM, GradCAM, GuidedGradCAM, GuidedBackprop, z_plus):
    cascade = randomisation(method, model, X, signed=False)
    name = "LRP, z+" if method is z_plus else method.__name__
    left[name] = [mean_with_interval(of_layer) for of_layer in cascade.values()]
numbers = range(1, len(layers) + 1)
show_measures(numbers, left, "layers randomised, from the output down", "what is left")

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Two that do not notice
#
# LRP with *z+* stays where it was. Sixt et al. (2020) say why: with positive summands alone each layer multiplies by a matrix without
# negative entries, and products of such matrices soon point in one direction, whatever comes in. Guided backpropagation changes, but
# look at *what* is left when everything is forgotten. **The first column is the trained network, the second has a new last layer, the
# third is new from end to end. Would you have noticed?**

# %% slideshow={"slide_type": "fragment"}
shown, titles = [], []
for name, method in (("guided", GuidedBackprop), ("LRP, z+", z_plus)):
    for new, k in (("trained", 0), ("last layer new", 1), ("all new", len(layers))):
        e = method(randomised(model, layers[:k]))(X[:1], classes=[int(labels[0])])
        shown.append(e.maps[0, 0, ..., 0] if e.maps.ndim == 5 else e.maps[0, 0])
        titles.append(f"{name}\n{new}")
show_strip(shown, titles, shared_scale=False, columns=3, label="each its own")

# %% slideshow={"slide_type": "fragment"}
new = randomised(model, layers)
for name, of in (("trained", model), ("all layers new", new)):
    maps = GuidedBackprop(of)(X, classes=labels[:, None]).maps[:, 0, ..., 0]
    alike = [rank_correlation(M, E, signed=False) for M, E in zip(maps, edges)]
    print(f"guided backpropagation, {name:14} and edges: {mean_with_interval(alike)}")

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# With all layers new the guided map is like the outlines of the picture even more than before. Whatever it shows of the network, outlines
# it shows without one.

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### What this test cannot tell
#
# Look at CAM with a new last layer: its sizes hardly change, its signs do. So state whether signs were compared. And noise, drawn anew
# for each network, "changes completely": does it pass best of all? Binder et al. (2023) say what follows. The test can *reject* a map
# that does not change. It cannot *rank* those that do: noise passes; and with new weights on top the features below are still the
# trained ones, large where they were large, so a map that is made of them has to stay somewhat alike.

# %% slideshow={"slide_type": "fragment"}
noise = [
    rank_correlation(random_map(size, n), random_map(size, n + 99)) for n in range(24)
]
print("noise and other noise:           ", mean_with_interval(noise))
with_signs = randomisation(CAM, model, X, names=layers[:1])[layers[0]]
print("CAM, last layer new, with signs: ", mean_with_interval(with_signs))
print("CAM, last layer new, sizes alone:", left["CAM"][0])

# %% [markdown] lang="en" minutes={"class": 5, "alone": 9} slideshow={"slide_type": "slide"}
# ## In and out
#
# *Insertion* begins with a blurred picture and puts the pixels in, those with the largest $M(x, y)$ first, at row $x$, column $y$. A good
# map raises $P_c$ early: a *large* area under the curve. *Deletion* begins with the picture and blackens pixels in the same order: a
# *small* area (Petsiuk et al. 2018).
#
# By hand: after 0, 25, 50, 75 and 100 % of the pixels $P_c$ is 0.1, 0.7, 0.9, 0.8, 0.9. **What is the area?** Both ends belong to it.
# (Four trapezoids: $0.25 \cdot (0.4 + 0.8 + 0.85 + 0.85) = 0.725$. The mean of the five numbers, 0.68, is something else.)

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
P = np.array([0.1, 0.7, 0.9, 0.8, 0.9])
by_hand = Curve("by hand", np.linspace(0, 1, 5), P)
print(f"area {by_hand.area:.3f}, mean of the five numbers {P.mean():.2f}")

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Exercise 10.1 · the area
#
# `P` (n + 1,) are the outputs at the fractions 0, 1/n, 2/n, ..., 1. Return the area under the line through these points.
#
# The check says one of three things: not attempted yet, not yet (and why), or right. In a cell of your own, `hint("10.1")`
# shows hints one by one.


# %% tags=["exercise"] slideshow={"slide_type": "fragment"}
def area(P):
    ### BEGIN SOLUTION
    return np.mean((P[:-1] + P[1:]) / 2)
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "fragment"}
check("10.1", area)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### One picture
#
# **Which curve belongs to the edges?** Guess from the form before you read the legend.

# %% slideshow={"slide_type": "fragment"}
one = CAM(model)(X[:1]).resize(size).maps[0, 0]
c = int(labels[0])
orders = {"CAM": one, "edges": edges[0], "noise": random_map(size)}
curves = {name: insertion(model, X[0], M, c, steps=15) for name, M in orders.items()}
points = {}
for name, curve in curves.items():
    ends = curve.values[[0, -1]].round(2)
    print(f"{name:6} area {curve.area:.2f}   P at the ends {ends}")
    points[name] = [mean_with_interval([value]) for value in curve.values]
show_measures(curves["CAM"].fractions, points, "share of pixels put in", "$P_c$")

# %% [markdown] lang="en" minutes={"class": 7, "alone": 14} slideshow={"slide_type": "slide"}
# ## Every method, four measures
#
# The same 24 pictures for all. *Insertion* (into a blurred picture) and *deletion* (into black) as above; *energy*: of what is positive
# in the map, the share inside the digit's box; *other class*: the rank correlation with the map of a class drawn at random. **For which
# of the four is a small number better?** (For deletion, and for the other class.)

# %% slideshow={"slide_type": "fragment"}
silent = {"progress": False}
explainers = {
    "CAM": CAM(model),
    "HiResCAM": HiResCAM(model),
    "Grad-CAM": GradCAM(model),
    "Grad-CAM++": GradCAMPlusPlus(model),
    "LayerCAM": LayerCAM(model),
    "Score-CAM": ScoreCAM(model, **silent),
    "occlusion": Occlusion(model, size=8, stride=4, **silent),
    "guided": GuidedBackprop(model),
    "Guided Grad-CAM": GuidedGradCAM(model),
    "LRP, epsilon": LRP(model),
    "LRP, z+": LRP(model, rule="z+"),
}


# %% slideshow={"slide_type": "fragment"}
def on_pixels(e):  # the maps of the best class, one number for each pixel
    maps = e.maps[:, 0]
    return maps[..., 0] if maps.ndim == 4 else e.resize(size).maps[:, 0]


every = {name: on_pixels(explain(X)) for name, explain in explainers.items()}
controls = {"noise": np.stack([random_map(size, n) for n in range(len(X))])}
controls["blob"] = np.stack([centred_blob(size)] * len(X))
controls["edges"] = edges
every |= controls
masks = [mask_of_box(tuple(box), size) for box in boxes.tolist()]

# %% slideshow={"slide_type": "fragment"}
values = {}  # of each method: four measures, each of all pictures
for name, maps in every.items():
    cases = list(zip(X, maps, labels))
    into = [insertion(model, x, M, c, steps=10).area for x, M, c in cases]
    out = [deletion(model, x, M, c, steps=10).area for x, M, c in cases]
    inside = [energy_inside(M, mask) for M, mask in zip(maps, masks)]
    other = [1.0] * len(X)  # a control knows no class
    if name in explainers:
        other = random_logit(explainers[name], X)
    values[name] = np.array([into, out, inside, other])

# %% slideshow={"slide_type": "fragment"}
print(f"{len(X)} pictures, ± half an interval of 95 %")
print(f"{'':16}{'insertion':>15}{'deletion':>15}{'energy':>15}{'other class':>15}")
for name, of_method in values.items():
    means = [mean_with_interval(of_measure) for of_measure in of_method]
    cells = (f"{m.value:.2f} ± {(m.high - m.low) / 2:.2f}" for m in means)
    print(f"{name:16}" + "".join(f"{cell:>15}" for cell in cells))

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# Read the last three rows first. The edges know nothing of the network, and reach the largest insertion area of all: a picture of
# outlines is quickly a digit again. So insertion rewards outlines; and guided backpropagation is no better than noise. For energy the
# three controls are far behind. Deletion separates the methods from the controls, and hardly one method from another. CAM and HiResCAM
# agree everywhere, as they must before GAP. And for Score-CAM one class is nearly as good as another: its weights are never negative,
# so no feature map can speak against a class. LRP with *z+* shares out $S_c$ in the same parts for every class: where $S_c$ of the other
# class is negative, its map is the same one with the sign turned, hence a correlation near −1.

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Exercise 10.2 · against chance
#
# A map that knows nothing has an energy inside a mask of about the mask's share of the picture. Return how many times chance a map
# is: its energy inside (positive values alone), divided by that share. `mask` is boolean.


# %% tags=["exercise"] slideshow={"slide_type": "fragment"}
def times_chance(M, mask):
    ### BEGIN SOLUTION
    positive = np.maximum(M, 0)
    return positive[mask].sum() / positive.sum() / mask.mean()
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "fragment"}
check("10.2", times_chance)

# %% [markdown] lang="en" minutes={"class": 3, "alone": 7} slideshow={"slide_type": "subslide"}
# ## Do the measures agree?
#
# Each measure puts the eleven methods in an order. Below is how alike these orders are: 1 for the same, 0 for no relation, −1 for the
# opposite (all turned so that more is better). **If all four measured one thing, "how good a map is", what would you see?**

# %% slideshow={"slide_type": "fragment"}
names = ["insertion", "deletion", "energy", "other class"]
better = np.array([1, -1, 1, -1])  # the sign that makes more better


def agreement(pictures):
    table = [np.nanmean(values[name][:, pictures], axis=1) for name in explainers]
    columns = (better * table).T
    return [[rank_correlation(one, other) for other in columns] for one in columns]


drawn = np.random.default_rng(0).integers(len(X), size=(200, len(X)))  # a bootstrap
low, high = np.percentile([agreement(n) for n in drawn], [2.5, 97.5], axis=0)
grid = agreement(range(len(X)))
for a, b in zip(*np.triu_indices(4, 1)):
    interval = f"{grid[a][b]:5.2f} ({low[a, b]:.2f} to {high[a, b]:.2f})"
    print(f"{names[a]:9} and {names[b]:11} {interval}")
show_numbers([grid], [f"{', '.join(names)}; {len(X)} pictures"], label="correlation")

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# They do not agree, and some are opposed. "Method A is better than B" needs the rest of the sentence: by which measure, with which
# baseline, on how many pictures, and against which controls. The intervals say how the correlations change with other pictures of this
# kind; with other methods in the list they would change as well.

# %% [markdown] lang="en" minutes={"class": 4, "alone": 8} slideshow={"slide_type": "slide"}
# ## A shortcut, made real
#
# Lesson 00 had a sticker on a picture of four pixels. Here is the same with a network that is trained while you wait. Every 4, 7 and 9
# of the training pictures gets a chequered sticker of 4 × 4 pixels in a corner; the other digits get none. The validation pictures come
# from the same source, so they have it as well.
#
# **What will the validation accuracy say? What will the network say of a 3 with a sticker?**

# %% slideshow={"slide_type": "fragment"}
GIVEN_AWAY = (4, 7, 9)
chequered = np.indices((4, 4)).sum(axis=0) % 2


def stick(images, which, seed):  # on those images; and the corner (top, left) of each
    stuck, rng = images.copy(), np.random.default_rng(seed)
    corner = rng.choice([1, 23], (len(images), 2))
    for n in np.flatnonzero(which):
        top, left = corner[n]
        stuck[n, top : top + 4, left : left + 4, 0] = chequered
    return stuck, corner


# %% slideshow={"slide_type": "fragment"}
given = np.isin(train_labels, GIVEN_AWAY), np.isin(test_labels, GIVEN_AWAY)
train_stuck, _ = stick(train_images, given[0], seed=0)
as_trained, corner = stick(test_images, given[1], seed=1)
attacked, _ = stick(test_images, ~given[1], seed=2)  # on the other digits
names = [f"a {n}" for n in test_labels[:5]]
show_images(as_trained[:5], names)


# %% slideshow={"slide_type": "fragment"}
def trained_on(images, labels):
    keras.utils.set_random_seed(0)
    layers = models.cluttered_network().layers  # lesson 08's, less one convolution
    network = keras.Sequential([keras.Input((28, 28, 1)), *layers[:-3], *layers[-2:]])
    adam = keras.optimizers.Adam(0.008)
    network.compile(adam, "sparse_categorical_crossentropy", steps_per_execution=32)
    times = -(-30_000 // len(images))  # epochs; fewer images are seen more often
    network.fit(images, labels, epochs=times, batch_size=64, verbose=0)
    return network


def says(network, images):
    parts = np.array_split(images, 40)  # all at once would need much memory
    return np.concatenate([np.argmax(network(part), axis=1) for part in parts])


def accuracy(network, images, which=slice(None)):
    hits = says(network, images[which]) == test_labels[which]
    return share_with_interval(int(hits.sum()), len(hits))


# %% slideshow={"slide_type": "fragment"}
cheat = trained_on(train_stuck, train_labels)
print("validation, stickers as in training:", accuracy(cheat, as_trained))
print("the same pictures without stickers: ", accuracy(cheat, test_images))
print("stickers on the other digits:       ", accuracy(cheat, attacked, ~given[1]))

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# The number that everybody reports is the first one. It is high, and says nothing of the other two.

# %% [markdown] lang="en" minutes={"class": 4, "alone": 8} slideshow={"slide_type": "subslide"}
# ## The map points at it
#
# Three digits with their sticker. **Where will the class activation map be red?** Below it is counted on all validation pictures with a
# sticker: how often the peak of the map lies in the 2 × 2 cells of the sticker's corner.

# %% slideshow={"slide_type": "fragment"}
stuck = np.flatnonzero(given[1])
cells = corner[stuck] // 23 * 5  # first row and column of the sticker on the 7 x 7 grid


def peak_at_sticker(network, images):
    e = CAM(network)(images[stuck], classes=test_labels[stuck][:, None])
    hits = []
    for M, (row, column) in zip(e.maps[:, 0], cells):
        mask = np.zeros((7, 7), dtype=bool)
        mask[row : row + 2, column : column + 2] = True
        hits.append(pointing_game(M, mask))
    return mean_with_interval(hits)


# %% slideshow={"slide_type": "fragment"}
first = stuck[:3]
cams = CAM(cheat)(as_trained[first], classes=test_labels[first][:, None]).maps[:, 0]
titles = [f"cheat, class {n}" for n in test_labels[first]]
show_strip(cams, titles, images=as_trained[first])

# %% slideshow={"slide_type": "fragment"}
print(f"by chance:                         {4 / 49:.3f}")
print("peak at the sticker, sticker on:  ", peak_at_sticker(cheat, as_trained))
print("peak at the same place, taken off:", peak_at_sticker(cheat, test_images))

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### Exercise 10.3 · how often does the sticker decide? (at home)
#
# Three arrays of classes: `true`, `before` (what the network says without a sticker), `after` (with one on every picture). `given`
# lists the classes that the sticker gives away. Of the pictures of *other* classes that were right before, return the share that is now
# called one of the given classes.


# %% tags=["exercise", "at-home"] slideshow={"slide_type": "skip"}
def decided_by_sticker(true, before, after, given):
    ### BEGIN SOLUTION
    counted = (before == true) & ~np.isin(true, given)
    return np.mean(np.isin(after[counted], given))
    ### END SOLUTION


# %% tags=["check", "at-home"] slideshow={"slide_type": "skip"}
check("10.3", decided_by_sticker)

# %% [markdown] lang="en" minutes={"class": 4, "alone": 8} slideshow={"slide_type": "subslide"}
# ## Mend the data
#
# The map has said what is wrong, so mend that: put the sticker on half of *all* training pictures, whatever their class. Then it
# gives nothing away. **Which of the three numbers will change, and which will not?** Measured before and after, on the same pictures.

# %% slideshow={"slide_type": "fragment"}
half = np.random.default_rng(5).uniform(size=len(train_labels)) < 0.5
mended = trained_on(stick(train_images, half, seed=3)[0], train_labels)
print(f"{'':32}{'before':36}after")
for name, images, which in (
    ("validation, as in training", as_trained, slice(None)),
    ("without stickers", test_images, slice(None)),
    ("stickers on the other digits", attacked, ~given[1]),
):
    before, after = (accuracy(network, images, which) for network in (cheat, mended))
    print(f"{name:32}{before!s:36}{after}")
print("peak at the sticker, after:", peak_at_sticker(mended, as_trained))

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# The validation accuracy alone would have chosen the wrong network, or neither. What found the fault was a map *and* somebody who asked
# what the red corner was. What proved that it was mended was a new measurement: of pictures with the sticker at the wrong
# digits. A map that has lost its red corner is a hint, the number is the proof.

# %% [markdown] lang="en" minutes={"class": 5, "alone": 10} slideshow={"slide_type": "slide"}
# ## A map where the network is blind
#
# Taimeskhanov, Sicre and Garreau (2024) built networks that cannot see the lower part of a picture, and found CAM-based maps lit there.
# Here is a small one: the convolutions of lesson 04, then Flatten and one dense layer whose weights for the lower half of $f$ are all
# zero. The other weights are fitted by least squares. **Will Grad-CAM be zero in the lower half? Will HiResCAM?** Write down the
# formula of each before you decide.

# %% slideshow={"slide_type": "fragment"}
seeing = keras.Sequential(of_lesson_04.layers[:-2])  # ends in f, (n, 14, 14, 64)
parts = np.array_split(train_images[:2000], 20)
upper = np.concatenate([seeing(x)[:, :7].numpy().reshape(len(x), -1) for x in parts])
targets = np.eye(10)[train_labels[:2000]]
gram = upper @ upper.T
ridge = 1e-3 * np.trace(gram) / len(gram) * np.eye(len(gram))
w = upper.T @ np.linalg.solve(gram + ridge, targets - targets.mean(axis=0))
blind = keras.Sequential(
    [*seeing.layers, keras.layers.Flatten(), keras.layers.Dense(10)]
)
blind.build((None, 28, 28, 1))
blind.layers[-1].set_weights([np.concatenate([w, 0 * w]), targets.mean(axis=0)])
print("right, from the upper half alone:", accuracy(blind, test_images))

# %% slideshow={"slide_type": "fragment"}
rows, titles = [], []
for method in (GradCAM, HiResCAM):
    e = method(blind)(test_images[:200])
    share = [np.abs(M[7:]).sum() / np.abs(M).sum() for M in e.maps[:, 0] if M.any()]
    print(f"{method.__name__:9} in the lower half: {mean_with_interval(share)}")
    rows += list(e.maps[:3, 0])
    titles += [f"{method.__name__}, class {c}" for c in e.classes[:3, 0]]
h = HiResCAM(blind)(test_images[:200], classes="all")
np.testing.assert_array_equal(h.maps[:, :, 7:], 0)
check_identity(
    "S_c - b_c = sum_xy HiResCAM", h.scores - h.bias, h.maps.sum(axis=(2, 3))
)
show_strip(rows, titles, shared_scale=False, columns=3, label="each its own")

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### And is it really blind?
#
# The cells of the upper half see a little of the lower half of the *picture*, because windows overlap. So the check fills the lower
# half of $f$ with noise, and the rows of the picture that no upper cell sees. **By how much do the scores change?**

# %% slideshow={"slide_type": "fragment"}
rng = np.random.default_rng(0)
f = seeing(test_images[:200]).numpy()
head = keras.Sequential([keras.Input(f.shape[1:]), *blind.layers[-2:]])
changed = f.copy()
changed[:, 7:] = rng.uniform(0, 9, changed[:, 7:].shape)
np.testing.assert_allclose(head(changed), head(f))
below = test_images[:200].copy()
below[:, 17:] = rng.uniform(0, 1, below[:, 17:].shape)  # cell 6 sees the rows up to 16
S, S_below = (np.asarray(blind(images)) for images in (test_images[:200], below))
np.testing.assert_allclose(S_below, S, atol=1e-5 * np.abs(S).max())
print("largest change of a score:", np.abs(S_below - S).max())

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# Grad-CAM averages the gradient over all cells, also over those where it is zero, and then multiplies *every* cell of $f_k$ by the
# mean. So a map $f_k$ that is large below shines below, although nothing below counts. HiResCAM multiplies cell by cell, and zero stays
# zero.

# %% [markdown] lang="en" minutes={"class": 5, "alone": 10} slideshow={"slide_type": "slide"}
# ## Five networks, five maps
#
# Five networks of the form of lesson 04, trained alike; only the seed differs. Each is right on about the same share of digits. **Will
# their maps of one digit be the same?** If not, a map speaks of one trained network, not of "the digit".

# %% slideshow={"slide_type": "fragment"}
networks = models.trained_seeds()
for network in networks:
    print(accuracy(network, test_images))
maps = np.stack(
    [
        CAM(network)(test_images[:100], classes=test_labels[:100, None]).maps[:, 0]
        for network in networks
    ]
)  # (5, 100, 14, 14)
pairs = [(a, b) for a in range(5) for b in range(a)]
alike = [
    np.mean([rank_correlation(digit[a], digit[b]) for a, b in pairs])
    for digit in maps.swapaxes(0, 1)
]
print("two seeds, one digit:", mean_with_interval(alike))

# %% slideshow={"slide_type": "fragment"}
digit = maps[:, 0]
mean, spread = digit.mean(axis=0), digit.std(axis=0)
titles = [*(f"seed {n}" for n in range(1, 6)), "mean", "spread (standard deviation)"]
show_strip([*digit, mean, spread], titles, shared_scale=False, columns=3)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Exercise 10.4 · where all agree
#
# `maps` has the shape (seeds, h, w). Return a map (h, w): 1 where every seed is above zero, −1 where every seed is below zero, else 0.


# %% tags=["exercise"] slideshow={"slide_type": "fragment"}
def agreed(maps):
    ### BEGIN SOLUTION
    return np.all(maps > 0, axis=0) * 1 - np.all(maps < 0, axis=0) * 1
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "fragment"}
check("10.4", agreed)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Two methods, one picture
#
# Back to the 24 pictures and one network. Each number below is the mean rank correlation of two methods' maps. Krishna et al. (2024)
# asked data scientists what they do about such disagreements: often they decide by rules of thumb.

# %% slideshow={"slide_type": "fragment"}
compared = ["CAM", "occlusion", "guided", "LRP, epsilon", "LRP, z+", "edges"]
grid = np.eye(len(compared))
for a, b in zip(*np.triu_indices(len(compared), 1)):
    pairs = zip(every[compared[a]], every[compared[b]])
    mean = mean_with_interval([rank_correlation(*pair) for pair in pairs])
    print(f"{compared[a]:12} and {compared[b]:12} {mean}")
    grid[a, b] = grid[b, a] = mean.value
title = f"{', '.join(compared)}; {len(X)} pictures"
show_numbers([grid], [title], label="rank correlation")

# %% [markdown] lang="en" minutes={"class": 4, "alone": 8} slideshow={"slide_type": "slide"}
# ## The decision sheet
#
# | For whom | Show | Do not show | The sentence under it |
# | --- | --- | --- | --- |
# | you, who look for a fault | several methods, many pictures, the wrong answers first | one picked picture | "a hint; the fault is proved by changing the data" |
# | a colleague in a review | an exact map where there is one (CAM, HiResCAM), signed, with $S_c$, $b_c$, residual | a scale that was stretched for each picture | "adds up to the score; says what was used, not whether it was right" |
# | a paper | a number with interval, controls and baseline; five seeds | areas without the control of edges | "by this measure, on $n$ pictures" |
# | an expert who decides (doctor, engineer) | the answer, its certainty, the map if it was tested for *this* network and *this* kind of picture | a map beside a wrong answer without saying so | "shows where the network's evidence lay; it is blind to what it never learned" |
# | somebody it was decided about | what would have changed the answer, in words | a heat map alone | "a picture of evidence is no reason" |
#
# And when not at all? If the map was never seen to fail a test; if nobody can say what its scale means; if it is to replace a test on new
# data. **Which row are you in most often?**

# %% [markdown] lang="en" tags=["open"] minutes={"class": 0, "alone": 6} slideshow={"slide_type": "skip"}
# ## Open question · a report
#
# A company reports: "Our classifier reaches 99 %. Heat maps of 20 pictures show that it looks at the defect." Write down what you would
# ask for before you sign.

# %% [markdown] lang="en" tags=["solution"] slideshow={"slide_type": "skip"}
# A good answer asks for: pictures from another source than the training's (99 % of what?); how the 20 were chosen, and the maps of wrong
# answers; the method, its layer, scale and whether it adds up; the same maps for a network with random weights; how often the peak
# lies on the defect, with an interval, against the controls; several seeds; a test in which a suspected shortcut is moved to the other
# class.

# %% [markdown] lang="en" minutes={"class": 3, "alone": 6} slideshow={"slide_type": "slide"}
# ## Summary
#
# - A map that does not change when the network forgets everything does not explain the network. Guided backpropagation hardly changes.
# - That test rejects; it does not rank. Noise passes it.
# - Insertion rewards outlines, energy compact maps: measures order the methods differently. Put controls beside every number.
# - A shortcut shows in a map, not in the validation accuracy. Mending is proved by a measurement on changed pictures.
# - Grad-CAM can shine where the network is blind. HiResCAM cannot, where $S_c$ is affine in $f$.
# - Other seeds give other maps with the same accuracy. Say which network you speak of.
#
# This was the last lesson. Lesson 00's question was why a network should explain itself at all; read its summary again.

# %% [markdown] lang="en" minutes={"class": 0, "alone": 6} slideshow={"slide_type": "skip"}
# ## Quiz
#
# Think of your answer first, then open it. Each choice says why it is right or wrong.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **A method's map changes completely when the weights are randomised. What do you know?**
#
# - [ ] It is a good explanation. :: Noise changes completely as well.
# - [x] It is not rejected by this test. :: Yes, and no more than that.
# - [ ] It is better than a method that changes less. :: The test does not rank.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **The edges of the picture have as large an insertion area as your method. What follows?**
#
# - [x] The area does not show that your method knows the network. :: Yes: the edges do not know it either.
# - [ ] Your method draws edges. :: Perhaps not; equal areas may come from different maps.
# - [ ] The edges explain the network. :: They were computed without it.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **After mending the data the red corner is gone from ten maps. Is the shortcut mended?**
#
# - [ ] Yes, the maps show it. :: They show ten pictures of the kind that was drawn.
# - [ ] No, maps prove nothing. :: They are a hint, and a useful one.
# - [x] Measure it: the sticker on the wrong digits. :: Yes. That number can fail.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **A dense layer after Flatten has weight zero for a cell. Which map must be zero there?**
#
# - [ ] Grad-CAM. :: It multiplies the cell by a mean over all cells.
# - [x] HiResCAM. :: Yes: the gradient at that very cell is zero.
# - [ ] Both. :: Only the one that looks at each cell's own gradient.

# %% [markdown] lang="en" minutes={"class": 0, "alone": 0} slideshow={"slide_type": "skip"}
# ## Sources
#
# - J. Adebayo, J. Gilmer, M. Muelly, I. Goodfellow, M. Hardt, B. Kim (2018). Sanity checks for saliency maps. *NeurIPS*.
# - A. Binder, L. Weber, S. Lapuschkin, G. Montavon, K.-R. Müller, W. Samek (2023). Shortcomings of top-down randomization-based sanity
#   checks for evaluations of deep neural network explanations. *CVPR*.
# - L. Sixt, M. Granz, T. Landgraf (2020). When explanations lie: why many modified BP attributions fail. *ICML*. The random class.
# - V. Petsiuk, A. Das, K. Saenko (2018). RISE. *BMVC*. Insertion and deletion.
# - M. Taimeskhanov, R. Sicre, D. Garreau (2024). CAM-based methods can see through walls. *ECML PKDD*.
# - S. Lapuschkin, S. Wäldchen, A. Binder, G. Montavon, W. Samek, K.-R. Müller (2019). Unmasking Clever Hans predictors. *Nature
#   Communications* 10, 1096.
# - S. Krishna, T. Han, A. Gu, S. Wu, S. Jabbari, H. Lakkaraju (2024). The disagreement problem in explainable machine learning: a
#   practitioner's perspective. *TMLR*.
# - The question whether an explanation helps: decks D1 (Oh) and D2.
