"""Backpressure: an event loop stops reading for 6 s while it works, then
reads on. The window is full for seconds at a time."""
import asyncio
import sys


async def read():
    reader, writer = await asyncio.open_connection("127.0.0.1", int(sys.argv[1]))
    while True:
        for _ in range(50):
            await reader.read(65536)
        writer.transport.pause_reading()
        await asyncio.sleep(6)
        writer.transport.resume_reading()


async def main():
    await asyncio.gather(read(), read(), read())


asyncio.run(main())
