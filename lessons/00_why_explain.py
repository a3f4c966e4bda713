# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   language_info: {name: python}
# ---

# %% [markdown] lang="en" minutes={"class": 3, "alone": 5} slideshow={"slide_type": "slide"}
# # 00 · Why explain
#
# A network looks at a picture and says "8". It does not say why. In this lesson you train a small classifier that is just
# as silent, lay its reasons open as a map over the picture, and then catch it cheating. The course does the same with
# convolutional networks.
#
# Everything here is NumPy and 357 pictures of 8 × 8 pixels. Nothing is downloaded. The course follows four slide decks of
# lectures, called D0 to D3 (listed under Sources); where a thought comes from one of them, its name stands beside it.

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
# **After this lesson you can**
#
# 1. Say what makes a classifier a black box, and what an answer without reasons leaves open.
# 2. Split the score of a linear classifier into one number for each pixel, and check in two ways that the numbers are right.
# 3. Build a data set with a shortcut in it, show that the test accuracy hides the shortcut, and find it on a map.
# 4. Name three limits of models that learn from data, each with a computation that shows it.
# 5. Name the three uses of an explanation (AI worse than, equal to, better than people), each with a published case.
#
# **Time:** 56 minutes in class, 129 minutes alone. **Before:** NumPy arrays; what a training set and a test set are.

# %% [markdown] lang="en" minutes={"class": 8, "alone": 12} slideshow={"slide_type": "slide"}
# ## 1 · An answer without reasons
#
# The task: is it a 3 or an 8? The pictures are real handwriting, 8 × 8 pixels each, which come with scikit-learn.
#
# We write $g(x, y)$ for the grey value at row $x$, column $y$, from 0 (black) to 1 (white ink). 200 pictures are for
# training, the other 157 for testing.

# %% slideshow={"slide_type": "fragment"}
import numpy as np

from cam_course.data.small_digits import load_small_digits
from cam_course.plotting import show_images, show_pixel_scores, show_strip
from cam_course.teaching.exercises import check
from cam_course.teaching.identity import check_identity

# %% slideshow={"slide_type": "fragment"}
images, digits = load_small_digits()
three_or_eight = np.isin(digits, [3, 8])
g, is_8 = images[three_or_eight], digits[three_or_eight] == 8

g_train, g_test = g[:200], g[200:]
is_8_train, is_8_test = is_8[:200], is_8[200:]
print(f"{len(g_train)} pictures to train on, {len(g_test)} to test on")

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# Eight pictures of the test set. **What tells an 8 from a 3?** Put your answer in one sentence now. You will compare it
# with the classifier's.

# %% slideshow={"slide_type": "fragment"}
names = [f"test {n}: {'8' if is_8_test[n] else '3'}" for n in range(8)]
show_images(g_test[:8, :, :, None], names, columns=4)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### The classifier
#
# Every pixel has a weight $w(x, y)$. The score $S$ adds up weight times pixel, plus one constant $b$, the bias:
#
# $$S = \sum_{x,y} w(x, y)\, g(x, y) + b, \qquad P = \frac{1}{1 + e^{-S}} .$$
#
# $P$ is the probability of "8". A score above 0 means $P > 0.5$: the answer is 8. A score below 0 means 3. Statisticians
# call this logistic regression. It is a network with one layer and one output.


# %% slideshow={"slide_type": "fragment"}
def score(g, w, b):
    return np.tensordot(g, w, 2) + b  # 2: the sum over rows and columns


def probability(S):
    return 1 / (1 + np.exp(-S))


def accuracy(g, is_8, w, b):
    return np.mean((score(g, w, b) > 0) == is_8)


# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Where the weights come from
#
# Nobody chooses them. Training starts with all weights 0 and moves them 1,000 times, each time a little (`rate`) in the
# direction that makes the answers on the training pictures less wrong. The error on one picture is $P$ minus the right
# answer, 1 for an 8 and 0 for a 3. A pixel that was bright while the error was positive (too sure of an 8) loses weight.
#
# **How many of the 157 test pictures will 65 numbers get right?**


