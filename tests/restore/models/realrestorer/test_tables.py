"""Layers that only hear the time become tables. See also `test_engine`."""

import pytest
import torch

from pellucid.restore.models.realrestorer.network import Network
from pellucid.restore.models.realrestorer.tables import (
    Table,
    collapsed,
    prepare,
    tabled,
    turn_to,
)


def test_a_quarter_of_the_numbers_leave_the_network(network: Network):
    before = sum(each.numel() for each in network.transformer.parameters())
    tabled(network)
    after = sum(each.numel() for each in network.transformer.parameters())
    assert after < 0.85 * before
    tabled(network)
    weight, bias = network.transformer.norm_out.linear.layer()
    assert weight.shape == (64, 32)
    assert bias.shape == (64,)


def test_a_table_says_what_its_layer_would_have_said(network: Network):
    hidden, mask = torch.randn(2, 6, 64), torch.ones(2, 6)
    conditions = prepare(network, hidden, mask, (1.0, 0.4), torch.device("cpu"))
    assert conditions.tokens.shape == (2, 2, 6, 32)
    assert conditions.pooled.shape == (2, 2, 768)
    table = network.transformer.norm_out.linear
    assert isinstance(table, Table)
    embed = network.transformer.time_text_embed
    with torch.no_grad():
        at = torch.full((2,), 400.0)
        vector = torch.nn.functional.silu(embed(at, conditions.pooled[1]))
        wanted = torch.nn.functional.linear(vector, *table.layer())
    turn_to(network, 1, slice(1, 2))
    torch.testing.assert_close(table(vector), wanted[1:])


def test_padding_that_stays_counts_for_all():
    mask = torch.zeros(2, 10)
    mask[0, :4] = mask[1, :6] = 1
    weights = collapsed(mask).exp()
    assert weights[0].tolist() == pytest.approx([1, 1, 1, 1, 2, 2, 2])
    assert weights[1].tolist() == pytest.approx([1, 1, 1, 1, 1, 1, 4])


def test_without_padding_nothing_is_collapsed():
    assert torch.equal(collapsed(torch.ones(1, 4)), torch.zeros(1, 4))
