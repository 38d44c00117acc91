"""Three clients that leave, one that stays and says a little."""


def play(stage):
    port = stage.listening()
    for _ in range(3):
        stage.connect(port, b"hello\n").close()
    client = stage.connect(port)
    stage.repeat(0.2, lambda: client.sendall(b"hello\n"))
    if stage.leaky:
        stage.count(3, "CLOSE_WAIT")
