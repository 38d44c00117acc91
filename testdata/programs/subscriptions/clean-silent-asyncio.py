"""Opens a subscription a second in one event loop, which waits on all of
them; the publisher has nothing to say."""
import asyncio
import sys


async def subscribe():
    reader, writer = await asyncio.open_connection("127.0.0.1", int(sys.argv[1]))
    writer.write(b"subscribe\n")
    try:
        while await reader.readline():
            pass
    finally:
        writer.close()


async def main():
    tasks = []
    while True:
        tasks.append(asyncio.create_task(subscribe()))
        await asyncio.sleep(1)


asyncio.run(main())
