# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   language_info: {name: python}
# ---

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# # 03 · The mathematics of CAM
#
# A class activation map says how much each place of a picture speaks for a class. Here it is worked out in full on six
# maps of nine numbers, with NumPy alone. Lesson 04 does the same, with the same functions, on a trained network.

# %% [markdown] lang="ko" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# # 03 · CAM의 수학
#
# 클래스 활성화 맵(class activation map, CAM)은 그림의 각 위치가 어떤 클래스의 근거로 얼마나 작용하는지를 나타냅니다. 이 단원에서는 숫자 아홉 개로 된 작은 맵 여섯 장을 놓고
# NumPy만으로 CAM을 끝까지 계산합니다. 4단원에서는 같은 함수를 학습된 신경망에 그대로 적용합니다.

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
# **After this lesson you can**
#
# 1. compute $F_k$, $S_c$, $M_c(x, y)$ and $P_c$ by hand from small feature maps and weights;
# 2. show why $S_c = \sum_k w_k^c F_k + b_c$ is also the mean of $M_c$ plus $b_c$, by changing the order of two sums;
# 3. say what a weight $w_k^c$ means, how it is learned, and why another class has another map;
# 4. say where the factor $N$ and the bias $b_c$ belong, and spot a formula that has lost one of them.
#
# **Time:** 40 minutes in class, 80 minutes alone. **Before:** lesson 02 (global average pooling).

# %% [markdown] lang="ko" slideshow={"slide_type": "slide"}
# **이 단원을 마치면 다음을 할 수 있습니다.**
#
# 1. 작은 특성인자 맵과 가중치에서 $F_k$, $S_c$, $M_c(x, y)$, $P_c$를 손으로 계산합니다.
# 2. 두 합의 순서를 바꾸어, $S_c = \sum_k w_k^c F_k + b_c$가 $M_c$의 평균에 $b_c$를 더한 값과 같음을 보입니다.
# 3. 가중치 $w_k^c$의 의미와 학습되는 방식, 그리고 클래스가 바뀌면 맵도 바뀌는 까닭을 설명합니다.
# 4. 인수 $N$과 편향 $b_c$가 들어갈 자리를 알고, 둘 중 하나가 빠진 식을 찾아냅니다.
#
# **시간:** 강의 40분, 자습 80분. **선수 내용:** 2단원(전역 평균 풀링).

# %% slideshow={"slide_type": "skip"}
import numpy as np

from cam_course.maps import (
    class_activation_map,
    class_scores,
    global_average_pool,
    softmax,
)
from cam_course.plotting import show_numbers, show_weighted_sum
from cam_course.teaching.exercises import check
from cam_course.teaching.identity import check_identity
from cam_course.teaching.widgets.weights import weight_sliders

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "subslide"}
# ## The letters
#
# | letter | what it is | in code |
# | --- | --- | --- |
# | $f_k(x, y)$ | feature map $k$, the output of the last convolutional block at row $x$, column $y$ | `f[x, y, k]` |
# | $F_k$ | its mean over all $N = h \cdot w$ positions (global average pooling) | `F[k]` |
# | $w_k^c$, $b_c$ | weight of feature $k$ for class $c$, and the bias of class $c$ | `w[k, c]`, `b[c]` |
# | $S_c$ | score of class $c$, the value before softmax (logit) | `S[c]` |
# | $M_c(x, y)$ | class activation map of class $c$ | `M[x, y, c]` |
# | $P_c$ | probability of class $c$ | `P[c]` |

# %% [markdown] lang="ko" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "subslide"}
# ## 기호
#
# | 기호 | 뜻 | 코드 |
# | --- | --- | --- |
# | $f_k(x, y)$ | $k$번째 특성인자 맵. 마지막 합성곱 블록의 출력에서 $x$행 $y$열의 값 | `f[x, y, k]` |
# | $F_k$ | 그 맵을 모든 위치 $N = h \cdot w$개에 걸쳐 평균한 값(전역 평균 풀링, GAP) | `F[k]` |
# | $w_k^c$, $b_c$ | 클래스 $c$에 대한 특징 $k$의 가중치와 클래스 $c$의 편향 | `w[k, c]`, `b[c]` |
# | $S_c$ | 클래스 $c$의 점수. 소프트맥스에 들어가기 전의 값(로짓) | `S[c]` |
# | $M_c(x, y)$ | 클래스 $c$의 클래스 활성화 맵 | `M[x, y, c]` |
# | $P_c$ | 클래스 $c$의 확률 | `P[c]` |

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## Six maps
#
# Suppose a network looked at a picture and left six feature maps of 3 × 3. The numbers are those of deck D3 (Kim), where
# the picture shows Iron Man. The deck prints no value for the middle cell. The six values there, `middle`, are made
# up for this lesson, and chosen so that every sum can be divided by nine. (Deck D3 has negative values too. After a ReLU
# there would be none; the arithmetic is the same.)
#
# Look for the largest value of each map.

