"""A server for many short connections; the noted program gets a range
of 200 ephemeral ports, the clean one the usual 28,000."""


def play(stage):
    narrow = stage.name.startswith("noted")

    def until_eof(connection):
        while connection.recv(100):
            pass
    server = stage.server(until_eof)
    if narrow:
        setting("ip_local_port_range", "40000 40199")
        setting("tcp_tw_reuse", "0")  # by default loopback reuses TIME_WAIT after a second
    stage.start(server)
    stage.ended.wait(4)


def setting(name, value):
    """Of this network namespace."""
    with open(f"/proc/sys/net/ipv4/{name}", "w") as f:
        f.write(value)
