"""A server that sends without end to whoever connects, until it blocks."""


def play(stage):
    def flood(connection):
        while True:
            connection.sendall(b"x" * 65536)
    stage.start(stage.server(flood))
    if stage.leaky:
        stage.count(3, "ESTABLISHED")
        stage.until(lambda: all(s.unread > 50000 for s in stage.sockets("ESTABLISHED")))
    else:
        stage.count(1, "ESTABLISHED")
