"""Weights in files: names, layouts, strict reading."""
