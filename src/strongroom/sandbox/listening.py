"""The listener of a pretended server: taken before anything heavy is built. Serves nothing."""

from __future__ import annotations

import socket


class AddressInUse(Exception):
    """Another program already listens at the address that was asked for."""


def listen(host: str, port: int) -> socket.socket:
    """Take an address; port 0 picks a free one. Raises ``AddressInUse``.

    The socket names TCP as its protocol: only of such asyncio sends each part of an answer at
    once; of others the second waits 40 ms for the client's acknowledgement of the first.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise AddressInUse(f"{host}:{port} cannot be used: {error.strerror}") from error
    return listener
