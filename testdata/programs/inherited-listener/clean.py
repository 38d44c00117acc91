"""A supervisor hands its listener to a worker, which accepts, and keeps a
copy for the next worker."""
import os
import socket
import sys

listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
if os.fork():
    os.wait()
kept = []
while True:
    connection, _ = listener.accept()
    connection.sendall(connection.recv(100))
    kept.append(connection)
