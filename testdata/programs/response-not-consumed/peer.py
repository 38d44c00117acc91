"""A web server with a large page."""
from web import answering


def play(stage):
    stage.start(stage.server(answering(b"x" * 4_000_000)))
    if stage.leaky:
        stage.count(8, "ESTABLISHED")
        stage.until(lambda: len([s for s in stage.sockets("ESTABLISHED") if s.unread > 10000]) >= 8)
    else:
        stage.count(1, "ESTABLISHED")