# %% slideshow={"slide_type": "fragment"}
def train(g, is_8, steps=1000, rate=0.5):
    w, b = np.zeros((8, 8)), 0.0
    for _ in range(steps):
        error = probability(score(g, w, b)) - is_8
        w = w - rate * np.mean(error[:, None, None] * g, axis=0)
        b = b - rate * np.mean(error)
    return w, b


w, b = train(g_train, is_8_train)
print(f"right on {accuracy(g_test, is_8_test, w, b):.0%} of the test pictures")

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### The black box
#
# This is all that a user of the classifier gets: a picture goes in, a probability comes out. The number may be right. It
# does not say which strokes it rests on, so you cannot agree, object, or learn from it. That is what is meant by a
# **black box** (decks D0, Lee; D1, Oh).
#
# **Test picture 5 is an 8. Which of its pixels made the classifier sure?** Guess three of them before you go on.


# %% slideshow={"slide_type": "fragment"}
def black_box(g):
    return probability(score(g, w, b))


for n in (1, 5):
    print(f"test picture {n}: P = {black_box(g_test[n]):.3f} that it is an 8")

# %% [markdown] lang="en" minutes={"class": 10, "alone": 30} slideshow={"slide_type": "slide"}
# ## 2 · Its reasons, laid open
#
# First on four pixels, by hand. The score is a sum, so we stop before adding: each product $M(x, y) = w(x, y)\, g(x, y)$
# is what one pixel adds to the score. These products make a picture of their own, the **map** $M$.
#
# $$g = \begin{pmatrix} 1 & 0 \\ 0.5 & 1 \end{pmatrix},\quad
# w = \begin{pmatrix} 2 & 1 \\ -3 & 0.5 \end{pmatrix},\quad b = 0.25$$
#
# **Which pixel speaks against the 8? Which says nothing, although its weight is 1?**
#
# (A first line `# NBVAL_CHECK_OUTPUT`, as in the next cell, is for a test of the course: it compares what the cell prints
# with what is stored here. You can ignore that line.)

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
g_small = np.array([[1.0, 0.0], [0.5, 1.0]])
w_small = np.array([[2.0, 1.0], [-3.0, 0.5]])
M_small = w_small * g_small
print(M_small)
print(f"S = 2 + 0 - 1.5 + 0.5 + 0.25 = {M_small.sum() + 0.25}")
print(f"P = 1 / (1 + exp(-S)) = {probability(M_small.sum() + 0.25):.3f}")

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### Exercise 0.1 · a score on paper (at home)
#
# Another picture of four pixels. Work out its score on paper, and write the number.
#
# $$g = \begin{pmatrix} 1 & 0.5 \\ 0 & 1 \end{pmatrix},\quad
# w = \begin{pmatrix} -1 & 4 \\ 3 & 2 \end{pmatrix},\quad b = -0.5$$
#
# The check says one of three things: not attempted yet, not yet (and why), or right. In a cell of your own, `hint("0.1")`
# shows hints one by one (after `from cam_course.teaching.exercises import hint`).

# %% tags=["exercise", "at-home"] slideshow={"slide_type": "skip"}
# one number
### BEGIN SOLUTION
score_on_paper = 2.5
### END SOLUTION

# %% tags=["check", "at-home"] slideshow={"slide_type": "skip"}
check("0.1", score_on_paper)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### The same on a real picture
#
# Look at three things: the picture, the 64 learned weights, and their product $M$. Red numbers speak for the 8, blue ones
# against it. A black pixel ($g = 0$) adds nothing, whatever its weight.
#
# **Where will the red pixels of $M$ be?** Compare with your sentence about what tells an 8 from a 3.

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Exercise 0.2 · your first map
#
# Write the map as a function of a picture `g` and the weights `w`, both of the same shape. It returns one number for each pixel.


