"""A publisher: to each subscriber a message every 4 s (none to the silent
one's)."""


def play(stage):
    silent = "silent" in stage.name

    def publish(connection):
        connection.recv(100)
        connection.sendall(b"subscribed\n")
        while not stage.ended.wait(4):
            if not silent:
                connection.sendall(b"news\n")
    stage.start(stage.server(publish))
    stage.count(6, "ESTABLISHED")
