# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   language_info: {name: python}
# ---

# %% [markdown] lang="en" minutes={"class": 3, "alone": 5} slideshow={"slide_type": "slide"}
# # 07 · A cantilever: find the damage from two words
#
# Deck D0 (Seungchul Lee) has two examples: digits, and a mechanical part that is sound or damaged. Here the second one is made
# real. A camera watches loaded beams. Half of them are damaged inside, and the network is told only that: "sound" or
# "damaged", never where. **Can the map of a network that knows two words find the place?** In this lesson the place is known,
# so the answer is a number, and it is not always a good one.

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# **After this lesson you can**
#
# 1. say what a strain image of a loaded beam shows, and compute it for a sound beam;
# 2. read two maps that stand against each other, and get the probability of two classes from them;
# 3. measure how often a map's peak falls on a known place, against chance and against what an engineer would do;
# 4. find out from sound beams what a map shows when nothing is there, and take it off;
# 5. say where such a map may be used in a plant, and where not.
#
# **Time:** 54 minutes in class, 138 minutes alone. **Before:** lessons 03 and 04; lesson 02 for the network.

# %% slideshow={"slide_type": "skip"}
# First, because it keeps TensorFlow's start-up messages out of the notebook:
from cam_course import CAM
from itertools import pairwise

import keras
import numpy as np
from scipy.ndimage import binary_dilation, gaussian_filter

from cam_course.data.beam import cell_centres, without_bending
from cam_course.data.cantilever import KINDS, NOISE, load_cantilevers
from cam_course.evaluate import pointing_game, share_with_interval
from cam_course.maps import softmax
from cam_course.models import trained_cantilever_network
from cam_course.plotting import show_beams, show_measures
from cam_course.teaching.exercises import check
from cam_course.teaching.identity import check_identity

# %% [markdown] lang="en" minutes={"class": 3, "alone": 6} slideshow={"slide_type": "slide"}
# ## What the camera sees
#
# The beam is clamped at its left end and pulled down at its right end. *Strain* is how much the material is stretched,
# length gained per length; a thousandth of the length is one *millistrain*. Digital image correlation measures it: a camera
# follows speckles on the surface. Each picture here has 24 × 96 cells, along the beam red is stretched and blue is
# pressed together. Load and thickness differ from beam to beam, and the camera adds noise.
#
# **Two of these four beams are damaged. Which?** Decide before you run the second cell.

# %% slideshow={"slide_type": "fragment"}
train, test = load_cantilevers()
X = test.measured()  # (800, 24, 96, 1), millistrain, with the noise of the camera
four = [4, 1, 6, 19]
label = "strain in millistrain"
show_beams(X[four, ..., 0], [f"beam {i}" for i in four], label)

# %% slideshow={"slide_type": "fragment"}
words = ("sound", "damaged")
titles = [f"beam {i}: {words[test.damaged[i]]}" for i in four]
show_beams(X[four, ..., 0], titles, label, test.masks[four])

# %% [markdown] lang="en" minutes={"class": 5, "alone": 20} slideshow={"slide_type": "slide"}
# ## What beam theory says
#
# In a sound beam the strain along it grows with the distance $d$ from the loaded end and with the height $z$ above the
# middle line:
#
# $$\varepsilon = \frac{12\,P\,d\,z}{E\,t\,h^3}$$
#
# $P$ is the load, $E$ Young's modulus, $t$ the thickness, $h$ the height of the beam. Here $h = 1$ and the beam is 4 long, and
# all that differs between sound beams is the one number $q = P / (E t)$, in units that make the strain at the clamp's upper
# edge $q$ millistrain. **Where is the strain largest, and where is it zero?**

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### Exercise 7.1 · the strain of a sound beam (at home)
#
# Write the strain in millistrain as a function of `q`, `d` and `z`. It is proportional to all three, and at the clamp's upper
# edge, where $d = 4$ and $z = 0.5$, it is `q`.
#
# The check says one of three things: not attempted yet, not yet (and why), or right. In a cell of your own, `hint("7.1")`
# shows hints one by one.


