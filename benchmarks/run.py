"""Measure every method against a plain forward pass of ResNet50, and write README.md.

    python benchmarks/run.py [--quick] [-o benchmarks/README.md]

Leave the machine alone meanwhile, for about twenty minutes.
"""

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

CORES = 2
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])  # before TensorFlow counts the cores

import numpy as np  # noqa: E402
from cases import (  # noqa: E402
    AT_ONCE,
    BATCHES,
    CLASS_COUNTS,
    CONTROL,
    EAGER,
    FASTER,
    FASTER_AT_LEAST,
    LAYER,
    LAYERS,
    METHODS,
    PEER,
    STREAMED,
)
from memory import peak, resident  # noqa: E402
from report import (  # noqa: E402
    IN_THE_BROWSER,
    Section,
    at_least,
    at_most,
    last_of,
    machine,
    readme,
    table,
    times,
    versions,
    write,
)
from timing import Ratio, interleaved, seconds  # noqa: E402
from tqdm import tqdm  # noqa: E402

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    side: int = 224  # of the images, in pixels
    small_side: int = 64  # where 224 would take too long
    rounds: tuple[int, ...] = (15, 9)  # of the batches
    few_rounds: int = 3
    class_counts: int = 1000
    image_counts: tuple[int, ...] = (1, 8, 32, 256)
    maps: int = 2048  # of Score-CAM's long run
    calls: int = 1000


QUICK = Sizes(64, 64, (2, 2), 1, 20, (1, 64), 64, 20)


class Bench:
    """One ResNet50, its plain forward pass, and each method on it once."""

    def __init__(self, sizes: Sizes) -> None:
        import cam_course.quiet_tensorflow  # noqa: F401, isort: skip
        import keras
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(CORES)
        keras.utils.set_random_seed(0)
        self.sizes = sizes
        self.images = np.random.default_rng(0).standard_normal(
            (max(*sizes.image_counts, AT_ONCE), sizes.side, sizes.side, 3), "float32"
        )
        self.model = self.resnet50(sizes.side)
        self.forward = self.compiled(self.model)
        self.explainers: dict[str, Any] = {}

    @staticmethod
    def resnet50(side: int) -> Any:
        import keras

        return keras.applications.ResNet50(weights=None, input_shape=(side, side, 3))

    @staticmethod
    def compiled(model: Any) -> Callable[[Any], Any]:
        """The plain forward pass, in batches as the methods do it."""
        import tensorflow as tf

        signature = [tf.TensorSpec((None, *model.input_shape[1:]), tf.float32)]
        one_pass = tf.function(lambda images: model(images, training=False), input_signature=signature)

        def run(images: Any) -> None:
            for i in range(0, len(images), AT_ONCE):
                one_pass(images[i : i + AT_ONCE]).numpy()

        return run

    def explainer(self, method: str, **options: Any) -> Any:
        """Made once, so that its tracings can be counted in the end."""
        import cam_course

        label = ", ".join([method, *options.values()])
        if label not in self.explainers:
            self.explainers[label] = getattr(cam_course, method)(self.model, **options)
        return self.explainers[label]

    def measure(self, case: Callable[[], Any], n: int, rounds: int) -> Ratio:
        """As a multiple of the forward pass of n images."""
        return interleaved(partial(self.forward, self.images[:n]), case, rounds)


def forward_pass(bench: Bench) -> Section:
    rows = []
    for n, rounds in zip(BATCHES, bench.sizes.rounds, strict=True):
        ratio = bench.measure(partial(bench.forward, bench.images[:n]), n, rounds)
        rows.append([f"Batch {n}", f"{1000 * ratio.base_seconds:.0f} ms", times(ratio)])
    return Section(
        "The forward pass",
        "The unit of the tables below. The control is the pass measured against itself: how far it strays from 1 is "
        "how far the other numbers can be trusted.",
        ["Images", "Time", CONTROL],
        rows,
    )


def methods(bench: Bench) -> Section:
    rows = []
    for case in METHODS:
        explain = bench.explainer(case.method, **case.options)
        ratios = [
            bench.measure(partial(explain, bench.images[:n], **case.call), n, rounds)
            for n, rounds in zip(BATCHES, bench.sizes.rounds, strict=True)
        ]
        rows.append([case.label, *map(times, ratios), *at_most(case.limit, *ratios)])
    return Section(
        "The methods",
        "How many plain forward passes of the same batch one call takes, from NumPy images to NumPy maps. Of the rules "
        "of LRP, z+ needs one convolution more in each layer than epsilon, and gamma up to two.",
        ["", *(f"Batch {n}" for n in BATCHES), "Target", ""],
        rows,
    )


