"""cam-course explain: maps of any number of photographs."""

import gc
import hashlib
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray
from tqdm import tqdm

from ..data.photos import is_shipped, load_photo, middle_square, square
from ..files import UNFINISHED, written_whole

if TYPE_CHECKING:
    from ..explanation import Box
    from ..methods.explainer import Explainer
    from ..models import PhotoNetwork

SUFFIXES = {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"}
# Pictures of kinds that are not read: what cameras call raw, and those of telephones, browsers and drawing programs.
RAW = {".raw", ".dng", ".cr2", ".cr3", ".nef", ".nrw", ".arw", ".orf", ".raf", ".rw2", ".pef", ".srw"}
NOT_READ = RAW | {".heic", ".heif", ".hif", ".avif", ".jxl", ".jp2", ".svg", ".psd"}
LONGEST_NAME = 255  # bytes, of a file on most systems
RESOLUTION = 100  # dots an inch of the overlays


class Method(str, Enum):
    """The methods whose maps have a value for each position."""

    CAM = "cam"
    GRAD_CAM = "grad-cam"
    GRAD_CAM_PP = "grad-cam++"
    HIRES_CAM = "hires-cam"
    LAYER_CAM = "layer-cam"
    SCORE_CAM = "score-cam"
    OCCLUSION = "occlusion"
    LRP = "lrp"


@dataclass(frozen=True)
class Job:
    """One photograph, and where its maps and numbers go: the record last, so that it marks a finished job."""

    photo: Path
    overlay: Path
    record: Path


def explain(
    photos: Annotated[
        list[str],
        typer.Argument(metavar="PHOTO", help="Files, folders of them, or photographs of the course, such as chelsea."),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the overlays and the JSON files.")],
    top: Annotated[int, typer.Option(help="How many of the best classes.", min=1)] = 5,
    method: Annotated[Method, typer.Option(help="What the maps come from.")] = Method.GRAD_CAM,
    model: Annotated[str, typer.Option(help="resnet50, mobilenetv2, or a saved model, FILE.keras.")] = "resnet50",
) -> None:
    """Draw maps of photographs, and write classes, scores and boxes.

    For each photograph there will be a picture of its maps, and a JSON file with the numbers. A second run goes on
    where the first ended. A file that cannot be read is reported at the end, and the exit code is 0 only if there was
    none.
    """
    jobs, failures = _jobs([Path(os.path.expanduser(photo)) for photo in photos], output)
    settings = {"model": model, "weights": _weights(model), "method": method.value, "top": top}
    waiting = [job for job in jobs if not _is_done(job, settings)]
    failed: list[str | None] = []  # of each photograph, None where it did not
    stopped = False
    if waiting:
        network, explainer = _load(model, method)
        try:
            with _control_c() as asked, tqdm(waiting, unit="photo", desc="explaining") as bar:
                for job in bar:
                    failed.append(_failure(job, network, explainer, settings))
                    if asked():
                        raise KeyboardInterrupt
        except KeyboardInterrupt:
            stopped = True
    failures += filter(None, failed)
    done, before = failed.count(None), len(jobs) - len(waiting)
    typer.echo(f"{done} explained, {before} done before, {len(failures)} failed; see {output}")
    for failure in failures:
        typer.echo(failure, err=True)
    if stopped:
        typer.echo("Stopped before the end: the same command goes on from here.", err=True)
        raise typer.Exit(130)
    raise typer.Exit(1 if failures else 0)


@contextmanager
def _control_c() -> Iterator[Callable[[], bool]]:
    """Whether Control-C was pressed: it is raised at once, but may be lost in code that swallows exceptions."""
    pressed = False

    def stop(*_: Any) -> None:
        nonlocal pressed
        pressed = True
        sys.unraisablehook = lambda _: None  # where it is lost, Python would print it
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield lambda: pressed
    finally:
        signal.signal(signal.SIGINT, before)


def _jobs(photos: list[Path], output: Path) -> tuple[list[Job], list[str]]:
    """What is to be done, folders opened up and mirrored below the output folder; and what cannot be."""
    jobs: dict[Path, Job] = {}
    failures = []
    for given in photos:
        if os.path.isdir(given):
            found, not_read = _pictures(given)
            if not found and not not_read:
                failures.append(f"{given}: holds no photograph ({', '.join(sorted(SUFFIXES))})")
            for path in not_read:
                failures.append(f"{path}: not explained, {path.suffix} is not read; save it as JPEG or PNG")
        else:
            found = [(given, Path(f"{given}.png" if is_shipped(given) else given.name))]
        for photo, name in found:
            target = output / name.parent / _short(name.name)
            job = Job(photo, Path(f"{target}.png"), Path(f"{target}.json"))
            other = jobs.setdefault(job.record, job)
            if other.photo.absolute() != photo.absolute():
                failures.append(f"{photo}: {other.photo} has the same name; give them to two runs with two folders")
    return list(jobs.values()), failures


def _pictures(folder: Path) -> tuple[list[tuple[Path, Path]], list[Path]]:
    """The photographs in a folder, each with its path below it, and the pictures of kinds that are not read."""
    files = sorted(folder.rglob("*"))
    photos = [(path, path.relative_to(folder)) for path in files if _is_photo(path, folder)]
    return photos, [path for path in files if path.suffix.lower() in NOT_READ]


def _is_photo(path: Path, given: Path) -> bool:
    """Whether a file in a given folder is to be explained: a picture, and not the overlay of one written before."""
    overlay = Path(path.stem).suffix.lower() in SUFFIXES and os.path.exists(path.with_suffix(".json"))
    unfinished = any(folder.startswith(UNFINISHED) for folder in path.relative_to(given).parent.parts)
    return path.suffix.lower() in SUFFIXES and not overlay and not unfinished


def _short(name: str) -> str:
    """A name that leaves room for .json; of a long one the end of its stem is exchanged for a digest of the whole."""
    room = LONGEST_NAME - len(".json")
    if len(os.fsencode(name)) <= room:
        return name
    stem, suffix = os.path.splitext(name)
    if suffix.lower() not in SUFFIXES:
        stem, suffix = name, ""
    end = f"-{hashlib.sha256(os.fsencode(name)).hexdigest()[:8]}{suffix}"
    while len(os.fsencode(stem + end)) > room:
        stem = stem[:-1]
    return stem + end


def _is_done(job: Job, settings: dict[str, Any]) -> bool:
    """Whether the photograph was explained with these very settings, and is still the one that it was."""
    try:
        record = json.loads(job.record.read_text(encoding="utf-8"))
        return bool(record["settings"] == settings and record["photo"] == _identity(job.photo) and job.overlay.exists())
    except (OSError, ValueError, KeyError, TypeError):  # no record yet, or one of something else
        return False


def _identity(file: Path) -> dict[str, Any]:
    if is_shipped(file):
        return {"path": str(file), "shipped": f"scikit-image {version('scikit-image')}"}
    known = file.stat()
    return {"path": str(file), "bytes": known.st_size, "modified": known.st_mtime}


def _weights(model: str) -> dict[str, Any] | None:
    """The file that the weights come from, where the user names it: with another one all is to be done anew."""
    file = os.path.expanduser(os.environ.get("CAM_COURSE_RESNET50", "") if model == "resnet50" else model)
    return _identity(Path(file)) if os.path.isfile(file) else None


def _load(model: str, method: Method) -> tuple["PhotoNetwork", "Explainer"]:
    """The network and the explainer, with no map drawn; ends the program with a sentence where there is none."""
    from .. import CAM, LRP, GradCAM, GradCAMPlusPlus, HiResCAM, LayerCAM, Occlusion, ScoreCAM
    from ..models import photo_network

    methods: dict[Method, Callable[[Any], Explainer]] = {
        Method.CAM: CAM,
        Method.GRAD_CAM: GradCAM,
        Method.GRAD_CAM_PP: GradCAMPlusPlus,
        Method.HIRES_CAM: HiResCAM,
        Method.LAYER_CAM: LayerCAM,
        Method.SCORE_CAM: ScoreCAM,
        Method.OCCLUSION: Occlusion,
        Method.LRP: LRP,
    }
    try:
        network = photo_network(model)
        explainer = methods[method](network.model)
    except (OSError, ValueError) as error:
        typer.echo(f"Nothing was written, because {error}", err=True)
        raise typer.Exit(1) from error
    typer.echo(network.notice)
    return network, explainer


def _failure(job: Job, network: "PhotoNetwork", explainer: "Explainer", settings: dict[str, Any]) -> str | None:
    """Explain a photograph; returns why it could not be."""
    try:
        _explain(job, network, explainer, settings)
    except (OSError, ValueError) as error:
        return str(error) if str(job.photo) in str(error) else f"{job.photo}: {error}"
    finally:
        gc.collect(1)  # figures refer to themselves, and would pile up until Python looks through all it holds
    return None


def _explain(job: Job, network: "PhotoNetwork", explainer: "Explainer", settings: dict[str, Any]) -> None:
    photo = load_photo(job.photo)
    e = explainer(network.prepare(photo), top=min(settings["top"], explainer.network.classes))
    shown = square(photo, network.size)
    boxes = e.resize(shown.shape[:2]).boxes()[0]
    record = {
        "photo": _identity(job.photo),
        "settings": settings,
        "size": {"width": photo.shape[1], "height": photo.shape[0]},
        "classes": [
            {
                "class": int(c),
                "name": network.names[c],
                "score": float(S),
                "probability": None if np.isnan(P) else float(P),  # of a single score without sigmoid
                "box": None if box is None else _in_photo(box, photo, network.size),
            }
            for c, S, P, box in zip(e.classes[0], e.scores[0], e.probabilities[0], boxes, strict=True)
        ],
    }
    job.overlay.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(job.overlay) as path:
        e.show(shown, names=network.names).savefig(path, format="png", dpi=RESOLUTION, bbox_inches="tight")
    with written_whole(job.record) as path:
        # A file name that is no text, of bytes from another system, holds half characters; JSON writes them as \udcxx.
        path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8", errors="backslashreplace")


def _in_photo(box: "Box", photo: NDArray[np.uint8], size: int) -> list[int]:
    """A box in the square that the network saw, as x0, y0, x1, y1 in pixels of the photograph."""
    left, top, side = middle_square(photo)
    x0, y0, x1, y1 = (round(edge * side / size) for edge in box)
    return [left + x0, top + y0, left + x1, top + y1]
