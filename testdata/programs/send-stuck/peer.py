"""Subscribers: to the leaky program they never read, to the clean one they
read slowly."""


def play(stage):
    port = stage.listening()

    def slow(client):
        while not stage.ended.wait(0.3):
            client.recv(65536)
    for _ in range(4):
        client = stage.connect(port)
        if not stage.leaky:
            stage.background(slow, client)
    stage.until(lambda: len([s for s in stage.sockets("ESTABLISHED") if s.unsent > 50000]) >= 4)
