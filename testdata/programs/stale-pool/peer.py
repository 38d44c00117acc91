"""A server that closes idle connections after 2 s, some with a last word as
TLS has it (close_notify)."""
import os


def play(stage):
    def answer(connection):
        connection.settimeout(2)
        try:
            while line := connection.recv(100):
                connection.sendall(line)
        except TimeoutError:
            if "notify" in os.path.basename(stage.program):
                connection.sendall(b"x" * 24)
    stage.start(stage.server(answer))
    stage.count(4, "CLOSE_WAIT")
