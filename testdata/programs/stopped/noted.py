"""A healthy echo server that somebody has stopped (SIGSTOP): nothing in it
leaks, and its clients wait all the same.

Stands for: a paused container, a forgotten Ctrl-Z, an attached debugger.
"""
import socket
import sys
import threading


def serve(connection):
    with connection:
        while data := connection.recv(100):
            connection.sendall(data)


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
