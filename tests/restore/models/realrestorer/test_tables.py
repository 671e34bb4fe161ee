"""Layers that only hear the time become tables. See also `test_engine`."""

import torch

from pellucid.restore.models.realrestorer.network import Network
from pellucid.restore.models.realrestorer.tables import Table, prepare, tabled


def test_a_quarter_of_the_numbers_leave_the_network(network: Network):
    before = sum(each.numel() for each in network.transformer.parameters())
    clock = tabled(network)
    after = sum(each.numel() for each in network.transformer.parameters())
    assert after < 0.85 * before
    assert tabled(network) is clock


def test_a_table_says_what_its_layer_would_have_said(network: Network):
    clock = tabled(network)
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
        wanted = table.layer[0](vector)
    clock.step, clock.branches = 1, slice(1, 2)
    torch.testing.assert_close(table(vector), wanted[1:])
