"""A handler of asyncio ends without writer.close(), and a set keeps the
writer."""
import asyncio

writers = set()


async def handle(reader, writer):
    writers.add(writer)
    while line := await reader.readline():
        writer.write(line)


async def main():
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
