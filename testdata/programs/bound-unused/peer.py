"""No peer, or one that answers the clean program."""


def play(stage):
    stage.start(stage.server(lambda connection: connection.sendall(b"ok\n")))
    if stage.leaky:
        stage.count(12)