# %% [markdown] lang="ko" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## 맵 여섯 장
#
# 신경망이 그림 한 장에서 3 × 3 특성인자 맵 여섯 장을 만들어 냈다고 합시다. 숫자는 강의 자료 D3(김현우)에서 가져왔고, 그림의 주인공은 아이언맨입니다. 자료에는 가운데 칸의
# 값이 적혀 있지 않습니다. 아래 `middle`의 값 여섯 개는 이 단원에서 임의로 정했으며, 맵마다 합이 9로 나누어떨어지도록 골랐습니다. (D3의 맵에는 음수도 있습니다. ReLU를 거친 맵이라면 음수가
# 없겠지만 계산 방법은 같습니다.)
#
# 각 맵에서 값이 가장 큰 칸을 찾아보십시오.

# %% slideshow={"slide_type": "fragment"}
middle = [2, 3, 0, 3, 2, 7]  # made up
maps = [
    [[3, 2, 0], [-1, middle[0], 1], [1, 0, 1]],
    [[1, 1, 0], [5, middle[1], 1], [5, 0, 2]],
    [[1, -1, 0], [-2, middle[2], 1], [1, 0, 9]],
    [[0, 2, 0], [1, middle[3], 1], [2, 0, 0]],
    [[1, 1, 0], [0, middle[4], 1], [0, 0, 4]],
    [[0, 2, 0], [0, middle[5], 1], [0, 0, -1]],
]
f = np.array(maps, dtype=float).transpose(1, 2, 0)  # (h, w, K), as Keras has it
show_numbers(
    f.transpose(2, 0, 1),
    [f"$f_{k}$" for k in range(1, 7)],
    columns=3,
    label="$f_k(x, y)$",
)

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## One number from each map
#
# Global average pooling keeps the mean of each map. For the first:
#
# $$F_1 = \tfrac{1}{9}\,(3 + 2 + 0 - 1 + 2 + 1 + 1 + 0 + 1) = \tfrac{9}{9} = 1$$
#
# Work out $F_2$ on paper before you run the cell. Where in the map the values stood is lost; how large they are together
# is kept.
#
# (A first line `# NBVAL_CHECK_OUTPUT`, as in the next cell, is for a test of the course: it compares what the cell prints
# with what is stored here. You can ignore that line.)

# %% [markdown] lang="ko" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## 맵 한 장에서 숫자 하나
#
# 전역 평균 풀링은 맵마다 평균 하나만 남깁니다. 첫 번째 맵은 다음과 같습니다.
#
# $$F_1 = \tfrac{1}{9}\,(3 + 2 + 0 - 1 + 2 + 1 + 1 + 0 + 1) = \tfrac{9}{9} = 1$$
#
# 셀을 실행하기 전에 $F_2$를 종이에 계산해 보십시오. 값이 맵의 어디에 있었는지는 사라지고, 전체적으로 얼마나 큰지만 남습니다.
#
# (다음 셀의 첫 줄에 있는 `# NBVAL_CHECK_OUTPUT`은 강의 자료를 점검하는 테스트를 위한 표시입니다. 테스트는 셀의 출력을 여기에 저장된 출력과 비교합니다. 읽을 때 이 줄은
# 무시해도 됩니다.)

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
F = global_average_pool(f)
print(F)

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## One score from six numbers
#
# The class "Iron Man" has a weight for each feature. (They, too, are chosen for this lesson.) With a positive $w_k$, more
# of feature $k$ raises the score of the class; with a negative one it lowers it. The size of $w_k$ says by how much. The
# score is the weighted sum plus the bias $b$:
#
# $$\begin{aligned} S &= \sum_k w_k F_k + b \\
# &= 0.5\cdot 1 - 0.6\cdot 2 + 0.2\cdot 1 + 0.8\cdot 1 - 0.1\cdot 1 + 1.0\cdot 1 + 0.3 = 1.5 \end{aligned}$$

