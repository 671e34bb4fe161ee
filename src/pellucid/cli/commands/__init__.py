"""A file here is a command: its name is the name, its docstring is the help.

`_` in a file name is `-` in the command. The file has one function of the same name,
with a `_` behind it where Python has taken the name (`list_`). Heavy imports stand
inside the function, so that `pellucid --help` stays quick.
"""
