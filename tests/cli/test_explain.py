"""cam-course explain: a folder of photographs, bad files among them, interrupted and taken up again."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest
from click.testing import Result
from course import PROGRAM, cam_course
from memory import peak
from PIL import Image
from typer.testing import CliRunner

from cam_course import CAM, GradCAM, models
from cam_course.cli import app
from cam_course.data.photos import PHOTOS, load_photo
from cam_course.methods.explainer import Explainer

layers = keras.layers
GIVEN = os.environ.get("CAM_COURSE_RESNET50")


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small saved model for RGB images of 32 x 32."""
    keras.utils.set_random_seed(0)
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
    for folder, count in ((few, 4), (many, 24)):
        folder.mkdir()
        for i in range(count):
            Image.new("RGB", (3000, 2000), (i, 0, 0)).save(folder / f"{i}.jpg")  # 18 MB each when it is read

    def explain_all(folder: Path) -> None:
        done = explain(folder, "-o", tmp_path / "out", "--model", network, "--top", 1)
        assert done.exit_code == 0, done.stderr

    highest = peak(lambda: explain_all(few))
    assert peak(lambda: explain_all(many)) - highest < 60  # MB; three photographs


@pytest.mark.parametrize(
    "method", ["grad-cam", "grad-cam++", "hires-cam", "layer-cam", "score-cam", "occlusion", "lrp"]
)
def test_every_method_can_be_asked_for(method: str, photos: Path, network: Path, tmp_path: Path) -> None:
    done = explain(photos / "one.png", "-o", tmp_path / "out", "--model", network, "--method", method)
    assert done.exit_code == 0, done.stderr
    assert (tmp_path / "out" / "one.png.png").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--model", "no-such-model"], "Nothing was written, because there is no network 'no-such-model': give"),
        (["--model", "~no-such-user/net.keras"], "there is no network '~no-such-user/net.keras': give"),
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


def nothing_was_written(errors: str, out: Path) -> None:
    assert re.fullmatch(r"Nothing was written, because .* could not be downloaded .*\n", errors)
    assert "cam-course fetch` where there is a network" in errors
    assert "below" not in errors  # that is for the reader of a notebook
    assert not out.exists()


@pytest.mark.usefixtures("offline")
def test_without_weights_nothing_is_written_and_the_way_out_is_said(photos: Path, tmp_path: Path) -> None:
    done = explain(photos, "-o", tmp_path / "out", "--model", "resnet50")
    assert done.exit_code == 1
    nothing_was_written(done.stderr, tmp_path / "out")


def test_without_mobilenets_weights_nothing_is_written_either(
    photos: Path, tmp_path: Path, offline_env: dict[str, str]
) -> None:
    out = tmp_path / "out"
    done = cam_course("explain", str(photos), "-o", str(out), "--model", "mobilenetv2", env=offline_env)
    assert done.returncode == 1
    nothing_was_written(done.stderr, out)
    assert "use --model resnet50" in done.stderr


# Before the first photograph


def test_more_classes_than_there_are_is_all_of_them(photos: Path, network: Path, tmp_path: Path) -> None:
    done = explain(photos / "one.png", "-o", tmp_path / "out", "--model", network, "--top", 50)
    assert done.exit_code == 0, done.stderr
    record = json.loads((tmp_path / "out" / "one.png.json").read_text())
    assert sorted(found["class"] for found in record["classes"]) == list(range(6))
    assert record["settings"]["top"] == 50
    again = explain(photos / "one.png", "-o", tmp_path / "out", "--model", network, "--top", 50)
    assert "0 explained, 1 done before" in again.stdout


def test_a_model_of_one_score_writes_json_that_any_program_reads(photos: Path, tmp_path: Path) -> None:
    model = tmp_path / "one_score.keras"
    head = [layers.Conv2D(4, 3, activation="relu"), layers.GlobalAveragePooling2D(), layers.Dense(1)]
    keras.Sequential([keras.Input((32, 32, 3)), *head]).save(model)
    done = explain(photos / "one.png", "-o", tmp_path / "out", "--model", model)
    assert done.exit_code == 0, done.stderr
    text = (tmp_path / "out" / "one.png.json").read_text()
    (found,) = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))["classes"]
    assert found["probability"] is None


