"""Clients that the kernel spreads over all listeners of the port."""


def play(stage):
    port = stage.listening()
    stage.ended.wait(1)
    for _ in range(16):
        stage.connect(port, b"hello\n")
    if stage.leaky:
        stage.until(lambda: sum(s.unread for s in stage.sockets("LISTEN")) >= 4)
