"""shutdown() ends the connection, but only close() gives the descriptor
back."""
import socket
import sys
import threading

finished = []


def ask():
    connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    connection.sendall(b"question\n")
    connection.recv(100)
    connection.shutdown(socket.SHUT_RDWR)
    finished.append(connection)


for _ in range(6):
    ask()
print("ready", flush=True)
threading.Event().wait()
