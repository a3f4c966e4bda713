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
# 클래스 활성화 맵(class activation map, CAM)은 이미지의 각 위치가 특정 클래스를 얼마나 뒷받침하는지를 나타냅니다. 이 단원에서는 숫자 아홉 개로 된 작은 맵 여섯 장을 놓고
# NumPy만으로 CAM을 끝까지 계산합니다. 4단원에서는 같은 함수를 학습된 신경망에 그대로 적용합니다.

# %% [markdown] lang="en" slideshow={"slide_type": "slide"}
# **After this lesson you can**
#
# 1. compute $F_k$, $S_c$, $M_c(x, y)$ and $P_c$ by hand from small feature maps and weights;
# 2. show why $S_c = \sum_k w_k^c F_k + b_c$ is also the mean of $M_c$ plus $b_c$, by changing the order of two sums;
# 3. say what a weight $w_k^c$ means, how it is learned, and why another class has another map;
# 4. say where the factor $N$ and the bias $b_c$ belong, and spot a formula that has lost one of them.
#
# **Time:** 50 minutes in class, 125 minutes alone. **Before:** lesson 02 (global average pooling).

# %% [markdown] lang="ko" slideshow={"slide_type": "slide"}
# **이 단원을 마치면 다음을 할 수 있습니다.**
#
# 1. 작은 특성인자 맵과 가중치에서 $F_k$, $S_c$, $M_c(x, y)$, $P_c$를 손으로 계산하기
# 2. 두 합의 순서를 바꾸어, $S_c = \sum_k w_k^c F_k + b_c$가 $M_c$의 평균에 $b_c$를 더한 값과 같음을 보이기
# 3. 가중치 $w_k^c$의 의미와 학습되는 방식, 그리고 클래스가 바뀌면 맵도 바뀌는 까닭을 설명하기
# 4. $N$으로 나누는 것과 편향 $b_c$가 들어갈 자리를 알고, 둘 중 하나가 빠진 식을 찾아내기
#
# **시간:** 강의 50분, 자습 125분. **선수 학습:** 2단원(전역 평균 풀링).

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

# %% [markdown] lang="en" minutes={"class": 2, "alone": 5} slideshow={"slide_type": "subslide"}
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

# %% [markdown] lang="ko" minutes={"class": 2, "alone": 5} slideshow={"slide_type": "subslide"}
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
# 신경망이 이미지 한 장에서 3 × 3 특성인자 맵 여섯 장을 만들어 냈다고 합시다. 숫자는 강의 자료 D3(김현우)에서 가져왔고, 이미지의 주인공은 아이언맨입니다. 자료에는 가운데 칸의
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
titles = [f"$f_{k}$" for k in range(1, 7)]
show_numbers(f.transpose(2, 0, 1), titles, columns=3, label="$f_k(x, y)$")

# %% [markdown] lang="en" minutes={"class": 6, "alone": 14} slideshow={"slide_type": "slide"}
# ## One number from each map
#
# Global average pooling keeps the mean of each map. For the first:
#
# $$F_1 = \tfrac{1}{9}\,(3 + 2 + 0 - 1 + 2 + 1 + 1 + 0 + 1) = \tfrac{9}{9} = 1$$
#
# Work out $F_2$ on paper before you run the cell. Where in the map the values stood is lost; how large they are together
# is kept.

# %% [markdown] lang="ko" minutes={"class": 6, "alone": 14} slideshow={"slide_type": "slide"}
# ## 맵 한 장을 숫자 하나로
#
# 전역 평균 풀링은 맵마다 평균 하나만 남깁니다. 첫 번째 맵은 다음과 같습니다.
#
# $$F_1 = \tfrac{1}{9}\,(3 + 2 + 0 - 1 + 2 + 1 + 1 + 0 + 1) = \tfrac{9}{9} = 1$$
#
# 셀을 실행하기 전에 $F_2$를 종이에 계산해 보십시오. 값이 맵의 어디에 있었는지는 사라지고, 전체적으로 얼마나 큰지만 남습니다.

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Exercise 3.1 · one number from each map
#
# `f` has the shape (h, w, K), as Keras has it: row, column, map. Write a function that returns the K means $F_1, \dots, F_K$.
# It must work for maps of any size and any number of maps: the check calls it with others than the six above.
#
# The check says one of three things: not attempted yet, not yet (and why), or right. In a cell of your own, `hint("3.1")`
# shows hints one by one.

# %% [markdown] lang="ko" slideshow={"slide_type": "subslide"}
# ### 연습 3.1 · 맵마다 숫자 하나
#
# `f`의 모양은 Keras와 같이 (h, w, K), 즉 행, 열, 맵입니다. 평균 K개 $F_1, \dots, F_K$를 반환하는 함수를 작성하십시오. 맵의 크기와 수가 달라도 동작해야 합니다. 검사에서는 위의
# 여섯 장이 아닌 다른 맵으로 함수를 호출합니다.
#
# 검사 셀은 '아직 풀지 않았습니다', '아직 아닙니다'(이유와 함께), '맞습니다' 가운데 하나로 답합니다. 새 셀에서 `hint("3.1")`을 실행하면 힌트를 하나씩 볼 수 있습니다.


# %% tags=["exercise"] slideshow={"slide_type": "fragment"}
def pooled(f):
    ### BEGIN SOLUTION
    return f.mean(axis=(0, 1))
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "skip"}
check("3.1", pooled)

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# The course has the same function as `global_average_pool`. Compare $F_2$ with the number on your paper.
#
# (A first line `# NBVAL_CHECK_OUTPUT`, as in the next cell, is for a test of the course: it compares what the cell prints
# with what is stored here. You can ignore that line.)

# %% [markdown] lang="ko" slideshow={"slide_type": "fragment"}
# 강의에서는 같은 함수 `global_average_pool`을 사용합니다. $F_2$를 종이에 계산한 값과 비교하십시오.
#
# (다음 셀의 첫 줄에 있는 `# NBVAL_CHECK_OUTPUT`은 강의 자료를 점검하는 테스트를 위한 표시입니다. 테스트는 셀의 출력을 여기에 저장된 출력과 비교합니다. 읽을 때 이 줄은
# 무시해도 됩니다.)

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
F = global_average_pool(f)
print(F)

