"""Reads the query up to EOF, then sends a block every 7 s until done: data
still moves, with pauses longer than any short look."""
import socket
import sys
import threading
import time


def serve(connection):
    with connection:
        while connection.recv(4096):
            pass
        for _ in range(20):
            connection.sendall(b"x" * 1000)
            time.sleep(7)


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
