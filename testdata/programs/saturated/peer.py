"""More clients than workers. Those of the clean one come again for ever."""


def play(stage):
    port = stage.listening()
    if not stage.leaky and stage.name.startswith("noted"):
        for _ in range(8):
            stage.connect(port, b"work\n")
        stage.count(2, "ESTABLISHED")
        return

    def ask():
        client = stage.connect(port, b"work\n")
        client.recv(100)
        client.close()
        stage.kept.remove(client)
    for _ in range(6):
        stage.repeat(0.05, ask)
    stage.count(1, "ESTABLISHED")
