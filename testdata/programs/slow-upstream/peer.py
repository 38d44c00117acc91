"""An upstream that takes a minute and a half; six clients wait, six give up."""
import time


def play(stage):
    upstream = stage.server(lambda connection: (connection.recv(100), time.sleep(90), connection.sendall(b"done\n")))
    port = stage.listening(upstream)
    clients = [stage.connect(port, b"work\n") for _ in range(12)]
    stage.count(16 if "backlog" in stage.name else 24, "ESTABLISHED")
    for client in clients[:6]:
        client.close()
    stage.count(6, "CLOSE_WAIT")
