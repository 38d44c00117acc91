"""An event loop that wakes itself up by a socketpair, four of them in four
threads: both ends are here, and one of them is waited for.

Stands for: asyncio's self-pipe, libevent, Java's Selector.
"""
import asyncio
import threading


def run():
    asyncio.new_event_loop().run_forever()


for _ in range(4):
    threading.Thread(target=run).start()
