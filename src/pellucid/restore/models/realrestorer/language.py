"""What Qwen2.5-VL says of a picture and an instruction: hidden states, nothing written.

Shapes in this file: B instructions, L tokens, N width of the language model.

The picture is seen once for all instructions, and no head computes words. Hidden states
are padded to a fixed length, as the transformer behind was trained with padding.

Source: S. Bai et al., "Qwen2.5-VL Technical Report", 2025; S. Liu et al.,
        "Step1X-Edit", 2025 (offset, length, sizes).
"""

# pyright: standard

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image as Pillow
from torch import Tensor

from pellucid.core.errors import BrokenModel, MissingModel
from pellucid.core.image import Pixels
from pellucid.restore.models.realrestorer.instructions import (
    BEFORE,
    CLOSE,
    OPEN,
    pieces,
    rendered,
)

LENGTH = 640  # tokens that the transformer reads, padding included
OFFSET = 217  # of Qwen's tokenizer: where the colon at the end of the prefix stands
QWEN_WORDS = 151_000  # tokenizers with at least so many words are Qwen's
PATCH = 28  # px; one token
FEWEST, MOST = 256 * PATCH**2, 324 * PATCH**2  # px of the picture that is seen
CLAMPED = (4, 16384)  # tokens, before that


@dataclass(frozen=True)
class Language:
    """The language model, its tokenizer and how it sees pictures.

    Attributes:
        model: `Qwen2_5_VLModel`, without its head.
        tokenizer: Of the model.
        sight: Cuts a picture into patches.
        offset: Tokens that are left out at the beginning.
    """

    model: Any
    tokenizer: Any
    sight: Any
    offset: int

    @classmethod
    def load(cls, encoder: Path, processor: Path, dtype: torch.dtype) -> Language:
        """Read model and tokenizer from folders.

        Raises:
            MissingModel: If something is not there.
            BrokenModel: If tensors are missing, or the tokenizer is another one.
        """
        from transformers import (
            AutoTokenizer,
            Qwen2_5_VLModel,
            Qwen2VLImageProcessorPil,
        )

        library: Any = Qwen2_5_VLModel
        try:
            tokenizer: Any = AutoTokenizer.from_pretrained(
                processor, local_files_only=True
            )
            model, told = library.from_pretrained(
                encoder,
                dtype=dtype,
                local_files_only=True,
                output_loading_info=True,
            )
        except (OSError, ValueError, RuntimeError) as error:
            first = str(error).strip().splitlines()[0] if str(error).strip() else error
            what = f"{encoder}: The language model cannot be read: {first}."
            raise MissingModel(what, "Fetch the weights again.") from error
        if missing := sorted(told["missing_keys"]):
            what = f"{encoder}: {len(missing)} tensors are missing: {missing[0]}, ..."
            raise BrokenModel(what, "Fetch the weights again.")
        sight = Qwen2VLImageProcessorPil(
            size={"shortest_edge": FEWEST, "longest_edge": MOST}
        )
        model.requires_grad_(requires_grad=False)
        return cls(model.eval(), tokenizer, sight, offset_of(tokenizer))

    @torch.no_grad()
    def read(
        self, pixels: Pixels, instructions: Sequence[str], device: torch.device
    ) -> tuple[Tensor, Tensor]:
        """Read instructions about a picture.

        Args:
            pixels: (height, width, 3), sRGB in [0, 1].
            instructions: What is asked for.
            device: Where the model is.

        Returns:
            Hidden states (B, 640, N), zeros behind the last token; and (B, 640), 1
            where a token is.
        """
        patches: Any = self.sight(images=[as_seen(pixels)], return_tensors="pt")
        grid: Tensor = patches["image_grid_thw"].to(device)
        seen: Any = self.model.get_image_features(
            patches["pixel_values"].to(device), grid, return_dict=True
        )
        picture = torch.cat(tuple(seen.pooler_output))
        read = [self._read(each, picture, grid) for each in instructions]
        return torch.cat([hidden for hidden, _ in read]), torch.cat(
            [mask for _, mask in read]
        )

    def _read(
        self, instruction: str, picture: Tensor, grid: Tensor
    ) -> tuple[Tensor, Tensor]:
        ids = torch.tensor(
            [ids_of(self.tokenizer, instruction, len(picture))], device=grid.device
        )
        is_picture = ids == self.model.config.image_token_id
        words = self.model.get_input_embeddings()(ids)
        words = words.masked_scatter(is_picture[..., None], picture.to(words.dtype))
        places, _ = self.model.get_rope_index(
            ids, mm_token_type_ids=is_picture.int(), image_grid_thw=grid
        )
        hidden = self.model.language_model(
            inputs_embeds=words, position_ids=places, use_cache=False
        ).last_hidden_state
        kept = hidden[:, self.offset :][:, :LENGTH]
        mask = (ids[:, self.offset :] > 0)[:, :LENGTH]  # token 0, "!", is masked, too
        empty = LENGTH - kept.shape[1]
        return (
            torch.nn.functional.pad(kept, (0, 0, 0, empty)),
            torch.nn.functional.pad(mask.int(), (0, empty)),
        )


def offset_of(tokenizer: Any) -> int:
    """Find the colon at the end of the prefix among the tokens.

    Raises:
        BrokenModel: If it is not where the weights expect it.
    """
    offset = len(tokenizer(BEFORE)["input_ids"]) - 1
    if len(tokenizer) >= QWEN_WORDS and offset != OFFSET:
        what = (
            f"The tokenizer cuts the prefix into {offset + 1} tokens, not {OFFSET + 1}."
        )
        raise BrokenModel(what, "Use the tokenizer that belongs to the weights.")
    return offset


def ids_of(tokenizer: Any, instruction: str, pictures: int) -> list[int]:
    """Tokenise a message: up to the picture at once, behind it piece by piece.

    Args:
        tokenizer: Of the model.
        instruction: What is asked for.
        pictures: How many tokens stand for the picture.
    """
    end: int = tokenizer.convert_tokens_to_ids("<|vision_end|>")
    whole: list[int] = tokenizer(rendered(instruction, pictures))["input_ids"]
    cut: list[int] = []
    opened, closed = (tokenizer(mark)["input_ids"] for mark in (OPEN, CLOSE))
    for piece in pieces(rendered(instruction)):
        ids: list[int] = tokenizer(piece)["input_ids"]
        is_quoted = ids[: len(opened)] == opened and ids[-len(closed) :] == closed
        cut += ids[len(opened) : -len(closed)] if is_quoted else ids
    return whole[: whole.index(end)] + cut[cut.index(end) :]


def as_seen(pixels: Pixels) -> Pillow.Image:
    """Bring a picture to whole tokens: 8 bits, sides a multiple of 28."""
    height, width = pixels.shape[:2]
    rows, columns = (max(1, round(side / PATCH)) for side in (height, width))
    fewest, most = CLAMPED
    for limit, is_over in (
        (most, rows * columns > most),
        (fewest, rows * columns < fewest),
    ):
        if is_over:
            factor = (limit / (rows * columns)) ** 0.5
            rows, columns = (max(1, round(side * factor)) for side in (rows, columns))
    picture = Pillow.fromarray((pixels * 255 + 0.5).astype(np.uint8))
    size = columns * PATCH, rows * PATCH
    return picture.resize(size, Pillow.Resampling.BICUBIC)
