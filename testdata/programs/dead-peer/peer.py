"""Servers that vanish without a FIN: their socket is closed in repair mode,
as if the machine had lost its power. A vanished host's keepalive probes go
unanswered; a netns' loopback would answer them with RST, so the clean program
is told either way."""
import socket

TCP_REPAIR = 19  # linux/tcp.h


def play(stage):
    vanished = []

    def vanish(connection):
        connection.recv(100)
        connection.sendall(b"subscribed\n")
        stage.ended.wait(0.5)
        connection.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
        connection.close()
        vanished.append(1)
    stage.start(stage.server(vanish))
    stage.until(lambda: len(vanished) >= 4)
    if stage.leaky:
        stage.count(4, "ESTABLISHED")