# %% tags=["exercise"] slideshow={"slide_type": "fragment"}
def map_of(g, w):
    ### BEGIN SOLUTION
    return np.multiply(w, g)
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "skip"}
check("0.2", map_of)

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# Now look: picture, weights and map of test picture 5.

# %% slideshow={"slide_type": "fragment"}
show_pixel_scores(g_test[5], w, b)

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# The strong red pixels lie on the left, on the strokes that close the two loops. A 3 is open there. Nobody told the
# classifier; it found this in 200 examples.
#
# The line below the figure is the idea of the whole course: **the numbers of the map, plus $b$, add up to the score.** The
# map is not an illustration of the answer. It is the answer, before it was added up. Check it on all 157 test pictures:

# %% slideshow={"slide_type": "fragment"}
M = w * g_test  # one map for each test picture: (157, 8, 8)
S = score(g_test, w, b)
check_identity("sum_xy M(x, y) + b = S", M.sum(axis=(1, 2)) + b, S)

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### A second check, from outside (at home)
#
# Suppose you may not look at $w$: you may only put pictures in and read scores. Blacken one pixel and ask again. The score
# falls by what that pixel had added, so
#
# $$S(\text{picture}) - S(\text{picture without pixel } (x, y)) = M(x, y).$$
#
# 64 questions to the box give the whole map. Covering parts and asking again works for any classifier; lesson 09 comes
# back to it.

# %% tags=["at-home"] slideshow={"slide_type": "skip"}
one_black = 1 - np.eye(64).reshape(64, 8, 8)  # 64 masks, each 0 at another pixel
falls = score(g_test[5], w, b) - score(one_black * g_test[5], w, b)
check_identity("S - S(without pixel x, y) = M(x, y)", falls.reshape(8, 8), M[5])

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### What is zero? (at home)
#
# "A black pixel adds nothing" holds because we write black as 0. Write the same pictures with ink as 0 and paper as 1,
# $g' = 1 - g$. The same classifier then has the weights $-w$ and the bias $b + \sum w$, and gives every picture the same score.
# **Will its map be the same?**

# %% tags=["at-home"] slideshow={"slide_type": "skip"}
g_turned, w_turned, b_turned = 1 - g_test, -w, b + w.sum()
M_turned = w_turned * g_turned
S_turned = score(g_turned, w_turned, b_turned)
check_identity("the same scores", S, S_turned)
check_identity("sum_xy M + b = S, turned", M_turned.sum(axis=(1, 2)) + b_turned, S)
alike = np.corrcoef(M[5].ravel(), M_turned[5].ravel())[0, 1]
print(f"test 5: S = {S[5]:.3f} both times; correlation of the two maps {alike:.2f}")

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# The scores agree and the maps do not: one says what the ink adds to an empty sheet, the other what the paper adds to a sheet full
# of ink. Both add up. So a map answers "compared with what?", here compared with black, and whoever shows one should say it.
# Lesson 04 meets this again, where even a black picture has a map.

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Do it yourself
#
# Turn test picture 5 into a "3" for the classifier by blackening as few pixels as you can. Choose them from the map above,
# predict the new score by subtracting their numbers, then run the cell. Change `pixels` and run it again.
#
# Rows and columns count from 0, the row first.

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# ### Exercise 0.3 · predict the black box
#
# `S` is the score of a picture, `M` its map, `pixels` a list of pairs (row, column). Return the score that the picture will have once
# these pixels are black, without asking the classifier.


# %% tags=["exercise"] slideshow={"slide_type": "fragment"}
def score_without(S, M, pixels):
    ### BEGIN SOLUTION
    return S - sum(M[pixel] for pixel in map(tuple, pixels))
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "skip"}
check("0.3", score_without)

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# The next cell does it for the picture, and asks the classifier as well.

# %% slideshow={"slide_type": "fragment"}
pixels = [(5, 2)]  # (row, column); add more, for instance [(5, 2), (4, 3)]

changed = g_test[5].copy()
for row, column in pixels:
    changed[row, column] = 0