# %% [markdown] lang="en" minutes={"class": 2, "alone": 10} slideshow={"slide_type": "slide"}
# ## One score from six numbers
#
# The class "Iron Man" has a weight for each feature. (They, too, are chosen for this lesson.) With a positive $w_k$, more
# of feature $k$ raises the score of the class; with a negative one it lowers it. If $F_k$ grows by 1, the score grows by
# $w_k$. The product $w_k F_k$ is what feature $k$ contributes. The score is the sum of the contributions plus the bias $b$:
#
# $$\begin{aligned} S &= \sum_k w_k F_k + b \\
# &= 0.5\cdot 1 - 0.6\cdot 2 + 0.2\cdot 1 + 0.8\cdot 1 - 0.1\cdot 1 + 1.0\cdot 1 + 0.3 = 1.5 \end{aligned}$$

# %% [markdown] lang="ko" minutes={"class": 2, "alone": 10} slideshow={"slide_type": "slide"}
# ## 숫자 여섯 개를 점수 하나로
#
# '아이언맨' 클래스는 특징마다 가중치를 하나씩 갖습니다. (가중치의 값도 이 단원에서 임의로 정했습니다.) $w_k$가 양수이면 특징 $k$가 많이 나타날수록 클래스의 점수가 올라가고, 음수이면
# 내려갑니다. $F_k$가 1만큼 커지면 점수는 $w_k$만큼 변합니다. 곱 $w_k F_k$가 특징 $k$의 기여입니다. 점수는 기여를 모두 더하고 편향 $b$를 더한 값입니다.
#
# $$\begin{aligned} S &= \sum_k w_k F_k + b \\
# &= 0.5\cdot 1 - 0.6\cdot 2 + 0.2\cdot 1 + 0.8\cdot 1 - 0.1\cdot 1 + 1.0\cdot 1 + 0.3 = 1.5 \end{aligned}$$

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
w = np.array([0.5, -0.6, 0.2, 0.8, -0.1, 1.0])
b = 0.3
S = class_scores(F, w, b)
print(f"S = {S:.4f}")

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### Exercise 3.2 · the score of a class (at home)
#
# Write the formula above as a function of the means `F` (K numbers), the weights `w` (K numbers) and the bias `b` of one
# class.

# %% [markdown] lang="ko" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### 연습 3.2 · 클래스의 점수 (집에서)
#
# 위의 식을 함수로 작성하십시오. 인자는 평균 `F`(숫자 K개), 한 클래스의 가중치 `w`(숫자 K개), 편향 `b`입니다.


# %% tags=["exercise", "at-home"] slideshow={"slide_type": "skip"}
def score_of_class(F, w, b):
    ### BEGIN SOLUTION
    return np.dot(F, w) + b
    ### END SOLUTION


# %% tags=["check", "at-home"] slideshow={"slide_type": "skip"}
check("3.2", score_of_class)

# %% [markdown] lang="en" minutes={"class": 8, "alone": 18} slideshow={"slide_type": "slide"}
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

# %% [markdown] lang="ko" minutes={"class": 8, "alone": 18} slideshow={"slide_type": "slide"}
# ## 맵 여섯 장을 맵 한 장으로
#
# CAM은 같은 가중치를 쓰지만 평균을 먼저 구하지 않습니다. 위치마다 그 위치의 값 여섯 개에 각각의 가중치를 곱하여 더합니다.
#
# $$M(x, y) = \sum_k w_k f_k(x, y)$$
#
# 가운데 칸에서는 $0.5\cdot 2 - 0.6\cdot 3 + 0.2\cdot 0 + 0.8\cdot 3 - 0.1\cdot 2 + 1.0\cdot 7 = 8.4$입니다.
#
# 맵 2는 왼쪽 열의 값이 크고, 가중치는 $-0.6$입니다. **$M$의 왼쪽 열은 다른 곳보다 높을까요, 낮을까요, 비슷할까요? 맵 3의 값이 9인 오른쪽 아래 칸은 어떨까요?** 다음 셀을 실행하기 전에
# 먼저 답을 정하십시오.

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Exercise 3.3 · the map of a class
#
# Write that sum as a function of the feature maps `f`, shape (h, w, K), and the weights `w` of one class, shape (K,). It
# returns the map: one number for each row and column.

# %% [markdown] lang="ko" slideshow={"slide_type": "subslide"}
# ### 연습 3.3 · 클래스의 맵
#
# 위의 합을 함수로 작성하십시오. 인자는 모양이 (h, w, K)인 특성인자 맵 `f`와 모양이 (K,)인 한 클래스의 가중치 `w`입니다. 결과는 행과 열마다 숫자가 하나씩 있는 맵입니다.


# %% tags=["exercise"] slideshow={"slide_type": "fragment"}
def map_of_class(f, w):
    ### BEGIN SOLUTION
    return np.tensordot(f, w, axes=1)
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "skip"}
check("3.3", map_of_class)

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# The next figure is drawn with the course's own function, `class_activation_map`.

# %% [markdown] lang="ko" slideshow={"slide_type": "fragment"}
# 다음 그림은 강의의 함수 `class_activation_map`으로 그립니다.

# %% slideshow={"slide_type": "fragment"}
M = class_activation_map(f, w)
show_weighted_sum(f, w, b, "Iron Man")

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# The upper row holds the maps $f_k$, the row below it $w_k f_k$, and below that is their sum $M$. Red speaks for the class, blue
# against it, white is zero, and all share one scale.
#
# Below its top cell the left column is lower: a map says where a feature is, the weight says what that means for this
# class. The 9 in the corner counts little, because its weight is 0.2, and maps 2, 5 and 6 speak against it there. What
# decides for "Iron Man" is the middle.

# %% [markdown] lang="ko" slideshow={"slide_type": "fragment"}
# 윗줄은 맵 $f_k$, 가운뎃줄은 $w_k f_k$, 그 아래는 가운뎃줄을 모두 더한 $M$입니다. 빨간색은 클래스의 근거, 파란색은 반대 근거, 흰색은 0이며, 모든 맵이 하나의 색상 눈금(컬러바)을 함께 씁니다.
#
# 왼쪽 열은 맨 위 칸을 빼면 낮습니다. 맵은 특징의 위치를 알려 주고, 가중치는 그 특징이 이 클래스에 갖는 의미를 알려 줍니다. 오른쪽 아래 칸의 9는 가중치가 0.2라서 영향이 작은 데다, 그 위치에서는
# 맵 2, 5, 6이 반대 근거로 작용합니다. '아이언맨'이라고 판단하게 만든 곳은 가운데입니다.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
print(M.round(2))
print(f"left column: {M[:, 0].round(2)}")
print(f"middle: {M[1, 1]:.2f}   lower right corner: {M[2, 2]:.2f}")

