"""Clients that ask for a large page and never read it (clean: read it slowly)."""


def play(stage):
    port = stage.listening()
    slowly = stage.name.startswith("clean")

    def ask():
        client = stage.connect(port, b"page\n")
        if slowly:
            stage.background(slow, client)

    def slow(client):
        while client.recv(65536):
            stage.ended.wait(0.02)
        client.close()
    for _ in range(10):
        ask()
    stage.repeat(2, ask)
