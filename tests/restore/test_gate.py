"""The fidelity gate: time and distance of what is faster or smaller."""

import lamp
import numpy as np
import pytest

from pellucid.core.image import Image
from pellucid.core.records import LoadOptions, Request
from pellucid.core.seeds import stream
from pellucid.restore.gate import EQUAL, FLOOR, Gate, Row, other_kernel

pytest.importorskip("torch")


def measured(speed_ups: tuple[str, ...], memory: tuple[str, ...]) -> dict[str, Row]:
    rng = stream(1, "gate")
    images = [Image(rng.random((8, 9, 3), dtype=np.float32)) for _ in range(2)]
    gate = Gate(
        load=lamp.Hurried.load,
        options=LoadOptions(),
        images=images,
        request=Request(task=("low-light",)),
    )
    return {row.name: row for row in gate.rows(speed_ups, memory)}


def test_each_is_measured_against_the_exact_picture():
    rows = measured(("sloppy",), ("few-bits",))
    assert list(rows) == ["exact", FLOOR, "sloppy", "few-bits"]
    assert rows["exact"].psnr == rows[FLOOR].psnr == EQUAL
    assert 40.0 < rows["sloppy"].psnr < 50.0
    assert 20.0 < rows["few-bits"].psnr < 30.0
    assert all(row.seconds > 0.0 for row in rows.values())


def test_what_does_not_work_here_does_not_stop_the_others():
    rows = measured(("broken", "sloppy"), ("no-bits", "few-bits"))
    assert rows["broken"].failed == "It does not work here."
    assert rows["no-bits"].failed == "There is no way `no-bits`."
    assert rows["broken"].verdict(EQUAL) == "It does not work here."
    assert not rows["sloppy"].failed
    assert not rows["few-bits"].failed


@pytest.mark.parametrize(
    ("psnr", "floor", "verdict"),
    [
        (49.5, 50.0, "as exact as rounding"),
        (45.0, 50.0, "close"),
        (31.0, 50.0, "near"),
        (29.0, 50.0, "another picture"),
        (29.0, 29.5, "as exact as rounding"),
    ],
)
def test_nothing_closer_than_rounding_is_told_apart(
    psnr: float, floor: float, verdict: str
):
    assert Row(name="x", psnr=psnr).verdict(floor) == verdict


def test_another_kernel_computes_the_same_but_for_rounding():
    import torch
    from torch.nn.functional import scaled_dot_product_attention

    query, key, value = torch.randn(3, 1, 2, 50, 16).unbind()
    one = scaled_dot_product_attention(query, key, value)
    with other_kernel():
        other = scaled_dot_product_attention(query, key, value)
    assert not torch.equal(one, other)
    torch.testing.assert_close(one, other)
