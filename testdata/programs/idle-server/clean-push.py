"""A threaded server that greets, and then pushes something every quarter of a
minute: between two pushes nobody waits for the connection.

Stands for: server-sent events, tickers.
"""
import socket
import sys
import threading
import time


def push(connection):
    with connection:
        connection.recv(100)
        while True:
            connection.sendall(b"tick\n")
            time.sleep(15)


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    threading.Thread(target=push, args=(listener.accept()[0],), daemon=True).start()
