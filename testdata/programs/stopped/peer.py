"""Clients of a server that is stopped; of the noted one some ask, some leave
and some come afterwards."""
import signal


def play(stage):
    port = stage.listening()
    clients = [stage.connect(port, b"hello\n") for _ in range(8)]
    for client in clients:
        client.recv(100)
    stage.target.send_signal(signal.SIGSTOP)
    if not stage.name.startswith("noted"):
        return
    for client in clients[:3]:
        client.sendall(b"again\n")
    for client in clients[3:6]:
        client.close()
    for _ in range(4):
        stage.connect(port, b"hello\n")
    stage.count(3, "CLOSE_WAIT")
