"""The leaky asyncio server with its writer closed in `finally`."""
import asyncio
import sys


async def serve(reader, writer):
    try:
        while data := await reader.readline():
            writer.write(b"ok " + data)
            await writer.drain()
    finally:
        writer.close()
        await writer.wait_closed()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


asyncio.run(main())
