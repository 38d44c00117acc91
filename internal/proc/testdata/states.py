"""Sockets in many states, for the recorded tree (see record_test.go).

Runs in a network namespace of its own. Prints a line when all is set up, and
stays until standard input ends.
"""
import fcntl, select, socket, struct, sys, threading, time

keep = []
probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
fcntl.ioctl(probe, 0x8914, struct.pack("16sH14x", b"lo", 1))  # SIOCSIFFLAGS, IFF_UP
probe.close()


def pair(family=socket.AF_INET):
    """Return the two ends of a TCP connection."""
    listener = socket.socket(family)
    listener.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
    listener.listen(5)
    client = socket.create_connection(listener.getsockname()[:2])
    server, _ = listener.accept()
    listener.close()
    keep.extend([client, server])
    return client, server


client, server = pair()  # CLOSE_WAIT, EOF read
client.close()
server.recv(1)
client, server = pair()  # CLOSE_WAIT, EOF unread
client.close()
client, server = pair()  # CLOSE_WAIT, 5 bytes and EOF unread
client.send(b"hello")
client.close()
client, server = pair(socket.AF_INET6)  # FIN_WAIT2 held, and its CLOSE_WAIT
client.shutdown(socket.SHUT_WR)
client, server = pair()  # ESTABLISHED with keepalive
server.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
client, server = pair()  # persist timer
client.setblocking(False)
try:
    while True:
        client.send(b"x" * 65536)
except BlockingIOError:
    pass
client, server = pair()  # TIME_WAIT
client.close()
server.close()
client, server = pair()  # reset, descriptor still open
server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
server.close()

listener = socket.create_server(("127.0.0.1", 0))  # never accepts
keep += [listener, socket.create_connection(listener.getsockname())]
mapped = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
keep += [mapped, socket.create_connection(("127.0.0.1", mapped.getsockname()[1])), mapped.accept()[0]]
keep += [socket.socket(), socket.socket(socket.AF_INET6)]  # never connected

udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("127.0.0.1", 0))
udp_connected = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp_connected.connect(udp.getsockname())
udp_connected.send(b"unread")
lite = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 136)
lite.bind(("127.0.0.1", 0))
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
netlink.bind((0, 0))
packet = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.ntohs(3))
packet.bind(("lo", 3))
keep += [udp, udp_connected, lite, raw, netlink, packet]

unix_listener = socket.socket(socket.AF_UNIX)
unix_listener.bind("\0sockleak\n fixture")
unix_listener.listen()
unix_client = socket.socket(socket.AF_UNIX)
unix_client.connect("\0sockleak\n fixture")
unix_pair = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
keep += [unix_listener, unix_client, *unix_pair]

epoll = select.epoll()
epoll.register(unix_pair[0], select.EPOLLIN | select.EPOLLET)
threading.Thread(target=unix_pair[0].recv, args=(1,), daemon=True).start()
unix_pair[1].set_inheritable(True)

time.sleep(0.2)  # the TCP states settle, the threads block
print("ready", flush=True)
sys.stdin.read()
