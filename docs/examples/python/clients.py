"""Clients of server.py: N connections that send a line, read the answer and
hang up."""
import os
import socket
import sys

for _ in range(int(sys.argv[1])):
    with socket.create_connection(("127.0.0.1", int(os.environ.get("PORT", "8000")))) as connection:
        connection.sendall(b"hello\n")
        connection.recv(4096)
