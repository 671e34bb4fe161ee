"""Step1X-Edit and RealRestorer: what tensors are called in their files, and here.

Here the transformer is `FluxTransformer2DModel` of diffusers, behind ``transformer.``,
and the connector stands beside it, behind ``connector.``.

* ``original``: RealRestorer's own files and the bundle on the hub, tensor-parallel
  shards, the single files of Step1X-Edit, and copies of them in fp8.
* ``diffusers``: Step1X-Edit converted by its authors, embedders with their own layers.
* ``diffusers, linear``: The same, embedders with the layers of diffusers.

Source: S. Liu et al., "Step1X-Edit", 2025, and RealRestorer, 2026 (names).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pellucid.weights.names import Layout, Rule, with_weight_and_bias

_DOUBLE, _SINGLE = "double_blocks.{i}.", "single_blocks.{i}."
_OURS, _OUR_SINGLE = "transformer_blocks.{i}.", "single_transformer_blocks.{i}."
_EMBED = "time_text_embed."


def _same(theirs: str, ours: str) -> Rule:
    return Rule(theirs, (ours,))


def _triple(theirs: str, before: str, *parts: str) -> Rule:
    ours = tuple(f"{before}{part}" for part in parts)
    shares = (1, 1, 1) if len(parts) == 3 else (1, 1, 1, 4)  # the last: 4 x as wide
    return Rule(theirs, ours, shares)


_LAYERS = with_weight_and_bias(
    (
        _same("img_in", "x_embedder"),
        _same("txt_in", "context_embedder"),
        _same("time_in.in_layer", f"{_EMBED}timestep_embedder.linear_1"),
        _same("time_in.out_layer", f"{_EMBED}timestep_embedder.linear_2"),
        _same("vector_in.in_layer", f"{_EMBED}text_embedder.linear_1"),
        _same("vector_in.out_layer", f"{_EMBED}text_embedder.linear_2"),
        _same("guidance_in.in_layer", f"{_EMBED}guidance_embedder.linear_1"),
        _same("guidance_in.out_layer", f"{_EMBED}guidance_embedder.linear_2"),
        _same(f"{_DOUBLE}img_mod.lin", f"{_OURS}norm1.linear"),
        _same(f"{_DOUBLE}txt_mod.lin", f"{_OURS}norm1_context.linear"),
        _triple(f"{_DOUBLE}img_attn.qkv", f"{_OURS}attn.", "to_q", "to_k", "to_v"),
        _triple(
            f"{_DOUBLE}txt_attn.qkv",
            f"{_OURS}attn.",
            "add_q_proj",
            "add_k_proj",
            "add_v_proj",
        ),
        _same(f"{_DOUBLE}img_attn.proj", f"{_OURS}attn.to_out.0"),
        _same(f"{_DOUBLE}txt_attn.proj", f"{_OURS}attn.to_add_out"),
        _same(f"{_DOUBLE}img_mlp.0", f"{_OURS}ff.net.0.proj"),
        _same(f"{_DOUBLE}img_mlp.2", f"{_OURS}ff.net.2"),
        _same(f"{_DOUBLE}txt_mlp.0", f"{_OURS}ff_context.net.0.proj"),
        _same(f"{_DOUBLE}txt_mlp.2", f"{_OURS}ff_context.net.2"),
        _same(f"{_SINGLE}modulation.lin", f"{_OUR_SINGLE}norm.linear"),
        _triple(
            f"{_SINGLE}linear1",
            _OUR_SINGLE,
            "attn.to_q",
            "attn.to_k",
            "attn.to_v",
            "proj_mlp",
        ),
        _same(f"{_SINGLE}linear2", f"{_OUR_SINGLE}proj_out"),
        _same("final_layer.linear", "proj_out"),
        Rule("final_layer.adaLN_modulation.1", ("norm_out.linear",), is_swapped=True),
    )
)

_SCALES = (
    _same(f"{_DOUBLE}img_attn.norm.query_norm.scale", f"{_OURS}attn.norm_q.weight"),
    _same(f"{_DOUBLE}img_attn.norm.key_norm.scale", f"{_OURS}attn.norm_k.weight"),
    _same(
        f"{_DOUBLE}txt_attn.norm.query_norm.scale", f"{_OURS}attn.norm_added_q.weight"
    ),
    _same(f"{_DOUBLE}txt_attn.norm.key_norm.scale", f"{_OURS}attn.norm_added_k.weight"),
    _same(f"{_SINGLE}norm.query_norm.scale", f"{_OUR_SINGLE}attn.norm_q.weight"),
    _same(f"{_SINGLE}norm.key_norm.scale", f"{_OUR_SINGLE}attn.norm_k.weight"),
)

_REFINER = "connector.S.individual_token_refiner.blocks.{i}."
_CONNECTOR = (
    Rule("connector.scale_factor", ("connector.scale_factor",)),
    *(
        Rule(name, (name,))
        for name in (
            f"{layer}.{kind}"
            for layer in (
                "connector.global_proj_out",
                "connector.S.input_embedder",
                "connector.S.t_embedder.mlp.0",
                "connector.S.t_embedder.mlp.2",
                "connector.S.c_embedder.linear_1",
                "connector.S.c_embedder.linear_2",
                f"{_REFINER}norm1",
                f"{_REFINER}norm2",
                f"{_REFINER}self_attn_qkv",
                f"{_REFINER}self_attn_proj",
                f"{_REFINER}mlp.fc1",
                f"{_REFINER}mlp.fc2",
                f"{_REFINER}adaLN_modulation.1",
            )
            for kind in ("weight", "bias")
        )
    ),
)

# Their conversion has the parts as we have them, save the embedders.
_EMBEDDERS = {
    "time_in": "time_embed",
    "vector_in": "vec_embed",
    "guidance_in": "guidance_embed",
}


def _behind(rules: tuple[Rule, ...], before: str) -> tuple[Rule, ...]:
    return tuple(
        Rule(
            rule.theirs,
            tuple(f"{before}{each}" for each in rule.ours),
            rule.shares,
            rule.is_swapped,
        )
        for rule in rules
    )


_LINEAR = {"in_layer": "linear_1", "out_layer": "linear_2"}


def _converted(rules: tuple[Rule, ...], layers: Mapping[str, str]) -> tuple[Rule, ...]:
    found: list[Rule] = []
    for rule in rules:
        first, _, rest = rule.theirs.partition(".")
        if first in _EMBEDDERS:
            layer, _, kind = rest.partition(".")
            name = f"{_EMBEDDERS[first]}.{layers.get(layer, layer)}.{kind}"
            found.append(Rule(name, rule.ours))
        else:
            found += [Rule(each, (each,)) for each in rule.ours]
    return tuple(found)


_ORIGINAL = (*_LAYERS, *_SCALES)


def _of_diffusers(layers: Mapping[str, str]) -> Layout:
    rules = (
        Rule(rule.theirs, tuple(f"transformer.{each}" for each in rule.ours))
        for rule in _converted(_ORIGINAL, layers)
    )
    return Layout((*rules, *_CONNECTOR))


TRANSFORMER: Mapping[str, Layout] = MappingProxyType(
    {
        "original": Layout((*_behind(_ORIGINAL, "transformer."), *_CONNECTOR)),
        "diffusers": _of_diffusers({}),
        "diffusers, linear": _of_diffusers(_LINEAR),
    }
)
# A name that only one layout has.
TELLING: Mapping[str, str] = MappingProxyType(
    {
        "img_in.weight": "original",
        "time_embed.in_layer.weight": "diffusers",
        "time_embed.linear_1.weight": "diffusers, linear",
    }
)

# Never read by any forward pass that was published.
UNUSED = frozenset({"mask_token"})