# %% tags=["exercise", "at-home"] slideshow={"slide_type": "skip"}
def strain_of(q, d, z):
    ### BEGIN SOLUTION
    return q * d * z / 2
    ### END SOLUTION


# %% tags=["check", "at-home"] slideshow={"slide_type": "skip"}
check("7.1", strain_of)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Strain is not damage
#
# It is largest at the clamp, above and below, and zero on the middle line and at the loaded end. The next cell looks for the
# one level of the largest strain that tells damaged from sound best, on the 1,600 beams for training, and tries it on the 800
# for testing. **How many will it get right?** Half is chance.

# %% slideshow={"slide_type": "fragment"}
largest = [np.abs(part.strain).max(axis=(1, 2, 3)) for part in (train, test)]
levels = np.sort(largest[0])
right = [np.mean((largest[0] > level) == train.damaged) for level in levels]
told = (largest[1] > levels[np.argmax(right)]) == test.damaged
print("right by the best level of strain:", share_with_interval(told.sum(), len(told)))

# %% [markdown] lang="en" minutes={"class": 3, "alone": 6} slideshow={"slide_type": "slide"}
# ## Where the pictures come from
#
# Nobody breaks 2,400 beams. The pictures are computed with finite elements: the beam is cut into small squares, and the
# displacements are found for which all forces balance. The damage is a *soft spot* or a *crack*, at a random place inside,
# where the stiffness falls by 30 to 95 % in the middle. Tests of this course hold the solver against beam theory, against
# the known stress beside a hole in a plate, and against itself on finer meshes.
#
# So the truth is known for every cell. The network never sees it. It sees the pictures and one of two words.
# **What do such pictures lack that pictures from a plant have?** Collect three things. (Among them: light and dirt, beams that
# differ in form, damage of other kinds, damage that grew for years.)
#
# `cam-course make cantilever` makes them anew, in some two minutes.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
for name, part in (("training", train), ("testing", test)):
    kinds = ", ".join(
        f"{np.sum(part.kinds == k)} {kind}" for k, kind in enumerate(KINDS)
    )
    print(f"for {name}: {len(part)} beams: {kinds}")
share = test.masks[test.damaged == 1].mean()
print(f"the damage fills {share:.1%} of a damaged beam's picture")

# %% [markdown] lang="en" minutes={"class": 3, "alone": 5} slideshow={"slide_type": "slide"}
# ## The network of deck D0
#
# Conv 32, max pooling, Conv 64, max pooling, GAP, and a dense layer for two classes, softmax, *no bias*: lesson 02 counted its
# 18,944 parameters. The picture is 24 × 96 now, and nothing has to change: convolution and GAP take any size. $f$ is on a grid
# of 6 × 24, so a cell of the map is 4 × 4 cells of the picture; at row $x$, column $y$ it is $f_k(x, y)$.
#
# It was trained by `cam-course train cantilever`, with new noise in every epoch.

# %% slideshow={"slide_type": "fragment"}
model = trained_cantilever_network()
P = model.predict(X, verbose=0)
says = P.argmax(axis=1)
damaged = test.damaged == 1
n = damaged.sum()
print(
    "right:                    ", share_with_interval((says == test.damaged).sum(), 800)
)
print("damaged beams found:      ", share_with_interval(says[damaged].sum(), n))
print("sound beams called damaged:", share_with_interval(says[~damaged].sum(), n))

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# The brackets are intervals of 95 %: with other 800 beams of the same kind the share would be another one. Two numbers are
# worth more than one here: a plant pays differently for a missed damage and for a false alarm.

