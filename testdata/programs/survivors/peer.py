"""A patient service on a UNIX socket."""
import os
import socket


def play(stage):
    path = os.path.join(stage.scratch, "socket")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(64)

    def serve(connection):
        while data := connection.recv(100):
            connection.sendall(data)
        connection.close()

    def accept():
        while True:
            stage.background(serve, listener.accept()[0])
    stage.background(accept)
    stage.start(path)
    stage.count(8)
