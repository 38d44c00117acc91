"""Clients that send 1000 bytes, wait for nothing and leave."""


def play(stage):
    port = stage.listening()

    def send():
        stage.connect(port, b"x" * 1000).close()
    for _ in range(8):
        send()
    stage.repeat(1.5, send)
    if stage.leaky:
        stage.count(8, "CLOSE_WAIT")
