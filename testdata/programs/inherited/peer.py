"""Six clients; those of the leaky program wait for an EOF that never comes."""


def play(stage):
    port = stage.listening()
    clients = [stage.connect(port, b"job\n") for _ in range(6)]
    for client in clients:
        client.recv(100)
    if stage.leaky:  # the children hold what the parent has closed
        stage.until(lambda: len([s for s in stage.sockets("ESTABLISHED") if s.pid != stage.target.pid]) >= 6)
        stage.until(lambda: not [s for s in stage.sockets("ESTABLISHED") if s.pid == stage.target.pid])