# %% [markdown] lang="ko" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## 숫자 여섯 개에서 점수 하나
#
# '아이언맨' 클래스는 특징마다 가중치를 하나씩 갖습니다. (가중치의 값도 이 단원에서 임의로 정했습니다.) $w_k$가 양수이면 특징 $k$가 많이 나타날수록 클래스의 점수가 올라가고, 음수이면
# 내려갑니다. 얼마나 오르내리는지는 $w_k$의 크기가 정합니다. 점수는 가중합에 편향 $b$를 더한 값입니다.
#
# $$\begin{aligned} S &= \sum_k w_k F_k + b \\
# &= 0.5\cdot 1 - 0.6\cdot 2 + 0.2\cdot 1 + 0.8\cdot 1 - 0.1\cdot 1 + 1.0\cdot 1 + 0.3 = 1.5 \end{aligned}$$

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
w = np.array([0.5, -0.6, 0.2, 0.8, -0.1, 1.0])
b = 0.3
S = class_scores(F, w, b)
print(f"S = {S:.4f}")

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## One map from six maps
#
# CAM takes the same weights, but does not average first. At every position it adds up the six values there, each times
# its weight:
#
# $$M(x, y) = \sum_k w_k f_k(x, y)$$
#
# In the middle: $0.5\cdot 2 - 0.6\cdot 3 + 0.2\cdot 0 + 0.8\cdot 3 - 0.1\cdot 2 + 1.0\cdot 7 = 8.4$.
#
# Map 2 is strong in the left column, and its weight is $-0.6$. **Will the left column of $M$ be higher than the rest,
# lower, or about the same? And the lower right corner, where map 3 has its 9?** Decide before you run the next cell.

# %% [markdown] lang="ko" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## 맵 여섯 장에서 맵 한 장
#
# CAM은 같은 가중치를 쓰지만 평균을 먼저 구하지 않습니다. 위치마다 그 자리의 값 여섯 개에 각각의 가중치를 곱하여 더합니다.
#
# $$M(x, y) = \sum_k w_k f_k(x, y)$$
#
# 가운데 칸에서는 $0.5\cdot 2 - 0.6\cdot 3 + 0.2\cdot 0 + 0.8\cdot 3 - 0.1\cdot 2 + 1.0\cdot 7 = 8.4$입니다.
#
# 맵 2는 왼쪽 열의 값이 크고, 가중치는 $-0.6$입니다. **$M$의 왼쪽 열은 다른 곳보다 높을까요, 낮을까요, 비슷할까요? 맵 3의 값이 9인 오른쪽 아래 구석은 어떨까요?** 다음 셀을 실행하기 전에
# 먼저 답을 정하십시오.

# %% slideshow={"slide_type": "fragment"}
M = class_activation_map(f, w)
show_weighted_sum(f, w, b, "Iron Man")

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# The upper row holds the maps $f_k$, the lower row $w_k f_k$, at the right their sum $M$. Red speaks for the class, blue
# against it, white is zero, and all share one scale.
#
# Below its top cell the left column is lower: a map says where a feature is, the weight says what that means for this
# class. The 9 in the corner counts little, because its weight is 0.2, and maps 2, 5 and 6 speak against it there. What
# decides for "Iron Man" is the middle.

# %% [markdown] lang="ko" slideshow={"slide_type": "fragment"}
# 윗줄은 맵 $f_k$, 아랫줄은 $w_k f_k$, 오른쪽은 이들을 더한 $M$입니다. 빨간색은 클래스의 근거, 파란색은 반대 근거, 흰색은 0이며, 모든 맵이 하나의 색 척도를 함께 씁니다.
#
# 왼쪽 열은 맨 위 칸을 빼면 낮습니다. 맵은 특징의 위치를 알려 주고, 가중치는 그 특징이 이 클래스에 갖는 의미를 알려 줍니다. 구석의 9는 가중치가 0.2라서 영향이 작은 데다, 그 자리에서는
# 맵 2, 5, 6이 반대 근거로 작용합니다. '아이언맨'이라고 판단하게 만든 곳은 가운데입니다.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
print(M.round(2))
print(
    "left column:",
    M[:, 0].round(2),
    "  middle:",
    round(M[1, 1], 2),
    "  lower right corner:",
    round(M[2, 2], 2),
)

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## The identity
#
# Put the definition of $F_k$ into the score. Both sums are finite, so their order may be changed; the factor $1/N$ goes
# along:
#
# $$S_c \;=\; \sum_k w_k^c F_k + b_c \;=\; \sum_k w_k^c\, \frac1N \sum_{x,y} f_k(x, y) + b_c
# \;=\; \frac1N \sum_{x,y} \underbrace{\sum_k w_k^c f_k(x, y)}_{M_c(x,\,y)} + b_c$$
#
# The score is the mean of the map plus the bias. Nothing is approximated: the map is the score, laid out over the
# positions. The cell adds up in both orders, with plain loops.

