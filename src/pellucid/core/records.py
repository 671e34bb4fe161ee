"""Facts that go into files: frozen, checked when built, and JSON both ways.

Every record is made with `settings`, so wrong facts cannot be built, in code or from
a file. What a field holds beyond its type, with its unit, stands in each docstring.
"""

from __future__ import annotations

import json
import re
from dataclasses import field
from math import prod
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from annotated_types import Ge, Gt, Interval, MinLen

from pellucid.core.errors import SettingsError
from pellucid.core.settings import JsonValue, build, plain, settings

R = TypeVar("R")

PRESENT = 0.5  # from this chance on, something is rather there than not
SURELY = 0.75  # chance that anything is there, from which on something surely is

Share = Annotated[float, Interval(ge=0.0, le=1.0)]
Count = Annotated[int, Ge(0)]
Positive = Annotated[int, Gt(0)]
Amount = Annotated[float, Ge(0.0)]
Name = Annotated[str, MinLen(1)]


@settings
class Step:
    """One damage that a picture has seen.

    Attributes:
        kind: Name of the degradation.
        params: Its choices, as ``sample`` drew them: JSON, no tuples, no NaN.
    """

    kind: Name
    params: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])


@settings
class Damage:
    """How a damaged picture was made, so that it can be made again.

    Attributes:
        key: Names the picture within its run, and its random stream.
        source: The clean picture's file, relative to the folder of the record or of
            its run.
        source_sha256: Of that file, 64 lower-case hexadecimal digits.
        seed: Of the run.
        steps: What was done, first step first.
        pixels_sha256: Of the damaged pixels: float32, little-endian, row by row.
        versions: Package name to version, for all that can change the result.
        schema_version: Of this record.
    """

    key: Name
    source: Name
    source_sha256: str
    seed: Count
    steps: tuple[Step, ...]
    pixels_sha256: str
    versions: dict[str, str] = field(default_factory=dict[str, str])
    schema_version: Literal[1] = 1

    def __post_init__(self) -> None:
        _check_sums(self.source_sha256, self.pixels_sha256)


@settings
class Pair:
    """A damaged picture and what it looked like before: one row of a manifest.

    Attributes:
        key: Names the pair within its manifest, and its random streams.
        damaged: Path of the picture, relative to the manifest.
        clean: Path of the clean picture; None where nobody knows it.
        origin: Where the pair comes from: ``synthetic``, ``mined``, ``generated``,
            or the name of a data set.
        steps: What was done to the clean picture, first step first.
        tags: Words to choose by.
    """

    key: Name
    damaged: Name
    clean: Name | None
    origin: Name
    steps: tuple[Step, ...] = ()
    tags: tuple[str, ...] = ()


@settings
class Request:
    """What is wanted of a restorer.

    Attributes:
        task: What to repair, in this order; ``auto`` lets the diagnosis decide.
        strength: 0 returns the input, 1 the full result; between them, a blend.
        fidelity: 1 stays closest to the input, 0 is most free; None leaves it to the
            model.
        seed: Same seed, same result.
        prompt: Words for a model that reads; empty for its own.
        language: In which a model that reads is told its task.
        steps: Of a model that begins with noise; None leaves it to the model.
        guidance: How far such a model follows its words; None leaves it to the model.
        speed_ups: What may make such a model faster and its picture another, a little.
    """

    task: Annotated[tuple[Name, ...], MinLen(1)] = ("auto",)
    strength: Share = 1.0
    fidelity: Share | None = None
    seed: Count = 0
    prompt: str = ""
    language: Literal["en", "zh"] = "en"
    steps: Positive | None = None
    guidance: Amount | None = None
    speed_ups: tuple[Name, ...] = ()


