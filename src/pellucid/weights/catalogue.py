"""Weights that can be fetched: where from, under which terms, and how large."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One model on a hub.

    Attributes:
        repository: ``owner/name`` on huggingface.co.
        revision: Commit or tag that is fetched; a branch is pinned to its commit when
            it is fetched first.
        licence: What is known of its licence.
        terms: What a user should have read, in whole sentences.
        gigabytes: Of all files, in 10^9 bytes.
        patterns: Which files.
    """

    repository: str
    revision: str
    licence: str
    terms: str
    gigabytes: float
    patterns: tuple[str, ...]

    @property
    def address(self) -> str:
        """Where a person can read about it."""
        return f"https://huggingface.co/{self.repository}"


CATALOGUE: Mapping[str, Entry] = MappingProxyType(
    {
        "realrestorer": Entry(
            repository="RealRestorer/RealRestorer",
            revision="main",
            licence="non-commercial, academic use, until its card says otherwise",
            terms=(
                "The weights are the work of the authors of RealRestorer, and a part of"
                " them that of StepFun, Alibaba and Black Forest Labs. Read their terms"
                " before you use them, above all for money."
            ),
            gigabytes=41.8,
            patterns=(
                "model_index.json",
                *(f"{part}/*" for part in ("processor", "scheduler", "text_encoder")),
                *("transformer/*", "vae/*"),
            ),
        )
    }
)
