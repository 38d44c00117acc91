"""Handlers wait for a lock that is never released, before they read; their
clients have long given up.

Stands for: deadlocks in request handlers: CLOSE_WAIT with the request unread.
Fix: lock.acquire(timeout=...), and close the connection when it fails.
"""
import socket
import sys
import threading

lock = threading.Lock()
lock.acquire()


def serve(connection):
    with connection:
        with lock:  # wrong: for ever
            connection.sendall(connection.recv(100))


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
