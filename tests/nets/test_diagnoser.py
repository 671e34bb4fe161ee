"""The network that looks."""

import torch

from pellucid.nets.conv_unet import ConvUNet
from pellucid.nets.diagnoser import (
    CODE,
    CONDITION,
    KINDS,
    Diagnoser,
    ResidualBlock,
    Scene,
    condition_of,
)
from pellucid.restore import diagnose, look


def test_it_answers_for_every_kind():
    whole, patches = torch.rand(2, 3, 128, 128), torch.rand(2, 4, 3, 96, 96)
    logits, severity, code = Diagnoser(4, 8).eval()(whole, patches)
    assert logits.shape == severity.shape == (2, len(KINDS))
    assert code.shape == (2, CODE)
    assert ((severity >= 0) & (severity <= 1)).all()


def test_the_order_of_the_patches_does_not_matter():
    net = Diagnoser(4, 8).eval()
    whole, patches = torch.rand(1, 3, 128, 128), torch.rand(1, 4, 3, 96, 96)
    for one, two in zip(net(whole, patches), net(whole, patches.flip(1)), strict=True):
        torch.testing.assert_close(one, two)


def test_the_restorer_hears_all_of_it():
    presence, severity, code = torch.rand(2, 11), torch.rand(2, 11), torch.rand(2, CODE)
    condition = condition_of(presence, severity, code)
    assert condition.shape == (2, CONDITION)
    torch.testing.assert_close(condition[:, :11], presence * severity)
    assert ConvUNet().steering[0].in_features == CONDITION


def test_training_and_restoring_mean_the_same_kinds():
    assert diagnose.KINDS == KINDS
    assert (look.THUMBNAIL, look.PATCH, len(look.PLACES)) == (128, 96, 4)


def test_a_residual_block_begins_as_a_shortcut_and_can_learn():
    block, x = ResidualBlock(8), torch.rand(2, 8, 16, 16)
    torch.testing.assert_close(block(x), x)
    block(x).square().sum().backward()
    assert block.second.weight.grad is not None
    assert float(block.second.weight.grad.abs().sum()) > 0.0


def test_a_scene_is_seen_where_it_is_and_not_only_by_how_much():
    torch.manual_seed(0)
    scene, dot = Scene(16), torch.zeros(1, 3, 128, 128)
    dot[:, :, 60:68, 60:68] = 1.0
    scattered = dot.flatten()[torch.randperm(dot.numel())].view_as(dot)
    with torch.no_grad():
        one, other = scene(dot), scene(scattered)
    assert one.shape == (1, scene.features)
    assert float((one - other).abs().max()) > 0.01
