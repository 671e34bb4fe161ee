"""File formats, one file each. A file dropped in here is a format."""
