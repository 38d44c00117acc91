"""Half-close by design: the query is sent, our side is shut, and the rows of
the answer keep coming for minutes."""
import socket
import sys
import threading


def query():
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as connection:
        connection.sendall(b"rows\n")
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):
            pass


for _ in range(5):
    threading.Thread(target=query).start()
