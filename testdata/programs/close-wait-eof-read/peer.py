"""Ten clients ask once and leave; four stay."""


def play(stage):
    port = stage.listening()
    for _ in range(4):
        stage.connect(port, b"hello\n").recv(100)

    def ask():
        with stage.connect(port, b"hello\n") as s:
            s.recv(100)
    for _ in range(10):
        ask()
    stage.repeat(1.5, ask)
    stage.count(10 if stage.leaky else 5, *(["CLOSE_WAIT"] if stage.leaky else []))
