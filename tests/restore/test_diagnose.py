"""What a picture suffers from."""

import numpy as np
from photographs import PHOTOGRAPHS, photograph

from pellucid.restore.diagnose import CODE, KINDS, Look, diagnose, look


def test_every_kind_has_a_finding():
    found = diagnose(photograph(PHOTOGRAPHS[0], 128))
    assert tuple(each.kind for each in found.findings) == KINDS


def test_the_same_picture_gives_the_same_answer():
    image = photograph(PHOTOGRAPHS[1], 96)
    one, two = look(image, 1), look(image, 1)
    np.testing.assert_array_equal(one.presence, two.presence)
    assert one.code.shape == (CODE,)


def test_confidence_is_that_of_the_likelier_answer():
    presence = np.linspace(0, 1, len(KINDS), dtype=np.float32)
    seen = Look(presence=presence, severity=presence, code=np.zeros(16, np.float32))
    for finding, chance in zip(seen.diagnosis().findings, presence, strict=True):
        assert finding.confidence == max(float(chance), 1 - float(chance))
