"""Several cards for one picture: equal pictures, and nobody is left behind."""

import time
from pathlib import Path

import numpy as np
import pytest
import torch
from bundles import station

from pellucid.core.errors import EnvironmentFailure
from pellucid.core.seeds import stream
from pellucid.restore.models.realrestorer import crew as ours
from pellucid.restore.models.realrestorer.autoencoder import Autoencoder
from pellucid.restore.models.realrestorer.crew import Crew
from pellucid.restore.models.realrestorer.engine import Engine, Manner, noise_for
from pellucid.restore.models.realrestorer.reading import read_network

TESTS = Path(__file__).parents[3]
CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def helpers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Helpers that run on this processor."""
    monkeypatch.setattr(ours, "HELPER", "crew_on_cpu")
    monkeypatch.setenv("PYTHONPATH", str(TESTS))
    monkeypatch.setattr(torch.accelerator, "device_count", lambda: 1)


def restored(bundle: Path, crew: Crew | None = None) -> np.ndarray:
    network = read_network(bundle / "transformer", torch.float32)
    if crew is not None:
        crew.share(network.transformer)
    engine = Engine(network, Autoencoder.load(bundle / "vae"), CPU, crew=crew)
    pixels = stream(2, "crew").random((48, 64, 3), dtype=np.float32)
    generator = torch.Generator().manual_seed(0)
    mask = torch.zeros(2, 20)
    mask[0, :9], mask[1, :5] = 1, 1
    hidden = torch.randn(2, 20, 64, generator=generator) * mask[..., None]
    noise, manner = noise_for(48, 64, 1), Manner(steps=3)
    pictures = [
        engine.restore(pixels, hidden, mask, noise, manner)
        for _ in range(1 if crew is None else 2)
    ]
    np.testing.assert_array_equal(pictures[0], pictures[-1])
    return pictures[0]


@pytest.mark.filterwarnings("ignore:.*all_gather_tensor:FutureWarning")
@pytest.mark.parametrize("kind", ["branches", "split"])
def test_all_together_make_the_same_picture(bundle: Path, kind: str):
    wanted = restored(bundle)
    crew = Crew.gather(station(bundle, kind))
    try:
        found = restored(bundle, crew)
    finally:
        crew.dismiss()
    np.testing.assert_allclose(found, wanted, atol=2e-5)


def test_a_helper_that_is_lost_is_told_and_none_stays(bundle: Path):
    crew = Crew.gather(station(bundle, "branches"))
    (helper,) = crew._helpers
    helper.kill()
    with pytest.raises(RuntimeError):
        restored(bundle, crew)
    crew.dismiss()
    assert helper.poll() is not None
    assert not torch.distributed.is_initialized()


def test_helpers_that_do_not_come_are_told(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ours, "HELPER", "this_is_no_module")
    with pytest.raises(
        EnvironmentFailure, match="did not gather: one ended with 1"
    ) as caught:
        Crew.gather(station(bundle, "branches"))
    assert "--memory turns" in caught.value.hint
    assert not torch.distributed.is_initialized()


def test_a_helper_ends_with_the_process_that_began(bundle: Path):
    crew = Crew.gather(station(bundle, "branches"))
    (helper,) = crew._helpers
    assert helper.stdin is not None
    helper.stdin.close()
    deadline = time.monotonic() + 20
    while helper.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    assert helper.poll() == 0
    crew.dismiss()


def test_only_branches_that_are_two_are_shared(bundle: Path):
    crew = Crew(station(bundle, "branches"))
    assert crew.branch(1) is None
    assert crew.branch(2) == 0
    assert Crew(station(bundle, "split")).branch(2) is None


def test_an_error_of_another_process_says_what_to_do():
    error = ours.failed(RuntimeError("Connection closed by peer\nand more"))
    assert str(error).endswith("hold together: Connection closed by peer")
