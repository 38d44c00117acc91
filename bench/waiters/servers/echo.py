"""An echo server with a thread for each connection."""

import socket
import threading


def echo(conn):
    with conn:
        while data := conn.recv(64):
            conn.sendall(data)


listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=echo, args=(listener.accept()[0],), daemon=True).start()
