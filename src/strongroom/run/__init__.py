"""``strongroom run``: everything at once, from the database to the web pages, until Ctrl-C.

Starts, watches and stops processes; what they do is theirs.
"""

from strongroom.run.ports import PortTaken
from strongroom.run.supervisor import AlreadyRunning, DidNotStart, Supervisor, run

__all__ = ["AlreadyRunning", "DidNotStart", "PortTaken", "Supervisor", "run"]
