"""Publish/subscribe: a thread per subscription waits in recv() without a
timeout, and nothing comes. The publisher is alive."""
import socket
import sys
import threading


def subscribe():
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as connection:
        connection.sendall(b"subscribe\n")
        while connection.recv(4096):
            pass


for _ in range(8):
    threading.Thread(target=subscribe).start()