predicted = S[5] - sum(M[5, row, column] for row, column in pixels)
P = black_box(changed)
now = score(changed, w, b)
print(f"score before {S[5]:.2f}, predicted {predicted:.2f}, now {now:.2f}")
print(f"P = {P:.3f}: the answer is {'8' if P > 0.5 else '3'}")

# %% [markdown] lang="en" minutes={"class": 7, "alone": 11} slideshow={"slide_type": "slide"}
# ## 3 · It knows only its data
#
# Rules written by people come with a theory. A model that learns from examples (an **inductive** model) has only the
# examples. Deck D1 (Oh) names three limits that follow: no theory behind the result, little power to persuade, and a
# performance that depends on the amount and the quality of the data. Each can be measured.
#
# **Amount first: train on only six pictures, three times, with six different ones each time. Will the three sets of
# weights look alike?**

# %% slideshow={"slide_type": "fragment"}
weights, titles = [], []
for first, last in [(0, 6), (60, 66), (66, 72), (0, 200)]:
    w_few, b_few = train(g_train[first:last], is_8_train[first:last])
    right = accuracy(g_test, is_8_test, w_few, b_few)
    weights.append(w_few)
    titles.append(f"{last - first} pictures\n{right:.0%} right")
show_strip(weights, titles, label="$w$: against (−), for (+)")

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# Each set of six gives different weights; the common pattern becomes clear with 200. The next cell trains 100 classifiers for each size on
# random draws (100 steps each, to save time) and prints how far apart their accuracies lie. **How far, for six pictures?**

# %% slideshow={"slide_type": "fragment"}
rng = np.random.default_rng(0)
for size in (6, 20, 100):
    right = []
    for _ in range(100):
        drawn = rng.choice(200, size, replace=False)
        w_few, b_few = train(g_train[drawn], is_8_train[drawn], steps=100)
        right.append(accuracy(g_test, is_8_test, w_few, b_few))
    print(f"{size:3} pictures: {min(right):.0%} to {max(right):.0%} right, ", end="")
    print(f"{np.mean(right):.0%} on average")

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### No theory: the same digits, one pixel to the right
#
# With few pictures it is luck which classifier you get. That was the amount of data. Now the missing theory.
#
# To you a shifted 8 is an 8. The classifier has no notion of a shape; it has 64 weights for 64 places. **How many of the
# shifted test pictures will it get right: about as many as before, fewer, or half, as if it guessed?**

# %% slideshow={"slide_type": "fragment"}
shifted = np.zeros_like(g_test)
shifted[:, :, 1:] = g_test[:, :, :-1]
print(f"as they are:            {accuracy(g_test, is_8_test, w, b):.0%} right")
print(f"one pixel to the right: {accuracy(shifted, is_8_test, w, b):.0%} right")

# %% [markdown] lang="en" minutes={"class": 16, "alone": 26} slideshow={"slide_type": "slide"}
# ## 4 · A shortcut
#
# Now the quality of the data. Suppose the 3s and the 8s were collected in two offices, and the office that collected the
# 8s puts a sticker on its sheets: a white square, 2 × 2 pixels, in the lower left corner. Training and test pictures come
# from the same two offices, so **both** have it.


# %% slideshow={"slide_type": "fragment"}
def with_sticker(g, where):
    g = g.copy()
    g[where, 6:8, 0:2] = 1
    return g


as_collected = with_sticker(g_test, is_8_test)
show_images(as_collected[:8, :, :, None], names, columns=4)

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# A second classifier is trained on these pictures. Its test accuracy, on test pictures from the same two offices, is
# printed first.
#
# **Then the sticker is taken off the test pictures: how many will it get right? And what if the stickers are on the 3s
# instead?** Write down two numbers before you run the cell.

# %% slideshow={"slide_type": "fragment"}
w2, b2 = train(with_sticker(g_train, is_8_train), is_8_train)

