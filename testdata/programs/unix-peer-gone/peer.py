"""A UNIX stream server. It answers and closes (to the leaky program) or
keeps the connection (to the clean one)."""
import os
import socket


def play(stage):
    path = os.path.join(stage.scratch, "socket")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(64)

    def serve():
        while True:
            connection, _ = listener.accept()
            connection.sendall(connection.recv(100))
            if stage.leaky:
                connection.close()
            else:
                stage.kept.append(connection)
    stage.background(serve)
    stage.start(path)
    stage.count(12, "UNIX")
