"""Pictures of about a megapixel, from noise to what they should have been.

Shapes in this file: P pictures, B branches of the guidance, L tokens, C channels. Rows
of both branches stand one after the other: all pictures of the wanted one first.

Source: RealRestorer, 2026, and S. Liu et al., "Step1X-Edit", 2025: the picture stands
        beside the noise as more tokens; both branches of the guidance see it.
"""

# pyright: standard

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from pellucid.core.image import Pixels
from pellucid.flow.guidance import Guidance, early_at
from pellucid.flow.sampler import walk
from pellucid.flow.times import Shift, times
from pellucid.restore.models.realrestorer.autoencoder import (
    CHANNELS,
    Autoencoder,
    packed,
)
from pellucid.restore.models.realrestorer.caches import cached
from pellucid.restore.models.realrestorer.compiling import compiled
from pellucid.restore.models.realrestorer.crew import Crew
from pellucid.restore.models.realrestorer.extent import FACTOR, MULTIPLE, SCALE, STEPS
from pellucid.restore.models.realrestorer.network import Network
from pellucid.restore.models.realrestorer.tables import (
    GUIDANCE,
    Conditions,
    prepare,
    turn_to,
)

EARLY, POWER = 0.93, 0.4


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How a picture is walked to.

    Attributes:
        steps: How many.
        scale: Of the guidance; 1 computes one branch only.
        guided_until: Time below which only the wanted branch is computed.
        order: Of the steps, 1 or 2.
        cache: Name of a cache of `caches.cached`; empty for none.
        ratios: Of the cache ``magnitude``.
        is_compiled: Blocks run compiled.
        is_official: As the published code: the schedule is not bounded, the early times
            are the same at all sizes, and a scale of 1 pays for both branches.
    """

    steps: int = STEPS
    scale: float = SCALE
    guided_until: float = 0.0
    order: int = 1
    cache: str = ""
    ratios: tuple[float, ...] = ()
    is_compiled: bool = False
    is_official: bool = False

    @property
    def is_guided(self) -> bool:
        """Both branches are computed."""
        return self.is_official or self.scale != 1.0

    def guidance(self, tokens: int) -> Guidance:
        """The guidance at so many tokens of noise."""
        early = EARLY if self.is_official else early_at(EARLY, tokens, self.shift)
        return Guidance(scale=self.scale, early=early, power=POWER)

    @property
    def shift(self) -> Shift:
        """Of the times."""
        return Shift(is_bounded=not self.is_official)


@dataclass(frozen=True)
class Engine:
    """The networks, ready on a device.

    Attributes:
        network: Transformer and connector.
        autoencoder: In float32.
        device: Where the transformer computes.
        is_batched: Both branches of the guidance go through it at once.
        crew: Other cards that do the same at the same time.
    """

    network: Network
    autoencoder: Autoencoder
    device: torch.device
    is_batched: bool = True
    crew: Crew | None = None

    def restore(
        self,
        pixels: Pixels,
        hidden: Tensor,
        mask: Tensor,
        noise: Tensor,
        manner: Manner,
        tell: Callable[[int, int], None] = lambda done, total: None,
    ) -> Pixels:
        """Restore a picture.

        Args:
            pixels: (h, w, 3), sRGB in [0, 1]; sides are multiples of 16.
            hidden: What the language model says, wanted branch first, (B, L, N).
            mask: (B, L).
            noise: (1, 16, h / 8, w / 8), standard normal.
            manner: Steps and guidance.
            tell: Called after every step.
        """
        return self.restore_all([pixels], hidden, mask, noise, manner, tell)[0]

    def restore_all(
        self,
        pictures: Sequence[Pixels],
        hidden: Tensor,
        mask: Tensor,
        noise: Tensor,
        manner: Manner,
        tell: Callable[[int, int], None] = lambda done, total: None,
    ) -> list[Pixels]:
        """Restore pictures of one size together.

        Args:
            pictures: P of (h, w, 3), sRGB in [0, 1]; sides are multiples of 16.
            hidden: What the language model says of each, (B P, L, N).
            mask: (B P, L).
            noise: (P, 16, h / 8, w / 8), standard normal.
            manner: Steps and guidance.
            tell: Called after every step.
        """
        if self.crew is not None:
            self.crew.tell(list(pictures), hidden, mask, noise, manner)
        (height, width), many = pictures[0].shape[:2], len(pictures)
        count = height * width // MULTIPLE**2
        stops = times(manner.steps, count, manner.shift)
        branches = 2 if manner.is_guided else 1
        conditions = prepare(
            self.network,
            hidden[: branches * many],
            mask[: branches * many],
            stops[:-1],
            self.device,
            # Attention with a bias is slower on a card than what it saves there.
            collapses=self.device.type == "cpu"
            and not manner.is_official
            and self.crew is None,
        )
        seen = [self.autoencoder.encode(pixels) for pixels in pictures]
        reference = torch.cat(seen).to(self.device)
        ids = Ids.of(height, width, self.network.shape.version, self.device)
        guidance = manner.guidance(count)

        def velocity(latents: Tensor, step: int, time: float) -> Tensor:
            here = branches if time >= manner.guided_until else 1
            both = torch.cat(
                [
                    self._velocity(
                        latents, reference, ids, conditions, step, time, turn
                    )
                    for turn in self._turns(here, many)
                ]
            )
            if self.crew is not None and self.crew.branch(here) is not None:
                both = self.crew.together(both)
            return guidance(both[:many], both[many:], time) if here == 2 else both

        net = self.network.transformer
        with (
            torch.no_grad(),
            compiled(net, is_wanted=manner.is_compiled),
            cached(net, manner.cache, manner.steps, manner.ratios),
        ):
            start = packed(noise).to(self.device)
            tokens = walk(velocity, start, stops, tell, manner.order)
        return [
            self.autoencoder.decode(each, height, width) for each in tokens.split(1)
        ]

    def _turns(self, branches: int, many: int) -> list[slice]:
        """Which rows go through the network together."""
        own = None if self.crew is None else self.crew.branch(branches)
        if own is None and self.is_batched:
            return [slice(0, branches * many)]
        turns = range(branches) if own is None else [own]
        return [slice(turn * many, (turn + 1) * many) for turn in turns]

    def _velocity(
        self,
        latents: Tensor,
        reference: Tensor,
        ids: Ids,
        conditions: Conditions,
        step: int,
        time: float,
        turn: slice,
    ) -> Tensor:
        """Ask the transformer for some rows: (B P, L, C), float32."""
        turn_to(self.network, step, turn)
        tokens, pooled = conditions.tokens[step, turn], conditions.pooled[step, turn]
        count, dtype = len(tokens), tokens.dtype
        seen = torch.cat([latents, reference], dim=1)
        seen = seen.repeat(count // len(latents), 1, 1)
        heard = torch.full((count,), GUIDANCE, device=self.device)
        with self.network.transformer.cache_context(f"{turn.start} to {turn.stop}"):
            found = self.network.transformer(
                hidden_states=seen.to(dtype),
                encoder_hidden_states=tokens,
                pooled_projections=pooled,
                timestep=torch.full((count,), time, device=self.device),
                img_ids=ids.pictures,
                txt_ids=ids.text(tokens.shape[1]),
                guidance=heard if self.network.shape.is_guided else None,
                joint_attention_kwargs=_biased(conditions.bias, turn, seen, dtype),
                return_dict=False,
            )[0]
        return found[:, : latents.shape[1]].float()


def _biased(
    bias: Tensor | None, turn: slice, seen: Tensor, dtype: torch.dtype
) -> dict[str, Tensor] | None:
    """What attention is told of collapsed padding; tokens of pictures come behind."""
    if bias is None:
        return None
    whole = functional.pad(bias[turn], (0, seen.shape[1]))
    return {"attention_mask": whole[:, None, None].to(dtype)}


@dataclass(frozen=True)
class Ids:
    """Where every token stands.

    Attributes:
        pictures: (L, 3): which picture, row, column; noise first. In float32: in
            bfloat16 places beyond 256 would be the same.
    """

    pictures: Tensor

    @classmethod
    def of(cls, height: int, width: int, version: str, device: torch.device) -> Ids:
        """Number the tokens of noise and reference, for pictures of so many pixels."""
        rows, columns = height // MULTIPLE, width // MULTIPLE
        noise = torch.zeros(rows, columns, 3)
        noise[..., 1] = torch.arange(rows)[:, None]
        noise[..., 2] = torch.arange(columns)
        reference = noise.clone()
        if version != "v1.0":
            reference[..., 0] = 1.0
        both = torch.cat([noise.flatten(0, 1), reference.flatten(0, 1)])
        return cls(both.to(device))

    def text(self, length: int) -> Tensor:
        """All tokens of the text stand at the same place: (length, 3)."""
        return torch.zeros(length, 3, device=self.pictures.device)


def noise_for(height: int, width: int, seed: int) -> Tensor:
    """Draw noise for a picture, (1, 16, h / 8, w / 8).

    Always on the CPU: a seed means the same on every machine.
    """
    generator = torch.Generator().manual_seed(seed)
    size = (1, CHANNELS, height // FACTOR, width // FACTOR)
    return torch.randn(size, generator=generator)
