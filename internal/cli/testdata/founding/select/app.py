"""A select() loop that does not see the end of the stream: it is ready at once,
every time, and burns a core."""
import select
import socket


def loop(listener):
    clients = []
    while True:
        ready, _, _ = select.select([listener] + clients, [], [])
        for s in ready:
            if s is listener:
                clients.append(listener.accept()[0])
            else:
                data = s.recv(100)  # b"" is the end
                if data:
                    s.sendall(data)


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
loop(listener)