def peers(bench: Bench) -> Section:
    from peers import EagerLoop, TfKerasVis, tf_keras_vis_version

    loop = EagerLoop(bench.model, LAYER)
    rounds = [(n, bench.sizes.few_rounds) for n in BATCHES]  # the loop takes seconds each
    rows = []
    for count, label in EAGER.items():
        calls = (bench.measure(partial(loop, bench.images[:n], range(count)), n, few) for n, few in rounds)
        rows.append([label, *map(times, calls), "", ""])
    text = (
        f"Both compute Grad-CAM at `{LAYER}` from the logits, and are told the class instead of looking for it. "
        "tf-keras-vis runs on the same Keras 3 model, called with `ReplaceToLinear`, `expand_cam=False`, "
        "`normalize_cam=False`; the loop is `tf.GradientTape` around the eager model, one pass for each class. "
        "The last row is measured directly against `GradCAM`, the two interleaved."
    )
    if tf_keras_vis_version() is None:
        rows += [
            [label, *["not measured: tf-keras-vis is not installed"] * len(BATCHES), "", ""] for label in (PEER, FASTER)
        ]
    else:
        peer = TfKerasVis(bench.model)
        calls = (bench.measure(partial(peer, bench.images[:n], range(n), LAYER), n, few) for n, few in rounds)
        rows.append([PEER, *map(times, calls), "", ""])
        faster = [
            interleaved(
                partial(bench.explainer("GradCAM"), bench.images[:n]),
                partial(peer, bench.images[:n], range(n), LAYER),
                few,
            )
            for n, few in rounds
        ]
        rows.append([FASTER, *map(times, faster), *at_least(FASTER_AT_LEAST, faster[0])])
    return Section("Others", text, ["", *(f"Batch {n}" for n in BATCHES), "Target at batch 1", ""], rows)


def agreement(bench: Bench) -> Section:
    from peers import EagerLoop, TfKerasVis, tf_keras_vis_version

    images = bench.images[:2]
    peer = TfKerasVis(bench.model) if tf_keras_vis_version() else None
    rows = []
    for layer in LAYERS:
        e = bench.explainer("GradCAM", layer=layer)(images, top=2)
        loop = EagerLoop(bench.model, layer)
        others = [np.stack([loop(images[i : i + 1], e.classes[i])[0] for i in range(len(images))])]
        if peer is not None:
            others.append(np.stack([peer(images, e.classes[:, k], layer) for k in range(2)], axis=1))
        cells = [f"{correlation(e.maps, other):.6f}" for other in others]
        rows.append([f"`{layer}`", *cells, *["not measured"] * (2 - len(cells))])
    return Section(
        "Agreement",
        "The lowest correlation of a Grad-CAM map with that of the others, over two images and their two best classes "
        "(ReLU applied, not scaled). The target is 0.999.",
        ["Layer", "Eager GradientTape loop", "tf-keras-vis"],
        rows,
    )


def correlation(a: Any, b: Any) -> float:
    """The lowest of all maps (N, K, h, w) that are not the same everywhere."""
    pairs = zip(a.reshape(-1, a[0, 0].size), b.reshape(-1, b[0, 0].size), strict=True)
    return min(float(np.corrcoef(x, y)[0, 1]) for x, y in pairs if x.std() > 0)


def classes(bench: Bench) -> Section:
    counts = sorted({k for counts in CLASS_COUNTS.values() for k in counts if k <= bench.sizes.class_counts})
    rows = []
    for method, tried in CLASS_COUNTS.items():
        explain = bench.explainer(method)
        measured = {
            k: bench.measure(partial(explain, bench.images[:1], top=k), 1, bench.sizes.rounds[0])
            for k in counts
            if k in tried
        }
        most = max(measured)
        growth = (measured[most].median - measured[1].median) / (most - 1)
        cells = [f"{measured[k].median:.2f}" if k in measured else "" for k in counts]
        rows.append([f"`{method}`", *cells, f"{growth:.4f}"])
    return Section(
        "More classes",
        "One image, the K best classes, in plain forward passes of that image. The last column is what each further "
        "class costs. Grad-CAM goes back through the layers after the feature maps once for each class, guided "
        "backpropagation and LRP through all layers; CAM only weights the maps anew.",
        ["", *(f"K = {k:,}" for k in counts), "Each further class"],
        rows,
    )