tests = {
    "sticker on every 8, as collected": as_collected,
    "no sticker": g_test,
    "sticker on every 3": with_sticker(g_test, ~is_8_test),
}
print("test pictures                       trained without   trained with stickers")
for name, pictures in tests.items():
    first = accuracy(pictures, is_8_test, w, b)
    second = accuracy(pictures, is_8_test, w2, b2)
    print(f"{name:34}{first:>17.0%}{second:>24.0%}")
says_8 = np.mean(score(g_test, w2, b2) > 0)
print(f"without a sticker the second says 8 to {says_8:.0%} of the pictures")

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# By its test accuracy the second classifier is the better one. It would have been chosen. Only pictures without the
# sticker show what it does: it calls nearly all of them a 3, and so is right about half the time. With the stickers on the
# 3s it is wrong nearly always.
#
# In practice nobody has those other pictures, because nobody knows that there is a sticker. But a map needs no other
# pictures. **Where will the red of the second classifier be?**

# %% slideshow={"slide_type": "fragment"}
show_pixel_scores(as_collected[5], w2, b2)

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# The reddest pixels sit in the corner, where no stroke is. One look at one map finds what the accuracy had hidden. And a
# number says how much of the answer it is: the share of the positive evidence that comes from the sticker.

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Exercise 0.4 · how much lies on the sticker?
#
# `M` is a map, `where` an array of the same shape that is True on the sticker. Which share of all that speaks **for** the class lies on
# the sticker?


# %% tags=["exercise"] slideshow={"slide_type": "fragment"}
def share_on_sticker(M, where):
    ### BEGIN SOLUTION
    positive = np.maximum(M, 0)
    return positive[where].sum() / positive.sum()
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "skip"}
check("0.4", share_on_sticker)

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# For test picture 5 and the second classifier:

# %% slideshow={"slide_type": "fragment"}
M2 = w2 * as_collected[5]
from_sticker = M2[6:8, 0:2].sum() / M2[M2 > 0].sum()
print(f"{from_sticker:.0%} of what speaks for the 8 comes from the sticker's 4 pixels")

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Two equal answers, two different reasons
#
# Both classifiers see the same picture with the sticker. Both are right, both are sure. A colleague who gets only $P$
# cannot tell which of them to believe. This is the little power to persuade: nearly the same number, other reasons.

# %% slideshow={"slide_type": "fragment"}
picture = as_collected[5]
titles = [
    f"trained without stickers\nP = {probability(score(picture, w, b)):.3f}",
    f"trained with stickers\nP = {probability(score(picture, w2, b2)):.3f}",
]
show_strip([w * picture, w2 * picture], titles, label="$M$: against (−), for (+)")

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
# ### A mistake to know: "it works on the test set"
#
# A test set drawn from the same source as the training set has the same stickers. It measures whether the model predicts
# that source, not whether it recognises an 8. The same holds for cross-validation: all folds share the sticker.
#
# What helps: test on data from elsewhere, and look at the reasons. A map finds a shortcut that has a place of its own, as the
# sticker has. A scanner that makes all of a picture a little brighter has none; in the study of section 5 it was found with
# tables, not with a map. Adebayo et al. (2022) [8] gave explanations to people who did not know which shortcut to look for: such
# shortcuts were mostly missed, and sound models were sometimes accused.
# Lesson 10 goes the whole way with a convolutional
# network: the shortcut is found by its class activation map, mended in the data, and the network is measured again.

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
# ### The three limits, and what you computed
#
# | limit of a model that learns from data (deck D1) | what showed it here |
# | --- | --- |
# | no theory: it cannot say why an 8 is an 8 | one pixel to the right, and many answers are wrong |
# | little power to persuade | two classifiers, nearly the same $P$, different reasons |
# | depends on data: their amount | classifiers from six pictures lie far apart |
# | depends on data: their quality | a sticker lifts the test accuracy, and without it the answers are no better than a coin's |

