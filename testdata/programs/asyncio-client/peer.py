"""A server that answers a line and closes."""


def play(stage):
    stage.start(stage.server(lambda connection: connection.sendall(connection.recv(100))))
    if stage.leaky:
        stage.count(10, "CLOSE_WAIT")