# %% [markdown] lang="en" slideshow={"slide_type": "subslide"}
# ### Exercise 3.4 · the score from the map
#
# The network computed the score in its own order: average every map, then weight. You have only the map `M` and the bias
# `b`. Find a way back to the same score. On our map it must give 1.5; the check uses other maps. (Try first. The next
# section has the proof.)

# %% [markdown] lang="ko" slideshow={"slide_type": "subslide"}
# ### 연습 3.4 · 맵에서 점수 구하기
#
# 신경망은 맵마다 평균을 구한 다음 가중치를 곱하여 더하는 순서로 점수를 계산했습니다. 지금은 맵 `M`과 편향 `b`만 있습니다. 여기에서 같은 점수를 구하는 함수를 작성하십시오. 위의 맵에서는 1.5가
# 나와야 하며, 검사에서는 다른 맵을 사용합니다. (먼저 시도해 보십시오. 증명은 다음 절에 있습니다.)


# %% tags=["exercise"] slideshow={"slide_type": "fragment"}
def score_from_map(M, b):
    ### BEGIN SOLUTION
    return M.mean() + b
    ### END SOLUTION


# %% tags=["check"] slideshow={"slide_type": "skip"}
check("3.4", score_from_map)

# %% [markdown] lang="en" minutes={"class": 4, "alone": 8} slideshow={"slide_type": "slide"}
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

# %% [markdown] lang="ko" minutes={"class": 4, "alone": 8} slideshow={"slide_type": "slide"}
# ## 항등식
#
# 점수의 식에 $F_k$의 정의를 넣습니다. 두 합은 모두 유한하므로 순서를 바꿀 수 있고, 계수 $1/N$은 그대로 남습니다.
#
# $$S_c \;=\; \sum_k w_k^c F_k + b_c \;=\; \sum_k w_k^c\, \frac1N \sum_{x,y} f_k(x, y) + b_c
# \;=\; \frac1N \sum_{x,y} \underbrace{\sum_k w_k^c f_k(x, y)}_{M_c(x,\,y)} + b_c$$
#
# 점수는 맵의 평균에 편향을 더한 값입니다. 근사는 전혀 쓰지 않았습니다. 맵은 점수를 위치별로 펼쳐 놓은 것입니다. 다음 셀에서는
# 반복문만 써서 두 가지 순서로 더해 봅니다.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
rows, columns, K = f.shape
N = rows * columns
positions = [(x, y) for x in range(rows) for y in range(columns)]
xy_inside = sum(w[k] * sum(f[x, y, k] for x, y in positions) / N for k in range(K)) + b
k_inside = sum(sum(w[k] * f[x, y, k] for k in range(K)) for x, y in positions) / N + b
np.testing.assert_allclose(k_inside, xy_inside, rtol=1e-12)
print(f"sum over x, y inside: {xy_inside:.4f}   sum over k inside: {k_inside:.4f}")

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# `check_identity` does this comparison in every lesson: it takes both sides of a formula, prints the largest difference
# relative to the left side's size, and stops the notebook with an `AssertionError` if that is above $10^{-5}$.

# %% [markdown] lang="ko" slideshow={"slide_type": "fragment"}
# 앞으로 모든 단원에서 `check_identity`가 이 비교를 맡습니다. 식의 양변을 받아, 좌변의 크기에 대한 상대 오차 가운데 가장 큰 값을 출력하고, 그 값이 $10^{-5}$보다 크면 `AssertionError`로
# 노트북을 멈춥니다.

# %% slideshow={"slide_type": "fragment"}
check_identity("S = mean_xy M(x, y) + b", S, M.sum() / N + b)
check_identity("sum_k w_k F_k = (1/N) sum_xy M(x, y)", F @ w, M.sum() / N)

# %% [markdown] lang="en" minutes={"class": 4, "alone": 8} slideshow={"slide_type": "slide"}
# ## Choose the weights yourself
#
# Six sliders, one for each weight. The map, its mean and both ways to the score follow.
#
# **Before you move anything: which single weight would you change, and in which direction, to make the lower right corner
# the strongest place?** Try it. Then look for weights that leave $S$ where it is and move the map. The difference of the
# two ways to $S$ stays at rounding error, whatever you do.

# %% [markdown] lang="ko" minutes={"class": 4, "alone": 8} slideshow={"slide_type": "slide"}
# ## 가중치를 직접 정하기
#
# 가중치마다 슬라이더가 하나씩 있습니다. 슬라이더를 움직이면 맵과 그 평균, 그리고 두 방법으로 구한 점수가 함께 바뀝니다.
#
# **움직이기 전에 먼저 생각해 보십시오. 오른쪽 아래 칸을 가장 강한 곳으로 만들려면 어느 가중치 하나를 어느 방향으로 바꾸어야 할까요?** 직접 해 보십시오. 다음으로 $S$를 그대로 유지하면서
# 맵만 바꾸는 가중치를 찾아보십시오. 무엇을 하든 두 방법으로 구한 $S$의 차이는 반올림 오차 수준에 머뭅니다.

# %% slideshow={"slide_type": "fragment"}
weight_sliders(f, w, b, "Iron Man")

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# One answer is $w_3 = 1.2$, a whole unit up: the corner gains $1 \cdot 9$, and the middle stays, for $f_3$ is 0 there. (A
# low $w_6$ does it too.) The score stays when one weight goes up and another of the same $F_k$ goes down by as much, such
# as $w_1$ and $w_4$.

# %% [markdown] lang="ko" slideshow={"slide_type": "fragment"}
# 한 가지 답은 $w_3$을 1만큼 올려 $1.2$로 하는 것입니다. 오른쪽 아래 칸의 값은 $1 \cdot 9$만큼 커지지만, 가운데는 $f_3$이 0이므로 그대로입니다. ($w_6$을 충분히 낮추어도 됩니다.) $S$를 그대로
# 두려면 $w_1$과 $w_4$처럼 $F_k$의 값이 같은 두 특징의 가중치를 골라, 하나를 올린 만큼 다른 하나를 내리면 됩니다.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
w_up, w_swapped = w.copy(), w.copy()
w_up[2] += 1  # w_3
w_swapped[[0, 3]] += [1, -1]  # w_1 and w_4
M_up, M_swapped = class_activation_map(f, w_up), class_activation_map(f, w_swapped)
print(f"w_3 up by 1: corner {M_up[2, 2]:.1f}, middle {M_up[1, 1]:.1f}, ", end="")
print(f"largest {M_up.max():.1f}")
S_swapped = class_scores(F, w_swapped, b)
print(f"w_1 up, w_4 down by 1: S = {S_swapped:.4f}, middle {M_swapped[1, 1]:.1f}")

