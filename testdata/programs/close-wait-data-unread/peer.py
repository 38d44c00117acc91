"""A server that answers 20 bytes (or, to the slow reader, 250 KB) and closes."""


def play(stage):
    def answer(connection):
        size = int(connection.recv(100))
        connection.sendall(b"x" * size)
    stage.start(stage.server(answer))
    stage.count(10 if stage.leaky else 1, "CLOSE_WAIT")
    stage.until(lambda: all(s.unread > 20 for s in stage.sockets("CLOSE_WAIT")))
