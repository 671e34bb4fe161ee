"""The whole model, from its files to the device."""

# pyright: standard

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pellucid.core.records import LoadOptions
from pellucid.restore.models.realrestorer.autoencoder import Autoencoder
from pellucid.restore.models.realrestorer.engine import Engine
from pellucid.restore.models.realrestorer.language import Language
from pellucid.restore.models.realrestorer.network import Network
from pellucid.restore.models.realrestorer.places import Places
from pellucid.restore.models.realrestorer.residence import (
    Residence,
    device_for,
    dtype_for,
)
from pellucid.restore.models.realrestorer.tables import tabled

WHOLE = 64 * 2**20  # bytes; of larger files the names and sizes are hashed


@dataclass(frozen=True)
class Parts:
    """A model that is loaded.

    Attributes:
        language: Reads instructions.
        engine: Restores.
        residence: Says what is on the device.
        sha256: Of the files of the transformer and the autoencoder, by name.
    """

    language: Language
    engine: Engine
    residence: Residence
    sha256: Mapping[str, str]


def load(folder: Path, options: LoadOptions) -> Parts:
    """Read all parts.

    Raises:
        MissingModel: If a part is not there.
        BrokenModel: If a tensor is missing, left over or of another shape.
        SettingsError: If there is no such device, or it computes in another type.
        EnvironmentFailure: If the memory does not suffice.
    """
    device = device_for(options.device)
    dtype = dtype_for(options.dtype, device)
    places = Places.find(folder)
    with _quiet():
        network = Network.load(places.transformer, dtype)
        autoencoder = Autoencoder.load(places.autoencoder)
        language = Language.load(places.encoder, places.processor, dtype)
    tabled(network)
    residence = Residence.choose(device, language, network)
    residence.settle(autoencoder)
    return Parts(
        language,
        Engine(network, autoencoder, device),
        residence,
        dict(_checksums((places.transformer, places.autoencoder))),
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Let transformers report to us, not to the terminal."""
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()


def _checksums(places: tuple[Path, ...]) -> Iterator[tuple[str, str]]:
    for place in places:
        files = [place] if place.is_file() else sorted(place.glob("*.safetensors"))
        for file in files:
            name = file.name if place.is_file() else f"{place.name}/{file.name}"
            yield name, _checksum(file)


def _checksum(path: Path) -> str:
    """Hash a file; of a large one its header, which names every tensor and its place.

    25 GB would take a minute at every start.
    """
    with path.open("rb") as file:
        if path.stat().st_size <= WHOLE:
            return hashlib.file_digest(file, "sha256").hexdigest()
        length = int.from_bytes(file.read(8), "little")
        header = file.read(min(length, WHOLE))
    return hashlib.sha256(header + str(path.stat().st_size).encode()).hexdigest()