# %% [markdown] lang="en" minutes={"class": 4, "alone": 9} slideshow={"slide_type": "slide"}
# ## Where the weights come from
#
# Nobody chooses $w_k^c$: training does. For softmax with cross-entropy the gradient of the loss $L$ of one picture is
#
# $$\frac{\partial L}{\partial w_k^c} = (P_c - y_c)\, F_k, \qquad y_c = 1 \text{ for the true class, else } 0.$$
#
# For $F_k > 0$ a step against it raises the weight of feature $k$ for the true class and lowers it for all others. The
# larger $F_k$, the larger the step. Below, 300 made-up pictures of three classes (no maps, their $F$ alone, no bias).
# Feature 1 is strong in class A, 2 in B, 3 in C; 4 to 6 are alike in all. **Which entries of $w$ will be clearly positive
# after training?**

# %% [markdown] lang="ko" minutes={"class": 4, "alone": 9} slideshow={"slide_type": "slide"}
# ## 가중치는 어디에서 올까요
#
# $w_k^c$는 사람이 정하는 것이 아니라 학습을 통해 정해집니다. 소프트맥스와 교차 엔트로피를 쓸 때, 이미지 한 장의 손실 $L$을 가중치로 미분한 기울기는 다음과 같습니다.
#
# $$\frac{\partial L}{\partial w_k^c} = (P_c - y_c)\, F_k, \qquad y_c = 1 \text{ (정답 클래스)},\ 0 \text{ (그 밖의 클래스)}$$
#
# $F_k > 0$일 때 이 기울기의 반대 방향으로 한 걸음 가면, 특징 $k$의 가중치는 정답 클래스에서는 커지고 나머지 클래스에서는 작아집니다. $F_k$가 클수록 더 많이 바뀝니다. 아래에는 세 클래스의 가상 이미지
# 300장이 있습니다. (맵 없이 $F$만 만들었고 편향은 두지 않았습니다.) 특징 1은 클래스 A에서, 2는 B에서, 3은 C에서 강하고, 4부터 6까지는 어느 클래스에서나 비슷합니다. **학습이 끝나면 $w$의
# 어느 성분이 뚜렷한 양수가 될까요?**

# %% slideshow={"slide_type": "fragment"}
rng = np.random.default_rng(0)
label = rng.integers(3, size=300)
F_train = rng.uniform(0, 1, size=(300, 6))
F_train[np.arange(300), label] += 1  # feature 1 is stronger in class A, and so on
y = np.eye(3)[label]
w_learned = np.zeros((6, 3))
for _ in range(500):
    P = softmax(class_scores(F_train, w_learned))
    w_learned -= 0.5 * F_train.T @ (P - y) / len(y)
title = "rows: classes A, B, C;  columns: $k$ = 1 to 6"
show_numbers([w_learned.T], [title], decimals=1, label="$w_k^c$")

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# Three are: the feature of a class speaks for that class and against the two others. Features 4 to 6 say nothing about the
# class, and their weights stay close to zero. So $w_k^c$ tells, according to the training data, whether feature $k$ speaks
# for class $c$ or against it.
#
# **May the size $|w_k^c|$ be read as the importance of feature $k$?** Not by itself, for three reasons. The next cell shows
# the first two in numbers; the third follows from softmax, which sees only differences of scores.
#
# 1. *Units.* Measure feature 1 in units ten times as large: $F_1$ is then a tenth, $w_1$ ten times as large, and no score
#    has changed.
# 2. *Twins.* If two features are always equal, only the sum of their two weights counts. It can be shared between them in
#    any way.
# 3. *All classes together.* Add the same number to the weights of feature $k$ in every class: all scores move by the same
#    amount, and no $P_c$ changes.
#
# What a feature brings to a score is the contribution $w_k^c F_k$, and the map shows it position by position.

# %% [markdown] lang="ko" slideshow={"slide_type": "fragment"}
# 뚜렷한 양수는 세 개입니다. 어느 클래스의 특징은 그 클래스에는 근거가, 다른 두 클래스에는 반대 근거가 됩니다. 특징 4부터 6까지는 클래스를 구별하는 데 도움이 되지 않으므로 가중치가 0 가까이에
# 머뭅니다. 즉 $w_k^c$는 학습 데이터로 볼 때 특징 $k$가 클래스 $c$의 근거인지 반대 근거인지를 나타냅니다.
#
# **그렇다면 $|w_k^c|$의 크기를 특징 $k$의 중요도로 읽어도 될까요?** 크기만으로는 안 됩니다. 이유는 세 가지입니다. 첫째와 둘째는 다음 셀에서 숫자로 확인하고, 셋째는 소프트맥스가 점수의 차이만
# 본다는 사실에서 나옵니다.
#
# 1. *단위.* 특징 1을 열 배 큰 단위로 재면 $F_1$은 10분의 1이 되고 $w_1$은 열 배가 되지만, 점수는 하나도 변하지 않습니다.
# 2. *쌍둥이 특징.* 두 특징의 값이 항상 같으면 두 가중치의 합만 의미가 있습니다. 둘 사이에 어떻게 나누어도 됩니다.
# 3. *모든 클래스에 함께.* 모든 클래스에서 특징 $k$의 가중치에 같은 수를 더하면 모든 점수가 같은 만큼 변하고, $P_c$는 하나도 변하지 않습니다.
#
# 특징이 점수에 보태는 것은 기여 $w_k^c F_k$이며, 맵은 이것을 위치별로 보여 줍니다.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
F_unit, w_unit = F.copy(), w.copy()
F_unit[0], w_unit[0] = F[0] / 10, w[0] * 10  # 1: another unit for feature 1
F_twin = np.append(F, F[0])  # 2: feature 7 is the twin of feature 1
w_shared = np.append(w, 5.0)
w_shared[0] -= 5.0
for name, F_, w_ in (
    ("as it is", F, w),
    ("another unit", F_unit, w_unit),
    ("shared by twins", F_twin, w_shared),
):
    print(f"{name:16} w_1 = {w_[0]:4.1f}   S = {class_scores(F_, w_, b):.4f}")

