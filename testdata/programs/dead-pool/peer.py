"""A server that closes every connection after two answers."""


def play(stage):
    def answer(connection):
        for _ in range(2):
            connection.sendall(connection.recv(100))
    stage.start(stage.server(answer))
    if stage.leaky:
        stage.count(8, "CLOSE_WAIT", "NONE")
    else:
        stage.ended.wait(4)
