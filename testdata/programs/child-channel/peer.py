"""No peer: the target starts children."""


def play(stage):
    stage.start()
    stage.count(10 if stage.leaky else 2, "UNIX")
