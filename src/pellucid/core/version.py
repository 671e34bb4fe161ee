"""The version of the package, for receipts, records and manifests.

It stands here because no part may import the package itself, whose public names come
from all parts.
"""

__version__ = "0.1.0"