def test_no_map_is_drawn_before_the_first_photograph(
    photos: Path, network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    explained: list[tuple[int, ...]] = []
    original = Explainer.__call__

    def counted(self: Explainer, images: np.ndarray, **choice: int) -> object:
        explained.append(images.shape)
        return original(self, images, **choice)

    monkeypatch.setattr(Explainer, "__call__", counted)
    done = explain(photos / "one.png", "-o", tmp_path / "out", "--model", network, "--method", "occlusion")
    assert done.exit_code == 0, done.stderr
    assert explained == [(1, 32, 32, 3)]


def test_whose_weights_these_are_is_said_before_anything_slow(
    photos: Path, network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Explainer, "__call__", slow)
    done = explain(photos, "-o", tmp_path / "out", "--model", network, "--method", "score-cam")
    assert done.stdout.startswith("Weights: small.keras")
    assert done.exit_code == 130
    assert "0 explained, 0 done before, 0 failed" in done.stdout
    assert done.stderr.endswith("Stopped before the end: the same command goes on from here.\n")


def two_outputs() -> keras.Model:
    image = keras.Input((32, 32, 3))
    F = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3)(image))
    return keras.Model(image, [layers.Dense(3)(F), layers.Dense(2)(F)])


def never_built() -> keras.Model:
    return keras.Sequential([layers.Conv2D(4, 3), layers.GlobalAveragePooling2D(), layers.Dense(3)])


def not_classes() -> keras.Model:
    image = keras.Input((None, None, 3))
    return keras.Model(image, layers.Flatten()(image))


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (two_outputs, "has 2 outputs, but a map explains"),
        (never_built, "was saved before it was built"),
        (not_classes, "have the shape (None, None), but a map explains"),
    ],
)
def test_a_model_that_cannot_be_explained_ends_in_one_sentence(
    make: object, sentence: str, photos: Path, tmp_path: Path
) -> None:
    model = tmp_path / "given.keras"
    make().save(model)  # type: ignore[operator]
    done = explain(photos, "-o", tmp_path / "out", "--model", model)
    assert done.exit_code == 1
    assert re.fullmatch(r"Nothing was written, because .*\.\n", done.stderr)
    assert sentence in done.stderr
    assert not (tmp_path / "out").exists()


# Names


