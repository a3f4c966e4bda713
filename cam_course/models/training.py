"""What training the networks of the lessons has in common: the weights' folder, one way to fit, one to save."""

import platform
from datetime import date
from importlib.metadata import version
from pathlib import Path

from .. import quiet_tensorflow  # noqa: F401, isort: skip
import keras
from numpy.typing import NDArray

from ..files import written_whole

WEIGHTS = Path(__file__).parent.parent / "weights"
SEED = 0


def fit(model: keras.Model, x: NDArray, y: NDArray, epochs: int, batch_size: int, rate: float, kept: Path) -> None:
    """Train with Adam, its rate falling to zero along a cosine; goes on where an interrupted call ended."""
    falling = keras.optimizers.schedules.CosineDecay(rate, epochs * -(-len(x) // batch_size))
    model.compile(keras.optimizers.Adam(falling), "sparse_categorical_crossentropy", metrics=["accuracy"])
    go_on = keras.callbacks.BackupAndRestore(str(kept))
    model.fit(x, y, epochs=epochs, batch_size=batch_size, callbacks=[go_on], verbose="auto")


def save(model: keras.Model, folder: Path, name: str, command: str, facts: dict[str, str]) -> tuple[Path, Path]:
    """Write the weights and a card of facts into a folder; returns both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    weights, card = folder / f"{name}.weights.h5", folder / f"{name}.md"
    save_weights(model, weights)
    write_card(card, f"Weights of the {command} network", command, facts)
    return weights, card


def save_weights(model: keras.Model, weights: Path) -> None:
    """Write the weights alone, never half; a compiled model or its clone would save the optimizer's state too."""
    bare = type(model).from_config(model.get_config())
    bare.set_weights(model.get_weights())
    with written_whole(weights) as path:
        bare.save_weights(path)


def write_card(
    card: Path, title: str, command: str, facts: dict[str, str], licence: str = "MIT, like the code"
) -> None:
    """Write how weights were made, never half."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("tensorflow", "keras", "numpy"))
    versions = f"Python {platform.python_version()}, {packages}; {platform.system()} {platform.machine()}"
    facts = facts | {"versions": versions, "date": date.today().isoformat(), "licence": licence}
    rows = "\n".join(f"| {what} | {fact} |" for what, fact in facts.items())
    head = f"# {title}\n\nWritten by `cam-course train {command}`, never by hand.\n\n"
    with written_whole(card) as path:
        path.write_text(f"{head}| | |\n| --- | --- |\n{rows}\n", encoding="utf-8")
