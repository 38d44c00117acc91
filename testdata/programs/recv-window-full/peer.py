"""A feed of lines; one is not a number. Then as fast as it can. With *-readers
the first two feeds have good lines, at their leisure."""
import itertools
import time


def play(stage):
    numbers = itertools.count()

    def feed(connection):
        if "-readers" in stage.name and next(numbers) < 2:
            while True:
                connection.sendall(b"1\n")
                time.sleep(0.05)
        connection.sendall(b"1\n" * 10 + b"n/a\n")
        while True:
            connection.sendall(b"1\n" * 4096)
    stage.start(stage.server(feed))
    stage.count(3, "ESTABLISHED")
    if stage.leaky or "-readers" in stage.name:
        stage.until(lambda: sum(s.unread > 50000 for s in stage.sockets("ESTABLISHED")) >= 3)
