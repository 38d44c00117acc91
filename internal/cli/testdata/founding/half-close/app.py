"""shutdown(SHUT_WR) says that nothing more is sent; the server never closes,
and the program never calls close()."""
import socket
import sys
import threading

finished = []


def ask():
    connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    connection.sendall(b"question\n")
    connection.recv(100)
    connection.shutdown(socket.SHUT_WR)
    finished.append(connection)


for _ in range(6):
    ask()
print("ready", flush=True)
threading.Event().wait()
