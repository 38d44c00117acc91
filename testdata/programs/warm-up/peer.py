"""A server that keeps connections; the look begins while the pool grows."""
SETTLE = 3


def play(stage):
    def answer(connection):
        while line := connection.recv(100):
            connection.sendall(line)
    stage.start(stage.server(answer))
    stage.count(8, "ESTABLISHED")
