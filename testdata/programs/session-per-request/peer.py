"""A web server that keeps idle connections for ever."""
from web import answering


def play(stage):
    stage.start(stage.server(answering()))
    stage.count(12 if stage.leaky else 1, "ESTABLISHED")
