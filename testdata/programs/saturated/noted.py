"""Two workers, each busy with a job of two minutes; the next clients wait in
the accept queue. Nothing leaks: the limit of workers is reached.

Stands for: php-fpm at pm.max_children, sync gunicorn workers, a slow upstream.
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
                time.sleep(110)
                connection.sendall(b"done\n")
time.sleep(120)
