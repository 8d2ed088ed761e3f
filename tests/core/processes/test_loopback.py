"""Workers use the loopback interface and need it."""

import os
import socket
from typing import Any

import pytest

from loft.core.errors import JobError
from loft.core.processes import loopback


def test_the_interface_is_there() -> None:
    loopback.require()


def test_a_missing_interface_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    class Lonely(socket.socket):
        def connect(self, _: Any) -> None:
            raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(socket, "socket", Lonely)
    with pytest.raises(JobError, match=r"workers need the loopback interface .*unreachable"):
        loopback.require()


def test_variables_about_other_interfaces_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GLOO_SOCKET_IFNAME", "NCCL_SOCKET_IFNAME", "NCCL_RAS_ENABLE"):
        monkeypatch.setenv(name, "eth7")
    monkeypatch.setenv("NCCL_COMM_ID", "192.0.2.1:1")
    loopback.use_only()
    assert os.environ["GLOO_SOCKET_IFNAME"] in loopback.NAMES
    assert os.environ["NCCL_SOCKET_IFNAME"] in loopback.NAMES
    assert os.environ["NCCL_RAS_ENABLE"] == "0"
    assert "NCCL_COMM_ID" not in os.environ
