"""Many short connections (few, to the clean server), then a silence."""


def play(stage):
    port = stage.listening()
    for _ in range(300 if stage.name.startswith("noted") else 20):
        with stage.connect(port, b"hello\n") as s:
            while s.recv(100):
                pass
    stage.connect(port)
