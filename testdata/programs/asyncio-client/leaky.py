"""asyncio.open_connection() per question; the writers are never closed.

Stands for: asyncio clients that read to EOF and drop the pair, with one still
referenced. The event loop has seen the EOF and leaves closing to the program.
Fix: writer.close(); await writer.wait_closed(), in `finally`.
"""
import asyncio
import sys


async def main():
    answers = []
    while True:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(sys.argv[1]))
        writer.write(b"question\n")
        answers.append((await reader.read(), writer))
        await asyncio.sleep(0.05 if len(answers) < 12 else 1.5)


asyncio.run(main())
