"""Draw docs/overview.png, the picture of README.md: one digit, and why the network takes it for what it does."""

from pathlib import Path

from cam_course import CAM
from cam_course.data.mnist import load_mnist
from cam_course.models import trained_mnist_network
from cam_course.plotting import show_digit_maps

IMAGE = 1005  # the test image of the lecture


def main() -> None:
    """Draw the maps of the five best classes of a digit, each with its score taken apart."""
    digits = load_mnist()
    image = digits.test_images[IMAGE]
    e = CAM(trained_mnist_network(digits))(image, top=5)
    titles = [
        f"why {c}?\n$S_{c}$ = {M.mean():.2f} {'+' if b >= 0 else '−'} {abs(b):.2f} = {S:.2f}"
        for M, c, S, b in zip(e.maps[0], e.classes[0], e.scores[0], e.bias[0], strict=True)
    ]
    figure = show_digit_maps(image, list(e.maps[0]), titles)
    figure.savefig(Path(__file__).parent.parent / "docs" / "overview.png", dpi=110, bbox_inches="tight")


if __name__ == "__main__":
    main()
