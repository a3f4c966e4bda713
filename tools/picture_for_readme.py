"""Draw docs/overview.png, the picture of README.md: one digit, and why the network takes it for what it does."""

from pathlib import Path

from cam_course import CAM
from cam_course.data.mnist import load_mnist
from cam_course.explanation import draw_map, new_figure, signed_limit
from cam_course.models import trained_mnist_network

IMAGE = 1005  # the test image of the decks
TOP = 5


def main() -> None:
    """Draw the digit and the maps of its five best classes, each with its score taken apart."""
    image = load_mnist().test_images[IMAGE]
    e = CAM(trained_mnist_network())(image, top=TOP)
    figure = new_figure(11.5, 2.6)
    digit, *places = figure.subplots(1, TOP + 1)
    digit.imshow(image[..., 0], cmap="gray")
    digit.set_axis_off()
    digit.set_title("what the network sees", fontsize=10)
    for place, M, c, S, b in zip(places, e.maps[0], e.classes[0], e.scores[0], e.bias[0], strict=True):
        drawn = draw_map(place, M, signed_limit(e.maps), image[..., 0])
        place.set_title(f"why {c}?", fontsize=10)
        place.set_xlabel(f"$S_{c}$ = {M.mean():.2f} {'+' if b >= 0 else '−'} {abs(b):.2f} = {S:.2f}", fontsize=9)
    figure.colorbar(drawn, ax=places, shrink=0.8, label="against (−), for (+)")
    figure.savefig(Path(__file__).parent.parent / "docs" / "overview.png", dpi=110, bbox_inches="tight")


if __name__ == "__main__":
    main()
