"""A supervisor hands its listener to a worker, which accepts and serves, and
keeps a copy for the next worker."""
import os
import socket
import sys
import threading


def serve(connection):
    with connection:
        while data := connection.recv(100):
            connection.sendall(data)


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
if os.fork():
    os.wait()
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
