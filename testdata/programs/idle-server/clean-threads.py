"""A thread per client, waiting in recv() without a timeout; the clients are
alive and silent, and get more."""
import socket
import sys
import threading


def serve(connection):
    with connection:
        while data := connection.recv(4096):
            connection.sendall(data)


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