def images(bench: Bench) -> Section:
    rows = []
    for method in STREAMED:
        explain = bench.explainer(method)
        explain(bench.images[:AT_ONCE])
        before = resident()
        for n in bench.sizes.image_counts:
            call = partial(explain, bench.images[:n])
            if n <= AT_ONCE:
                pace = bench.measure(call, n, bench.sizes.rounds[0 if n == 1 else 1])
            else:  # between passes of fewer images, which are as good a measure and take less time
                pace = bench.measure(call, AT_ONCE, bench.sizes.few_rounds).over(n / AT_ONCE)
            rows.append([f"`{method}`, N = {n}", times(pace), f"{peak(call) - before:+.0f} MB"])
    return Section(
        "More images",
        f"The best class of N images at once. Methods and forward pass go through them {AT_ONCE} at a time. The last "
        f"column is the highest resident memory during a call, above what was held after {AT_ONCE} images; the images "
        f"themselves are there before and not counted. More than {AT_ONCE} are measured between forward passes of "
        f"{AT_ONCE}.",
        ["", "Plain forward passes of N images", "Memory"],
        rows,
    )


def layers(bench: Bench) -> Section:
    rows = []
    for layer in LAYERS:
        explain = bench.explainer("GradCAM", layer=layer)
        ratio = bench.measure(partial(explain, bench.images[:1]), 1, bench.sizes.rounds[0])
        rows.append([f"`{layer}`", times(ratio)])
    return Section(
        "Earlier layers",
        "Grad-CAM of one image and one class. The gradient runs through the layers after the one asked for.",
        ["Layer", "Plain forward passes"],
        rows,
    )