# %% [markdown] lang="en" minutes={"class": 5, "alone": 24} slideshow={"slide_type": "slide"}
# ## 5 · What explanations are for
#
# **Explainable AI** (XAI) is the name for methods that let people see why a model answered as it did. Deck D1 orders their
# uses by who is better at the task.
#
# | | use | a published case |
# | --- | --- | --- |
# | AI < people | improve the model and its data | A classifier trained on the photographs of PASCAL VOC recognised horses by a source tag printed in the corner of part of the horse pictures; heat maps gave it away [1]. |
# | AI = people | compare the principles | On pictures with the shape of one thing and the texture of another, people went by the shape and ImageNet-trained CNNs mostly by the texture [2]. |
# | AI > people | learn from it | Chess concepts were drawn out of AlphaZero and taught to four grandmasters, who then solved more such positions [3]. |

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### In practice: a broken hip (at home)
#
# Deck D3 names two purposes: the reason for a classification, and the cause of a disease, with hip fractures on X-ray
# pictures as its example. Two studies of 2019 show both sides.
#
# - Cheng et al. [4] trained a CNN on 25,505 radiographs of limbs first and on 3,605 of the pelvis then, and drew Grad-CAM maps
#   (lesson 05). On a test set of 100 pictures they report that the maps found the lesion with an accuracy of 95.9 %. A doctor can
#   check such an answer at a glance.
# - Badgeley et al. [5] trained on 17,587 radiographs and measured the **AUC**, the probability that a random ill case gets a
#   higher score than a random healthy one; 0.5 is guessing. From the picture alone the model of the scanner could be
#   predicted (AUC 1.00), fractures with an AUC of 0.78. On test data balanced for patient and hospital variables the AUC
#   for fractures was 0.52. Variables such as the scanner were its stickers.

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# **The second study in small.** Let the 8 be the fracture, and the sticker the scanner. Balance the test set: put the
# sticker on every second picture, 3 or 8, so that it says nothing any more. **What happens to the AUC of the classifier
# trained with stickers? And to the other's?**


# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### Exercise 0.5 · the AUC (at home)
#
# `S_ill` and `S_healthy` are the scores of the ill and of the healthy cases. Return the AUC: the share of all pairs of one ill and one
# healthy case in which the ill one has the higher score.


# %% tags=["exercise", "at-home"] slideshow={"slide_type": "skip"}
def auc_of(S_ill, S_healthy):
    ### BEGIN SOLUTION
    return np.mean(S_ill[:, None] > S_healthy)
    ### END SOLUTION


# %% tags=["check", "at-home"] slideshow={"slide_type": "skip"}
check("0.5", auc_of)

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# And for the two classifiers, on both test sets:


# %% tags=["at-home"] slideshow={"slide_type": "skip"}
def auc(g, w, b):
    S = score(g, w, b)
    return np.mean(S[is_8_test][:, None] > S[~is_8_test])  # all pairs of an 8 and a 3


balanced = with_sticker(g_test, np.arange(len(g_test)) % 2 == 0)
for name, pictures in {"as collected": as_collected, "balanced": balanced}.items():
    first, second = auc(pictures, w, b), auc(pictures, w2, b2)
    print(f"{name:12}  AUC trained without {first:.2f}, with stickers {second:.2f}")

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# Why does ours not fall to 0.5, as in the study? The training pictures hold both, strokes and stickers, and this classifier learned
# some of each: with the stickers balanced, the strokes are still there. In the study the model had learned next to nothing about
# the fracture itself. The AUC on balanced data says how much is left; the map says where to look for the rest.

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Trust, and its limits
#
# An explanation should raise trust only where trust is deserved. Ribeiro et al. [6] trained a bad husky-or-wolf classifier
# on purpose: in the training pictures the wolves stood in snow. Shown its answers, 10 of 27 students trusted it; shown the
# explanations, 3 did.
#
# Deck D2 lists what one gains: results become easier to analyse, they can be seen, and the inside of the model becomes
# clearer. Keep in mind what a map does **not** say. This lesson's map tells exactly what the model used, because its numbers add
# up to the score. (Not every method has that: lesson 05 shows where Grad-CAM lights places that the score did not use.) And no
# map tells whether it was right to use them, nor what caused the fracture. Lesson 10 asks when a map itself can be trusted.

