"""Six clients that wait for their answer."""


def play(stage):
    port = stage.listening()
    for _ in range(6):
        stage.connect(port, b"job\n")
    stage.count(6, "ESTABLISHED")
