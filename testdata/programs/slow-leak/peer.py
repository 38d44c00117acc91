"""Fifty clients a second; they all leave properly."""
import random


def play(stage):
    port = stage.listening()

    def ask():
        with stage.connect(port, b"%d\n" % random.randrange(50)) as s:
            s.recv(100)
        stage.kept.clear()
    stage.repeat(0.02, ask)
    if stage.leaky:
        stage.count(8, "CLOSE_WAIT")
    else:
        stage.ended.wait(8)
