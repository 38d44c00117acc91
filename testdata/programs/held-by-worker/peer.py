"""Clients that ask and wait for the server's EOF; then they leave."""


def play(stage):
    port = stage.listening()
    clients = [stage.connect(port, b"hello\n") for _ in range(8)]
    for client in clients:
        client.settimeout(5)
        client.recv(100)

    def leave():
        for client in clients[:4]:
            client.close()
    if stage.leaky:
        stage.count(8, "ESTABLISHED")
        leave()
        stage.count(4, "CLOSE_WAIT")
