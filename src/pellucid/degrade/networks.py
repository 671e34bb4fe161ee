"""Depth and segments from networks of transformers that lie in a folder.

A folder is what ``save_pretrained`` writes and what model hubs hand out: config.json,
model.safetensors, preprocessor_config.json. Nothing is fetched, and no code from a
folder is run. Networks stay on the CPU in float32, and are kept once loaded. Pictures
are prepared here as preprocessor_config.json says, because the image processors of
newer transformers want torchvision.

Networks answer in two ways. Those in the line of MiDaS (DPT, Depth Anything) and
Depth Pro give inverse depth: near is large. ZoeDepth, GLPN, TIPSv2 and whatever says
``"depth_estimation_type": "metric"`` in its config.json give metres: far is large. A
DPT that was trained on metres does not say so; add that line to its config.json.

Source: R. Ranftl, A. Bochkovskiy, V. Koltun, "Vision Transformers for Dense
        Prediction", 2021; L. Yang et al., "Depth Anything V2", 2024; E. Xie et al.,
        "SegFormer", 2021; B. Cheng et al., "Masked-attention Mask Transformer", 2022.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from pellucid.core.errors import MissingDependency, MissingModel
from pellucid.core.image import Pixels
from pellucid.degrade.grain import Field
from pellucid.degrade.resample import resize

Labels = NDArray[np.int32]

# How the name of a network's class ends, and what loads it.
_DEPTH = {"ForDepthEstimation": "AutoModelForDepthEstimation"}
_SEGMENTS = {
    "ForSemanticSegmentation": "AutoModelForSemanticSegmentation",
    "ForUniversalSegmentation": "AutoModelForUniversalSegmentation",
    "ForInstanceSegmentation": "AutoModelForUniversalSegmentation",
    "ForSegmentation": "AutoModelForImageSegmentation",
}

_METRES = {"zoedepth", "glpn", "tipsv2_dpt"}  # model types whose answer is metres
_IMAGENET_MEAN, _IMAGENET_SPREAD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


@dataclass(frozen=True, kw_only=True)
class _Preparation:
    """What a network wants to see.

    Attributes:
        height: Wanted rows; 0 if the shorter side is meant by ``width``.
        width: Wanted columns.
        keeps_shape: Scale both sides alike, by the factor that is nearer to 1.
        multiple: Sides are multiples of this.
        scale: What 8-bit levels are multiplied by.
        mean: Of red, green and blue, taken off after scaling.
        spread: Of red, green and blue, divided by.
    """

    height: int
    width: int
    keeps_shape: bool
    multiple: int
    scale: float
    mean: Field
    spread: Field


@dataclass(frozen=True, kw_only=True)
class _Network:
    model: Any
    is_metric: bool
    preparation: _Preparation


def predict_depth(folder: str, pixels: Pixels) -> Field:
    """Ask a depth network.

    Args:
        folder: Where it lies.
        pixels: (height, width, 3), float32 in [0, 1], of any size.

    Returns:
        (height, width): 0 is the nearest point of this picture, 1 the farthest; 0.5
        everywhere if the network sees no difference.

    Raises:
        MissingModel: If there is no depth network, or it cannot be used.
        MissingDependency: If torch or transformers is not installed.
    """
    network = _load(folder, "depth")
    depth = _answer(folder, network, pixels, ("predicted_depth",))[0][0]
    low, high = float(depth.min()), float(depth.max())
    if not high > low:  # one pixel, or not a number anywhere
        return np.full(pixels.shape[:2], 0.5, dtype=np.float32)
    farness = (depth - low) / (high - low)
    farness = farness if network.is_metric else 1.0 - farness
    height, width, _ = pixels.shape
    return np.clip(resize(farness, height, width, "bicubic"), 0.0, 1.0)


def predict_segments(folder: str, pixels: Pixels) -> Labels:
    """Ask a segmentation network.

    Args:
        folder: Where it lies.
        pixels: (height, width, 3), float32 in [0, 1], of any size.

    Returns:
        (height, width): the class of every pixel, or, for networks that tell one
        thing from the next, the number of the thing. Numbers may be left out.

    Raises:
        MissingModel: If there is no such network, or it cannot be used.
        MissingDependency: If torch or transformers is not installed.
    """
    network = _load(folder, "segments")
    wanted = ("class_queries_logits", "masks_queries_logits", "logits", "pred_masks")
    found = _answer(folder, network, pixels, wanted)
    votes = found[0][0] if len(found) == 1 else _votes(found[0][0], found[1][0])
    labels = np.argmax(votes, axis=0).astype(np.float32)
    height, width, _ = pixels.shape
    return resize(labels, height, width, "nearest").astype(np.int32)


def _votes(classes: Field, masks: Field) -> Field:
    """Weigh the mask of every query by how sure the query is to have seen a thing."""
    powers = np.exp(classes - classes.max(axis=1, keepdims=True))
    sure = (powers / powers.sum(axis=1, keepdims=True))[:, :-1].max(axis=1)
    return sure[:, None, None] / (1.0 + np.exp(-np.clip(masks, -30.0, 30.0)))


def _answer(
    folder: str, network: _Network, pixels: Pixels, wanted: tuple[str, ...]
) -> list[Field]:
    """Run a network on one picture and take out what it has of the wanted answers.

    Answers of several planes come at the size that the network saw: a class map of
    a quarter of that size has steps.
    """
    torch = import_module("torch")
    seen = torch.from_numpy(_prepared(pixels, network.preparation))
    try:
        with torch.inference_mode():
            answers = network.model(pixel_values=seen)
            found = [answers[each] for each in wanted if each in answers]
            sized = [
                torch.nn.functional.interpolate(each, seen.shape[2:], mode="bilinear")
                if each.ndim == 4
                else each
                for each in found
            ]
    except (TypeError, ValueError, RuntimeError) as error:
        what = f"{folder}: The network cannot look at a picture: {_first(error)}."
        raise MissingModel(what, "Is its preprocessor_config.json there?") from error
    if not found:
        what = f"{folder}: The network answers with none of {', '.join(wanted)}."
        raise MissingModel(what)
    return [np.nan_to_num(each.float().numpy()) for each in sized]


def _prepared(pixels: Pixels, wish: _Preparation) -> Field:
    """Make what the network wants to see: (1, 3, rows, columns)."""
    height, width, _ = pixels.shape
    rows, columns = _size(height, width, wish)
    shrinks = rows < height or columns < width
    sized = resize(pixels, rows, columns, "area" if shrinks else "bilinear")
    scaled = (sized * np.float32(255.0 * wish.scale) - wish.mean) / wish.spread
    return np.ascontiguousarray(scaled.transpose(2, 0, 1)[None], dtype=np.float32)


def _size(height: int, width: int, wish: _Preparation) -> tuple[int, int]:
    if wish.height == 0:
        by_height = by_width = wish.width / min(height, width)
    else:
        by_height, by_width = wish.height / height, wish.width / width
        if wish.keeps_shape:
            nearer = min(by_height, by_width, key=lambda factor: abs(1.0 - factor))
            by_height = by_width = nearer
    return (
        max(1, round(height * by_height / wish.multiple)) * wish.multiple,
        max(1, round(width * by_width / wish.multiple)) * wish.multiple,
    )


@lru_cache(maxsize=4)
def _load(folder: str, subject: str) -> _Network:
    """Read a network. This is the only slow step."""
    endings = _DEPTH if subject == "depth" else _SEGMENTS
    described = _read_json(folder, "config.json", subject)
    loader = _loader(folder, described, endings, subject)
    model = _read_model(folder, loader, subject)
    kind = str(described.get("model_type"))
    is_metric = described.get("depth_estimation_type", "") == "metric"
    is_there = Path(folder, "preprocessor_config.json").is_file()
    wishes = _read_json(folder, "preprocessor_config.json", subject) if is_there else {}
    return _Network(
        model=model,
        is_metric=is_metric or kind in _METRES,
        preparation=_preparation(wishes, described),
    )


def _loader(
    folder: str, described: Mapping[str, Any], endings: Mapping[str, str], subject: str
) -> Any:
    names = cast("list[str]", described.get("architectures") or ["something nameless"])
    name = names[0]
    for ending, loader in endings.items():
        if name.endswith(ending):
            try:
                import_module("torch")
                return getattr(import_module("transformers"), loader)
            except ImportError as error:
                what = "Networks need torch and transformers, which are not installed."
                raise MissingDependency(
                    what, 'pip install "pellucid[models]"'
                ) from error
    what = f"{folder}: It holds {name}, which is not a network for {subject}."
    raise MissingModel(what, f"Wanted is a class that ends in {' or '.join(endings)}.")


def _read_model(folder: str, loader: Any, subject: str) -> Any:
    try:
        with _quiet():
            model, report = loader.from_pretrained(
                folder,
                local_files_only=True,
                use_safetensors=True,  # weights that hold no code
                dtype=import_module("torch").float32,
                output_loading_info=True,
            )
    except ImportError as error:  # some backbones want a package of their own
        what = f"{folder}: The network needs a package more: {_first(error)}."
        raise MissingDependency(what) from error
    except Exception as error:  # transformers and safetensors raise of all kinds
        what = f"{folder}: The network for {subject} cannot be read: {_first(error)}."
        raise MissingModel(what, _COMPLETE) from error
    missing = sorted(report["missing_keys"])
    if missing:  # they would be random numbers
        what = f"{folder}: {len(missing)} weights are missing, such as {missing[0]}."
        raise MissingModel(what, _COMPLETE)
    return model.eval()


_COMPLETE = "A folder needs config.json and model.safetensors, both complete."


@contextmanager
def _quiet() -> Generator[None]:
    """Show no bar while weights are read, and leave the switch as it was."""
    logging = import_module("transformers.utils.logging")
    was_enabled = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if was_enabled:
            logging.enable_progress_bar()


def _preparation(
    wishes: Mapping[str, Any], described: Mapping[str, Any]
) -> _Preparation:
    """Put the wishes of a folder together; what it does not say is usual."""
    backbone = cast("dict[str, Any]", described.get("backbone_config") or {})
    known = {**backbone, **described}
    usual = known.get("image_size") or 384
    size = wishes.get("size") or usual
    if not isinstance(size, dict):
        size = {"height": size, "width": size}
    sides = cast("dict[str, int]", size)
    has_both = "height" in sides
    patch = known.get("patch_size")
    step = wishes.get("ensure_multiple_of") or wishes.get("size_divisor")
    usual_step = 1 if wishes or not isinstance(patch, int) else patch
    normalises = wishes.get("do_normalize", True)
    mean = wishes.get("image_mean") or _IMAGENET_MEAN
    spread = wishes.get("image_std") or _IMAGENET_SPREAD
    return _Preparation(
        height=int(sides["height"]) if has_both else 0,
        width=int(sides["width"] if has_both else sides.get("shortest_edge", usual)),
        keeps_shape=bool(wishes.get("keep_aspect_ratio", False)),
        multiple=int(step or usual_step),
        scale=float(wishes.get("rescale_factor") or 1 / 255),
        mean=np.array(mean if normalises else [0.0], dtype=np.float32),
        spread=np.array(spread if normalises else [1.0], dtype=np.float32),
    )


def _read_json(folder: str, name: str, subject: str) -> dict[str, Any]:
    try:
        return dict(json.loads(Path(folder, name).read_bytes()))
    except OSError as error:
        what = f"There is no network for {subject} in {folder}: no {name}."
        raise MissingModel(
            what, "Name a folder that `save_pretrained` wrote."
        ) from error
    except (ValueError, TypeError) as error:
        raise MissingModel(
            f"{Path(folder, name)}: It is not JSON.", _COMPLETE
        ) from error


def _first(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__
