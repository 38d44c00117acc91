"""Nobody else: the pairs are the program's own."""


def play(stage):
    stage.start()
    stage.count(20 if stage.leaky else 8, "UNIX")
