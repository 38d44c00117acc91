"""Four listeners of one port (SO_REUSEPORT), each with its own thread that
accepts."""
import socket
import sys
import threading


def accept():
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64, reuse_port=True)
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()


def serve(connection):
    with connection:
        while data := connection.recv(100):
            connection.sendall(data)


for _ in range(4):
    threading.Thread(target=accept).start()