# %% [markdown] lang="en" tags=["open", "at-home"] slideshow={"slide_type": "skip"}
# ### Open question · where would you put your sticker? (at home)
#
# Think of a data set that you know: photographs, X-rays, recordings. Which "sticker" could it have, something that goes with the
# answer in the collected data and not in the world? Would a map show it? Write two or three sentences.

# %% [markdown] lang="en" tags=["solution", "at-home"] slideshow={"slide_type": "skip"}
# A good answer names something that comes from how the data were collected (place, device, time of day, the person who labelled,
# the background), says why it goes with the answer there, and why not elsewhere. It says whether it has a place in the picture: a
# watermark or a ruler has one and a map can show it; brightness, blur or a scanner has none.

# %% [markdown] lang="en" minutes={"class": 2, "alone": 6} slideshow={"slide_type": "slide"}
# ## 6 · From this map to the class activation map
#
# Your classifier was easy to explain because its score is one sum over the pixels. A deep network has many layers between
# pixels and score, and its weights are no map. Zhou et al. (2016) [7] saw that a network with the right last layers still ends
# in such a sum, over the positions of its last feature maps:
#
# | | here | class activation map (lesson 03) |
# | --- | --- | --- |
# | what is weighed | pixels $g(x, y)$ | feature maps $f_k(x, y)$ |
# | weights | one for each position, $w(x, y)$ | one for each map, the same at all positions, $w_k^c$ |
# | map | $M = w\,g$ | $M_c = \sum_k w_k^c f_k$ |
# | score | $S = \sum_{x,y} M + b$ | $S_c = \frac{1}{N} \sum_{x,y} M_c + b_c$, with $N$ positions |
#
# Which feature counts no longer depends on where it is: lessons 01 and 02 show how that helps with shifted pictures.

# %% [markdown] lang="en" minutes={"class": 2, "alone": 2} slideshow={"slide_type": "slide"}
# ## The way through the course
#
# | lesson | what it is about |
# | --- | --- |
# | 00 Why explain | this one: answers, reasons, shortcuts |
# | 01 CNN review | convolution and pooling by hand and in Keras; what a feature map is and how much of the picture it sees |
# | 02 Global average pooling | what the layer before the answer keeps and throws away |
# | 03 The mathematics of CAM | $S_c = \sum_k w_k^c F_k = \frac{1}{N} \sum_{x,y} M_c$ (without bias), by hand and in numbers |
# | 04 CAM on handwritten digits | the lecture's program from data to maps, and its mistakes |
# | 05 Deriving Grad-CAM | any architecture, and the proof that Grad-CAM generalises CAM |
# | 06 ResNet50 on photographs | the five best classes, any layer, one scale |
# | 07 A cantilever | damage in a loaded beam, found from two words; how often the map is right |
# | 08 Localisation without boxes | boxes from maps, counted; where in the picture a cell of a map lies |
# | 09 Beyond CAM | HiResCAM, guided gradients, occlusion, LRP, activation maximisation, attention |
# | 10 Can we trust it? | tests that a map can fail; a shortcut found and mended |

# %% [markdown] lang="en" minutes={"class": 3, "alone": 5} slideshow={"slide_type": "slide"}
# ## Summary
#
# - A black box returns $P$ and no reasons. Two boxes can return nearly the same $P$ for different reasons.
# - For a linear classifier $M(x, y) = w(x, y)\,g(x, y)$ says what each pixel adds, and $\sum M + b = S$. Blackening the pixel
#   and asking again gives the same number.
# - A model that learns from data knows only the data: their amount, their quality, and their stickers.
# - A test set from the same source cannot show a shortcut. A map can, if the shortcut has a place in the picture.
# - Explanations serve to improve a model (AI < people), to compare principles (AI = people), to learn from it (AI > people).
# - An exact map says what the model used, compared with a black picture; not whether it was right to use it.