# %% [markdown] lang="ko" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## 항등식
#
# 점수의 식에 $F_k$의 정의를 넣습니다. 두 합은 모두 유한하므로 순서를 바꿀 수 있고, 인수 $1/N$도 그대로 따라갑니다.
#
# $$S_c \;=\; \sum_k w_k^c F_k + b_c \;=\; \sum_k w_k^c\, \frac1N \sum_{x,y} f_k(x, y) + b_c
# \;=\; \frac1N \sum_{x,y} \underbrace{\sum_k w_k^c f_k(x, y)}_{M_c(x,\,y)} + b_c$$
#
# 점수는 맵의 평균에 편향을 더한 값입니다. 근사는 어디에도 없습니다. 맵은 점수를 위치별로 펼쳐 놓은 것입니다. 다음 셀에서는
# 반복문만으로 두 가지 순서로 더해 봅니다.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
rows, columns, K = f.shape
N = rows * columns
xy_inside = (
    sum(
        w[k] * sum(f[x, y, k] for x in range(rows) for y in range(columns)) / N
        for k in range(K)
    )
    + b
)
k_inside = (
    sum(
        sum(w[k] * f[x, y, k] for k in range(K))
        for x in range(rows)
        for y in range(columns)
    )
    / N
    + b
)
np.testing.assert_allclose(k_inside, xy_inside, rtol=1e-12)
print(f"sum over x, y inside: {xy_inside:.4f}   sum over k inside: {k_inside:.4f}")

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# `check_identity` does this comparison in every lesson: it takes both sides of a formula, prints the largest difference
# relative to the left side's size, and stops the notebook with an `AssertionError` if that is above $10^{-5}$.

# %% [markdown] lang="ko" slideshow={"slide_type": "fragment"}
# 앞으로 모든 단원에서 `check_identity`가 이 비교를 맡습니다. 식의 양변을 받아, 좌변의 크기에 대한 상대 오차 가운데 가장 큰 값을 출력하고, 그 값이 $10^{-5}$보다 크면 `AssertionError`로
# 노트북을 멈춥니다.

# %% slideshow={"slide_type": "fragment"}
check_identity("S = mean_xy M(x, y) + b", S, M.mean() + b)
check_identity("sum_k w_k F_k = (1/N) sum_xy M(x, y)", F @ w, M.sum() / N)

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
# ### Exercise 3.1 · the score from the map
#
# `S` is the score as the network computes it: average every map, then weigh. Get the same number from `M`, `N` and `b`
# alone.

# %% [markdown] lang="ko" slideshow={"slide_type": "slide"}
# ### 연습 3.1 · 맵에서 점수 구하기
#
# `S`는 신경망이 계산하는 방식대로 구한 점수입니다. 맵마다 평균을 구한 다음 가중치를 곱하여 더한 값입니다. `M`, `N`, `b`만 사용하여 같은 값을 구하십시오.

# %% tags=["exercise"] slideshow={"slide_type": "fragment"}
def score_from_map(M, b):
    ### BEGIN SOLUTION
    return M.mean() + b
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "skip"}
check("3.1", score_from_map)

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## Choose the weights yourself
#
# Six sliders, one for each weight. The map, its mean and both ways to the score follow.
#
# **Before you move anything: which single weight would you change, and in which direction, to make the lower right corner
# the strongest place?** Try it. Then look for weights that leave $S$ where it is and move the map. The difference of the
# two ways to $S$ stays at rounding error, whatever you do.

# %% [markdown] lang="ko" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## 가중치를 직접 정하기
#
# 가중치마다 슬라이더가 하나씩 있습니다. 슬라이더를 움직이면 맵과 그 평균, 그리고 두 방법으로 구한 점수가 함께 바뀝니다.
#
# **움직이기 전에 먼저 생각해 보십시오. 오른쪽 아래 구석을 가장 강한 곳으로 만들려면 어느 가중치 하나를 어느 방향으로 바꾸어야 할까요?** 직접 해 보십시오. 그다음에는 $S$는 그대로 두고
# 맵만 바꾸는 가중치를 찾아보십시오. 무엇을 하든 두 방법으로 구한 $S$의 차이는 반올림 오차 수준에 머뭅니다.

# %% slideshow={"slide_type": "fragment"}
weight_sliders(f, w, b, "Iron Man")

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# One answer is $w_3 = 1.2$, a whole unit up: the corner gains $1 \cdot 9$, and the middle stays, for $f_3$ is 0 there. (A
# low $w_6$ does it too.) The score stays when one weight goes up and another of the same $F_k$ goes down by as much, such
# as $w_1$ and $w_4$.

