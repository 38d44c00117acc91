"""close() is called on each connection, first on this side: they are in
TIME_WAIT, which is how TCP ends, and no leak."""
import socket
import sys
import threading

keep = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
for _ in range(120):
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as connection:
        connection.sendall(b"question\n")
        connection.recv(100)
print("ready", flush=True)
keep.recv(100)
