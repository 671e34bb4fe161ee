"""What the language model says."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pellucid.core.errors import BrokenModel, MissingModel
from pellucid.core.seeds import stream
from pellucid.restore.models.realrestorer.instructions import ENGLISH
from pellucid.restore.models.realrestorer.language import (
    LENGTH,
    QWEN_WORDS,
    Language,
    as_seen,
    ids_of,
    offset_of,
)

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def language(bundle: Path) -> Language:
    return Language.load(bundle / "text_encoder", bundle / "processor", torch.float32)


def photo(height: int = 60, width: int = 90) -> np.ndarray:
    return stream(3, "language").random((height, width, 3), dtype=np.float32)


def test_hidden_states_are_padded_with_zeros(language: Language):
    hidden, mask = language.read(photo(), [ENGLISH["deblur"], ""], CPU)
    assert hidden.shape == (2, LENGTH, 64)
    assert mask.shape == (2, LENGTH)
    counts = mask.sum(dim=1).tolist()
    assert counts[0] > counts[1] > 256
    assert (hidden[0, counts[0] :] == 0.0).all()
    assert (hidden[0, : counts[0]].abs().amax(dim=1) > 0.0).all()


def test_the_picture_seen_once_says_the_same_as_the_whole_model(language: Language):
    instruction = ENGLISH["derain"]
    patches: Any = language.sight(images=[as_seen(photo())], return_tensors="pt")
    grid = patches["image_grid_thw"]
    ids = ids_of(language.tokenizer, instruction, int(grid.prod()) // 4)
    given = torch.tensor([ids])
    with torch.no_grad():
        wanted = language.model(
            input_ids=given,
            pixel_values=patches["pixel_values"],
            image_grid_thw=grid,
            mm_token_type_ids=(given == language.model.config.image_token_id).int(),
        ).last_hidden_state[0, language.offset :]
    found, _ = language.read(photo(), [instruction], CPU)
    torch.testing.assert_close(found[0, : len(wanted)], wanted)


def test_without_quotes_pieces_are_as_plain_tokens(language: Language):
    from pellucid.restore.models.realrestorer.instructions import rendered

    for instruction in ENGLISH.values():
        plain = language.tokenizer(rendered(instruction, 5))["input_ids"]
        assert ids_of(language.tokenizer, instruction, 5) == plain


def test_a_picture_is_seen_in_whole_tokens():
    assert as_seen(photo(1024, 1024)).size == (1036, 1036)
    assert as_seen(photo(768, 1360)).size == (1372, 756)
    assert as_seen(photo(3, 5)).size == (56, 56)


class OtherWords:
    """A tokenizer as large as Qwen's that cuts differently."""

    def __len__(self) -> int:
        return QWEN_WORDS

    def __call__(self, text: str) -> dict[str, list[int]]:
        return {"input_ids": [0] * 10}


def test_another_tokenizer_is_refused(language: Language):
    assert language.offset > 0
    with pytest.raises(BrokenModel, match="into 10 tokens, not 218"):
        offset_of(OtherWords())


def test_no_model_is_a_clear_error(tmp_path: Path):
    with pytest.raises(MissingModel, match="cannot be read"):
        Language.load(tmp_path, tmp_path, torch.float32)
