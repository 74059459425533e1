"""Who may do what over the control socket: its owner everything, anybody else nothing.

The socket has mode 0600, so whoever the kernel lets in is its owner, or root, who could write the files as well. The
kernel's word for the other end is asked for all the same: a socket whose mode somebody widened opens no door. Finer
roles belong to doors that know more about people than a user number.
"""

from __future__ import annotations

import os
import pwd
import socket
import struct
from typing import Any, NamedTuple

from engine.messages.control import Role

ROOT = 0
ALL = (Role.READ, Role.TRADE, Role.ADMIN, Role.KILL)


class Peer(NamedTuple):
    """Who is at the other end: the name as the kernel knows it, empty where it does not say, and what they may do."""

    name: str
    roles: tuple[Role, ...]


def peer_of(connection: Any) -> Peer:
    """Return who is at the other end of a unix socket."""
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None or connection is None:
        return Peer("", ALL)  # the mode of the socket has decided
    _pid, uid, _gid = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, option, 12))
    return Peer(name_of(uid), roles_of(uid, os.geteuid()))


def roles_of(uid: int, owner: int) -> tuple[Role, ...]:
    """Return what a user may do on a socket of `owner`."""
    return ALL if uid in (owner, ROOT) else ()


def name_of(uid: int) -> str:
    """Return a user's name."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:  # expected: a user without a name
        return f"uid {uid}"
