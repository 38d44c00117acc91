"""Subscribers: to the leaky program they never read, to the clean one they
read slowly. Those of the echo server also send for as long as they can."""


def play(stage):
    port = stage.listening()

    def slow(client):
        while not stage.ended.wait(0.3):
            client.recv(65536)
    def pour(client):
        while True:
            client.sendall(b"x" * 65536)
    for _ in range(4):
        client = stage.connect(port)
        if not stage.leaky:
            stage.background(slow, client)
        elif "echo" in stage.name:
            stage.background(pour, client)
    stage.until(lambda: len([s for s in stage.sockets("ESTABLISHED") if s.unsent > 50000]) >= 4)
