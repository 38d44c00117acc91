"""A server that answers with a line and closes."""


def play(stage):
    def pong(connection):
        connection.sendall(connection.recv(100))
        stage.ended.wait(0.2)
    stage.start(stage.server(pong))
    if stage.leaky:
        stage.count(10, "CLOSE_WAIT")
        stage.until(lambda: all(s.unread == 1 for s in stage.sockets("CLOSE_WAIT")))