# %% [markdown] lang="ko" slideshow={"slide_type": "fragment"}
# 한 가지 답은 $w_3$을 1만큼 올려 $1.2$로 하는 것입니다. 구석의 값은 $1 \cdot 9$만큼 커지지만, 가운데는 $f_3$이 0이므로 그대로입니다. ($w_6$을 충분히 낮추어도 됩니다.) $S$를 그대로
# 두려면 $w_1$과 $w_4$처럼 $F_k$의 값이 같은 두 특징의 가중치를 골라, 하나를 올린 만큼 다른 하나를 내리면 됩니다.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
w_up, w_swapped = w.copy(), w.copy()
w_up[2] += 1  # w_3
w_swapped[[0, 3]] += [1, -1]  # w_1 and w_4
M_up, M_swapped = class_activation_map(f, w_up), class_activation_map(f, w_swapped)
print(
    f"w_3 up by 1:                corner {M_up[2, 2]:.1f}, middle {M_up[1, 1]:.1f}, largest {M_up.max():.1f}"
)
print(
    f"w_1 up and w_4 down by 1:   S = {class_scores(F, w_swapped, b):.4f}, middle {M_swapped[1, 1]:.1f}"
)

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## Where the weights come from
#
# Nobody chooses $w_k^c$: training does. For softmax with cross-entropy the gradient of the loss $L$ of one picture is
#
# $$\frac{\partial L}{\partial w_k^c} = (P_c - y_c)\, F_k, \qquad y_c = 1 \text{ for the true class, else } 0.$$
#
# For $F_k > 0$ a step against it raises the weight of feature $k$ for the true class and lowers it for all others, the
# more so the larger $F_k$ is. Below, 300 made-up pictures of three classes (no maps, their $F$ alone, no bias).
# Feature 1 is strong in class A, 2 in B, 3 in C; 4 to 6 are alike in all. **Which entries of $w$ will be clearly positive
# after training?**

# %% [markdown] lang="ko" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## 가중치는 어디에서 오는가
#
# $w_k^c$는 사람이 정하지 않습니다. 훈련이 정합니다. 소프트맥스와 교차 엔트로피를 쓸 때, 그림 한 장의 손실 $L$에 대한 기울기는 다음과 같습니다.
#
# $$\frac{\partial L}{\partial w_k^c} = (P_c - y_c)\, F_k, \qquad y_c = 1 \text{ (정답 클래스)},\ 0 \text{ (그 밖의 클래스)}$$
#
# $F_k > 0$일 때 이 기울기의 반대 방향으로 한 걸음 가면, 특징 $k$의 가중치는 정답 클래스에서는 커지고 나머지 클래스에서는 작아집니다. $F_k$가 클수록 더 많이 바뀝니다. 아래에는 세 클래스의 가상 그림
# 300장이 있습니다. (맵 없이 $F$만 만들었고 편향은 두지 않았습니다.) 특징 1은 클래스 A에서, 2는 B에서, 3은 C에서 강하고, 4부터 6까지는 어느 클래스에서나 비슷합니다. **훈련이 끝나면 $w$의
# 어느 성분이 뚜렷한 양수가 될까요?**

# %% slideshow={"slide_type": "fragment"}
rng = np.random.default_rng(0)
label = rng.integers(3, size=300)
F_train = rng.uniform(0, 1, size=(300, 6))
F_train[np.arange(300), label] += (
    1  # column 0 (feature 1) is stronger in class A, and so on
)
y = np.eye(3)[label]
w_learned = np.zeros((6, 3))
for _ in range(500):
    P = softmax(class_scores(F_train, w_learned))
    w_learned -= 0.5 * F_train.T @ (P - y) / len(y)
show_numbers(
    [w_learned.T],
    ["rows: classes A, B, C;  columns: $k$ = 1 to 6"],
    decimals=1,
    label="$w_k^c$",
)

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# Three are: the feature of a class speaks for that class and against the two others. Features 4 to 6 say nothing about the
# class, and their weights stay close to zero. So $w_k^c$ tells how much feature $k$ counts for class $c$, judged by
# the pictures of the training.

# %% [markdown] lang="ko" slideshow={"slide_type": "fragment"}
# 뚜렷한 양수는 세 개입니다. 어느 클래스의 특징은 그 클래스에는 근거가, 다른 두 클래스에는 반대 근거가 됩니다. 특징 4부터 6까지는 클래스를 가리는 데 도움이 되지 않으므로 가중치가 0 가까이에
# 머뭅니다. 곧 $w_k^c$는 훈련 데이터에 비추어 볼 때 특징 $k$가 클래스 $c$에 얼마나 중요한지를 나타냅니다.

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## Another class, another map
#
# The feature maps do not know the class. The weights do: each class has its own column of $w$, so each has its own map
# over the same six $f_k$. Three classes share the picture; only "Iron Man" has had weights so far. **The third
# class, "Thor", has the weight 0.6 on map 3. Where will its map be strongest?**

