"""Restore a photograph, and tell what it suffered from.

python examples/restore.py PHOTO OUTPUT
"""

import sys

import pellucid

restorer = pellucid.Restorer.load("compact")  # the only slow step: a tenth of a second
result = restorer(sys.argv[1], task="auto", strength=1.0)
written = result.save(sys.argv[2], with_receipt=True)

for finding in result.diagnosis.findings:
    if finding.presence > 0.5:
        print(f"{finding.kind}: {finding.severity:.2f} of 1")
for warning in result.warnings:
    print(f"warning: {warning}")
print(f"{written.path}: {written.size} bytes")
