"""A tiny random model on disk, in the layout in which RealRestorer is published."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from pellucid.restore.models.realrestorer.autoencoder import Autoencoder
from pellucid.restore.models.realrestorer.crew import Station
from pellucid.restore.models.realrestorer.language import (
    FEWEST,
    MOST,
    Language,
    offset_of,
)
from pellucid.restore.models.realrestorer.network import Network, Shape
from pellucid.weights.flux_vae import FLUX_VAE
from pellucid.weights.names import Layout
from pellucid.weights.step1x import TRANSFORMER

SHAPE = Shape(
    double=1,
    single=2,
    heads=2,
    head=16,
    axes=(4, 6, 6),
    language=64,
    text=32,
    connector_heads=2,
)
_SPECIAL = (
    *("<|endoftext|>", "<|im_start|>", "<|im_end|>"),
    *("<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"),
)


SMALL_TALK = {
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
}


def write_bundle(
    folder: Path, shape: Shape = SHAPE, talk: dict[str, int] = SMALL_TALK
) -> Path:
    """Write all parts into a folder, and name it.

    Args:
        folder: Where to.
        shape: Of the transformer.
        talk: Of the language model; heads of 16 or 64 numbers.
    """
    generator = torch.Generator().manual_seed(5)
    _write_transformer(folder / "transformer", shape, generator)
    _write_vae(folder / "vae")
    _write_language(folder, shape, talk)
    (folder / "model_index.json").write_text('{"_class_name": "RealRestorerPipeline"}')
    return folder


def station(folder: Path, kind: str, rank: int = 0) -> Station:
    """One of a crew of two on this processor, with the weights of a bundle."""
    return Station(
        kind=kind,
        device="cpu",
        count=2,
        transformer=str(folder / "transformer"),
        autoencoder=str(folder / "vae"),
        dtype="float32",
        rank=rank,
    )


def theirs(net: torch.nn.Module, layout: Layout) -> dict[str, Tensor]:
    """Weights by the names and in the shapes of a layout."""
    ours = net.state_dict()
    return {
        name: rule.together([ours[part] for part in rule.ours]).contiguous()
        for name, rule in layout.theirs(ours).items()
    }


def random_network(shape: Shape, generator: torch.Generator) -> Network:
    return _random(Network(shape), generator)


def _random(net: Any, generator: torch.Generator) -> Any:
    net.to_empty(device="cpu")
    for name, parameter in net.named_parameters():
        spread = 1.0 if parameter.ndim == 1 and "norm" in name else 0.0
        values = torch.randn(parameter.shape, generator=generator)
        parameter.data = spread + 0.2 * values / max(1.0, parameter[0].numel() ** 0.5)
    return net.eval()


def _save(tensors: dict[str, Tensor], folder: Path) -> None:
    from safetensors.torch import save_file

    named = {f"inner_model.{name}": each for name, each in tensors.items()}
    save_file(named, folder / "diffusion_pytorch_model.safetensors")


def _write_transformer(folder: Path, shape: Shape, generator: torch.Generator) -> None:
    folder.mkdir(parents=True)
    _save(theirs(random_network(shape, generator), TRANSFORMER["original"]), folder)
    config = {
        "axes_dims_rope": shape.axes,
        "num_heads": shape.heads,
        "connector_heads": shape.connector_heads,
        "version": shape.version,
    }
    (folder / "config.json").write_text(json.dumps(config))


def random_autoencoder(widths: tuple[int, ...]) -> Autoencoder:
    """FLUX's autoencoder with so many channels at each level."""
    import diffusers

    library: Any = diffusers
    vae = library.AutoencoderKL(
        latent_channels=16,
        block_out_channels=widths,
        down_block_types=("DownEncoderBlock2D",) * len(widths),
        up_block_types=("UpDecoderBlock2D",) * len(widths),
        layers_per_block=2,
        use_quant_conv=False,
        use_post_quant_conv=False,
    )
    return Autoencoder(_random(vae, torch.Generator().manual_seed(6)))


