"""The network that repairs."""

import torch

from pellucid.nets.conv_unet import (
    MULTIPLE,
    ConvUNet,
    MixedBlock,
    MixedConv,
    SteeredBlock,
    parameters_of,
)
from pellucid.restore.models.compact import REACH

SMALL = {"widths": (4, 6, 8, 8), "blocks": (1, 1, 1, 1), "condition": 5, "steering": 6}


def wild(net: torch.nn.Module) -> torch.nn.Module:
    """Weights as after training: none of them zero."""
    generator = torch.Generator().manual_seed(3)
    for parameter in net.parameters():
        parameter.data = 0.1 * torch.randn(parameter.shape, generator=generator)
    return net.eval()


def picture(rows: int, columns: int) -> torch.Tensor:
    return torch.rand(1, 3, rows, columns, generator=torch.Generator().manual_seed(1))


def test_a_net_that_learned_nothing_changes_nothing():
    x = picture(32, 48)
    assert torch.equal(ConvUNet(**SMALL)(x, torch.rand(1, 5)), x)


def test_a_new_block_is_the_identity():
    x = torch.rand(2, 4, 8, 8)
    steering, condition = torch.rand(2, 6), torch.rand(2, 5)
    assert torch.equal(SteeredBlock(4, 6)(x, steering), x)
    assert torch.equal(MixedBlock(4, 6, 5)(x, steering, condition), x)


def test_a_mixed_kernel_is_the_sum_that_the_condition_asks_for():
    conv = MixedConv(4, 6, 5)
    wild(conv)
    assert conv.bias is not None
    x, condition = torch.rand(3, 4, 8, 8), torch.rand(3, 5)
    with torch.no_grad():
        mixed = conv(x, condition)
        for place, numbers in enumerate(condition):
            kernel = conv.weight + (
                numbers[:, None, None, None, None] * conv.kernels
            ).sum(0)
            bias = conv.bias + (numbers[:, None] * conv.biases).sum(0)
            alone = torch.nn.functional.conv2d(x[place], kernel, bias, padding=1)
            assert torch.allclose(mixed[place], alone, atol=1e-5)


def test_a_change_far_away_is_not_seen():
    """No operator looks at the whole: that is why tiles and the whole agree."""
    net = wild(ConvUNet(**SMALL))
    x = picture(64, 1024)
    other = x.clone()
    other[..., 900:] = 0.0
    condition = torch.rand(1, 5)
    with torch.no_grad():
        difference = (net(x, condition) - net(other, condition)).abs()
    assert difference[..., :256].max() == 0.0
    assert difference[..., 900:].max() > 0.0


def test_the_usual_net_looks_no_farther_than_tiles_allow():
    """What happens beyond `REACH` changes nothing, not even a last bit."""
    net = ConvUNet(widths=(4, 6, 128, 136), condition=5, steering=6)
    assert [len(list(stage.children())) for stage in net.encoders] == [1, 1, 2]
    net = wild(net)
    x = picture(MULTIPLE, 1024)
    other = x.clone()
    other[..., 512:] = 0.0
    condition = torch.rand(1, 5)
    with torch.no_grad():
        changed = (net(x, condition) != net(other, condition)).any(dim=(0, 1, 2))
    first = changed.nonzero()[0].item()
    assert 512 - REACH <= first < 512 - REACH // 2


def test_the_condition_steers():
    net = wild(ConvUNet(**SMALL))
    x = picture(MULTIPLE, MULTIPLE)
    with torch.no_grad():
        one, two = net(x, torch.zeros(1, 5)), net(x, torch.ones(1, 5))
    assert (one - two).abs().max() > 1e-4


def test_the_usual_net_fits_into_the_package():
    assert 2 * parameters_of(ConvUNet()) < 11_000_000  # bytes, in 16 bits
