"""Six clients that say something, wait for the answer and close."""
import socket
import sys
import threading

for _ in range(6):
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as connection:
        connection.sendall(b"hello\n")
        connection.recv(100)
print("ready", flush=True)
threading.Event().wait()
