"""close() on the socket, while a duplicate of its descriptor is open."""
import os
import socket
import sys
import threading

logs = []


def ask():
    connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    logs.append(os.fdopen(os.dup(connection.fileno()), "rb"))
    connection.sendall(b"question\n")
    connection.recv(100)
    connection.close()


for _ in range(6):
    ask()
print("ready", flush=True)
threading.Event().wait()
