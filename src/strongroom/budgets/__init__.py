"""What a person plans to spend, what comes again and again, and where that leads. The door.

Reads the book through its door and changes none of it.
"""

__all__ = []
