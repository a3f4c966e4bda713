"""cam-course explain: a folder of photographs, bad files among them, interrupted and taken up again."""

import json
import os
from pathlib import Path

import keras
import numpy as np
import pytest
from click.testing import Result
from memory import peak
from PIL import Image
from typer.testing import CliRunner

from cam_course import CAM, GradCAM, models
from cam_course.cli import app
from cam_course.data.photos import load_photo

GIVEN = os.environ.get("CAM_COURSE_RESNET50")


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small saved model for RGB images of 32 x 32."""
    keras.utils.set_random_seed(0)
    layers = keras.layers
    head = [layers.GlobalAveragePooling2D(), layers.Dense(6, activation="softmax")]
    body = [layers.Rescaling(1 / 255), layers.Conv2D(8, 3, activation="relu")]
    path = tmp_path_factory.mktemp("model") / "small.keras"
    keras.Sequential([keras.Input((32, 32, 3)), *body, *head]).save(path)
    return path


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with a photograph, one in a folder below, one that is none, and a text."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "photos"
    (folder / "below").mkdir(parents=True)
    Image.fromarray(rng.integers(256, size=(60, 90, 3)).astype("uint8")).save(folder / "one.png")
    Image.fromarray(rng.integers(256, size=(50, 40)).astype("uint8")).save(folder / "below" / "grey.jpg")
    (folder / "broken.jpg").write_text("not a picture")
    (folder / "notes.txt").write_text("no photograph at all")
    return folder


def explain(*arguments: object) -> Result:
    """Run the command in this process, where TensorFlow is loaded already."""
    return CliRunner().invoke(app, ["explain", *map(str, arguments)])


def test_overlays_and_records_for_every_photo_and_the_bad_one_at_the_end(
    photos: Path, network: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    done = explain(photos, "-o", out, "--model", network, "--top", 3, "--method", "cam")
    assert done.exit_code == 1
    assert "2 explained, 0 done before, 1 failed" in done.stdout
    assert "broken.jpg cannot be read as a picture" in done.stderr
    assert "explaining" in done.stderr  # the progress bar
    assert "Traceback" not in done.stderr
    written = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    assert written == ["below/grey.jpg.json", "below/grey.jpg.png", "one.png.json", "one.png.png"]

    record = json.loads((out / "one.png.json").read_text())
    model = keras.models.load_model(network)
    e = CAM(model)(models.photo_network(str(network)).prepare(load_photo(photos / "one.png")), top=3)
    assert [found["class"] for found in record["classes"]] == e.classes[0].tolist()
    np.testing.assert_allclose([found["score"] for found in record["classes"]], e.scores[0], rtol=1e-5)
    assert record["size"] == {"width": 90, "height": 60}
    for found in record["classes"]:
        if found["box"] is not None:
            x0, y0, x1, y1 = found["box"]
            assert 15 <= x0 < x1 <= 75  # the middle square, in pixels of the photograph
            assert 0 <= y0 < y1 <= 60
    with Image.open(out / "one.png.png") as overlay:
        overlay.load()
        assert overlay.width > overlay.height


def test_a_second_run_does_only_what_is_missing(photos: Path, network: Path, tmp_path: Path) -> None:
    (photos / "broken.jpg").unlink()
    out = tmp_path / "out"
    assert explain(photos, "-o", out, "--model", network).exit_code == 0
    first = (out / "one.png.json").stat().st_mtime_ns
    (out / "below" / "grey.jpg.json").unlink()  # as if the run had been interrupted here
    again = explain(photos, "-o", out, "--model", network)
    assert again.exit_code == 0
    assert "1 explained, 1 done before, 0 failed" in again.stdout
    assert (out / "one.png.json").stat().st_mtime_ns == first

    Image.new("RGB", (70, 70), "white").save(photos / "one.png")  # another photograph under the same name
    assert "1 explained, 1 done before" in explain(photos, "-o", out, "--model", network).stdout
    assert "2 explained, 0 done before" in explain(photos, "-o", out, "--model", network, "--top", 2).stdout


def test_overlays_among_the_photos_are_not_explained_themselves(photos: Path, network: Path) -> None:
    (photos / "broken.jpg").unlink()
    for out in (photos, photos / "maps"):
        assert "2 explained, 0 done before" in explain(photos, "-o", out, "--model", network).stdout
        assert "0 explained, 2 done before" in explain(photos, "-o", out, "--model", network).stdout


def test_what_a_killed_run_left_is_no_photograph(photos: Path, network: Path, tmp_path: Path) -> None:
    (photos / "broken.jpg").unlink()
    for folder in (photos, photos / "below"):
        (folder / ".unfinished-abc").mkdir()
        Image.new("RGB", (40, 40)).save(folder / ".unfinished-abc" / "one.png.png")
    done = explain(photos, "-o", tmp_path / "out", "--model", network)
    assert done.exit_code == 0, done.stderr
    assert "2 explained, 0 done before, 0 failed" in done.stdout


def test_a_photo_whose_name_is_as_long_as_names_may_be_is_explained(network: Path, tmp_path: Path) -> None:
    photo = tmp_path / f"{'n' * 246}.png"  # 255 bytes with .json
    Image.new("RGB", (40, 40), "white").save(photo)
    done = explain(photo, "-o", tmp_path / "out", "--model", network)
    assert done.exit_code == 0, done.stderr
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_another_model_under_the_same_name_has_all_done_anew(photos: Path, network: Path, tmp_path: Path) -> None:
    custom = tmp_path / "custom.keras"
    custom.write_bytes(network.read_bytes())
    photo, out = photos / "one.png", tmp_path / "out"
    assert "1 explained" in explain(photo, "-o", out, "--model", custom).stdout
    os.utime(custom, (0, 0))
    assert "1 explained, 0 done before" in explain(photo, "-o", out, "--model", custom).stdout


def test_memory_is_flat_over_a_large_folder(network: Path, tmp_path: Path) -> None:
    few, many = tmp_path / "few", tmp_path / "many"
    for folder, count in ((few, 4), (many, 40)):
        folder.mkdir()
        for i in range(count):
            Image.new("RGB", (3000, 2000), (i, 0, 0)).save(folder / f"{i}.jpg")  # 18 MB each when it is read

    def explain_all(folder: Path) -> None:
        done = explain(folder, "-o", tmp_path / "out", "--model", network, "--top", 1)
        assert done.exit_code == 0, done.stderr

    highest = peak(lambda: explain_all(few))
    assert peak(lambda: explain_all(many)) - highest < 60  # MB; three photographs


@pytest.mark.parametrize("method", ["grad-cam", "grad-cam++", "layer-cam", "score-cam", "occlusion", "lrp"])
def test_every_method_can_be_asked_for(method: str, photos: Path, network: Path, tmp_path: Path) -> None:
    done = explain(photos / "one.png", "-o", tmp_path / "out", "--model", network, "--method", method)
    assert done.exit_code == 0, done.stderr
    assert (tmp_path / "out" / "one.png.png").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--model", "no-such-model"], "there is no network 'no-such-model': give"),
        (["--top", "7"], "has 6 classes: ask for 1 to 6"),
        (["--method", "magic"], "magic"),
    ],
)
def test_what_cannot_be_done_is_said_at_once(
    arguments: list[str], sentence: str, photos: Path, network: Path, tmp_path: Path
) -> None:
    done = explain(
        photos, "-o", tmp_path / "out", *(arguments if "--model" in arguments else ["--model", network, *arguments])
    )
    assert done.exit_code != 0
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_missing_photos_and_empty_folders_are_reported(network: Path, photos: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = explain(
        tmp_path / "empty", tmp_path / "none.jpg", photos / "one.png", "-o", tmp_path / "out", "--model", network
    )
    assert done.exit_code == 1
    assert "holds no photograph" in done.stderr
    assert "There is no file" in done.stderr
    assert "1 explained, 0 done before, 2 failed" in done.stdout


def test_two_photos_of_one_name_are_not_mixed_up(photos: Path, network: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    Image.new("RGB", (40, 40)).save(other / "one.png")
    done = explain(photos / "one.png", other / "one.png", "-o", tmp_path / "out", "--model", network)
    assert done.exit_code == 1
    assert "has the same name" in done.stderr


@pytest.mark.usefixtures("offline")
def test_an_untrained_resnet50_explains_nothing(photos: Path, tmp_path: Path) -> None:
    done = explain(photos, "-o", tmp_path / "out")
    assert done.exit_code == 1
    assert "untrained" in done.stderr


@pytest.mark.skipif(not GIVEN, reason="CAM_COURSE_RESNET50 names no weights")
def test_the_box_of_the_cat_lies_on_the_cat(tmp_path: Path) -> None:
    Image.fromarray(load_photo("chelsea")).save(tmp_path / "chelsea.png")
    done = explain(tmp_path / "chelsea.png", "-o", tmp_path / "out", "--top", 1)
    assert done.exit_code == 0, done.stderr
    (found,) = json.loads((tmp_path / "out" / "chelsea.png.json").read_text())["classes"]
    assert "cat" in found["name"] or found["name"] == "tabby"
    net = models.resnet50()
    e = GradCAM(net.model)(net.prepare(load_photo("chelsea"))).resize((224, 224))
    x0, y0, x1, y1 = e.boxes()[0][0]
    left, scale = (451 - 300) // 2, 300 / 224
    assert found["box"] == [left + round(x0 * scale), round(y0 * scale), left + round(x1 * scale), round(y1 * scale)]
