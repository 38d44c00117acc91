"""Clients that ask for a WebSocket upgrade, wait a moment and leave."""

REQUEST = b"GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"


def play(stage):
    port = stage.listening()

    def ask():
        with stage.connect(port, REQUEST):
            stage.ended.wait(0.1)
    for _ in range(10):
        ask()
    stage.repeat(1.5, ask)
    if stage.leaky:
        stage.count(10, "CLOSE_WAIT")
