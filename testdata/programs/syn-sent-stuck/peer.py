"""A listener whose accept queue is full: the kernel drops every further SYN,
as a firewall would."""
import socket


def play(stage):
    listener = socket.create_server(("127.0.0.1", 0), backlog=0)
    stage.kept.append(listener)
    port = listener.getsockname()[1]
    stage.connect(port)
    stage.start(port)
    if stage.leaky:
        stage.count(8, "SYN_SENT")
    else:
        stage.count(1, "SYN_SENT")
