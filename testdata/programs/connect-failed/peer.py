"""A port on which nobody listens."""
from stage import free_port


def play(stage):
    stage.start(free_port())
    if stage.leaky:
        stage.count(12, "NONE")
