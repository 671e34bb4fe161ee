"""Plug-ins: one kind of damage per file, named after the kind."""
