"""Two workers that take half a second for each client, and more clients than
workers: a queue that is worked off.

Stands for: an overloaded server that keeps going.
"""
import os
import socket
import sys
import time

listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
for _ in range(2):
    if os.fork() == 0:
        while True:
            connection, _ = listener.accept()
            with connection:
                connection.recv(100)
                time.sleep(0.5)
                connection.sendall(b"done\n")
time.sleep(120)
