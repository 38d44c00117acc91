"""A server that reads the query up to EOF and answers 15 s later."""
import time


def play(stage):
    def answer(connection):
        while connection.recv(4096):
            pass
        time.sleep(15)
        connection.sendall(b"the answer\n")
    stage.start(stage.server(answer))
    stage.count(4, "FIN_WAIT2")
