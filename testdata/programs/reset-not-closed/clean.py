"""The same server; a reset connection is closed like any other."""
import socket
import sys
import threading


def serve(connection):
    with connection:
        try:
            while data := connection.recv(4096):
                connection.sendall(data)
        except ConnectionResetError:
            print("reset")


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
