"""Several people at the same moment: each call in a thread and a connection of its own, released together."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connections


def together(calls, *, workers=None):
    """The results of `calls` (functions without argument), in order; what one raises is raised here."""
    workers = workers or len(calls)
    barrier = Barrier(workers)

    def start(call):
        try:
            if workers == len(calls):
                barrier.wait(timeout=30)
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(workers) as pool:
        return [future.result() for future in [pool.submit(start, call) for call in calls]]