def masking(bench: Bench) -> Section:
    from cam_course import Occlusion, ScoreCAM

    side, small = bench.sizes.side, bench.sizes.small_side
    forward = bench.measure(partial(bench.forward, bench.images[:1]), 1, bench.sizes.few_rounds).base_seconds
    rows = []

    def add(label: str, explain: Any, passes: int) -> None:
        explain(bench.images[:1])
        before = resident()
        highest = peak(partial(explain, bench.images[:1]))
        many = np.resize(bench.images[:AT_ONCE], (passes, *bench.images.shape[1:]))
        ratio = interleaved(partial(bench.forward, many), partial(explain, bench.images[:1]), 2)
        whole = ratio.median * ratio.base_seconds / forward
        rows.append([label, f"{passes:,}", times(ratio), f"{whole:.0f}", f"{highest - before:+.0f} MB"])

    window = side // 4
    add(
        f"Occlusion, windows of {window} pixels",
        Occlusion(bench.model, size=window, batch_size=AT_ONCE),
        len(range(0, side - window + 1, window // 2)) ** 2,
    )
    add("Score-CAM, the 64 maps of `pool1_pool`", ScoreCAM(bench.model, "pool1_pool", batch_size=AT_ONCE), 64)

    model = bench.resnet50(small)
    few, all_maps = ScoreCAM(model, "pool1_pool"), ScoreCAM(model, "pool1_pool" if bench.sizes.maps == 64 else LAYER)
    image = bench.images[:1, :small, :small]
    few(image)
    before = resident()
    highest = peak(partial(all_maps, image))
    plain = bench.compiled(model)
    some = np.ascontiguousarray(bench.images[:AT_ONCE, :small, :small])
    plain(some)
    per_batch = seconds(partial(plain, some))
    took = seconds(partial(all_maps, image))
    per_batch = (per_batch + seconds(partial(plain, some))) / 2
    single = interleaved(partial(plain, image), partial(plain, image), 3).base_seconds
    ratio = took / (per_batch * bench.sizes.maps / AT_ONCE)
    rows.append(
        [
            f"Score-CAM, the {bench.sizes.maps:,} maps of `{LAYER}`, {small} x {small}, once",
            f"{bench.sizes.maps:,}",
            f"{ratio:.2f}",
            f"{took / single:.0f}",
            f"{highest - before:+.0f} MB",
        ]
    )
    return Section(
        "Masks",
        "One image, one class. The third column compares with as many plain forward passes, of images there already, "
        f"in batches of {AT_ONCE}; the fourth with one pass of one image. Memory is the highest during a call, "
        "above what was held after the call before it. Score-CAM with ResNet50's own grid runs 2,048 passes, minutes "
        f"at {side} x {side}: here it runs at {small} x {small}, one time between two batches of plain passes, after "
        "Score-CAM with 64 maps: its memory is what the longer run adds.",
        ["", "Masks", "As many plain passes", "One plain pass", "Memory"],
        rows,
    )


def lasting(bench: Bench) -> Section:
    import keras

    from cam_course import CAM, GradCAM

    small = keras.Sequential(
        [
            keras.Input((16, 16, 1)),
            keras.layers.Conv2D(8, 3, activation="relu"),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    networks = {"a small network": small, "ResNet50, 64 x 64": bench.resnet50(64)}
    calls, rows = bench.sizes.calls, []

    def add(label: str, model: Any, call: Callable[[Any, int], Any]) -> None:
        held = []
        for part in (calls // 5, calls):
            for i in range(part):
                call(np.zeros((1 + i % 4, *model.input_shape[1:]), "float32"), 1 + i % 3)
            held.append(resident())
        rows.append([label, f"{calls:,}", f"{held[1] - held[0]:+.1f} MB"])

    for name, model in networks.items():
        plain = bench.compiled(model)
        add(f"Plain forward pass, {name}", model, lambda images, top, plain=plain: plain(images))  # type: ignore[misc]
        for method in (CAM, GradCAM):
            explain = method(model)
            add(f"`{method.__name__}`, {name}", model, lambda images, top, explain=explain: explain(images, top=top))  # type: ignore[misc]
    return Section(
        "Many calls",
        f"The memory held after {calls:,} calls, above that after {calls // 5:,} calls before them. Batches of 1 to 4 "
        "images and 1 to 3 classes take turns. What the plain forward pass adds is TensorFlow's own.",
        ["", "Calls", "Memory"],
        rows,
    )


def tracings(bench: Bench) -> Section:
    rows = [[f"`{method}`", f"{explain._compiled_step.tracings}"] for method, explain in bench.explainers.items()]
    return Section(
        "Tracings",
        "How often TensorFlow traced each method in all that stands above: batches of 1, 8, 32 and more images, and "
        "all numbers of classes.",
        ["", "Tracings"],
        rows,
    )


SECTIONS = (forward_pass, methods, peers, agreement, classes, images, layers, masking, lasting, tracings)


def measured(bench: Bench) -> list[Section]:
    """All sections. Lasting memory is measured first, while the process has had little that it could give back."""
    done = {}
    bar = tqdm(sorted(SECTIONS, key=lambda section: section is not lasting), unit="table")
    for section in bar:
        bar.set_description(section.__name__)
        done[section] = section(bench)
        bar.write(table(done[section].head, done[section].rows))  # a run broken off has shown what it measured
    return [done[section] for section in SECTIONS]


def introduction(sizes: Sizes) -> str:
    return (
        f"One ResNet50 with random weights (seeded), images of {sizes.side} x {sizes.side} of random numbers: speed "
        "depends on neither. A plain forward pass is `tf.function` around `model(images, training=False)`, from NumPy "
        "to NumPy. Each call is timed between two forward passes and divided by their mean; a cell gives the median of "
        f"such rounds and their quartiles ({sizes.rounds[0]} rounds, {sizes.rounds[1]} for the methods at batch 8, "
        f"{sizes.few_rounds} for what others compute)."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that all runs; prints the result")
    parser.add_argument("-o", "--output", type=Path, help="the file to write (default: README.md beside this program)")
    given = parser.parse_args()
    sizes = QUICK if given.quick else Sizes()
    sections = measured(Bench(sizes))

    from peers import tf_keras_vis_version

    text = readme(machine(CORES), versions(tf_keras_vis_version()), date.today(), introduction(sizes), sections)
    if given.quick and given.output is None:
        print(text)
    else:
        path = given.output or HERE / "README.md"
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        write(path, text + last_of(before, IN_THE_BROWSER))


if __name__ == "__main__":
    main()
