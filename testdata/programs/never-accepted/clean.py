"""One thread, 0.2 s per request: the accept queue is often not empty, and
always moves."""
import socket
import sys
import time

listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    connection, _ = listener.accept()
    with connection:
        connection.sendall(connection.recv(100))
        time.sleep(0.2)
