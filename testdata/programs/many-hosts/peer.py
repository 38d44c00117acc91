"""Servers on 250 addresses. They keep idle connections, or with *-dead close
them after two seconds."""
import socket


def play(stage):
    listener = socket.create_server(("0.0.0.0", 0), backlog=256)
    stage.kept.append(listener)
    idle = 2 if "-dead" in stage.name else None

    def answer(connection):
        with connection:
            connection.settimeout(idle)
            try:
                while line := connection.recv(100):
                    connection.sendall(line)
            except OSError:
                pass

    def accept():
        while True:
            stage.background(answer, listener.accept()[0])
    stage.background(accept)
    stage.start(listener.getsockname()[1])
    stage.count(18, "CLOSE_WAIT" if idle else "ESTABLISHED")
