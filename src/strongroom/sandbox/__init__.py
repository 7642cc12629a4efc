"""The outside world, pretended: servers that speak real wire protocols on this machine.

Each folder is a product of its own; nothing here reaches outside the machine.
"""
