"""Clients that ask a question, get an answer and leave. The receiver gets
their connections over a UNIX socket; the sender has a worker of its own."""
import socket


def play(stage):
    connect = to_sender(stage) if "sender" in stage.name else to_receiver(stage)

    def ask():
        with connect() as client:
            client.recv(100)
    for _ in range(10):
        ask()
    stage.repeat(1.5, ask)
    if stage.leaky:
        stage.count(10, "CLOSE_WAIT")


def to_sender(stage):
    port = stage.listening()
    return lambda: stage.connect(port, b"hello\n")


def to_receiver(stage):
    ours, theirs = socket.socketpair()
    stage.start(theirs.fileno(), hand=(theirs.fileno(),))
    listener = socket.create_server(("127.0.0.1", 0))
    stage.kept += [theirs, listener]

    def connect():
        client = stage.connect(listener.getsockname()[1], b"hello\n")
        with listener.accept()[0] as connection:
            socket.send_fds(ours, [b"x"], [connection.fileno()])
        return client
    return connect