# %% [markdown] lang="ko" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## 클래스가 바뀌면 맵도 바뀝니다
#
# 특성인자 맵은 클래스를 모릅니다. 클래스를 아는 것은 가중치입니다. 클래스마다 $w$의 열이 따로 있으므로, 같은 $f_k$ 여섯 장에서 클래스마다 다른 맵이 나옵니다. 지금까지는 '아이언맨'의
# 가중치만 있었습니다. 이제 클래스 세 개를 함께 봅니다. **세 번째 클래스 '토르(Thor)'에서는 맵 3의 가중치가 0.6입니다. 이 클래스의 맵은 어디가 가장 강할까요?**

# %% slideshow={"slide_type": "fragment"}
names = ["Iron Man", "Captain America", "Thor"]
W = np.array(
    [w, [-0.4, 0.7, 0.3, -0.2, 0.1, -0.8], [0.1, 0.1, 0.6, -0.5, 0.4, -0.3]]
).T  # (K, C)
B = np.array([b, 0.1, -0.5])
S_all, M_all = class_scores(F, W, B), class_activation_map(f, W)
show_numbers(
    M_all.transpose(2, 0, 1),
    [f"{name}\n$S$ = {score:.2f}" for name, score in zip(names, S_all)],
    decimals=1,
    label="$M_c(x, y)$",
)

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# For "Thor" the 9 of map 3 makes the lower right corner strongest, and the middle, which spoke for "Iron Man", speaks
# against it. A map is always the map *of a class*; usually one draws that of the class the network predicts.

# %% [markdown] lang="ko" slideshow={"slide_type": "fragment"}
# '토르'의 맵에서는 맵 3의 9 때문에 오른쪽 아래 구석이 가장 강하고, '아이언맨'의 근거였던 가운데는 오히려 반대 근거가 됩니다. 이처럼 맵은 언제나 *어떤 클래스의* 맵이며, 보통은 신경망이 예측한
# 클래스의 맵을 그립니다.

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## From scores to probabilities
#
# $$P_c = \frac{e^{S_c}}{\sum_{c'} e^{S_{c'}}}$$
#
# By hand: $e^{1.5} = 4.48$, $e^{0.5} = 1.65$, $e^{0} = 1$, together $7.13$, so $P = (0.63, 0.23, 0.14)$. Softmax sees only
# differences of scores: adding the same number to all of them changes no $P_c$. A map explains $S_c$, not $P_c$. A
# probability also depends on the scores of the other classes, which this map does not show.

# %% [markdown] lang="ko" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## 점수에서 확률로
#
# $$P_c = \frac{e^{S_c}}{\sum_{c'} e^{S_{c'}}}$$
#
# 손으로 계산하면 $e^{1.5} = 4.48$, $e^{0.5} = 1.65$, $e^{0} = 1$이고 모두 더하면 $7.13$이므로 $P = (0.63, 0.23, 0.14)$입니다. 소프트맥스에서는 점수의 차이만 의미가 있습니다. 모든
# 점수에 같은 수를 더해도 $P_c$는 바뀌지 않습니다. 맵은 $P_c$가 아니라 $S_c$를 설명합니다. 확률은 다른 클래스의 점수에도 좌우되는데, 이 맵에는 그것이 나타나지 않습니다.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
P = softmax(S_all)
np.testing.assert_allclose(softmax(S_all + 100.0), P, rtol=1e-12)
for name, score, probability in zip(names, S_all, P):
    print(f"{name:16s} S = {score:5.2f}   P = {probability:.4f}")

# %% slideshow={"slide_type": "fragment"}
check_identity(
    "S_c = mean_xy M_c(x, y) + b_c, all classes", S_all, M_all.mean(axis=(0, 1)) + B
)
check_identity(
    "P_c = exp(S_c) / sum_c' exp(S_c')", P, np.exp(S_all) / np.exp(S_all).sum()
)

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## A mistake to know: sum and mean mixed up
#
# Decks D0 and D1 take $F_k = \sum_{x,y} f_k(x, y)$, as Zhou et al. (2016) do. Deck D2 has $1/N$, and Keras takes the mean.
#
# - $F_k$ the mean: $S_c = \frac1N \sum_{x,y} M_c(x, y) + b_c$, with the weights $w_k^c$.
# - $F_k$ the sum: $S_c = \sum_{x,y} M_c(x, y) + b_c$, with the weights $w_k^c / N$, in $M_c$ as well, for the same score.
#
# Each is consistent by itself: features $N$ times as large go with weights $N$ times as small. What goes wrong is to mix
# them. **Our $w$ belong to the mean. If we feed them the sum, by which factor is $\sum_k w_k F_k$ off?**