# %% [markdown] lang="en" minutes={"class": 4, "alone": 13} slideshow={"slide_type": "slide"}
# ## Two maps against each other
#
# Each class has a map, $M_c(x, y) = \sum_k w_k^c f_k(x, y)$, and without a bias its mean *is* the score: $S_c = \overline{M_c}$.
# Softmax of two scores looks at their difference alone (lesson 03). So the map of the *decision* is
#
# $$D(x, y) = M_1(x, y) - M_0(x, y), \qquad S_1 - S_0 = \overline{D}$$
#
# Red speaks for "damaged", blue for "sound", and the beam is called damaged when the mean of $D$ is above zero. **What would the network say of an empty picture, all $f_k = 0$?** Without a bias it
# must say 50 %: it has no opinion to start from.

# %% slideshow={"slide_type": "fragment"}
e = CAM(model)(X, classes="all")
M_0, M_1 = e.maps[:, 0], e.maps[:, 1]  # (800, 6, 24) each
D = M_1 - M_0
S = e.maps.mean(axis=(2, 3))  # (800, 2)
check_identity("S_c = mean M_c, no bias", e.scores, S)
np.testing.assert_allclose(softmax(S), P, atol=1e-4)
check_identity("S_1 - S_0 = mean D", S[:, 1] - S[:, 0], D.mean(axis=(1, 2)))

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Exercise 7.2 · the probability from two maps
#
# Given the two maps of one beam, each of the shape (h, w), return the probability of "damaged".


# %% tags=["exercise"] slideshow={"slide_type": "fragment"}
def p_damaged(M_0, M_1):
    ### BEGIN SOLUTION
    return 1 / (1 + np.exp(np.mean(M_0) - np.mean(M_1)))
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "fragment"}
check("7.2", p_damaged)

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### One output with a sigmoid (at home)
#
# Many networks for two classes end in one score with a sigmoid instead. That is the same network: its one weight for feature
# $k$ is $w_k = w_k^1 - w_k^0$, its map is $D$, and the map of the other class is $-D$. There is no second map to look for: a map
# of one score that is blue everywhere is the map of "sound". A red-only picture, after a ReLU, hides exactly that. The same
# answers the question why the map of a correct class can be zero or the opposite of what one expects.

# %% tags=["at-home"] slideshow={"slide_type": "skip"}
w = model.layers[-1].get_weights()[0]  # (64, 2)
w_one = w[:, 1] - w[:, 0]
print(f"{w.shape} weights for two scores, {w_one.shape} for one")
one_score = keras.ops.sigmoid(e.scores[:, 1] - e.scores[:, 0])
check_identity("sigmoid of one score = softmax of two", P[:, 1], one_score)

# %% [markdown] lang="en" minutes={"class": 3, "alone": 5} slideshow={"slide_type": "slide"}
# ## Six maps
#
# Six damaged beams that the network found, with $D$ drawn on the outline of the beam, and the true place as a black line.
# **How far from the line do you expect the reddest cell?** Look for two things: which side of the damage is red, and what else
# is red.

# %% slideshow={"slide_type": "fragment"}
six = np.flatnonzero(damaged & (says == 1))[:6]
titles = [f"beam {i}: P = {P[i, 1]:.2f}" for i in six]
map_label = "D = M₁ − M₀: sound (−), damaged (+)"
show_beams(D[six], titles, map_label, test.masks[six], shared_scale=False)

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# (Each map has a scale of its own here, because we compare places within a map, not strengths between maps.) The red lies at
# the damage, but mostly *beside* it, on the side of the clamp. And in some maps the corner at the clamp is red as well. Is the
# first a rule or an accident of six beams? Measure it on all damaged beams whose peak is less than half a height away along
# the beam.

# %% slideshow={"slide_type": "fragment"}
is_damaged = np.flatnonzero(damaged)
along, upwards = cell_centres()  # of the picture, in heights of the beam
middle = np.array([along[mask].mean() if mask.any() else -1 for mask in test.masks])
peaks = (D.reshape(len(D), -1).argmax(axis=1) % 24 + 0.5) / 24 * 4  # along the beam
beside = (peaks - middle)[is_damaged]
beside = beside[np.abs(beside) < 0.5]
print(
    f"{len(beside)} beams: half of the peaks lie more than {-np.median(beside):.2f} of"
)
print(f"the height nearer to the clamp; {np.mean(beside < 0):.0%} lie on that side")

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# A rule: the network did not learn the bump of strain, it learned the flank of it on the side of the clamp. A flank was enough
# to tell the two words apart, and nothing in the training asked for the middle. The map is right about the *network*, and the
# network is not looking at what we would call the damage.

