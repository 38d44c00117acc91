"""Eight clients that come again as soon as they are answered."""


def play(stage):
    port = stage.listening()

    def ask():
        client = stage.connect(port, b"work\n")
        client.settimeout(60)
        client.recv(100)
        client.close()
    for _ in range(8):
        stage.repeat(0.01, ask)
    stage.count(8, "ESTABLISHED")
