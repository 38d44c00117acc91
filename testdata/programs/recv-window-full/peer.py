"""A feed of lines; one is not a number. Then as fast as it can."""


def play(stage):
    def feed(connection):
        connection.sendall(b"1\n" * 10 + b"n/a\n")
        while True:
            connection.sendall(b"1\n" * 4096)
    stage.start(stage.server(feed))
    stage.count(3, "ESTABLISHED")
    if stage.leaky:
        stage.until(lambda: all(s.unread > 50000 for s in stage.sockets("ESTABLISHED")))
