"""The same client with its writers closed."""
import asyncio
import sys


async def main():
    while True:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(sys.argv[1]))
        writer.write(b"question\n")
        await reader.read()
        writer.close()
        await writer.wait_closed()
        await asyncio.sleep(0.05)


asyncio.run(main())
