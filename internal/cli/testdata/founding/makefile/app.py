"""close() was called, but what makefile() has returned keeps the socket."""
import socket
import sys
import threading

readers = []


def ask():
    connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    reader = connection.makefile("rb")
    connection.sendall(b"question\n")
    reader.readline()
    readers.append(reader)
    connection.close()


for _ in range(6):
    ask()
print("ready", flush=True)
threading.Event().wait()
