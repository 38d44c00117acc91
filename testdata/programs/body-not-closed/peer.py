"""A web server that closes connections after 4 s of silence."""
from web import answering


def play(stage):
    stage.start(stage.server(answering(b"x" * 8000, idle=4)))
    if stage.leaky:
        stage.count(10, "CLOSE_WAIT")
    else:
        stage.count(1)
