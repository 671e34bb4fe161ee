"""Scores: every module here is a plug-in, named after its file."""
