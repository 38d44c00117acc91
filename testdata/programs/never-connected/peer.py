"""No peer: the target only creates sockets."""


def play(stage):
    stage.start()
    stage.count(10 if stage.leaky else 1)
