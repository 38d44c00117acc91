"""Clients that send a query, shut their side and read until the end, again
and again."""
import socket


def play(stage):
    port = stage.listening()

    def query():
        while not stage.ended.is_set():
            with stage.connect(port, b"query\n") as s:
                s.settimeout(None)
                s.shutdown(socket.SHUT_WR)
                while s.recv(4096):
                    pass
    for _ in range(5):
        stage.background(query)
    stage.count(5, "CLOSE_WAIT")
