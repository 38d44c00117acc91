"""Forty UDP ports for calls that last, in an event loop; a new call begins now
and then, and ends after fifteen seconds.

Stands for: media servers (RTP), game servers.
"""
import asyncio


class Media(asyncio.DatagramProtocol):
    pass


async def call(seconds):
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Media, local_addr=("127.0.0.1", 0))
    await asyncio.sleep(seconds)
    transport.close()


async def main():
    calls = [asyncio.create_task(call(120)) for _ in range(40)]
    while True:
        calls.append(asyncio.create_task(call(15)))
        await asyncio.sleep(2)

asyncio.run(main())
