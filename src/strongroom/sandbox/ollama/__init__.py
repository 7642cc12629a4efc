"""A local Ollama: its HTTP API for chatting, with replies by script in place of a model.

The door: ``OllamaOptions``, ``Reply``, ``create_app`` and ``serve``. Reaches nothing outside the
machine, and loads no model.
"""

from strongroom.sandbox.listening import AddressInUse
from strongroom.sandbox.ollama.app import create_app
from strongroom.sandbox.ollama.replies import BadScript, OllamaOptions, Reply, read_script
from strongroom.sandbox.ollama.serving import serve

__all__ = [
    "AddressInUse",
    "BadScript",
    "OllamaOptions",
    "Reply",
    "create_app",
    "read_script",
    "serve",
]
