"""The same in an event loop.

Stands for: asyncio, gevent or Trio servers behind a slow service.
"""
import asyncio
import sys


async def serve(reader, writer):
    up, down = await asyncio.open_connection("127.0.0.1", int(sys.argv[2]))
    down.write(await reader.read(100))
    writer.write(await up.read(100))
    for w in down, writer:
        w.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()

asyncio.run(main())