# %% [markdown] lang="en" minutes={"class": 4, "alone": 7} slideshow={"slide_type": "slide"}
# ## How often does the peak fall on the damage?
#
# Six pictures are stories. Count over all 400 damaged beams: a *hit* is a map whose largest value lies on the damage or no
# more than 4 cells of the picture (one cell of the map) away. The map is first stretched to the picture. Zhang et al. (2016)
# call this the pointing game; they also allow a margin, of 15 pixels.
#
# A share means nothing alone. Three others play by the same rule:
#
# - *chance*: a point drawn anywhere in the picture;
# - *the largest strain*, what one looks at first;
# - *the engineer*: take the beam theory off, and look at what is left (exercise 7.3).
#
# **Which of the four will hit most often, and which least?** Decide before you run the cells.

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Exercise 7.3 · the engineer's residual
#
# `picture` is a strain image, `plain` the form of beam theory, $d \cdot z$, both of the shape (24, 96). Find the factor $a$
# for which $a \cdot$ `plain` fits the picture best (least squares: $a = \sum I g / \sum g^2$ with $I$ the picture and $g$ the
# form), and return the picture minus the fit.


# %% tags=["exercise"] slideshow={"slide_type": "fragment"}
def residual(picture, plain):
    ### BEGIN SOLUTION
    a = np.sum(picture * plain) / np.sum(plain**2)
    return picture - a * plain
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "fragment"}
check("7.3", residual)

# %% slideshow={"slide_type": "fragment"}
left = without_bending(X[..., 0])  # the course's own residual, of all 800
engineer = np.abs([gaussian_filter(each, 1) for each in left])  # noise smoothed
engineer[:, :, :4] = 0  # at the clamp itself beam theory does not hold
near = np.array([binary_dilation(mask, iterations=4) for mask in test.masks])


# %% slideshow={"slide_type": "fragment"}
def hits(maps, beams):  # 0 or 1 for each of these beams
    return np.array([pointing_game(maps[i], near[i]) for i in beams])


def large(maps):  # stretched to the picture, (n, 24, 96)
    return np.kron(maps, np.ones((4, 4)))


strain = np.abs(X[..., 0])
pointing = {"map D": large(D), "largest strain": strain, "engineer": engineer}
print("chance:         ", f"{near[is_damaged].mean():.3f}")
for name, maps in pointing.items():
    hit = hits(maps, is_damaged)
    print(f"{name + ':':16}", share_with_interval(round(hit.sum()), len(hit)))

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# The map beats chance and the largest strain by far, and the engineer is better still. That is no surprise: the engineer
# knows the law of the sound beam, and the network had to find it from two words. Where a law is known, subtract it.
# (A cell of the map is drawn as a block of 4 × 4 here. Its peak is then a block, and the pointing game gives it the share of
# the block that lies near the damage.)

# %% [markdown] lang="en" minutes={"class": 7, "alone": 20} slideshow={"slide_type": "slide"}
# ## Maps of sound beams
#
# A class like "sound" is nowhere in particular: any part of the beam speaks for it. And the red corner at the clamp? **Will the
# map of a sound beam be blue everywhere?** Draw four, and the mean over all sound beams for *training* (the test beams
# must not help).

