"""A publisher with a send timeout of 20 s, to subscribers that read slowly:
the send queue is always full, and always moves."""
import socket
import sys
import threading


def publish(connection):
    with connection:
        connection.settimeout(20)
        while True:
            connection.sendall(b"news " * 10000)


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    threading.Thread(target=publish, args=(listener.accept()[0],), daemon=True).start()