# %% [markdown] lang="en" minutes={"class": 3, "alone": 5} slideshow={"slide_type": "slide"}
# ## Another class, another map
#
# The feature maps do not know the class. The weights do: each class has its own column of $w$, so each has its own map
# over the same six $f_k$. Three classes share the picture; only "Iron Man" has had weights so far. **The third
# class, "Thor", has the weight 0.6 on map 3. Where will its map be strongest?**

# %% [markdown] lang="ko" minutes={"class": 3, "alone": 5} slideshow={"slide_type": "slide"}
# ## 클래스가 바뀌면 맵도 바뀝니다
#
# 특성인자 맵은 클래스와 무관합니다. 클래스를 구별하는 것은 가중치입니다. 클래스마다 $w$의 열이 따로 있으므로, 같은 $f_k$ 여섯 장에서 클래스마다 다른 맵이 나옵니다. 지금까지는 '아이언맨'의
# 가중치만 있었습니다. 이제 클래스 세 개를 함께 봅니다. **세 번째 클래스 '토르(Thor)'에서는 맵 3의 가중치가 0.6입니다. 이 클래스의 맵에서 값이 가장 큰 곳은 어디일까요?**

# %% slideshow={"slide_type": "fragment"}
names = ["Iron Man", "Captain America", "Thor"]
captain, thor = [-0.4, 0.7, 0.3, -0.2, 0.1, -0.8], [0.1, 0.1, 0.6, -0.5, 0.4, -0.3]
W = np.array([w, captain, thor]).T  # (K, C)
B = np.array([b, 0.1, -0.5])
S_all, M_all = class_scores(F, W, B), class_activation_map(f, W)
titles = [f"{name}\n$S$ = {score:.2f}" for name, score in zip(names, S_all)]
show_numbers(M_all.transpose(2, 0, 1), titles, decimals=1, label="$M_c(x, y)$")

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# For "Thor" the 9 of map 3 makes the lower right corner strongest, and the middle, which spoke for "Iron Man", speaks
# against it. A map is always the map *of a class*; usually one draws that of the class the network predicts.

# %% [markdown] lang="ko" slideshow={"slide_type": "fragment"}
# '토르'의 맵에서는 맵 3의 9 때문에 오른쪽 아래 칸이 가장 강하고, '아이언맨'의 근거였던 가운데는 오히려 반대 근거가 됩니다. 이처럼 맵은 언제나 *어떤 클래스의* 맵이며, 보통은 신경망이 예측한
# 클래스의 맵을 그립니다.

# %% [markdown] lang="en" minutes={"class": 3, "alone": 6} slideshow={"slide_type": "slide"}
# ## From scores to probabilities
#
# $$P_c = \frac{e^{S_c}}{\sum_{c'} e^{S_{c'}}}$$
#
# By hand: $e^{1.5} = 4.48$, $e^{0.5} = 1.65$, $e^{0} = 1$, together $7.13$, so $P = (0.63, 0.23, 0.14)$. Softmax sees only
# differences of scores: adding the same number to all of them changes no $P_c$. A map explains $S_c$, not $P_c$. A
# probability also depends on the scores of the other classes, which this map does not show.

# %% [markdown] lang="ko" minutes={"class": 3, "alone": 6} slideshow={"slide_type": "slide"}
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
S_from_maps = M_all.mean(axis=(0, 1)) + B
check_identity("S_c = mean_xy M_c(x, y) + b_c, all classes", S_all, S_from_maps)
shares = np.exp(S_all) / np.exp(S_all).sum()
check_identity("P_c = exp(S_c) / sum_c' exp(S_c')", P, shares)

# %% [markdown] lang="en" minutes={"class": 3, "alone": 8} slideshow={"slide_type": "slide"}
# ## A mistake to know: sum and mean mixed up
#
# Decks D0 (Lee) and D1 (Oh) take $F_k = \sum_{x,y} f_k(x, y)$, as Zhou et al. (2016) do. Deck D2 (Explainable AI, lecture 26) has $1/N$, and Keras takes the mean.
#
# - $F_k$ the mean: $S_c = \frac1N \sum_{x,y} M_c(x, y) + b_c$, with the weights $w_k^c$.
# - $F_k$ the sum: $S_c = \sum_{x,y} M_c(x, y) + b_c$, with the weights $w_k^c / N$, in $M_c$ as well, for the same score.
#
# Each is consistent by itself: features $N$ times as large go with weights $N$ times as small. What goes wrong is to mix
# them. **Our $w$ belong to the mean. If we feed them the sum, by which factor is $\sum_k w_k F_k$ off?**

# %% [markdown] lang="ko" minutes={"class": 3, "alone": 8} slideshow={"slide_type": "slide"}
# ## 흔히 하는 실수: 합과 평균을 섞어 쓰기
#
# 강의 자료 D0(이승철)과 D1(오현석)은 Zhou 등(2016)과 같이 $F_k = \sum_{x,y} f_k(x, y)$로 둡니다. D2(설명 가능한 AI 26강)는 $1/N$을 붙이고, Keras는 평균을 구합니다.
#
# - $F_k$가 평균이면 $S_c = \frac1N \sum_{x,y} M_c(x, y) + b_c$이고, 가중치는 $w_k^c$입니다.
# - $F_k$가 합이면 $S_c = \sum_{x,y} M_c(x, y) + b_c$이고, 같은 점수를 내는 가중치는 $w_k^c / N$입니다. $M_c$에도 이 가중치를 씁니다.
#
# 어느 쪽이든 그 자체로는 모순이 없습니다. 특징이 $N$배 커지는 대신 가중치가 $1/N$로 작아지기 때문입니다. 문제는 둘을 섞어 쓸 때 생깁니다. **여기서 쓰는 $w$는 평균에 맞춰 정한 가중치입니다. 여기에
# 합을 넣으면 $\sum_k w_k F_k$는 몇 배만큼 차이가 날까요?**

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
F_sum = f.sum(axis=(0, 1))
w_sum = w / N  # the weights that belong to the sum
M_sum = class_activation_map(f, w_sum)
np.testing.assert_allclose(F_sum @ w_sum, M_sum.sum(), rtol=1e-12)
print(f"mean, w of the mean: {F @ w:6.2f}")
print(f"sum,  w of the sum:  {F_sum @ w_sum:6.2f}")
factor = F_sum @ w / (F @ w)
print(f"sum,  w of the mean: {F_sum @ w:6.2f}   off by a factor of {factor:.0f}")