# %% slideshow={"slide_type": "fragment"}
sound = train.measured(seed=1)[train.damaged == 0]
e_sound = CAM(model)(sound, classes="all")
D_sound = e_sound.maps[:, 1] - e_sound.maps[:, 0]
reference = D_sound.mean(axis=0)
pictures = [*D_sound[:3], reference]
titles = [*(f"sound, P = {p:.2f}" for p in e_sound.probabilities[:3, 1]), "mean of 800"]
show_beams(pictures, titles, map_label, shared_scale=False)

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# The corner is red on sound beams too: the strain bends there, because the clamp keeps the section from narrowing, and the
# network's filter answers to any such bend. Elsewhere a weak blue lies over everything, and its sum outweighs the corner. Lesson
# 04 asked what zero is; here is the answer for this task: a map is to be read *against the map of a sound beam*.

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Take off what sound beams show
#
# $D$ minus the mean map of sound beams: what is special about *this* beam. **Will the share of hits rise, and by how much?**

# %% slideshow={"slide_type": "fragment"}
pointing["D − sound"] = large(D - reference)
for name in ("map D", "D − sound", "engineer"):
    hit = hits(pointing[name], is_damaged)
    print(f"{name + ':':12}", share_with_interval(round(hit.sum()), len(hit)))
mean_left = (D - reference).mean(axis=(1, 2))
S_left = (e.scores[:, 1] - e.scores[:, 0]) - reference.mean()
check_identity("mean (D - reference) = S_1 - S_0 - mean reference", S_left, mean_left)

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# The network and its answers are the same; only the zero has moved to where it belongs. Nothing was lost: the mean of the new
# map is still the difference of the scores, minus a constant.

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### Exercise 7.4 · a hit (at home)
#
# Write the pointing game without its ties: `M` is a map, `mask` is True on the damage, both of the shape (h, w). Return 1 if
# the largest value of the map lies on the mask, else 0.


# %% tags=["exercise", "at-home"] slideshow={"slide_type": "skip"}
def is_hit(M, mask):
    ### BEGIN SOLUTION
    row, column = np.unravel_index(np.argmax(M), np.shape(M))
    return int(mask[row, column])
    ### END SOLUTION


# %% tags=["check", "at-home"] slideshow={"slide_type": "skip"}
check("7.4", is_hit)

# %% [markdown] lang="en" minutes={"class": 4, "alone": 8} slideshow={"slide_type": "slide"}
# ## Where it fails, and why
#
# Beam theory says where no method can see much: damage disturbs the strain *that is there*. On the middle line and near the
# loaded end there is hardly any. **Sketch the share of hits over the distance from the clamp before you look.** The second
# figure has the severity, the share of stiffness that was lost.


# %% slideshow={"slide_type": "fragment"}
def over(value, edges, maps=None):  # the share that is found, or that is hit
    shares = []
    for low, high in pairwise(edges):
        some = np.flatnonzero(damaged & (low <= value) & (value < high))
        good = says[some] if maps is None else hits(maps, some)
        shares.append(share_with_interval(round(good.sum()), len(some)))
    return shares


places = np.arange(0, 4.1, 0.5)
curves = {"called damaged": over(middle, places)}
for name in ("D − sound", "engineer"):
    curves[name] = over(middle, places, pointing[name])
show_measures(places[:-1] + 0.25, curves, "distance from the clamp", "share of beams")

# %% slideshow={"slide_type": "fragment"}
losses = np.array([0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.951])
curves = {"called damaged": over(test.severity, losses)}
for name in ("D − sound", "engineer"):
    curves[name] = over(test.severity, losses, pointing[name])
lost = (losses[:-1] + losses[1:]) / 2
show_measures(lost, curves, "share of the stiffness lost", "share of beams")

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# Towards the loaded end all three fall, as the strain does, and with little damage they fall as well. The last cell takes the
# beams apart that the network found and those that it missed. **Will the maps of the missed ones point at the damage?**

# %% slideshow={"slide_type": "fragment"}
for name, some in (("found", damaged & (says == 1)), ("missed", damaged & (says == 0))):
    hit = hits(pointing["D − sound"], np.flatnonzero(some))
    print(f"{name:7}", share_with_interval(round(hit.sum()), some.sum()))

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# Of a beam that the network calls sound the map hits far less often. Never read a map without the answer that it explains.

