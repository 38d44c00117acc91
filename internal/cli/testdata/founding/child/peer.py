"""Answers each question, and closes when the client has ended."""
import socket
import threading


def serve(connection):
    with connection:
        while connection.recv(100):
            connection.sendall(b"answer\n")


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