def _write_vae(folder: Path) -> None:
    folder.mkdir()
    tensors = theirs(random_autoencoder((32, 64, 64, 64)).net, FLUX_VAE)
    for name in tensors:
        if "attn_1" in name and name.endswith("weight") and ".norm." not in name:
            tensors[name] = tensors[name][:, :, None, None]
    _save(tensors, folder)


def _write_language(folder: Path, shape: Shape, talk: dict[str, int]) -> None:
    from transformers import Qwen2_5_VLForConditionalGeneration

    tokenizer = _tokenizer()
    tokenizer.save_pretrained(folder / "processor")
    torch.manual_seed(5)
    half = shape.language // talk["num_attention_heads"] // 2
    model: Any = Qwen2_5_VLForConditionalGeneration
    config = _config(
        tokenizer,
        {
            "vocab_size": len(tokenizer),
            "hidden_size": shape.language,
            **talk,
            "rope_parameters": _turning([half // 4, half * 3 // 8, half * 3 // 8]),
        },
        {
            "depth": 2,
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_heads": 2,
            "window_size": 56,
            "fullatt_block_indexes": [1],
            "out_hidden_size": shape.language,
        },
    )
    model(config).save_pretrained(folder / "text_encoder")


def random_language() -> Language:
    """Qwen2.5-VL-7B's shape with random weights in bfloat16: 15 GB."""
    from transformers import Qwen2_5_VLModel, Qwen2VLImageProcessorPil

    tokenizer = _tokenizer()
    config = _config(
        tokenizer,
        {
            "vocab_size": 152_064,
            "hidden_size": 3584,
            "intermediate_size": 18_944,
            "num_hidden_layers": 28,
            "num_attention_heads": 28,
            "num_key_value_heads": 4,
            "rope_parameters": _turning([16, 24, 24]),
        },
        {
            "depth": 32,
            "hidden_size": 1280,
            "intermediate_size": 3420,
            "num_heads": 16,
            "window_size": 112,
            "fullatt_block_indexes": [7, 15, 23, 31],
            "out_hidden_size": 3584,
        },
    )
    library: Any = Qwen2_5_VLModel
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16)
    try:
        with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
            model = library(config).eval().cpu()
    finally:
        torch.set_default_dtype(before)
    sight = Qwen2VLImageProcessorPil(
        size={"shortest_edge": FEWEST, "longest_edge": MOST}
    )
    return Language(model, tokenizer, sight, offset_of(tokenizer))


def _turning(sections: list[int]) -> dict[str, Any]:
    return {
        "rope_type": "default",
        "rope_theta": 1_000_000.0,
        "mrope_section": sections,
    }


def _config(tokenizer: Any, text: dict[str, Any], sight: dict[str, Any]) -> Any:
    from transformers import Qwen2_5_VLConfig

    number = tokenizer.convert_tokens_to_ids
    config: Any = Qwen2_5_VLConfig
    return config(
        text_config={
            **text,
            "max_position_embeddings": 4096,
            "tie_word_embeddings": False,
            "bos_token_id": number("<|im_start|>"),
            "eos_token_id": number("<|im_end|>"),
            "pad_token_id": number("<|endoftext|>"),
        },
        vision_config={
            **sight,
            "patch_size": 14,
            "spatial_merge_size": 2,
            "temporal_patch_size": 2,
            "in_channels": 3,
        },
        image_token_id=number("<|image_pad|>"),
        video_token_id=number("<|video_pad|>"),
        vision_start_token_id=number("<|vision_start|>"),
        vision_end_token_id=number("<|vision_end|>"),
    )


def _tokenizer() -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    words: Any = Tokenizer(models.BPE())
    words.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    words.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=320,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=list(_SPECIAL),
        show_progress=False,
    )
    words.train_from_iterator(["please restore the image and remove rain"], trainer)
    fast: Any = PreTrainedTokenizerFast
    return fast(
        tokenizer_object=words,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        additional_special_tokens=list(_SPECIAL),
    )
