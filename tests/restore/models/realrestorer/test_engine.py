"""A megapixel, from noise to a picture."""

from pathlib import Path

import numpy as np
import pytest
import torch
from bundles import SHAPE, random_network

from pellucid.core.seeds import stream
from pellucid.restore.models.realrestorer import tables
from pellucid.restore.models.realrestorer.autoencoder import Autoencoder
from pellucid.restore.models.realrestorer.engine import (
    Engine,
    Ids,
    Manner,
    noise_for,
)
from pellucid.restore.models.realrestorer.network import Network

HEIGHT, WIDTH = 48, 64


def told(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    hidden = torch.randn(2, 20, 64, generator=generator)
    mask = torch.zeros(2, 20)
    mask[:, :9] = 1
    return hidden * mask[..., None], mask


def run(engine: Engine, manner: Manner, seed: int = 1) -> np.ndarray:
    pixels = stream(2, "engine").random((HEIGHT, WIDTH, 3), dtype=np.float32)
    return engine.restore(pixels, *told(), noise_for(HEIGHT, WIDTH, seed), manner)


@pytest.fixture
def engine(network: Network, bundle: Path) -> Engine:
    autoencoder = Autoencoder.load(bundle / "vae")
    return Engine(network, autoencoder, torch.device("cpu"))


def test_equal_seeds_give_equal_pictures_and_others_do_not(engine: Engine):
    manner = Manner(steps=2)
    first = run(engine, manner)
    run(engine, Manner(steps=3, scale=1.0))
    np.testing.assert_array_equal(first, run(engine, manner))
    assert np.abs(first - run(engine, manner, seed=2)).max() > 1e-3


def test_branches_one_by_one_give_the_same(engine: Engine):
    slim = Engine(engine.network, engine.autoencoder, engine.device, is_batched=False)
    manner = Manner(steps=2)
    np.testing.assert_allclose(run(engine, manner), run(slim, manner), atol=1e-5)


@pytest.mark.parametrize("is_batched", [True, False])
def test_pictures_together_are_those_one_by_one(engine: Engine, is_batched: bool):
    other = Engine(engine.network, engine.autoencoder, engine.device, is_batched)
    rng, manner = stream(5, "batch"), Manner(steps=3, guided_until=0.5)
    pictures = [rng.random((32, 48, 3), dtype=np.float32) for _ in range(3)]
    spoken, noise = [told(seed) for seed in range(3)], noise_for(32, 48, 1)
    hidden = torch.stack([each for each, _ in spoken], dim=1).flatten(0, 1)
    mask = torch.stack([each for _, each in spoken], dim=1).flatten(0, 1)
    found = other.restore_all(
        pictures, hidden, mask, noise.expand(3, -1, -1, -1), manner
    )
    for pixels, one, result in zip(pictures, spoken, found, strict=True):
        wanted = engine.restore(pixels, *one, noise, manner)
        np.testing.assert_allclose(result, wanted, atol=2e-5)


def test_a_scale_of_one_is_the_wanted_branch(engine: Engine):
    """It leaves the other branch out; the published code computes it, to no effect.

    Above the early times, that is: there it is no effect only where nothing is long.
    """
    fast = Manner(steps=2, scale=1.0)
    assert not fast.is_guided
    assert run(engine, fast).shape == (HEIGHT, WIDTH, 3)
    assert np.abs(run(engine, fast) - run(engine, Manner(steps=2))).max() > 1e-4


def test_tables_change_nothing(engine: Engine, bundle: Path):
    """The transformer with tables against the stock one, step by step."""
    stock, tabled = (
        random_network(SHAPE, torch.Generator().manual_seed(7)) for _ in range(2)
    )
    from pellucid.restore.models.realrestorer.tables import prepare, turn_to

    times = (1.0, 0.6, 0.2)
    hidden, mask = told()
    conditions = prepare(tabled, hidden, mask, times, torch.device("cpu"))
    seen = torch.randn(2, 24, 64)
    ids = Ids.of(HEIGHT, WIDTH, "v1.1", torch.device("cpu"))
    for step, time in enumerate(times):
        at = torch.full((2,), time)
        with torch.no_grad():
            tokens, pooled = stock.connector(hidden, mask, at)
            wanted = stock.transformer(
                hidden_states=seen,
                encoder_hidden_states=tokens,
                pooled_projections=pooled,
                timestep=at,
                img_ids=ids.pictures,
                txt_ids=ids.text(20),
                return_dict=False,
            )[0]
            turn_to(tabled, step, slice(0, 2))
            found = tabled.transformer(
                hidden_states=seen,
                encoder_hidden_states=conditions.tokens[step],
                pooled_projections=conditions.pooled[step],
                timestep=at,
                img_ids=ids.pictures,
                txt_ids=ids.text(20),
                return_dict=False,
            )[0]
        assert torch.equal(found, wanted)


def test_collapsed_padding_gives_the_same_picture(engine: Engine):
    """All tokens against as many as there are words, and one."""
    pixels = stream(2, "engine").random((HEIGHT, WIDTH, 3), dtype=np.float32)
    given = (pixels, *told(), noise_for(HEIGHT, WIDTH, 1))
    short = engine.restore(*given, Manner(steps=3))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "collapsed", lambda mask: torch.zeros_like(mask))
        whole = engine.restore(*given, Manner(steps=3))
    np.testing.assert_allclose(short, whole, atol=2e-5)


