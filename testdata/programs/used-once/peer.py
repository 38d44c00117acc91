"""A server that answers and keeps its connections."""


def play(stage):
    def echo(connection):
        while data := connection.recv(100):
            connection.sendall(data)
    stage.start(stage.server(echo))
    stage.count(10, "ESTABLISHED")