# %% [markdown] lang="en" minutes={"class": 4, "alone": 8} slideshow={"slide_type": "slide"}
# ## Another camera
#
# The network was trained with a noise of 0.03 millistrain. A better camera has less, a worse one more; nothing else changes.
# **What will the network say of sound beams when the noise doubles?** Think of what GAP does with a filter that answers a little
# to noise, in every cell.

# %% slideshow={"slide_type": "fragment"}
noises = [0.0, 0.015, NOISE, 0.045, 0.06, 0.09]
curves = {"damaged beams found": [], "false alarms": [], "D − sound hits": []}
for noise in noises:
    e_noise = CAM(model)(test.measured(noise, seed=5), classes="all")
    D_noise = e_noise.maps[:, 1] - e_noise.maps[:, 0]
    alarm = e_noise.probabilities[:, 1] > 0.5
    hit = hits(large(D_noise - reference), is_damaged)
    for name, count in zip(curves, (alarm[damaged], alarm[~damaged], hit)):
        curves[name].append(share_with_interval(round(count.sum()), 400))
    print(
        f"noise {noise:.3f}: mean of D on sound beams {D_noise[~damaged].mean():6.1f}"
    )
show_measures(
    noises, curves, "noise in millistrain (trained with 0.03)", "share of beams"
)

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# Every beam is "damaged" for a camera twice as noisy. One damaged place raises a few cells of $D$ much; noise raises all 144 a
# little, and the mean cannot tell the two apart. The *answer* breaks down at once, while the hits of the map fall slowly: its
# peak is no mean. An accuracy is true for the camera it was measured with, and for no other.

# %% [markdown] lang="en" minutes={"class": 8, "alone": 24} slideshow={"slide_type": "slide"}
# ## Another length
#
# GAP takes any size. Cut a picture into its two halves, at the clamp and at the load, and ask the same network. **The damage is
# in one half. What happens to the probability of that half, and of the other?**

# %% slideshow={"slide_type": "fragment"}
sure = np.flatnonzero(damaged & (says == 1) & (abs(middle - 1) < 0.5))[:3]
cam = CAM(model)
for i in sure:
    parts = X[i : i + 1], X[i : i + 1, :, :48], X[i : i + 1, :, 48:]
    found = [cam(part, classes="all") for part in parts]
    values = [f"{p.probabilities[0, 1]:.2f} on {p.maps.shape[2:]}" for p in found]
    print(f"beam {i}: whole {values[0]}, clamped half {values[1]}, other {values[2]}")

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# The same weights give maps of 6 × 12 for the halves. The damage fills twice the share of its half, so its score goes up there:
# the mean is taken over fewer cells. A score of GAP is evidence *per cell*, and another size means another score (lesson
# 02).

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### Exercise 7.5 · two halves, one score (at home)
#
# A map is cut in two parts with `N_1` and `N_2` cells. Their means are `S_1` and `S_2`. Return the score of the whole map, without
# a bias.


# %% tags=["exercise", "at-home"] slideshow={"slide_type": "skip"}
def score_of_both(S_1, N_1, S_2, N_2):
    ### BEGIN SOLUTION
    return (N_1 * S_1 + N_2 * S_2) / (N_1 + N_2)
    ### END SOLUTION


# %% tags=["check", "at-home"] slideshow={"slide_type": "skip"}
check("7.5", score_of_both)

# %% [markdown] lang="en" tags=["open"] slideshow={"slide_type": "slide"}
# ### Open question · in the plant
#
# An engineer wants to put the map on a screen beside a test rig: "red is where the part will break". Write three sentences for
# her: what the map may be used for, what must stand beside it on the screen, and what you would measure before you agree.

