"""A pool that grows to 30 connections within 12 s, and then stays."""
import itertools
import socket
import sys
import time

pool = []
for n in itertools.count():
    if len(pool) < 30:
        pool.append(socket.create_connection(("127.0.0.1", int(sys.argv[1]))))
    connection = pool[n % len(pool)]
    connection.sendall(b"question\n")
    connection.recv(100)
    time.sleep(0.4)
