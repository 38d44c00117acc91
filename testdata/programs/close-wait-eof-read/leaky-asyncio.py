"""An asyncio stream handler returns at EOF without closing its writer.

Stands for: StreamWriter never closed; asyncio keeps the transport open after
EOF, so the socket stays in CLOSE_WAIT as long as anything refers to it.
Fix: writer.close(); await writer.wait_closed(), in `finally`.
"""
import asyncio
import sys

sessions = []


async def serve(reader, writer):
    sessions.append(writer)
    while data := await reader.readline():
        writer.write(b"ok " + data)
        await writer.drain()
    # wrong: no writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


asyncio.run(main())
