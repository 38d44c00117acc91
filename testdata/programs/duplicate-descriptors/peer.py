"""A line server that keeps the connection."""


def play(stage):
    def answer(connection):
        while line := connection.recv(1000):
            connection.sendall(line)
    stage.start(stage.server(answer))
    stage.count(20 if stage.leaky else 2, "ESTABLISHED")
