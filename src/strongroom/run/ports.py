"""Finds out whether a port is free and by whom it is taken, or picks another. Keeps none open."""

from __future__ import annotations

import errno
import socket

from strongroom.core.errors import Conflict


class PortTaken(Conflict):
    """Another program listens on the port."""


def free_port(host: str, port: int, *, pick: bool) -> int:
    """``port`` if it can be listened on; with ``pick`` (or port 0) else any that can.

    Raises ``PortTaken`` naming the program that has it, as far as the system tells.
    """
    reason = _why_not(host, port)
    if port and reason is None:
        return port
    if reason is None or (pick and reason == errno.EADDRINUSE):
        return _any_port(host)
    if reason == errno.EADDRINUSE:
        raise PortTaken(
            f"Port {port} is already in use{_by_whom(port)}.",
            field="STRONGROOM_PORT",
            hint="Stop that program, set STRONGROOM_PORT to another port, or let another be picked:"
            " make run ARGS=--pick-port, or strongroom run --pick-port.",
        )
    if reason == errno.EACCES:
        raise PortTaken(
            f"Port {port} may only be used by root.",
            field="STRONGROOM_PORT",
            hint="Set STRONGROOM_PORT to a port above 1023.",
        )
    raise PortTaken(
        f"{host} is not an address of this machine.",
        field="STRONGROOM_HOST",
        hint="Set STRONGROOM_HOST to 127.0.0.1, or to an address that this machine has.",
    )


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _why_not(host: str, port: int) -> int | None:
    with socket.socket(_family(host), socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            return error.errno or errno.EADDRNOTAVAIL
    return None


def _any_port(host: str) -> int:
    with socket.socket(_family(host), socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _by_whom(port: int) -> str:
    import psutil

    try:
        listening = [
            connection
            for connection in psutil.net_connections(kind="tcp")
            if connection.status == psutil.CONN_LISTEN
            and connection.laddr
            and connection.laddr.port == port
        ]
        pid = next((connection.pid for connection in listening if connection.pid), None)
        return "" if pid is None else f" by {psutil.Process(pid).name()} (process {pid})"
    except (psutil.Error, OSError):
        return ""
