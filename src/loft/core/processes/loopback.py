"""Let workers communicate through the loopback interface only, where no other machine reaches them.

No host name is looked up: a machine's own name may be unknown or belong to another machine.
"""

import os
import socket

from loft.core.errors import JobError

ADDRESS = "127.0.0.1"
NAMES = ("lo", "lo0")  # on Linux, and on macOS and the BSDs
DISCARD = 9  # a port; nothing is sent to it


def require() -> None:
    """Raise JobError where the loopback interface is missing or down, as in some sandboxes."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((ADDRESS, DISCARD))  # sends nothing, only looks for a route
        except OSError as error:
            raise JobError(
                f"workers need the loopback interface ({ADDRESS}): {error.strerror}; "
                "bring it up, on Linux with: ip link set lo up"
            ) from None


def use_only() -> None:
    """Make gloo and NCCL of this process use the loopback interface only.

    Call it before either is initialised. It replaces variables of the environment that choose other
    interfaces: those are meant for jobs on several machines.
    """
    known = [name for _, name in socket.if_nameindex()]
    name = next((name for name in NAMES if name in known), NAMES[0])
    os.environ["GLOO_SOCKET_IFNAME"] = os.environ["NCCL_SOCKET_IFNAME"] = name
    os.environ.pop("NCCL_COMM_ID", None)  # the address where processes find each other
    os.environ["NCCL_RAS_ENABLE"] = "0"  # would open a port for status queries
