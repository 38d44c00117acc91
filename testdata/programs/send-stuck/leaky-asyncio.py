"""writer.write() without drain(), to subscribers that never read.

Stands for: asyncio broadcasters that ignore backpressure: the send queue is
full, the rest piles up in the process, and the connection is never given up.
Fix: await asyncio.wait_for(writer.drain(), 10), and close on timeout.
"""
import asyncio
import sys


async def publish(reader, writer):
    while True:
        if writer.transport.get_write_buffer_size() < 10_000_000:
            writer.write(b"news " * 10000)
        await asyncio.sleep(0.01)


async def main():
    server = await asyncio.start_server(publish, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


asyncio.run(main())
