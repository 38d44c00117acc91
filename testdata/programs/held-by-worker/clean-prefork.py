"""Prefork: workers share the listener they inherited, each closes what it
accepts. The shared listener is by design."""
import os
import socket
import sys

listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
for _ in range(3):
    if os.fork() == 0:
        break
else:
    os.waitpid(-1, 0)
while True:
    connection, _ = listener.accept()
    with connection:
        connection.sendall(connection.recv(100))
