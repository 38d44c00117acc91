"""The same server, stopped while nobody waits for it: its clients are idle.

Stands for: a service that is frozen for a snapshot.
"""
import socket
import sys
import threading


def serve(connection):
    with connection:
        while data := connection.recv(100):
            connection.sendall(data)


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
