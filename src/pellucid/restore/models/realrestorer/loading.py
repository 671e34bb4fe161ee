"""The whole model, from its files to the device."""

# pyright: standard

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import nn

from pellucid.core.records import LoadOptions
from pellucid.restore.models.realrestorer.autoencoder import Autoencoder
from pellucid.restore.models.realrestorer.extent import TILE
from pellucid.restore.models.realrestorer.language import Language
from pellucid.restore.models.realrestorer.network import Found, Network
from pellucid.restore.models.realrestorer.places import Places
from pellucid.restore.models.realrestorer.reading import read_network
from pellucid.restore.models.realrestorer.residence import (
    Part,
    Parts,
    Residence,
    device_for,
    dtype_for,
)
from pellucid.restore.models.realrestorer.tables import norms
from pellucid.restore.models.realrestorer.ways import Numbers, ways
from pellucid.restore.plan import Machine, Way, choose

WHOLE = 64 * 2**20  # bytes; of larger files the names and sizes are hashed


def load(folder: Path, options: LoadOptions) -> tuple[Residence, dict[str, str]]:
    """Read all parts.

    Returns:
        The parts, settled on the device; and the checksums of the files of the
        transformer and the autoencoder, by name.

    Raises:
        MissingModel: If a part is not there.
        BrokenModel: If a tensor is missing, left over or of another shape.
        SettingsError: If there is no such device, or it computes in another type.
        EnvironmentFailure: If the memory does not suffice.
    """
    device = device_for(options.device)
    dtype = dtype_for(options.dtype, device)
    places = Places.find(folder)
    possible = _ways(places, device, dtype)
    way = choose(possible, Machine.here(), options.memory)
    on_card = device.type != "cpu"

    def network() -> Network:
        return read_network(places.transformer, dtype, holds_layers=on_card)

    def language() -> Language:
        with _quiet():
            return Language.load(places.encoder, places.processor, dtype)

    parts = Parts(Part(language), Part(network), Autoencoder.load(places.autoencoder))
    parts.network.get()  # what is wrong with it is heard now
    if not on_card:
        parts.network.let_go()
    parts.language.get()
    residence = Residence(device, way, possible, parts)
    return residence, dict(_checksums((places.transformer, places.autoencoder)))


def _ways(places: Places, device: torch.device, dtype: torch.dtype) -> tuple[Way, ...]:
    """What each way would take, before anything is read; only those of the device."""
    outline = Network(Found.at(places.transformer).shape)
    layers = sum(_count(norm.linear) for _, norm in norms(outline))
    files = places.encoder.glob("*.safetensors")
    numbers = Numbers(
        painting=_count(outline.transformer) - layers,
        tabled=layers,
        connector=_count(outline.connector),
        language=sum(file.stat().st_size for file in files) // 2,
    )
    size = torch.empty(0, dtype=dtype).element_size()
    found = ways(TILE, TILE, Machine.here(), numbers, size, size)
    is_card = device.type != "cpu"
    return tuple(way for way in found if (way.card_gib > 0.0) == is_card)


def _count(net: nn.Module) -> int:
    return sum(each.numel() for each in net.parameters())


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