def test_without_late_guidance_or_with_second_order_it_is_nearly_the_same(
    engine: Engine,
):
    exact = run(engine, Manner(steps=8))
    late = run(engine, Manner(steps=8, guided_until=0.3))
    bent = run(engine, Manner(steps=8, order=2))
    for other in (late, bent):
        assert 0.0 < np.abs(exact - other).mean() < 0.05


@pytest.mark.parametrize("cache", ["first-block", "taylor", "magnitude"])
def test_a_cache_leaves_nothing_behind(engine: Engine, cache: str):
    exact = run(engine, Manner(steps=6))
    hurried = Manner(steps=6, cache=cache, ratios=(1.0,) * 6)
    other = run(engine, hurried)
    assert np.isfinite(other).all()
    np.testing.assert_array_equal(run(engine, Manner(steps=6)), exact)
    np.testing.assert_array_equal(run(engine, hurried), other)


def test_ratios_say_how_much_is_skipped(engine: Engine):
    """Where nothing changes all that may be is skipped; where much does, nothing."""
    exact = run(engine, Manner(steps=6))
    still = Manner(steps=6, cache="magnitude", ratios=(1.0,) * 6)
    restless = Manner(steps=6, cache="magnitude", ratios=(1.5,) * 6)
    assert np.abs(run(engine, still) - exact).max() > 0.0
    np.testing.assert_array_equal(run(engine, restless), exact)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")
def test_compiled_blocks_make_the_same_picture_but_for_rounding(engine: Engine):
    exact = run(engine, Manner(steps=3))
    found = run(engine, Manner(steps=3, is_compiled=True))
    np.testing.assert_allclose(found, exact, atol=1e-5)
    np.testing.assert_array_equal(run(engine, Manner(steps=3)), exact)


def test_every_token_has_its_place():
    ids = Ids.of(32, 48, "v1.1", torch.device("cpu")).pictures
    assert ids[:6].tolist() == [[0, r, c] for r in range(2) for c in range(3)]
    assert ids[6:].tolist() == [[1, r, c] for r in range(2) for c in range(3)]
    older = Ids.of(32, 48, "v1.0", torch.device("cpu")).pictures
    assert torch.equal(older[:6], older[6:])


def test_large_pictures_are_shifted_no_farther_unless_official():
    assert Manner().shift.at(16384) == Manner().shift.at(4096)
    official = Manner(is_official=True)
    assert official.shift.at(16384) > official.shift.at(4096)
    assert official.guidance(16384).early == 0.93


def test_noise_is_that_of_the_cpu():
    noise = noise_for(16, 32, 5)
    assert noise.shape == (1, 16, 2, 4)
    assert torch.equal(noise, noise_for(16, 32, 5))
