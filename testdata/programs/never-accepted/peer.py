"""Clients that connect and wait to be served."""


def play(stage):
    port = stage.listening()
    if "handshake" in stage.name:
        for _ in range(7):
            stage.connect(port)  # and says nothing
        if stage.leaky:
            stage.until(lambda: any(s.unread >= 6 for s in stage.sockets("LISTEN")))
        return
    stage.connect(port, b"1\n").recv(100)
    if "computes" in stage.name:
        for _ in range(4):
            stage.connect(port, b"1\n")
        stage.until(lambda: any(s.unread >= 4 for s in stage.sockets("LISTEN")))
        return
    if stage.leaky:
        stage.connect(port, b"oops\n")
        stage.ended.wait(0.5)
        for _ in range(6):
            stage.connect(port, b"1\n")
        stage.until(lambda: any(s.unread >= 6 for s in stage.sockets("LISTEN")))
        return

    def ask():
        with stage.connect(port, b"1\n") as s:
            s.recv(100)
    for _ in range(3):
        stage.repeat(0.2, ask)
