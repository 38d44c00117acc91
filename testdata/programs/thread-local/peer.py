"""A server that keeps its connections."""


def play(stage):
    def echo(connection):
        while data := connection.recv(100):
            connection.sendall(data)
    stage.start(stage.server(echo))
    stage.count(5, "ESTABLISHED")