# %% [markdown] lang="ko" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## 알아 두어야 할 실수: 합과 평균을 섞어 쓰기
#
# 자료 D0과 D1은 Zhou 등(2016)과 같이 $F_k = \sum_{x,y} f_k(x, y)$로 둡니다. D2는 $1/N$을 붙이고, Keras는 평균을 구합니다.
#
# - $F_k$가 평균이면 $S_c = \frac1N \sum_{x,y} M_c(x, y) + b_c$이고, 가중치는 $w_k^c$입니다.
# - $F_k$가 합이면 $S_c = \sum_{x,y} M_c(x, y) + b_c$이고, 같은 점수를 내는 가중치는 $w_k^c / N$입니다. $M_c$에도 이 가중치를 씁니다.
#
# 어느 쪽이든 그 자체로는 모순이 없습니다. 특징이 $N$배 커지는 대신 가중치가 $1/N$로 작아지기 때문입니다. 문제는 둘을 섞어 쓸 때 생깁니다. **우리의 $w$는 평균에 맞추어진 가중치입니다. 여기에
# 합을 넣으면 $\sum_k w_k F_k$는 몇 배로 어긋날까요?**

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
F_sum = f.sum(axis=(0, 1))
w_sum = w / N  # the weights that belong to the sum
np.testing.assert_allclose(
    F_sum @ w_sum, class_activation_map(f, w_sum).sum(), rtol=1e-12
)
print(f"mean, w of the mean: {F @ w:6.2f}")
print(f"sum,  w of the sum:  {F_sum @ w_sum:6.2f}")
print(
    f"sum,  w of the mean: {F_sum @ w:6.2f}   off by a factor of {F_sum @ w / (F @ w):.0f}"
)

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# The picture hides it: scaled by its own maximum, a map that is nine times too large looks the same. The identity does
# not. The check must fail here, and it does.

# %% [markdown] lang="ko" slideshow={"slide_type": "fragment"}
# 그림만 보아서는 드러나지 않습니다. 맵을 자신의 최댓값으로 나누어 그리면 아홉 배 큰 맵도 똑같이 보입니다. 그러나 항등식은 속지 않습니다. 이 검사는 실패해야 하고, 실제로 실패합니다.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
np.testing.assert_allclose(
    N * M / (N * M).max(), M / M.max()
)  # the scaled pictures are equal
try:
    check_identity("S = sum_xy M + b", S, M.sum() + b)
except AssertionError as error:
    print(error)

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## A mistake to know: the bias forgotten
#
# The program of deck D1 takes the dense layer's weights (`get_weights()[0]`) and leaves its bias (`get_weights()[1]`)
# behind. The map is right: the bias belongs to no position. But the mean of the map is then $S_c - b_c$, not $S_c$, and
# ranking classes by their maps may put them in the wrong order. **Which class would come second by the mean of the map alone?**

# %% [markdown] lang="ko" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## 알아 두어야 할 실수: 편향을 빠뜨리기
#
# 자료 D1의 프로그램은 완전연결층의 가중치(`get_weights()[0]`)만 꺼내고 편향(`get_weights()[1]`)은 버립니다. 맵 자체는 맞습니다. 편향은 어느 위치에도 속하지 않기 때문입니다. 그러나 맵의
# 평균은 $S_c$가 아니라 $S_c - b_c$가 되고, 맵으로 클래스의 순위를 매기면 순서가 뒤바뀔 수 있습니다. **맵의 평균만으로 순위를 매기면 2위는 어느 클래스일까요?**

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
print(f"{'class':16s} {'mean of M_c':>12s} {'b_c':>6s} {'S_c':>6s}")
for name, mean, bias, score in zip(names, M_all.mean(axis=(0, 1)), B, S_all):
    print(f"{name:16s} {mean:12.2f} {bias:6.2f} {score:6.2f}")

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## The same functions at any size
#
# Nothing above depended on 3 × 3 × 6. Here are random maps and weights of the size that ResNet50 has in lesson 06: 2,048
# maps of 7 × 7 and 1,000 classes, in float32 as a network computes. The residual is now rounding error of float32,
# some $10^{-7}$ of the largest score, where it was $10^{-16}$ in float64.