# %% [markdown] lang="en" slideshow={"slide_type": "fragment"}
# The picture hides it: scaled by its own maximum, a map that is nine times too large looks the same. The identity does
# not. The check must fail here, and it does.

# %% [markdown] lang="ko" slideshow={"slide_type": "fragment"}
# 그림만 보아서는 드러나지 않습니다. 맵을 자신의 최댓값으로 나누어 그리면 아홉 배 큰 맵도 똑같이 보입니다. 그러나 항등식으로 확인하면 바로 드러납니다. 이 검사는 실패해야 정상이며, 실제로 실패합니다.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
# The scaled pictures are equal:
np.testing.assert_allclose(N * M / (N * M).max(), M / M.max())
try:
    check_identity("S = sum_xy M + b", S, M.sum() + b)
except AssertionError as error:
    print(error)

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### Exercise 3.5 · weights for the sums (at home)
#
# A program feeds the dense layer with the sums $\sum_{x,y} f_k(x, y)$. You have the weights `w` that were learned for the
# means, and the number `N` of positions. Return the weights with which the program gets the same score.

# %% [markdown] lang="ko" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### 연습 3.5 · 합에 맞는 가중치 (집에서)
#
# 어떤 프로그램이 합 $\sum_{x,y} f_k(x, y)$를 완전 연결층의 입력으로 사용합니다. 평균에 맞춰 학습한 가중치 `w`와 위치의 수 `N`이 주어졌을 때, 이 프로그램이 같은 점수를 내도록 하는 가중치를 반환하는
# 함수를 작성하십시오.


# %% tags=["exercise", "at-home"] slideshow={"slide_type": "skip"}
def weights_for_sums(w, N):
    ### BEGIN SOLUTION
    return np.divide(w, N)
    ### END SOLUTION


# %% tags=["check", "at-home"] slideshow={"slide_type": "skip"}
check("3.5", weights_for_sums)

# %% [markdown] lang="en" minutes={"class": 3, "alone": 9} slideshow={"slide_type": "slide"}
# ## A mistake to know: the bias forgotten
#
# The program of deck D1 (Oh), which lesson 04 follows line by line, takes the dense layer's weights (`get_weights()[0]`) and leaves out its bias
# (`get_weights()[1]`). The map is right: the bias belongs to no position. But the mean of the map is then $S_c - b_c$, not $S_c$, and
# ranking classes by their maps may put them in the wrong order. **Which class would come second by the mean of the map alone?**

# %% [markdown] lang="ko" minutes={"class": 3, "alone": 9} slideshow={"slide_type": "slide"}
# ## 흔히 하는 실수: 편향을 빠뜨리기
#
# 4단원에서 한 줄씩 따라가는 강의 자료 D1(오현석)의 프로그램은 완전 연결층의 가중치(`get_weights()[0]`)만 꺼내고 편향(`get_weights()[1]`)은 버립니다. 맵 자체는 맞습니다. 편향은 어느 위치에도 속하지 않기 때문입니다. 그러나 맵의
# 평균은 $S_c$가 아니라 $S_c - b_c$가 되고, 맵으로 클래스의 순위를 매기면 순서가 뒤바뀔 수 있습니다. **맵의 평균만으로 순위를 매기면 2위는 어느 클래스일까요?**

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
print(f"{'class':16s} {'mean of M_c':>12s} {'b_c':>6s} {'S_c':>6s}")
for name, mean, bias, score in zip(names, M_all.mean(axis=(0, 1)), B, S_all):
    print(f"{name:16s} {mean:12.2f} {bias:6.2f} {score:6.2f}")

# %% [markdown] lang="en" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### Exercise 3.6 · rank the classes (at home)
#
# You have the maps of all classes, `M` of shape (h, w, C), and their biases `b`, shape (C,). Return the numbers of the
# classes, counted from 0, the class with the highest score first.

# %% [markdown] lang="ko" tags=["at-home"] slideshow={"slide_type": "skip"}
# ### 연습 3.6 · 클래스의 순위 (집에서)
#
# 모든 클래스의 맵 `M`(모양 (h, w, C))과 편향 `b`(모양 (C,))가 주어집니다. 점수가 가장 큰 클래스부터 차례로 클래스의 번호(0부터 셈)를 반환하는 함수를 작성하십시오.


# %% tags=["exercise", "at-home"] slideshow={"slide_type": "skip"}
def classes_best_first(M, b):
    ### BEGIN SOLUTION
    return np.argsort(-(M.mean(axis=(0, 1)) + b))
    ### END SOLUTION


# %% tags=["check", "at-home"] slideshow={"slide_type": "skip"}
check("3.6", classes_best_first)

# %% [markdown] lang="en" tags=["open", "at-home"] slideshow={"slide_type": "skip"}
# ### Open question · two maps, one score (at home)
#
# Two pictures get the same score for "Iron Man", and their maps look entirely different. Can that be? Describe two such maps
# of four cells each, and say what a person who sees only the score misses. Write two or three sentences.

# %% [markdown] lang="ko" tags=["open", "at-home"] slideshow={"slide_type": "skip"}
# ### 서술형 질문 · 점수는 같고 맵은 다른 두 이미지 (집에서)
#
# 두 이미지의 '아이언맨' 점수가 같은데 맵은 전혀 다르게 생겼습니다. 이런 일이 가능할까요? 칸이 네 개인 맵 두 장을 예로 들고, 점수만 보는 사람이 무엇을 놓치는지 두세 문장으로 쓰십시오.

# %% [markdown] lang="en" tags=["solution", "at-home"] slideshow={"slide_type": "skip"}
# A good answer has two maps of the same mean, for instance 4, 0, 0, 0 and 1, 1, 1, 1, or 9, −5, 0, 0, where reasons for
# and against cancel. Whoever sees only the score misses where the reasons lie, and whether a moderate score comes from weak
# reasons or from strong ones on both sides.

