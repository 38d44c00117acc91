"""inetd's way: each connection is handed to a child as its stdin and stdout,
and closed in the parent. Held by the child only, on purpose."""
import socket
import subprocess
import sys

listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
children = []
while True:
    connection, _ = listener.accept()
    with connection:
        children.append(subprocess.Popen(["cat"], stdin=connection, stdout=connection))
