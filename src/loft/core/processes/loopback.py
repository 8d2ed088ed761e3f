"""The loopback interface: workers on one machine talk through it, and no one else can reach them.

Nothing looks up a host name: a machine's own may lead nowhere, or to another machine.
"""

import os
import socket

from loft.core.errors import JobError

ADDRESS = "127.0.0.1"
NAMES = ("lo", "lo0")  # on Linux; on macOS and the BSDs
DISCARD = 9  # a port that nothing is sent to


def require() -> None:
    """Raise JobError where the loopback interface is missing or down, as in some sandboxes."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((ADDRESS, DISCARD))  # sends nothing: it asks for a way there
        except OSError as error:
            raise JobError(
                f"workers need the loopback interface ({ADDRESS}): {error.strerror}; "
                "bring it up, on Linux with: ip link set lo up"
            ) from None


def use_only() -> None:
    """Let gloo and NCCL of this process listen and send on the loopback interface alone.

    To be called before either is set up. What the environment says of other interfaces is for jobs
    on several machines.
    """
    known = [name for _, name in socket.if_nameindex()]
    name = next((name for name in NAMES if name in known), NAMES[0])
    os.environ["GLOO_SOCKET_IFNAME"] = os.environ["NCCL_SOCKET_IFNAME"] = name
    os.environ.pop("NCCL_COMM_ID", None)  # an address to meet at
    os.environ["NCCL_RAS_ENABLE"] = "0"  # a port for whoever asks how the job is doing
