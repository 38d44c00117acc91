"""Twelve clients that connect and wait."""


def play(stage):
    port = stage.listening()
    for _ in range(12):
        stage.connect(port)
    stage.ended.wait(3)
