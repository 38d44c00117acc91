"""Answers each question with what is no number, and closes."""
import socket
import time

listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    with listener.accept()[0] as connection:
        connection.recv(100)
        connection.sendall(b"not known\n")
        time.sleep(0.1)  # the end comes when the answer was read
