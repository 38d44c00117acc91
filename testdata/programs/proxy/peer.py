"""A client and an upstream on either side of the target. To the leaky one:
clients that leave, an upstream that stays. To the clean one: clients that
half-close and read rows, as git and rsync do."""
import socket


def play(stage):
    def upstream(connection):
        if stage.leaky:
            while line := connection.recv(100):
                connection.sendall(line)
        else:
            while connection.recv(100):
                pass
            while not stage.ended.wait(0.4):
                connection.sendall(b"row\n")
    port = stage.listening(stage.server(upstream))

    def read(client):
        while client.recv(100):
            pass
    for _ in range(8):
        client = stage.connect(port, b"hello\n")
        if stage.leaky:
            client.recv(100)
            client.close()
        else:
            client.settimeout(None)
            client.shutdown(socket.SHUT_WR)
            stage.background(read, client)
    stage.count(8, "CLOSE_WAIT")
    if not stage.leaky:
        stage.count(8, "FIN_WAIT2")
