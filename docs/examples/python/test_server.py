"""Tests of the server next door, which must be running."""
import os
import socket

import pytest


@pytest.mark.parametrize("line", [b"one", b"two", b"three"])
def test_echo(line):
    with socket.create_connection(("127.0.0.1", int(os.environ.get("PORT", "8000"))), timeout=10) as s:
        s.sendall(line)
        assert s.recv(100) == line
