"""``python -m strongroom.sandbox.plaid``: the same as ``strongroom sandbox plaid``."""

import typer

from strongroom.sandbox.plaid.cli import command

typer.run(command)
