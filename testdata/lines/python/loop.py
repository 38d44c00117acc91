"""Connections of asyncio, by who owns them. It prints their inodes by that."""
import asyncio
import os
import socket


def report(role, transport):
    print(role, os.fstat(transport.get_extra_info("socket").fileno()).st_ino, flush=True)


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        report("protocol", transport)


async def line_of(reader):
    return await reader.readline()  # waits: client


async def client(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    report("client", writer)
    await line_of(reader)  # outer: client
    writer.close()


async def handle(reader, writer):
    report("server", writer)
    await asyncio.sleep(3600)  # waits: server
    writer.close()


async def low(port):
    sock = socket.create_connection(("127.0.0.1", port))
    sock.setblocking(False)
    print("low", os.fstat(sock.fileno()).st_ino, flush=True)
    await asyncio.get_running_loop().sock_recv(sock, 1)  # waits: low


async def main():
    loop = asyncio.get_running_loop()
    echo = await loop.create_server(Echo, "127.0.0.1", 0)
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    ports = [s.sockets[0].getsockname()[1] for s in (echo, server)]
    tasks = [loop.create_task(client(ports[1])), loop.create_task(low(ports[0]))]
    await asyncio.sleep(0.2)
    print("ready", flush=True)
    await asyncio.wait(tasks)


asyncio.run(main())