# %% [markdown] lang="ko" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## 크기가 달라도 같은 함수
#
# 지금까지의 계산 가운데 3 × 3 × 6이라는 크기에 의존한 것은 없습니다. 이번에는 6단원의 ResNet50과 같은 크기, 곧 7 × 7 맵 2,048장과 클래스 1,000개를 난수로 만들어 신경망처럼 float32로
# 계산합니다. float64에서 $10^{-16}$ 수준이던 오차가 float32에서는 가장 큰 점수의 $10^{-7}$배 수준으로 커집니다. 모두 반올림 오차입니다.

# %% slideshow={"slide_type": "fragment"}
f_big = rng.uniform(0, 1, (7, 7, 2048)).astype("float32")
W_big = rng.normal(0, 0.05, (2048, 1000)).astype("float32")
b_big = rng.normal(0, 0.05, 1000).astype("float32")
S_big = class_scores(global_average_pool(f_big), W_big, b_big)
check_identity(
    "S_c = mean_xy M_c(x, y) + b_c, 1,000 classes",
    S_big,
    class_activation_map(f_big, W_big).mean(axis=(0, 1)) + b_big,
)

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## Summary
#
# - $F_k$ is the mean of map $k$; $S_c = \sum_k w_k^c F_k + b_c$; $M_c(x, y) = \sum_k w_k^c f_k(x, y)$; $P_c$ is the softmax
#   of the scores.
# - $S_c = \frac1N \sum_{x,y} M_c(x, y) + b_c$, exactly: two finite sums change places.
# - A map says where a feature is; its weight, learned in training, says what that means for one class. Another class,
#   another map.
# - Sum or mean: either, but the same for the weights and for the map. The bias belongs to the score and to no position.
# - The map explains the score, not the probability.

# %% [markdown] lang="ko" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## 요약
#
# - $F_k$는 맵 $k$의 평균이고, $S_c = \sum_k w_k^c F_k + b_c$, $M_c(x, y) = \sum_k w_k^c f_k(x, y)$이며, $P_c$는 점수의 소프트맥스입니다.
# - $S_c = \frac1N \sum_{x,y} M_c(x, y) + b_c$는 근사가 아니라 정확한 등식입니다. 유한한 두 합의 순서를 바꾸었을 뿐입니다.
# - 맵은 특징의 위치를, 훈련으로 정해진 가중치는 그 특징이 한 클래스에 갖는 의미를 알려 줍니다. 클래스가 바뀌면 맵도 바뀝니다.
# - 합이든 평균이든 상관없지만 가중치와 맵에 같은 것을 써야 합니다. 편향은 점수에 속하며 어느 위치에도 속하지 않습니다.
# - 맵이 설명하는 것은 확률이 아니라 점수입니다.

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "skip"}
# ## Sources
#
# - B. Zhou, A. Khosla, A. Lapedriza, A. Oliva, A. Torralba (2016). Learning deep features for discriminative localization.
#   *CVPR*, 2921–2929. Section 2 has $F_k$, $S_c$ and $M_c$, with $F_k$ as a sum and the bias set to zero.
# - M. Lin, Q. Chen, S. Yan (2014). Network in network. *ICLR*. Section 3.2 introduces global average pooling.
# - C. M. Bishop (2006). *Pattern Recognition and Machine Learning*. Springer. Section 4.3.4 has the gradient
#   $(P_c - y_c)\, F_k$.
# - Decks: D3 (Kim Hyunwoo), CAM / Grad-CAM, has the six maps. Sum or mean: D0 (Seungchul Lee, Industrial AI Lab), D1
#   (Hyunseok Oh, GIST) and D2 (Explainable AI, lecture 26).

# %% [markdown] lang="ko" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "skip"}
# ## 출처
#
# - B. Zhou, A. Khosla, A. Lapedriza, A. Oliva, A. Torralba (2016). Learning deep features for discriminative localization.
#   *CVPR*, 2921–2929. 2절에 $F_k$, $S_c$, $M_c$가 나오며, $F_k$는 합으로, 편향은 0으로 두었습니다.
# - M. Lin, Q. Chen, S. Yan (2014). Network in network. *ICLR*. 3.2절에서 전역 평균 풀링을 제안하였습니다.
# - C. M. Bishop (2006). *Pattern Recognition and Machine Learning*. Springer. 4.3.4절에 기울기 $(P_c - y_c)\, F_k$가 나옵니다.
# - 강의 자료: 맵 여섯 장은 D3(김현우, CAM / Grad-CAM)에 나옵니다. 합과 평균은 D0(Seungchul Lee, Industrial AI Lab), D1(Hyunseok Oh, GIST), D2(설명 가능한 AI 26강)에 나옵니다.
