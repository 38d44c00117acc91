"""A server that sends each client 100 MB, without a time-out: one that does
not read keeps a thread and a connection until it goes away."""
import os
import socket
import threading


def serve(connection):
    with connection:
        connection.sendall(bytes(100_000_000))


with socket.create_server(("127.0.0.1", int(os.environ.get("PORT", "8000")))) as listener:
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
