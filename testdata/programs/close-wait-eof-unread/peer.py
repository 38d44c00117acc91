"""Twelve clients send a line that does not parse, then leave."""
import time


def play(stage):
    port = stage.listening()
    for _ in range(4):
        stage.connect(port, b"1\n").recv(100)

    def bad():
        with stage.connect(port, b"oops\n"):
            time.sleep(0.1)
    for _ in range(12):
        bad()
    stage.repeat(2, bad)
    if stage.leaky:
        stage.count(12, "CLOSE_WAIT")
        stage.until(lambda: all(s.unread == 1 for s in stage.sockets("CLOSE_WAIT")))
