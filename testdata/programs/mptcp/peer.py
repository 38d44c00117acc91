"""Eight MPTCP clients that ask and leave; four that stay."""
import socket


def play(stage):
    port = stage.listening()
    for i in range(12):
        s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_MPTCP)
        s.connect(("127.0.0.1", port))
        s.sendall(b"hello\n")
        s.recv(100)
        stage.kept.append(s)
        if i < 8:
            s.close()
    # the listener, those that stay, and those that are never closed
    stage.count(13 if stage.leaky else 5)