@settings
class LoadOptions:
    """Where and how a model runs.

    Attributes:
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``mps``, ``openvino``.
        dtype: What the network computes in; pictures stay float32.
        tile: Side of a tile in pixels of the input; None leaves it to the plan.
        offline: Never fetch weights; those that are missing are an error.
        threads: Threads on the CPU; None takes what the machine offers.
        weights_folder: Where weights lie; None is the folder of this user.
        memory: How a large model shares the graphics card, one of `pellucid plan`.
        batch: How many pictures of one size a large model takes at once, where it is
            given several.
    """

    device: Name = "auto"
    dtype: Literal["auto", "float32", "float16", "bfloat16", "int8"] = "auto"
    tile: Positive | None = None
    offline: bool = True
    threads: Positive | None = None
    weights_folder: Path | None = None
    memory: Name = "auto"
    batch: Positive = 1


@settings
class ModelCard:
    """What there is to know about a restorer without loading it.

    Attributes:
        name: The plug-in's name.
        title: What people call it.
        version: Of the weights, as their authors count.
        tasks: What it repairs, in the words of `Request.task`.
        licence: SPDX name for the weights, or ``LicenseRef-`` and a word.
        commercial_use: Whether that licence allows earning money with it.
        generative: Whether it invents what it does not see.
        parameters: How many numbers it has learned.
        memory_gib: Peak for one megapixel at the usual dtype, in GiB.
        min_multiple: Sides are padded to a multiple of this many pixels.
        max_tile: Longest side it takes at once, in pixels; None is any.
        source: The paper, or the address of the code.
        weights: Their names in the catalogue; empty if they come with the package.
    """

    name: Name
    title: Name
    version: Name
    tasks: Annotated[tuple[Name, ...], MinLen(1)]
    licence: Name
    commercial_use: bool
    generative: bool
    parameters: Count
    memory_gib: Amount
    source: Name
    min_multiple: Positive = 1
    max_tile: Positive | None = None
    weights: tuple[Name, ...] = ()


@settings
class MetricCard:
    """How to read the numbers of a metric.

    Attributes:
        name: The plug-in's name.
        title: What people call it.
        direction: Which numbers are better.
        span: Lowest and highest value; None where there is no end (PSNR).
        needs_reference: Whether it compares with the clean picture.
        colour_space: What it is computed in: ``rgb``, ``y``, ``lab``.
        source: The paper.
    """

    name: Name
    title: Name
    direction: Literal["higher", "lower"]
    span: tuple[float | None, float | None]
    needs_reference: bool
    colour_space: Name
    source: Name

    def __post_init__(self) -> None:
        low, high = self.span
        if low is not None and high is not None and not low < high:
            raise ValueError(f"The span must rise, got {low:g} to {high:g}.")


@settings
class SuiteCard:
    """What there is to know about a benchmark before running it.

    Attributes:
        name: The plug-in's name.
        title: What people call it.
        licence: SPDX name for the pictures, or ``LicenseRef-`` and a word.
        commercial_use: Whether that licence allows earning money with it.
        pictures: How many pairs there are.
        has_reference: Whether the clean pictures are known.
        metrics: Names of the metrics it reports.
        source: The paper.
    """

    name: Name
    title: Name
    licence: Name
    commercial_use: bool
    pictures: Count
    has_reference: bool
    metrics: tuple[Name, ...]
    source: Name


@settings
class Finding:
    """One degradation that may be in a picture.

    Attributes:
        kind: Name of the degradation.
        presence: Probability that it is there.
        severity: How strong it is if it is there; 1 is the worst that we train on.
        confidence: How far to trust the two numbers above.
    """

    kind: Name
    presence: Share
    severity: Share
    confidence: Share


