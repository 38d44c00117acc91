"""More clients than the accept queue has room for."""
import errno
import socket


def play(stage):
    port = stage.listening()
    if stage.leaky:
        for _ in range(10):
            s = socket.socket()
            stage.kept.append(s)
            s.setblocking(False)
            assert s.connect_ex(("127.0.0.1", port)) == errno.EINPROGRESS
        stage.until(lambda: any(s.unread >= 5 for s in stage.sockets("LISTEN")))
        return

    def burst():
        clients = [stage.connect(port, b"1\n") for _ in range(4)]
        for s in clients:
            s.recv(100)
            s.close()
            stage.kept.remove(s)
    stage.repeat(0.5, burst)