# %% [markdown] lang="ko" tags=["solution", "at-home"] slideshow={"slide_type": "skip"}
# 좋은 답은 평균이 같은 두 맵을 듭니다. 예를 들면 4, 0, 0, 0과 1, 1, 1, 1, 또는 근거와 반대 근거가 상쇄되는 9, −5, 0, 0입니다. 점수만 보면 근거가 어디에 있는지, 그리고 크지 않은 점수가 약한 근거에서
# 나왔는지 아니면 양쪽의 강한 근거가 상쇄되어 나왔는지 알 수 없습니다.

# %% [markdown] lang="en" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## The same functions at any size
#
# Nothing above depended on 3 × 3 × 6. Here are random maps and weights of the size that ResNet50 has in lesson 06: 2,048
# maps of 7 × 7 and 1,000 classes, in float32 as a network computes. The residual is now rounding error of float32,
# some $10^{-7}$ of the largest score, where it was $10^{-16}$ in float64.

# %% [markdown] lang="ko" minutes={"class": 2, "alone": 4} slideshow={"slide_type": "slide"}
# ## 크기가 달라도 같은 함수
#
# 지금까지의 계산 가운데 3 × 3 × 6이라는 크기에 의존한 것은 없습니다. 이번에는 6단원의 ResNet50과 같은 크기, 즉 7 × 7 맵 2,048장과 클래스 1,000개를 난수로 만들어 신경망처럼 float32로
# 계산합니다. float64에서 $10^{-16}$ 수준이던 오차가 float32에서는 가장 큰 점수의 $10^{-7}$배 수준으로 커집니다. 모두 반올림 오차입니다.

# %% slideshow={"slide_type": "fragment"}
f_big = rng.uniform(0, 1, (7, 7, 2048)).astype("float32")
W_big = rng.normal(0, 0.05, (2048, 1000)).astype("float32")
b_big = rng.normal(0, 0.05, 1000).astype("float32")
S_big = class_scores(global_average_pool(f_big), W_big, b_big)
from_maps = class_activation_map(f_big, W_big).mean(axis=(0, 1)) + b_big
check_identity("S_c = mean_xy M_c(x, y) + b_c, 1,000 classes", S_big, from_maps)

# %% [markdown] lang="en" minutes={"class": 2, "alone": 5} slideshow={"slide_type": "slide"}
# ## Summary
#
# - $F_k$ is the mean of map $k$; $S_c = \sum_k w_k^c F_k + b_c$; $M_c(x, y) = \sum_k w_k^c f_k(x, y)$; $P_c$ is the softmax
#   of the scores.
# - $S_c = \frac1N \sum_{x,y} M_c(x, y) + b_c$, exactly: two finite sums change places.
# - A map says where a feature is; its weight, learned in training, says what that means for one class. Another class,
#   another map.
# - You may use the sum or the mean, but use the same one for the weights and for the map. The bias belongs to the score
#   and to no position.
# - $w_k^c F_k$ is what feature $k$ contributes to the score; the size of $w_k^c$ alone is not its importance.
# - The map explains the score, not the probability.

# %% [markdown] lang="ko" minutes={"class": 2, "alone": 5} slideshow={"slide_type": "slide"}
# ## 요약
#
# - $F_k$는 맵 $k$의 평균이고, $S_c = \sum_k w_k^c F_k + b_c$, $M_c(x, y) = \sum_k w_k^c f_k(x, y)$이며, $P_c$는 점수의 소프트맥스입니다.
# - $S_c = \frac1N \sum_{x,y} M_c(x, y) + b_c$는 근사가 아니라 정확한 등식입니다. 유한한 두 합의 순서를 바꾸었을 뿐입니다.
# - 맵은 특징의 위치를, 학습으로 정해진 가중치는 그 특징이 한 클래스에 갖는 의미를 알려 줍니다. 클래스가 바뀌면 맵도 바뀝니다.
# - 합이든 평균이든 상관없지만 가중치와 맵에 같은 것을 써야 합니다. 편향은 점수에 속하며 어느 위치에도 속하지 않습니다.
# - 특징 $k$가 점수에 기여하는 양은 $w_k^c F_k$입니다. $w_k^c$의 크기만으로 중요도를 말할 수는 없습니다.
# - 맵이 설명하는 것은 확률이 아니라 점수입니다.

# %% [markdown] lang="en" minutes={"class": 0, "alone": 8} slideshow={"slide_type": "skip"}
# ## Quiz
#
# Think of your answer first, then open it. Each choice says why it is right or wrong.

# %% [markdown] lang="ko" minutes={"class": 0, "alone": 8} slideshow={"slide_type": "skip"}
# ## 퀴즈
#
# 먼저 답을 생각한 다음 펼쳐 보십시오. 보기마다 왜 맞거나 틀린지 설명이 있습니다.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **A program forgets the bias $b_c$. What is wrong with its map?**
#
# - [ ] Every cell is too low by $b_c$. :: No cell holds the bias: it belongs to no position.
# - [x] Nothing; but its mean is no longer the score. :: Yes. The mean is $S_c - b_c$.
# - [ ] The map belongs to another class. :: The weights choose the class, and they are right. What may change is the order
#   of the scores.

# %% [markdown] lang="ko" tags=["quiz"] slideshow={"slide_type": "skip"}
# **어떤 프로그램이 편향 $b_c$를 빠뜨렸습니다. 이 프로그램의 맵에서 잘못된 점은 무엇일까요?**
#
# - [ ] 모든 칸이 $b_c$만큼 작습니다. :: 편향은 어느 칸에도 들어 있지 않습니다. 특정 위치에 속하지 않기 때문입니다.
# - [x] 맵은 맞지만, 맵의 평균이 더 이상 점수가 아닙니다. :: 맞습니다. 평균은 $S_c - b_c$입니다.
# - [ ] 다른 클래스의 맵입니다. :: 클래스를 정하는 것은 가중치이고, 가중치는 맞습니다. 달라질 수 있는 것은 점수의 순서입니다.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **Map $k$ is strong in the upper left corner. What does the class activation map show there?**
#
# - [ ] Always a high value. :: Only if the weight of feature $k$ is positive and the other features do not outweigh it.
# - [ ] Always zero. :: A feature with the weight 0 adds nothing, but others may.
# - [x] That depends on the weights of the class. :: Yes. The map says where the feature is, the weight what it means for
#   this class.

