"""A server that closes idle connections after 2 s, every second one with a
last word, as TLS has it (close_notify)."""
import itertools


def play(stage):
    numbers = itertools.count()

    def answer(connection):
        connection.settimeout(2)
        try:
            while line := connection.recv(100):
                connection.sendall(line)
        except TimeoutError:
            if next(numbers) % 2:
                connection.sendall(b"x" * 24)
    stage.start(stage.server(answer))
    stage.count(4, "CLOSE_WAIT")
