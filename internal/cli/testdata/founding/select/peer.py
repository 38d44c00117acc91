"""A client that says something, waits for the answer and closes."""
import socket
import sys
import threading

with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as connection:
    connection.sendall(b"hello\n")
    connection.recv(100)
print("ready", flush=True)
threading.Event().wait()
