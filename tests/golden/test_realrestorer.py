"""Connector, transformer, schedule, steps and autoencoder, against the originals.

The numbers were made by the published implementation; they are not part of the project.
`PELLUCID_GOLDEN` says where they are.
"""

import os
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from pellucid.flow.guidance import Guidance
from pellucid.flow.sampler import walk
from pellucid.flow.times import Shift, times
from pellucid.nets.connector import Qwen2Connector
from pellucid.weights.fill import fill
from pellucid.weights.flux_vae import FLUX_VAE
from pellucid.weights.step1x import TRANSFORMER
from pellucid.weights.stored import Stored

GOLDEN = Path(os.environ.get("PELLUCID_GOLDEN", "../shared/golden"))
VERSIONS = ("v1.0", "v1.1")
CLOSE = 1e-4  # relative

pytestmark = pytest.mark.skipif(
    not GOLDEN.is_dir(), reason=f"There are no golden tensors in {GOLDEN}."
)
diffusers: Any = pytest.importorskip("diffusers")


class Golden:
    """One file: weights, inputs, outputs and the configuration."""

    def __init__(self, name: str, folder: Path) -> None:
        from safetensors import safe_open
        from safetensors.torch import load_file, save_file

        path = GOLDEN / f"{name}.safetensors"
        tensors = load_file(path)
        with safe_open(path, framework="pt") as file:
            self.told: dict[str, str] = file.metadata()
        weights = {
            key.removeprefix("weights."): each
            for key, each in tensors.items()
            if key.startswith("weights.")
        }
        save_file(weights, folder / "weights.safetensors")
        self.weights = Stored.open(folder)
        self.given = {
            key: each.float() for key, each in tensors.items() if "weights." not in key
        }

    def __getitem__(self, name: str) -> Tensor:
        return self.given[name]

    def number(self, name: str) -> int:
        return int(self.told[name])


class Model(torch.nn.Module):
    """The stock transformer beside the connector."""

    def __init__(self, golden: Golden) -> None:
        super().__init__()
        heads = golden.number("num_heads")
        self.guided = golden.told["guidance_embed"] == "True"
        with torch.device("meta"):
            self.transformer = diffusers.FluxTransformer2DModel(
                patch_size=1,
                in_channels=64,
                num_layers=golden.number("depth"),
                num_single_layers=golden.number("depth_single_blocks"),
                attention_head_dim=golden.number("hidden_size") // heads,
                num_attention_heads=heads,
                joint_attention_dim=golden.number("connector_hidden"),
                pooled_projection_dim=768,
                guidance_embeds=self.guided,
                axes_dims_rope=tuple(map(int, golden.told["axes_dim"].split(","))),
            )
            self.connector = Qwen2Connector(
                golden.number("llm_hidden"),
                golden.number("connector_hidden"),
                golden.number("connector_heads"),
                golden.number("connector_depth"),
                is_scaled=golden.told["version"] == "v1.0",
            )
        fill(self, golden.weights, TRANSFORMER["original"], torch.float32)
        self.golden = golden

    def velocity(self, latents: Tensor, time: float) -> Tensor:
        golden, at = self.golden, torch.full((2,), time)
        tokens, pooled = self.connector(
            golden["in.llm_embedding"], golden["in.mask"], at
        )
        pictures = [
            latents.expand(2, -1, -1),
            golden["in.ref_latents"].expand(2, -1, -1),
        ]
        guidance = float(golden.told["model_guidance"])
        with torch.no_grad():
            return self.transformer(
                hidden_states=torch.cat(pictures, dim=1),
                encoder_hidden_states=tokens,
                pooled_projections=pooled,
                timestep=at,
                img_ids=golden["in.img_ids"][0],
                txt_ids=golden["in.txt_ids"][0],
                guidance=torch.full((2,), guidance) if self.guided else None,
                return_dict=False,
            )[0]


@pytest.fixture(params=VERSIONS)
def golden(request: pytest.FixtureRequest, tmp_path: Path) -> Golden:
    return Golden(f"realrestorer_{request.param}", tmp_path)


def close(found: Tensor, wanted: Tensor) -> bool:
    return bool((found - wanted).norm() <= CLOSE * wanted.norm())


def test_the_connector(golden: Golden):
    given = golden["in.llm_embedding"], golden["in.mask"], golden["in.timestep"]
    tokens, pooled = Model(golden).connector(*given)
    assert close(tokens, golden["out.connector_tokens"])
    assert close(pooled, golden["out.connector_global"])


def test_the_transformer(golden: Golden):
    found = Model(golden).velocity(golden["in.noise"], float(golden["in.timestep"][0]))
    assert close(found, golden["out.velocity_full"])


def test_six_guided_steps(golden: Golden):
    model, tokens = Model(golden), golden["in.noise"].shape[1]
    stops = times(golden.number("steps"), tokens, Shift(is_bounded=False))
    assert stops == pytest.approx(golden["out.timesteps_6"].tolist(), rel=CLOSE)
    guidance = Guidance(
        scale=float(golden.told["guidance_scale"]),
        early=float(golden.told["timesteps_truncate"]),
        power=float(golden.told["process_norm_power"]),
    )

    def velocity(latents: Tensor, step: int, time: float) -> Tensor:
        wanted, other = model.velocity(latents, time)[:, :tokens].chunk(2)
        return guidance(wanted, other, time)

    found = walk(velocity, golden["in.noise"], stops)
    assert close(found, golden["out.denoised_6steps_cfg3"])


def test_every_schedule_of_the_table():
    import json

    table = json.loads((GOLDEN / "realrestorer_tables.json").read_text())["schedule"]
    for key, wanted in table.items():
        tokens, steps = map(int, key.split("/"))
        found = times(steps, tokens, Shift(is_bounded=False))
        assert found == pytest.approx(wanted, rel=CLOSE, abs=1e-6), key


def test_the_autoencoder(tmp_path: Path):
    golden = Golden("flux_vae", tmp_path)
    width, shares = golden.number("ch"), golden.told["ch_mult"].split(",")
    with torch.device("meta"):
        vae = diffusers.AutoencoderKL(
            latent_channels=golden.number("z"),
            block_out_channels=tuple(width * int(share) for share in shares),
            down_block_types=("DownEncoderBlock2D",) * len(shares),
            up_block_types=("UpDecoderBlock2D",) * len(shares),
            layers_per_block=2,
            use_quant_conv=False,
            use_post_quant_conv=False,
        )
    fill(vae, golden.weights, FLUX_VAE, torch.float32)
    scale, shift = float(golden.told["scale"]), float(golden.told["shift"])
    with torch.no_grad():
        seen = vae.encode(golden["in.image"]).latent_dist
        latents = golden["out.scaled_mean_latent"] / scale + shift
        picture = vae.decode(latents).sample
    assert close(seen.parameters, golden["out.moments"])
    assert close(scale * (seen.mean - shift), golden["out.scaled_mean_latent"])
    assert close(picture, golden["out.decoded"])
