"""An accept loop and an executor with two threads, three seconds a request:
most accepted connections wait unread in the executor's queue, and all are
answered in the end.

Stands for: gunicorn gthread, any accept loop with a bounded pool, overloaded.
"""
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor


def serve(connection):
    with connection:
        connection.recv(100)
        time.sleep(3)
        connection.sendall(b"done\n")


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
pool = ThreadPoolExecutor(2)
while True:
    pool.submit(serve, listener.accept()[0])
