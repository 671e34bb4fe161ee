"""Sizes and steps: what is known without any network."""

from __future__ import annotations

STEPS, SCALE = 28, 3.0  # from noise to a picture, and of the guidance
FACTOR = 8  # pixels of a latent
MULTIPLE = 2 * FACTOR  # sides of pictures: latents are packed 2 x 2
WHOLE = 1280 * 1024  # px; up to here a picture is restored at once
TILE, OVERLAP = 1024, 128  # px
