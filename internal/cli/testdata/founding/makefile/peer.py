"""Answers each question and keeps the connection."""
import socket

listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
kept = []
while True:
    kept.append(listener.accept()[0])
    kept[-1].recv(100)
    kept[-1].sendall(b"answer\n")
