"""Exceptions are kept for a report; each keeps its traceback, its frame, and
the socket in it.

Stands for: `errors.append(e)`, sys.last_exc and error reporters.
Fix: close in `finally` or `with`, and keep str(e) instead of e.
"""
import socket
import sys
import time

errors = []


def probe():
    connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    connection.sendall(b"ping\n")
    return int(connection.recv(100))  # ValueError


while True:
    try:
        probe()
    except ValueError as e:
        errors.append(e)  # wrong: holds the connection
    time.sleep(0.05 if len(errors) < 12 else 1.5)
