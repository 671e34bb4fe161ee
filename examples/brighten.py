"""Change the pixels, keep everything else.

python examples/brighten.py PHOTO OUTPUT
"""

import sys

import numpy as np

import pellucid

photo = pellucid.read(sys.argv[1])
brighter = photo.with_pixels(np.sqrt(photo.pixels))  # float32, still within [0, 1]
written = pellucid.write(brighter, sys.argv[2])

print(f"{written.path}: {written.size} bytes of {written.format}")
for warning in written.warnings:
    print(f"warning: {warning}")
