"""What systemd does: binds two listeners, one of which nobody ever connects
to, and hands them to the service as descriptors."""
import socket


def play(stage):
    used, unused = (socket.create_server(("127.0.0.1", 0)) for _ in range(2))
    stage.start(used.fileno(), unused.fileno(), hand=(used.fileno(), unused.fileno()))
    port = used.getsockname()[1]
    stage.kept.append(unused)

    def ask():
        with stage.connect(port, b"hello\n") as s:
            s.recv(100)
    stage.repeat(1, ask)
    stage.count(2, "LISTEN")
