"""Bursts, with 1.5 s of work after each client's EOF: forty sockets in
CLOSE_WAIT at times, none for long."""
import socket
import sys
import threading
import time


def serve(connection):
    with connection:
        while data := connection.recv(4096):
            connection.sendall(data)
        time.sleep(1.5)


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
