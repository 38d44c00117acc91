"""Clients that leave with a reset (SO_LINGER 0)."""
import socket
import struct


def play(stage):
    port = stage.listening()

    def reset():
        s = stage.connect(port, b"1\n")
        s.recv(100)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.close()
    for _ in range(12):
        reset()
    for _ in range(3):
        stage.connect(port, b"1\n").recv(100)
    stage.repeat(2, reset)
    if stage.leaky:
        stage.count(12, "NONE")
