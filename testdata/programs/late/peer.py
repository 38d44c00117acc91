"""Clients that ask and leave, seen late: in this namespace the FIN_WAIT2 of a
closed socket ends after 2 s instead of 60, so that the server's keepalive
probes are soon answered by RST."""


def play(stage):
    with open("/proc/sys/net/ipv4/tcp_fin_timeout", "w") as f:
        f.write("2")
    port = stage.listening()
    for _ in range(10):
        with stage.connect(port, b"hello\n") as s:
            s.recv(100)
    for _ in range(3):
        stage.connect(port, b"hello\n").recv(100)
    if stage.leaky:
        stage.count(10, "NONE")
