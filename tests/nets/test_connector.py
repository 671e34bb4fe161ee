"""From a language model to a diffusion transformer."""

import torch

from pellucid.nets.connector import Qwen2Connector, attention_mask, waves_of


def tiny() -> Qwen2Connector:
    torch.manual_seed(0)
    return Qwen2Connector(12, 16, heads=2, pooled=8)


def test_padding_changes_neither_tokens_nor_mean():
    net, hidden = tiny(), torch.randn(1, 5, 12)
    mask = torch.tensor([[1, 1, 1, 0, 0]])
    hidden[:, 3:] = 0.0
    longer = torch.cat([hidden, torch.zeros(1, 4, 12)], dim=1)
    more = torch.cat([mask, torch.zeros(1, 4, dtype=torch.long)], dim=1)
    time = torch.tensor([0.4])
    with torch.no_grad():
        tokens, pooled = net(hidden, mask, time)
        others, same = net(longer, more, time)
    torch.testing.assert_close(tokens, others[:, :5])
    torch.testing.assert_close(pooled, same)


def test_all_padding_is_the_same_token():
    """That is why a single one of them can stand for all."""
    net, hidden = tiny(), torch.zeros(1, 6, 12)
    hidden[:, :2] = torch.randn(1, 2, 12)
    mask = torch.tensor([[1, 1, 0, 0, 0, 0]])
    with torch.no_grad():
        tokens, _ = net(hidden, mask, torch.tensor([0.4]))
    torch.testing.assert_close(tokens[:, 2:], tokens[:, 2:3].expand(-1, 4, -1))


def test_padding_sees_the_first_token_only():
    seen = attention_mask(torch.tensor([[True, True, False]]))[0, 0]
    assert seen.tolist() == [
        [True, True, False],
        [True, True, False],
        [True, False, False],
    ]


def test_waves_begin_with_cosines():
    found = waves_of(torch.tensor([0.0]))
    assert found.shape == (1, 256)
    assert (found[:, :128] == 1.0).all()
    assert (found[:, 128:] == 0.0).all()


def test_only_the_first_version_has_a_scale():
    names = set(Qwen2Connector(12, 16, heads=2, is_scaled=True).state_dict())
    assert names - set(tiny().state_dict()) == {"scale_factor"}