@pytest.mark.parametrize("name", PHOTOS)
def test_the_photographs_of_the_course_go_by_their_names(
    name: str, network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for count in ("1 explained, 0 done before", "0 explained, 1 done before"):
        done = explain(name, "-o", "out", "--model", network, "--top", 1)
        assert done.exit_code == 0, done.stderr
        assert count in done.stdout
    record = json.loads((tmp_path / "out" / f"{name}.png.json").read_text())
    height, width, _ = load_photo(name).shape
    assert record["size"] == {"width": width, "height": height}
    assert record["photo"]["path"] == name
    assert "scikit-image" in record["photo"]["shipped"]


def test_a_file_comes_before_a_photograph_of_the_course(
    network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (40, 30)).save(tmp_path / "chelsea", format="png")
    assert explain("chelsea", "-o", "out", "--model", network).exit_code == 0
    assert json.loads((tmp_path / "out" / "chelsea.json").read_text())["size"] == {"width": 40, "height": 30}


def test_pictures_of_kinds_that_are_not_read_are_reported(photos: Path, network: Path, tmp_path: Path) -> None:
    (photos / "broken.jpg").unlink()
    not_read = ["a.heic", "below/b.HEIF", "c.avif", "d.dng", "e.CR2", "f.nef", "g.arw", "h.svg", "i.jxl"]
    for name in not_read:
        (photos / name).write_bytes(b"a picture")
    done = explain(photos, "-o", tmp_path / "out", "--model", network)
    assert done.exit_code == 1
    assert "2 explained, 0 done before, 9 failed" in done.stdout
    for name in not_read:
        suffix = re.escape(Path(name).suffix)
        assert re.search(rf"{name}: not explained, {suffix} is not read; save it as JPEG or PNG\n", done.stderr)


def test_a_folder_of_nothing_else_is_not_said_to_be_empty(network: Path, tmp_path: Path) -> None:
    (tmp_path / "telephone").mkdir()
    (tmp_path / "telephone" / "IMG_0001.HEIC").write_bytes(b"a picture")
    done = explain(tmp_path / "telephone", "-o", tmp_path / "out", "--model", network)
    assert done.exit_code == 1
    assert "IMG_0001.HEIC: not explained" in done.stderr
    assert "holds no photograph" not in done.stderr


def test_a_jpeg_of_a_windows_browser_is_a_photograph(network: Path, tmp_path: Path) -> None:
    (tmp_path / "saved").mkdir()
    Image.new("RGB", (40, 40)).save(tmp_path / "saved" / "one.jfif", format="jpeg")
    assert "1 explained" in explain(tmp_path / "saved", "-o", tmp_path / "out", "--model", network).stdout


@pytest.mark.parametrize("stem", ["n" * 251, "n" * 246 + ".png" + "n", "가" * 83, "a" + "가" * 83])
def test_a_name_too_long_for_what_is_added_is_shortened_and_found_again(
    stem: str, network: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for last in "xy":  # two names that differ at their ends alone
        Image.new("RGB", (40, 40), "white").save(folder / f"{stem[:-1]}{last}.png")
    for count in ("2 explained, 0 done before, 0 failed", "0 explained, 2 done before, 0 failed"):
        done = explain(folder, "-o", folder, "--model", network)  # overlays among the photographs
        assert done.exit_code == 0, done.stderr
        assert count in done.stdout
    written = sorted(path.name for path in folder.iterdir() if path.name.endswith((".png.png", ".json")))
    assert len(written) == 4
    for first, second in zip(written[::2], written[1::2], strict=True):
        assert first.removesuffix(".json") == second.removesuffix(".png")
    paths = {json.loads((folder / name).read_text("utf-8"))["photo"]["path"] for name in written[::2]}
    assert paths == {str(folder / f"{stem[:-1]}{last}.png") for last in "xy"}


@pytest.mark.skipif(sys.platform != "linux", reason="names of other systems are text")
def test_a_name_that_is_no_utf8_is_explained_and_its_record_is(network: Path, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    name = os.fsdecode("고양이.png".encode("cp949"))
    Image.new("RGB", (40, 40), "white").save(folder / "plain.png")
    (folder / "plain.png").rename(folder / name)
    out = tmp_path / os.fsdecode("결과".encode("cp949"))
    for count in ("1 explained, 0 done before, 0 failed", "0 explained, 1 done before, 0 failed"):
        done = cam_course("explain", str(folder), "-o", str(out), "--model", str(network))
        assert done.returncode == 0, done.stderr
        assert count in done.stdout
    assert sorted(path.name for path in out.iterdir()) == [f"{name}.json", f"{name}.png"]
    record = json.loads((out / f"{name}.json").read_bytes().decode("utf-8"))
    assert os.fsencode(record["photo"]["path"]) == os.fsencode(folder / name)


# Stopping


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Control-C otherwise")
def test_control_c_leaves_whole_files_and_the_next_run_goes_on(network: Path, tmp_path: Path) -> None:
    folder, out = tmp_path / "photos", tmp_path / "out"
    folder.mkdir()
    for number in range(500):
        Image.new("RGB", (60, 60), (number % 256, 0, 0)).save(folder / f"{number:03}.png")
    command = [str(PROGRAM), "explain", str(folder), "-o", str(out), "--model", str(network)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True) as running:
        while len(list(out.glob("*.json"))) < 2:
            assert running.poll() is None
            time.sleep(0.05)
        os.killpg(running.pid, signal.SIGINT)
        stopped = time.monotonic()
        shown, errors = running.communicate(timeout=60)
    assert time.monotonic() - stopped < 4  # two seconds, and two more for a machine that is busy
    assert running.returncode == 130
    assert re.search(rb"\n\d+ explained, 0 done before, 0 failed", shown)
    assert b"\nStopped before the end: the same command goes on from here.\n" in errors
    assert b"Traceback" not in errors
    assert not [path for path in out.iterdir() if path.suffix not in (".json", ".png")]  # nothing unfinished
    for record in out.glob("*.json"):
        json.loads(record.read_text())
        with Image.open(record.with_suffix(".png")) as overlay:
            overlay.load()


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
