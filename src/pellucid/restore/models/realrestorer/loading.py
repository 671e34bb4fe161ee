"""The whole model, from its files to the device."""

# pyright: standard

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import nn

from pellucid.core.errors import EnvironmentFailure, SettingsError
from pellucid.core.records import LoadOptions
from pellucid.restore.models.realrestorer.autoencoder import Autoencoder
from pellucid.restore.models.realrestorer.crew import Station
from pellucid.restore.models.realrestorer.extent import TILE
from pellucid.restore.models.realrestorer.language import Language
from pellucid.restore.models.realrestorer.network import Found, Network
from pellucid.restore.models.realrestorer.places import Places
from pellucid.restore.models.realrestorer.quantise import require
from pellucid.restore.models.realrestorer.quiet import quiet
from pellucid.restore.models.realrestorer.ratios import FILE as RATIOS
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
    with quiet():
        return _load(folder, options)


def _load(folder: Path, options: LoadOptions) -> tuple[Residence, dict[str, str]]:
    device = device_for(options.device)
    dtype = dtype_for(options.dtype, device)
    places = Places.find(folder)
    possible = _ways(places, device, dtype, options.memory)
    way = choose(possible, Machine.here(), options.memory)
    require(way.name, device)
    if way.cards > 1 and device.index:
        what = f"`--memory {way.name}` begins with the first card, not `{device}`."
        raise SettingsError(what, "Choose cards with CUDA_VISIBLE_DEVICES.")
    on_card = device.type != "cpu"

    def network() -> Network:
        return read_network(places.transformer, dtype, holds_layers=on_card)

    def language() -> Language:
        with quiet():
            return Language.load(places.encoder, places.processor, dtype)

    parts = Parts(Part(language), Part(network), Autoencoder.load(places.autoencoder))
    parts.network.get()  # what is wrong with it is heard now
    if not on_card:
        parts.network.let_go()
    parts.language.get()
    station = Station(
        kind=way.name,
        device=device.type,
        count=way.cards,
        transformer=str(places.transformer),
        autoencoder=str(places.autoencoder),
        dtype=str(dtype).removeprefix("torch."),
    )
    residence = Residence(device, way, possible, parts, station)
    files = (places.transformer, places.autoencoder, folder / RATIOS)
    return residence, dict(_checksums(files))


def _ways(
    places: Places, device: torch.device, dtype: torch.dtype, wanted: str
) -> tuple[Way, ...]:
    """What each way would take, before anything is read; only those of the device.

    Raises:
        EnvironmentFailure: If the wanted one is for a graphics card, and there is none.
    """
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
    possible = tuple(way for way in found if (way.card_gib > 0.0) == is_card)
    names, here = [way.name for way in found], [way.name for way in possible]
    if wanted in names and wanted not in here:
        what = f"`--memory {wanted}` is for a graphics card, and `{device}` is none."
        if is_card:
            what = f"`--memory {wanted}` is for a processor, not for `{device}`."
        raise EnvironmentFailure(what, f"Choose one of {', '.join(here)}.")
    return possible


def _count(net: nn.Module) -> int:
    return sum(each.numel() for each in net.parameters())


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
