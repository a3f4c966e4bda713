"""The right answers of lesson 06, written differently."""

from typing import Any

import numpy as np


def received(rgb: np.ndarray) -> np.ndarray:
    red, green, blue = np.moveaxis(rgb, -1, 0)
    return np.stack([blue - 103.939, green - 116.779, red - 123.68], axis=-1)


def with_the_package(model: Any, layer: str, image: np.ndarray, c: int) -> np.ndarray:
    from cam_course import GradCAM

    return GradCAM(model, layer=model.get_layer(layer), relu=False)(image[None], classes=[c]).maps.squeeze()


def cover(picture: np.ndarray, box: tuple[int, int, int, int]) -> list[Any]:
    x0, y0, x1, y1 = box
    done = picture.tolist()
    for y in range(y0, y1):
        for x in range(x0, x1):
            done[y][x] = [128, 128, 128]
    return done


OTHERWISE = {
    "6.1": received,
    "6.2": lambda M_a, M_b, b_a, b_b: (M_a.mean() + b_a) - (np.average(M_b) + b_b),
    "6.3": (1, 2, 3.0, 5),
    "6.4": with_the_package,
    "6.5": cover,
}
