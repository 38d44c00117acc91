"""Clients that ask once a second, with neither timeout nor keepalive; their
server's host is gone. The question is sent again and again, for 15 minutes.

Stands for: the connection to a database after its host was lost.
Fix: settimeout() (or TCP_USER_TIMEOUT), and close() on TimeoutError.
"""
import socket
import sys
import threading
import time


def ask():
    with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as connection:
        while True:
            connection.sendall(b"question\n")
            connection.recv(100)
            time.sleep(1)


for _ in range(4):
    threading.Thread(target=ask).start()
