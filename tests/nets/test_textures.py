"""What is measured before anything is learned."""

import torch

from pellucid.nets import textures
from pellucid.nets.textures import Standard, lights, waves


def test_a_wave_is_found_where_it_belongs():
    rows = torch.arange(64.0)
    wave = 0.5 + 0.3 * torch.cos((2 * rows + 1) * 3 * torch.pi / 16)
    picture = wave[:, None].expand(64, 64).expand(1, 3, 64, 64)
    energy = waves(picture).mean(dim=(0, 2, 3))
    assert energy.shape == (textures.WAVES,)
    loudest = energy[1:64].argmax().item() + 1
    assert loudest == 3 * 8  # third wave down, none across
    assert energy[64:].max() < energy[24] - 5  # gray has no colour


def test_noise_raises_the_finest_waves():
    generator = torch.Generator().manual_seed(1)
    clean = torch.full((1, 3, 64, 64), 0.5)
    noisy = clean + 0.05 * torch.randn(clean.shape, generator=generator)
    before, after = (waves(each).mean(dim=(0, 2, 3))[63] for each in (clean, noisy))
    assert after > before + 4


def test_lights_tell_dark_from_bright():
    dark, bright = (lights(torch.full((1, 3, 8, 8), value)) for value in (0.1, 0.9))
    assert dark.shape == (1, textures.LIGHTS)
    assert dark[0, :16].argmax() < 3
    assert bright[0, :16].argmax() > 12


def test_features_are_standardised_by_what_training_saw_and_not_by_the_batch():
    standard = Standard(2)
    generator = torch.Generator().manual_seed(1)
    for _ in range(50):
        batch = torch.randn(40, 2, generator=generator) * 3 + torch.tensor([5.0, -1.0])
        standard(batch)
    standard.eval()
    one = torch.tensor([[5.0, -1.0]])
    assert standard(one).abs().max() < 0.3
    both = torch.cat([one, torch.tensor([[90.0, 90.0]])])
    assert torch.equal(standard(both)[:1], standard(one))


def test_mean_and_spread_are_those_of_every_channel():
    x = torch.stack([torch.full((4, 4), 2.0), torch.arange(16.0).view(4, 4)])[None]
    found = textures.mean_and_spread(x)
    torch.testing.assert_close(found[0, :2], torch.tensor([2.0, 7.5]))
    torch.testing.assert_close(found[0, 3], x[0, 1].std(correction=0))
