"""``python -m strongroom.sandbox.ollama``: the same as ``strongroom sandbox ollama``."""

import typer

from strongroom.sandbox.ollama.cli import command

typer.run(command)
