"""Ten connections whose other end stays open, whatever the target does; to
the target that asks for rows, a row every half second."""
import itertools
import time

SERVERS = "leaky.py", "clean-server.py"


def play(stage):
    if stage.name in SERVERS:
        port = stage.listening()
        clients = [stage.connect(port, b"hello\n") for _ in range(10)]
        for s in clients:
            s.recv(100)
        if not stage.leaky:
            for s in clients:
                s.close()
            return
    else:
        stage.start(stage.server(rows))
    stage.count(5, "FIN_WAIT2")


def rows(connection):
    wanted = connection.recv(100).startswith(b"rows")
    for i in itertools.count():
        if wanted:
            connection.sendall(b"row %d\n" % i)
        time.sleep(0.5)
