"""Reads the query up to EOF, computes for 15 s, answers, closes.

Looks like EOF read and close() forgotten, for 15 s; the answer then proves
it was not.
"""
import socket
import sys
import threading
import time


def serve(connection):
    with connection:
        while connection.recv(4096):
            pass
        until = time.monotonic() + 15
        while time.monotonic() < until:
            sum(range(1000))
            time.sleep(0.01)
        connection.sendall(b"the answer\n")


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
