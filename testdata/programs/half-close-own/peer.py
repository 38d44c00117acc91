"""The program is its own peer."""


def play(stage):
    stage.start()
    if stage.leaky:
        stage.count(10, "CLOSE_WAIT")
    else:
        stage.count(1, "LISTEN")