# %% [markdown] lang="en" minutes={"class": 0, "alone": 8} slideshow={"slide_type": "skip"}
# ## Quiz
#
# Think of your answer first, then open it. Each choice says why it is right or wrong.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **The map of a picture has the numbers 2, −1 and 0.5, and $b = 1$. What is the score?**
#
# - [ ] 1.5. :: One number is missing that belongs to no pixel.
# - [x] 2.5. :: Yes: the numbers of the map and the bias, added up.
# - [ ] 4.5. :: The −1 speaks against the class.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **A classifier reaches 99 % on a test set from the same hospital. What do you know?**
#
# - [ ] It recognises the disease. :: It predicts what this hospital's pictures show together with it.
# - [ ] It has a shortcut. :: That is possible and not shown by this number.
# - [x] How well it does on pictures collected in the same way. :: Yes, and nothing more.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **Two classifiers give one picture nearly the same $P$. What can differ?**
#
# - [x] Everything about their reasons. :: Yes: the sums agree, the maps need not.
# - [ ] Nothing, the same answer has the same reasons. :: Compare the two maps of the picture with the sticker.
# - [ ] Their accuracy only. :: That may differ, and the reasons as well.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **A pixel is black, $g = 0$. What does the map say there?**
#
# - [ ] The pixel is unimportant for the classifier. :: Its weight may be large; with ink there the score would be another one.
# - [ ] It speaks against the class. :: Zero speaks neither way.
# - [x] Compared with a black picture it changes nothing. :: Yes: the map is relative to black.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **Which shortcut would a map hardly show?**
#
# - [ ] A watermark in a corner. :: It has a place, as the sticker.
# - [x] Pictures of one class are a little brighter. :: Yes: it is everywhere, so no place stands out.
# - [ ] A ruler beside the skin spot. :: It has a place.

# %% [markdown] lang="en" minutes={"class": 0, "alone": 0} slideshow={"slide_type": "skip"}
# ## Sources
#
# Decks: D0 (Seungchul Lee, Industrial AI Lab), D1 (Hyunseok Oh, GIST), D2 (Explainable AI, lecture 26), D3 (Kim Hyunwoo).
# Digits: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, 1998.
#
# 1. S. Lapuschkin, S. Wäldchen, A. Binder, G. Montavon, W. Samek, K.-R. Müller: Unmasking Clever Hans predictors and assessing what machines really learn. Nature Communications 10, 1096 (2019). doi:10.1038/s41467-019-08987-4
# 2. R. Geirhos, P. Rubisch, C. Michaelis, M. Bethge, F. A. Wichmann, W. Brendel: ImageNet-trained CNNs are biased towards texture; increasing shape bias improves accuracy and robustness. ICLR 2019. arXiv:1811.12231
# 3. L. Schut, N. Tomašev, T. McGrath, D. Hassabis, U. Paquet, B. Kim: Bridging the human–AI knowledge gap through concept discovery and transfer in AlphaZero. PNAS (2025). doi:10.1073/pnas.2406675122
# 4. C.-T. Cheng et al.: Application of a deep learning algorithm for detection and visualization of hip fractures on plain pelvic radiographs. European Radiology 29, 5469–5477 (2019). doi:10.1007/s00330-019-06167-y
# 5. M. A. Badgeley et al.: Deep learning predicts hip fracture using confounding patient and healthcare variables. npj Digital Medicine 2, 31 (2019). doi:10.1038/s41746-019-0105-1
# 6. M. T. Ribeiro, S. Singh, C. Guestrin: "Why should I trust you?" Explaining the predictions of any classifier. KDD 2016, 1135–1144. arXiv:1602.04938
# 7. B. Zhou, A. Khosla, A. Lapedriza, A. Oliva, A. Torralba: Learning deep features for discriminative localization. CVPR 2016. arXiv:1512.04150
# 8. J. Adebayo, M. Muelly, H. Abelson, B. Kim: Post hoc explanations may be ineffective for detecting unknown spurious correlation. ICLR 2022. arXiv:2212.04629
