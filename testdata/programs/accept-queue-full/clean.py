"""A backlog of 2 and bursts of 4 clients: the queue is full for moments."""
import socket
import sys
import time

listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=2)
while True:
    connection, _ = listener.accept()
    with connection:
        connection.sendall(connection.recv(100))
        time.sleep(0.05)
