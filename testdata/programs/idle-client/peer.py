"""A live server that confirms a subscription and then has nothing to say."""


def play(stage):
    def subscribe(connection):
        while line := connection.recv(100):
            connection.sendall(line)
    stage.start(stage.server(subscribe))
    stage.count(6, "ESTABLISHED")
