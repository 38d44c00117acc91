"""Clients of a listener that the program has closed, or handed over."""


def play(stage):
    port = stage.listening()
    stage.ended.wait(2)
    if stage.leaky:
        for _ in range(5):
            stage.connect(port, b"hello\n")
        stage.until(lambda: any(s.unread >= 5 for s in stage.sockets("LISTEN")))
        return
    for _ in range(5):
        stage.connect(port, b"hello\n").recv(100)
