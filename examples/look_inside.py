"""What does a photograph carry beside its pixels?

python examples/look_inside.py PHOTO
"""

import sys

import pellucid
from pellucid.core import exif

photo = pellucid.read(sys.argv[1])
carried = photo.carried

print(f"{carried.format}, {photo.width} x {photo.height}, {carried.sample_type}")
print(f"profile: {len(carried.icc or b'')} bytes, XMP: {len(carried.xmp or b'')} bytes")
for name, value in exif.describe(carried.exif or b"").items():
    print(f"{name}: {value}")
for warning in carried.warnings:
    print(f"warning: {warning}")
