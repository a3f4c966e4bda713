"""cam-course explain: maps of any number of photographs."""

import gc
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray
from tqdm import tqdm

from ..data.photos import load_photo, middle_square, square
from ..files import UNFINISHED, written_whole

if TYPE_CHECKING:
    from ..explanation import Box, Explanation
    from ..models import PhotoNetwork

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"}
RESOLUTION = 100  # dots an inch of the overlays


class Method(str, Enum):
    """The methods whose maps have a value for each position."""

    CAM = "cam"
    GRAD_CAM = "grad-cam"
    GRAD_CAM_PP = "grad-cam++"
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
    photos: Annotated[list[str], typer.Argument(metavar="PHOTO...", help="Files, or folders of them.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the overlays and the JSON files.")],
    top: Annotated[int, typer.Option(help="How many of the best classes.", min=1)] = 5,
    method: Annotated[Method, typer.Option(help="What the maps come from.")] = Method.GRAD_CAM,
    model: Annotated[str, typer.Option(help="resnet50, mobilenetv2, or a saved model, FILE.keras.")] = "resnet50",
) -> None:
    """Write for each photograph its maps as a picture, and its classes, scores and boxes as JSON.

    A second run goes on where the first ended. A file that cannot be read is reported at the end, and the exit code is
    0 only if there was none.
    """
    jobs, failures = _jobs([Path(photo).expanduser() for photo in photos], output)
    settings = {"model": model, "weights": _weights(model), "method": method.value, "top": top}
    waiting = [job for job in jobs if not _is_done(job, settings)]
    explained = 0
    if waiting:
        network, explainer = _load(model, method, top)
        for job in tqdm(waiting, unit="photo", desc="explaining"):
            try:
                _explain(job, network, explainer, settings)
                explained += 1
            except (OSError, ValueError) as error:
                failures.append(str(error) if str(job.photo) in str(error) else f"{job.photo}: {error}")
            gc.collect(1)  # figures refer to themselves, and would pile up until Python looks through all it holds
    typer.echo(f"{explained} explained, {len(jobs) - len(waiting)} done before, {len(failures)} failed; see {output}")
    for failure in failures:
        typer.echo(failure, err=True)
    raise typer.Exit(1 if failures else 0)


def _jobs(photos: list[Path], output: Path) -> tuple[list[Job], list[str]]:
    """What is to be done, folders opened up and mirrored below the output folder; and what cannot be."""
    jobs: dict[Path, Job] = {}
    failures = []
    for given in photos:
        found = sorted(path for path in given.rglob("*") if _is_photo(path, given)) if given.is_dir() else [given]
        if not found:
            failures.append(f"{given}: holds no photograph ({', '.join(sorted(SUFFIXES))})")
        for photo in found:
            name = photo.relative_to(given) if given.is_dir() else Path(photo.name)
            job = Job(photo, output / f"{name}.png", output / f"{name}.json")
            other = jobs.setdefault(job.record, job)
            if other.photo.absolute() != photo.absolute():
                failures.append(f"{photo}: {other.photo} has the same name; give them to two runs with two folders")
    return list(jobs.values()), failures


def _is_photo(path: Path, given: Path) -> bool:
    """Whether a file in a given folder is to be explained: a picture, and not the overlay of one written before."""
    overlay = Path(path.stem).suffix.lower() in SUFFIXES and path.with_suffix(".json").exists()
    unfinished = any(folder.startswith(UNFINISHED) for folder in path.relative_to(given).parent.parts)
    return path.suffix.lower() in SUFFIXES and not overlay and not unfinished


def _is_done(job: Job, settings: dict[str, Any]) -> bool:
    """Whether the photograph was explained with these very settings, and is still the one that it was."""
    try:
        record = json.loads(job.record.read_text(encoding="utf-8"))
        return bool(record["settings"] == settings and record["photo"] == _identity(job.photo) and job.overlay.exists())
    except (OSError, ValueError, KeyError, TypeError):  # no record yet, or one of something else
        return False


def _identity(file: Path) -> dict[str, Any]:
    known = file.stat()
    return {"path": str(file), "bytes": known.st_size, "modified": known.st_mtime}


def _weights(model: str) -> dict[str, Any] | None:
    """The file that the weights come from, where the user names it: with another one all is to be done anew."""
    file = Path(os.environ.get("CAM_COURSE_RESNET50", "") if model == "resnet50" else model).expanduser()
    return _identity(file) if file.is_file() else None


def _load(model: str, method: Method, top: int) -> tuple["PhotoNetwork", Callable[..., "Explanation"]]:
    """The network and the explainer; ends the program with a sentence where there is none."""
    from .. import CAM, LRP, GradCAM, GradCAMPlusPlus, LayerCAM, Occlusion, ScoreCAM
    from ..models import photo_network

    methods: dict[Method, Callable[[Any], Callable[..., Explanation]]] = {
        Method.CAM: CAM,
        Method.GRAD_CAM: GradCAM,
        Method.GRAD_CAM_PP: GradCAMPlusPlus,
        Method.LAYER_CAM: LayerCAM,
        Method.SCORE_CAM: ScoreCAM,
        Method.OCCLUSION: Occlusion,
        Method.LRP: LRP,
    }
    try:
        network = photo_network(model)
        if not network.trained:
            raise ValueError(network.notice)
        explainer = methods[method](network.model)
        explainer(network.prepare(np.zeros((8, 8, 3), "uint8")), top=top)  # too many classes are said here, once
    except ValueError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    typer.echo(network.notice)
    return network, explainer


def _explain(
    job: Job, network: "PhotoNetwork", explainer: Callable[..., "Explanation"], settings: dict[str, Any]
) -> None:
    photo = load_photo(job.photo)
    e = explainer(network.prepare(photo), top=settings["top"])
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
                "probability": float(P),
                "box": None if box is None else _in_photo(box, photo, network.size),
            }
            for c, S, P, box in zip(e.classes[0], e.scores[0], e.probabilities[0], boxes, strict=True)
        ],
    }
    job.overlay.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(job.overlay) as path:
        e.show(shown, names=network.names).savefig(path, format="png", dpi=RESOLUTION, bbox_inches="tight")
    with written_whole(job.record) as path:
        path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _in_photo(box: "Box", photo: NDArray[np.uint8], size: int) -> list[int]:
    """A box in the square that the network saw, as x0, y0, x1, y1 in pixels of the photograph."""
    left, top, side = middle_square(photo)
    x0, y0, x1, y1 = (round(edge * side / size) for edge in box)
    return [left + x0, top + y0, left + x1, top + y1]