# %% [markdown] lang="en" tags=["solution"] slideshow={"slide_type": "skip"}
# A good answer: the map may say where to look first, with another method, on parts that the network called damaged. Beside it
# must stand the answer and its probability, the map of a sound part, and how often the peak was right on parts like these, with
# the number of parts. Before that one measures hits and false alarms on real parts with known damage, with this camera and
# this noise, and looks at the middle line and the loaded end apart. It may not be used to clear a part ("nothing red, so it is
# sound"), and "where the part will break" is a sentence about the future that no picture of today has learned.

# %% [markdown] lang="en" minutes={"class": 3, "alone": 4} slideshow={"slide_type": "slide"}
# ## Summary
#
# - Labels of two words, "sound" and "damaged", are enough for a map that points at the damage far more often than chance.
# - With two classes and no bias the decision is the mean of $D = M_1 - M_0$. One sigmoid output is the same network.
# - A map shows what the network used, here one flank of the strain, not what we would call the damage.
# - What a map shows of *sound* beams is its zero. Taken off, the hits rise, and no answer changes.
# - An engineer who knows the law of the sound beam does better. Where a law is known, use it.
# - Where there is no strain, there is nothing to see; with another camera the accuracy is another one.
#
# Next: lesson 08 measures boxes and peaks for every method, on digits and photographs.

# %% [markdown] lang="en" minutes={"class": 0, "alone": 7} slideshow={"slide_type": "skip"}
# ## Quiz
#
# Think of your answer first, then open it. Each choice says why it is right or wrong.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **A network for "sound" and "damaged" has one output with a sigmoid. Where is the map of "sound"?**
#
# - [ ] There is none; it must be trained again with two outputs. :: Two outputs would give the same network.
# - [x] It is the same map with its signs exchanged. :: Yes: what speaks against one class speaks for the other.
# - [ ] It is where the map is zero. :: Zero says neither.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **A map of a damaged beam is reddest at the clamp. What do you look at next?**
#
# - [x] At maps of sound beams. :: Yes: if they are red there too, it says nothing about this beam.
# - [ ] At the clamp, with a hammer. :: Perhaps later. First find out what this map shows when nothing is there.
# - [ ] At a better colour map. :: Colours do not move the peak.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **The peak of a map hits the damage in a third of the beams. Is that good?**
#
# - [ ] No, it is less than half. :: Half is chance for two words, not for a place in a picture.
# - [ ] Yes, for two words. :: Against what? Say what chance and other ways get by the same rule.
# - [x] That depends on what chance and other ways get. :: Yes: a few per cent by chance, far more for an engineer.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **Why does the network call every beam damaged when the noise doubles?**
#
# - [ ] The noise hides the damage. :: Then it would miss damage. It finds it everywhere.
# - [x] Noise raises every cell of the map a little, and the mean adds them all up. :: Yes: GAP cannot tell a little everywhere
#   from much in one place.
# - [ ] Noise looks like a crack. :: In one cell it is far too weak for that.

# %% [markdown] lang="en" minutes={"class": 0, "alone": 0} slideshow={"slide_type": "skip"}
# ## Sources
#
# - The example of the mechanical part and its network: deck D0 (Seungchul Lee).
# - B. Zhou, A. Khosla, A. Lapedriza, A. Oliva, A. Torralba (2016). Learning deep features for discriminative
#   localization. *CVPR*, 2921–2929.
# - J. Zhang, Z. Lin, J. Brandt, X. Shen, S. Sclaroff (2016). Top-down neural attention by excitation backprop. *ECCV*,
#   543–559. The pointing game.
# - E. B. Wilson (1927). Probable inference, the law of succession, and statistical inference. *Journal of the American
#   Statistical Association* 22, 209–212. The intervals.
# - S. P. Timoshenko, J. N. Goodier (1970). *Theory of elasticity*, 3rd edition. McGraw-Hill. The cantilever (article 21) and
#   the hole in a plate (article 35).
# - T. Gustafsson, G. D. McBain (2020). scikit-fem: A Python package for finite element assembly. *Journal of Open Source
#   Software* 5(52), 2369. It made the pictures.
