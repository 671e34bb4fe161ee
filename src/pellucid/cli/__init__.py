"""The command line: one file per command, nothing but parse, call, print."""
