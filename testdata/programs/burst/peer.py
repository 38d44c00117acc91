"""Forty clients at once every 6 s; each stays for 2 s and leaves."""


def play(stage):
    port = stage.listening()

    def burst():
        clients = [stage.connect(port, b"hello\n") for _ in range(40)]
        for client in clients:
            client.recv(100)
        stage.ended.wait(2)
        for client in clients:
            client.close()
        stage.kept.clear()
    stage.repeat(4, burst)
    stage.count(30, "ESTABLISHED")
