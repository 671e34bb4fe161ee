"""How strong a damage is: one number from 0 to 1, the same scale for all kinds.

0 can just be seen, 0.5 is what people complain about, 1 is the worst that we train
on. A range of strengths is walked through with it; what is not strength (places,
colours, shapes) does not depend on it. So two draws from equal streams with other
severities differ in strength alone, and the stronger one is farther from the clean
picture.
"""

from __future__ import annotations

import numpy as np

Range = tuple[float, float]


def draw_severity(rng: np.random.Generator, wanted: float | None) -> float:
    """Draw a severity, or take the one that is wanted.

    The stream moves on by the same amount either way: what is drawn next does not
    depend on whether a severity was given.

    Raises:
        ValueError: If the wanted one lies outside [0, 1].
    """
    drawn = float(rng.random())
    if wanted is None:
        return drawn
    if not 0.0 <= wanted <= 1.0:
        raise ValueError(f"A severity must lie in [0, 1], got {wanted}.")
    return float(wanted)


def between(span: Range, severity: float) -> float:
    """Walk from the mildest (0) to the strongest (1) value of a range, evenly."""
    mild, strong = span
    return mild + (strong - mild) * severity


def between_log(span: Range, severity: float) -> float:
    """Walk as `between`, but by equal factors: for ISO, exposure, lengths."""
    mild, strong = span
    return mild * (strong / mild) ** severity
