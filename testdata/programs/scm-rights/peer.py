"""Clients that ask a question, get an answer and leave. The receiver gets
their connections over a UNIX socket; the sender has a worker of its own."""
import socket


def play(stage):
    if "sender" in stage.name:
        port = stage.listening()
        clients = [stage.connect(port, b"hello\n") for _ in range(10)]
    else:
        ours, theirs = socket.socketpair()
        stage.start(theirs.fileno(), hand=(theirs.fileno(),))
        stage.kept.append(theirs)
        listener = socket.create_server(("127.0.0.1", 0))
        clients = []
        for _ in range(10):
            clients.append(stage.connect(listener.getsockname()[1], b"hello\n"))
            with listener.accept()[0] as connection:
                socket.send_fds(ours, [b"x"], [connection.fileno()])
        stage.kept.append(ours)
    for client in clients:
        client.recv(100)
        client.close()
    if stage.leaky:
        stage.count(10, "CLOSE_WAIT")