# %% [markdown] lang="ko" tags=["quiz"] slideshow={"slide_type": "skip"}
# **맵 $k$는 왼쪽 위에서 값이 큽니다. 클래스 활성화 맵은 그곳에서 어떨까요?**
#
# - [ ] 항상 값이 큽니다. :: 특징 $k$의 가중치가 양수이고 다른 특징이 이를 상쇄하지 않을 때만 그렇습니다.
# - [ ] 항상 0입니다. :: 가중치가 0인 특징은 아무것도 보태지 않지만, 다른 특징은 보탤 수 있습니다.
# - [x] 클래스의 가중치에 따라 다릅니다. :: 맞습니다. 맵은 특징의 위치를, 가중치는 그 특징이 이 클래스에 갖는 의미를 알려 줍니다.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **The weights were learned with means of 3 × 3 maps. Now you feed sums. What happens to $\sum_k w_k^c F_k$?**
#
# - [x] It is 9 times as large for every class. :: Yes: $N = 9$. The bias keeps its size, so the probabilities change, too.
# - [ ] It stays the same, because the picture stays the same. :: The features changed: each sum is 9 times its mean.
# - [ ] It is 3 times as large. :: 3 is the side; a map has $3 \cdot 3$ positions.

# %% [markdown] lang="ko" tags=["quiz"] slideshow={"slide_type": "skip"}
# **3 × 3 맵의 평균에 맞춰 학습한 가중치에 합을 입력했습니다. $\sum_k w_k^c F_k$는 어떻게 될까요?**
#
# - [x] 모든 클래스에서 9배가 됩니다. :: 맞습니다. $N = 9$입니다. 편향은 그대로이므로 확률도 달라집니다.
# - [ ] 이미지가 같으므로 그대로입니다. :: 특징의 값이 달라졌습니다. 합은 평균의 9배입니다.
# - [ ] 3배가 됩니다. :: 3은 한 변의 길이입니다. 맵에는 위치가 $3 \cdot 3$개 있습니다.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **What does $M_c$ explain?**
#
# - [ ] The probability $P_c$. :: A probability depends on the scores of all classes; one map holds one of them.
# - [x] The score $S_c$, without its bias. :: Yes. The mean of the map is $S_c - b_c$.
# - [ ] Whether the answer is right. :: It says where the score comes from. A wrong answer has a map, too.

# %% [markdown] lang="ko" tags=["quiz"] slideshow={"slide_type": "skip"}
# **$M_c$가 설명하는 것은 무엇일까요?**
#
# - [ ] 확률 $P_c$ :: 확률은 모든 클래스의 점수로 정해지는데, 맵 한 장에는 그 가운데 하나만 들어 있습니다.
# - [x] 편향을 뺀 점수 $S_c$ :: 맞습니다. 맵의 평균은 $S_c - b_c$입니다.
# - [ ] 답이 맞는지 여부 :: 맵은 점수가 어디에서 왔는지를 알려 줍니다. 틀린 답에도 맵은 있습니다.

# %% [markdown] lang="en" tags=["quiz"] slideshow={"slide_type": "skip"}
# **For one class $|w_1| = 4$ and $|w_2| = 0.4$. Is feature 1 ten times as important?**
#
# - [ ] Yes, the weight is the importance. :: Measured in another unit, feature 1 has another weight and the score is the
#   same.
# - [ ] No, small weights are more important. :: The size of a weight alone says nothing, large or small.
# - [x] One cannot tell without $F_1$ and $F_2$. :: Yes. What counts in a score is $w_k F_k$, the contribution.

# %% [markdown] lang="ko" tags=["quiz"] slideshow={"slide_type": "skip"}
# **어떤 클래스에서 $|w_1| = 4$이고 $|w_2| = 0.4$입니다. 특징 1이 열 배 더 중요할까요?**
#
# - [ ] 그렇습니다. 가중치가 곧 중요도입니다. :: 다른 단위로 재면 특징 1의 가중치는 달라지지만 점수는 같습니다.
# - [ ] 아닙니다. 가중치가 작을수록 더 중요합니다. :: 크든 작든 가중치의 크기만으로는 알 수 없습니다.
# - [x] $F_1$과 $F_2$를 모르면 알 수 없습니다. :: 맞습니다. 점수에 들어가는 것은 기여 $w_k F_k$입니다.

# %% [markdown] lang="en" minutes={"class": 0, "alone": 0} slideshow={"slide_type": "skip"}
# ## Sources
#
# - B. Zhou, A. Khosla, A. Lapedriza, A. Oliva, A. Torralba (2016). Learning deep features for discriminative localization.
#   *CVPR*, 2921–2929. Section 2 has $F_k$, $S_c$ and $M_c$, with $F_k$ as a sum and the bias set to zero.
# - M. Lin, Q. Chen, S. Yan (2014). Network in network. *ICLR*. Section 3.2 introduces global average pooling.
# - C. M. Bishop (2006). *Pattern Recognition and Machine Learning*. Springer. Section 4.3.4 has the gradient
#   $(P_c - y_c)\, F_k$.
# - Decks: D3 (Kim Hyunwoo), CAM / Grad-CAM, has the six maps. Sum or mean: D0 (Seungchul Lee, Industrial AI Lab), D1
#   (Hyunseok Oh, GIST) and D2 (Explainable AI, lecture 26).

# %% [markdown] lang="ko" minutes={"class": 0, "alone": 0} slideshow={"slide_type": "skip"}
# ## 출처
#
# - B. Zhou, A. Khosla, A. Lapedriza, A. Oliva, A. Torralba (2016). Learning deep features for discriminative localization.
#   *CVPR*, 2921–2929. 2절에 $F_k$, $S_c$, $M_c$가 나오며, $F_k$는 합으로, 편향은 0으로 두었습니다.
# - M. Lin, Q. Chen, S. Yan (2014). Network in network. *ICLR*. 3.2절에서 전역 평균 풀링을 제안하였습니다.
# - C. M. Bishop (2006). *Pattern Recognition and Machine Learning*. Springer. 4.3.4절에 기울기 $(P_c - y_c)\, F_k$가 나옵니다.
# - 강의 자료: 맵 여섯 장은 D3(김현우, CAM / Grad-CAM)에 나옵니다. 합과 평균은 D0(이승철, Industrial AI Lab), D1(오현석, GIST), D2(설명 가능한 AI 26강)에 나옵니다.
