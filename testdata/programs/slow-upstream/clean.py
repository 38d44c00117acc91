"""A threaded server whose handlers ask a slow upstream. Some clients give up
meanwhile: their connections stay in CLOSE_WAIT until the answer is there.

Stands for: any synchronous server or proxy behind a slow service.
"""
import socket
import sys
import threading


def serve(connection):
    with connection, socket.create_connection(("127.0.0.1", int(sys.argv[2]))) as upstream:
        upstream.sendall(connection.recv(100))
        try:
            connection.sendall(upstream.recv(100))
        except OSError:
            pass


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
