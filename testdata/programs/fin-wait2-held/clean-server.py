"""shutdown(SHUT_WR), then a wait for the client's EOF, then close()."""
import socket
import sys
import threading


def serve(connection):
    with connection:
        connection.settimeout(3)
        connection.sendall(connection.recv(100))
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):
            pass


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
