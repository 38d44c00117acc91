"""56 clients that stay, of a limit of 64 descriptors (clean: 1024)."""
import resource


def play(stage):
    limit = 64 if stage.name.startswith("noted") else 1024
    port = stage.listening(before=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)))
    for _ in range(56):
        stage.connect(port, b"hello\n").recv(100)
    stage.count(56, "ESTABLISHED")
