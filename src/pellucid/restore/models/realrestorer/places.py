"""Where the parts of the model lie, in a bundle, a release, or beside a single file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pellucid.core.errors import MissingModel

TRANSFORMERS = (
    "transformer",
    *(
        f"{name}*.{kind}"
        for kind in ("safetensors", "gguf")
        for name in ("step1x-edit", "realrestorer")
    ),
)
AUTOENCODERS = (
    "vae",
    "ae.safetensors",
    "vae.safetensors",
    "FLUX.1-dev/ae.safetensors",
    "FLUX.1-dev/vae.safetensors",
)
ENCODERS = ("text_encoder", "Qwen2.5-VL-7B-Instruct", "qwen25vl-7b-instruct")
PROCESSORS = ("processor", *ENCODERS)
FETCH = (
    "Fetch them: `pellucid models pull realrestorer`, or name another folder: "
    "`--weights FOLDER`."
)


@dataclass(frozen=True, kw_only=True)
class Places:
    """Files or folders of the parts.

    Attributes:
        transformer: With the connector.
        autoencoder: Of FLUX.
        encoder: The language model.
        processor: Its tokenizer.
    """

    transformer: Path
    autoencoder: Path
    encoder: Path
    processor: Path

    @classmethod
    def find(cls, path: Path) -> Places:
        """Find all parts in a folder, or beside a file with the transformer.

        Raises:
            MissingModel: If one is not there; it says which, and where it was sought.
        """
        if not path.exists():
            raise MissingModel(f"The weights {path} are not there.", FETCH)
        folder = path if path.is_dir() else path.parent
        return cls(
            transformer=path if path.is_file() else _transformer(folder),
            autoencoder=_first(folder, AUTOENCODERS, "autoencoder"),
            encoder=_first(folder, ENCODERS, "language model"),
            processor=_first(folder, PROCESSORS, "tokenizer", holding="tokenizer*"),
        )


def _transformer(folder: Path) -> Path:
    shards = any(folder.glob("TP*"))
    return folder if shards else _first(folder, TRANSFORMERS, "transformer")


def _first(
    folder: Path, patterns: tuple[str, ...], what: str, holding: str = "*"
) -> Path:
    for pattern in patterns:
        for found in sorted(folder.glob(pattern)):
            if found.is_file() or any(found.glob(holding)):
                return found
    sought = ", ".join(patterns)
    raise MissingModel(f"{folder}: The {what} is not there (sought: {sought}).", FETCH)
