"""A UDP echo server."""
import socket


def play(stage):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))

    def echo():
        while True:
            data, sender = server.recvfrom(2000)
            server.sendto(data, sender)
    stage.background(echo)
    stage.start(server.getsockname()[1])
    stage.count(15 if stage.leaky else 1, "UDP")
