"""Which part of the model is on the device, and when.

The language model is needed once per picture, the transformer at every step. Where both
fit, both stay; else they take turns. The autoencoder is small and stays. Weights that
only fill tables stay on the host.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from pellucid.core.errors import EnvironmentFailure, SettingsError
from pellucid.restore.models.realrestorer.autoencoder import Autoencoder
from pellucid.restore.models.realrestorer.language import Language
from pellucid.restore.models.realrestorer.network import Network

WORKING_GIB = 3.0  # what a megapixel needs beside the weights
DTYPES = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}


@dataclass(frozen=True)
class Residence:
    """Where the parts are.

    Attributes:
        device: What computes.
        takes_turns: Language model and transformer are not there at the same time.
    """

    device: torch.device
    takes_turns: bool = False

    @classmethod
    def choose(
        cls, device: torch.device, language: Language, network: Network
    ) -> Residence:
        """Choose by the memory of the device.

        Raises:
            EnvironmentFailure: If not even one of the parts fits.
        """
        if device.type != "cuda":
            return cls(device)
        free = torch.cuda.mem_get_info(device)[0] / 2**30 - WORKING_GIB
        needed = [gib(part) for part in (language.model, network.transformer)]
        if max(needed) > free:
            what = f"The graphics card has {free + WORKING_GIB:.1f} GiB free, and"
            raise EnvironmentFailure(
                f"{what} {max(needed) + WORKING_GIB:.1f} GiB are needed.",
                "Close what else uses it, or restore on the CPU: `--device cpu`.",
            )
        return cls(device, takes_turns=sum(needed) > free)

    def settle(self, autoencoder: Autoencoder) -> None:
        """Bring what stays to the device."""
        autoencoder.net.to(self.device)

    def speak(self, language: Language, network: Network) -> None:
        """Make the language model ready."""
        if self.takes_turns:
            network.transformer.to("cpu")
        language.model.to(self.device)

    def paint(self, language: Language, network: Network) -> None:
        """Make the transformer ready."""
        if self.takes_turns:
            language.model.to("cpu")
        network.transformer.to(self.device)


def device_for(name: str) -> torch.device:
    """Understand the name of a device; ``auto`` takes the fastest.

    Raises:
        SettingsError: If there is no such device, here or anywhere.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        first = str(error).splitlines()[0]
        what = f"The device `{name}` cannot be used: {first}"
        raise SettingsError(what, "Choose `auto`, `cpu` or `cuda`.") from error
    return device


def dtype_for(name: str, device: torch.device) -> torch.dtype:
    """Understand what is computed in; ``auto`` is bfloat16 on a graphics card.

    Raises:
        SettingsError: If the model does not compute in it.
    """
    if name == "auto":
        return torch.bfloat16 if device.type == "cuda" else torch.float32
    if name not in DTYPES:
        what = f"RealRestorer does not compute in {name}."
        raise SettingsError(what, f"Choose one of {', '.join(DTYPES)}.")
    return DTYPES[name]


def gib(net: Any) -> float:
    """What the weights of a network take, in GiB."""
    return sum(each.numel() * each.element_size() for each in net.parameters()) / 2**30
