"""A local Plaid: the HTTP API, the Link pages and the webhooks, with practice banks behind them.

The door: ``SandboxOptions``, ``create_app`` and ``serve``. Reaches nothing outside the machine.
"""

from strongroom.sandbox.listening import AddressInUse
from strongroom.sandbox.plaid.app import create_app
from strongroom.sandbox.plaid.options import SandboxOptions
from strongroom.sandbox.plaid.serving import serve
from strongroom.sandbox.plaid.store import NotOurFile

__all__ = ["AddressInUse", "NotOurFile", "SandboxOptions", "create_app", "serve"]
