"""A line server that closes connections after 4 s of silence."""


def play(stage):
    def answer(connection):
        connection.settimeout(4)
        while line := connection.recv(1000):
            connection.sendall(line)
    stage.start(stage.server(answer))
    if stage.leaky:
        stage.count(10, "CLOSE_WAIT")
    else:
        stage.count(1)
