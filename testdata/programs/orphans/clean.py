"""The same server; its clients read slowly, so its orphans drain and end."""
import socket
import sys
import threading


def serve(connection):
    with connection:
        connection.recv(100)
        connection.setblocking(False)
        try:
            while True:
                connection.send(b"x" * 65536)
        except BlockingIOError:
            pass


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
