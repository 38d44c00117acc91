"""Closes with up to a send buffer unsent to clients that read slowly: each
orphan drains and ends."""
import socket
import sys
import threading


def page(connection):
    with connection:
        connection.recv(100)
        connection.sendall(bytes(2_000_000))


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    threading.Thread(target=page, args=(listener.accept()[0],), daemon=True).start()
