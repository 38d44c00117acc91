"""Starts a job per connection; sockets are not inheritable, as PEP 446 has it."""
import socket
import subprocess
import sys

listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
jobs = []
while True:
    connection, _ = listener.accept()
    with connection:
        connection.recv(100)
        jobs.append(subprocess.Popen(["sleep", "120"]))
        connection.sendall(b"started\n")
