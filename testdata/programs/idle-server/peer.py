"""Twenty live clients that say hello once; then one more every 0.7 s, which
stays as well."""


def play(stage):
    port = stage.listening()

    def arrive():
        stage.connect(port, b"hello\n").recv(100)
    for _ in range(20):
        arrive()
    stage.repeat(0.7, arrive)
    stage.count(20, "ESTABLISHED")
