"""A server that keeps connections until the client ends them."""


def play(stage):
    def answer(connection):
        while line := connection.recv(100):
            connection.sendall(line)
    stage.start(stage.server(answer))
    stage.count(10, "ESTABLISHED")