@settings
class Diagnosis:
    """What a picture suffers from.

    Attributes:
        findings: What was looked for, present or not.
    """

    findings: tuple[Finding, ...] = ()

    @property
    def found(self) -> tuple[str, ...]:
        """What is more likely there than not.

        Where no single one is, but something surely is: what it may be, down to half
        the chance of the likeliest. Haze, a flare and a reflection are told from a
        clean picture more easily than from each other.
        """
        chances = {each.kind: each.presence for each in self.findings}
        present = tuple(kind for kind, chance in chances.items() if chance > PRESENT)
        clean = prod(1.0 - chance for chance in chances.values())
        if present or 1.0 - clean <= SURELY:
            return present
        least = max(chances.values()) / 2
        return tuple(kind for kind, chance in chances.items() if chance > least)

    @property
    def nothing_to_repair(self) -> bool:
        """Nothing was found."""
        return not self.found


@settings
class Receipt:
    """What was done to a picture, so that it can be checked and done again.

    Attributes:
        input_sha256: Of the file that was read, 64 lower-case hexadecimal digits;
            None if the picture came from memory.
        output_sha256: Of the file that was written; None while there is none.
        versions: Package name to version, for all that can change the result.
        model: Name of the restorer.
        weights_sha256: File name to checksum, one for each file of weights.
        request: What was wanted.
        seed: The seed that was used.
        device: What it ran on, in words.
        dtype: What the network computed in.
        tile: Side of a tile in pixels; None if that was left to the model.
        memory: How the model shared the graphics card; ``auto`` if it does not.
        before: What the picture suffered from.
        after: What the result suffers from; None if nobody looked.
        applied_strength: How much of the result is in the picture: what was wanted,
            less where a guard lowered it, 0 where the original was kept.
        pixels_sha256: Of the restored pixels: float32, little-endian, row by row.
        timings_s: Name of a stage to its seconds.
        warnings: What the user was told, in whole sentences.
        guards: What the guards measured and decided; empty if they were off.
        schema_version: Of this record.
    """

    input_sha256: str | None
    output_sha256: str | None
    versions: dict[str, str]
    model: Name
    request: Request
    seed: Count
    device: Name
    weights_sha256: dict[str, str] = field(default_factory=dict[str, str])
    dtype: Name = "float32"
    tile: Positive | None = None
    memory: Name = "auto"
    before: Diagnosis | None = None
    after: Diagnosis | None = None
    applied_strength: Share | None = None
    pixels_sha256: str | None = None
    timings_s: dict[str, Amount] = field(default_factory=dict[str, float])
    warnings: tuple[str, ...] = ()
    guards: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    schema_version: Literal[1] = 1

    def __post_init__(self) -> None:
        files = (self.input_sha256, self.output_sha256, self.pixels_sha256)
        known = [value for value in files if value is not None]
        _check_sums(*known, *self.weights_sha256.values())


@settings
class Verdict:
    """What a judge says about two pictures.

    Attributes:
        scores: Name of a question to its answer, on the judge's own scale.
        reason: Why, in words, so that a person can check it.
    """

    scores: dict[str, float]
    reason: Name


def to_json(record: Any) -> str:
    """Write a record on one line: sorted keys, UTF-8 as it is.

    Raises:
        SettingsError: If JSON or UTF-8 cannot hold a value, such as NaN.
    """
    try:
        text = json.dumps(
            plain(record), sort_keys=True, ensure_ascii=False, allow_nan=False
        )
        text.encode()
    except ValueError as error:
        what = f"This {type(record).__name__} cannot be written as JSON: {error}."
        raise SettingsError(what) from None
    return text


def from_json(cls: type[R], text: str) -> R:
    """Read a record that `to_json` wrote.

    Raises:
        SettingsError: If the text is not JSON, a key is unknown or missing, or a
            value is wrong.
    """
    try:
        data = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{cls.__name__}: not JSON: {error}.") from None
    return build(cls, data, cls.__name__)


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is not a JSON number")


def _check_sums(*sums: str) -> None:
    for value in sums:
        if not re.fullmatch("[0-9a-f]{64}", value):
            raise ValueError(
                f"A SHA-256 has 64 lower-case hexadecimal digits, got `{value}`."
            )
