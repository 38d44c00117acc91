"""Clients come now and then, and wait for a second at most."""


def play(stage):
    port = stage.listening()

    def ask():
        client = stage.connect(port, b"hello\n")
        client.settimeout(1)
        try:
            client.recv(100)
        finally:
            client.close()
            stage.kept.remove(client)
    stage.repeat(0.5, ask)
