#!/usr/bin/env python3
"""A worker in plain Python: claims items of its steps, does them, says what became of them; over HTTP or in SQL.

    python3 worker.py --http http://localhost:5000/workers --key $WORKER_KEY
    python3 worker.py --sql "host=localhost dbname=leads user=worker"

Items in hand are done at once, each in a thread of its own: where a vendor states limits, each call waits for its moment.
Kill it at any moment: its lease lapses, and the engine does with its items what it does with those of any lost host.
SIGTERM or Ctrl-C: it ends the calls that have left, says what is done, and gives the rest back.
"""

import argparse
import os
import signal
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from http_desk import HttpTasks
from steps import STEPS, Skip, TryAgain

stop = threading.Event()


@contextmanager
def heartbeat(desk, lease, seconds):
    """Renews the lease every third of its time. Yields an event that is set when it is lost."""
    lost, ended = threading.Event(), threading.Event()

    def beat():
        while not ended.wait(seconds / 3):
            try:
                if not desk.renew(lease):
                    lost.set()
                    return
            except Exception as error:  # The next beat tries again.
                print(f"not renewed: {error}", file=sys.stderr)

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield lost
    finally:
        ended.set()
        thread.join()


def wait_for_moment(item, arrived, halted):
    """Waits until the item's call may leave. False if it may not any more: its time is over, or it is not to be made."""
    if item.get("callAfterSeconds") is None:  # The vendor states no limits.
        return not halted()
    while not halted() and time.monotonic() < arrived + item["callAfterSeconds"]:
        stop.wait(min(0.1, max(0, arrived + item["callAfterSeconds"] - time.monotonic())))
    return not halted() and time.monotonic() <= arrived + item["callBySeconds"]


def work_once(desk, step, limit, seconds):
    """Claims and does some items of a step, all at once. False if nothing was due."""
    claim = desk.claim(step, limit)
    if claim is None:
        return False
    arrived, lease, items, slowed = time.monotonic(), claim["lease"], claim["items"], threading.Event()
    answers, skipped, failed, deferred = [], [], [], []
    with heartbeat(desk, lease, seconds) as lost:

        def do(item):
            if not wait_for_moment(item, arrived, lambda: stop.is_set() or lost.is_set() or slowed.is_set()):
                return
            try:
                answers.append((item, STEPS[step](item["record"], item["idempotencyKey"])))
            except Skip as reason:
                skipped.append((item, str(reason)))
            except TryAgain as reason:
                deferred.append((item, reason))
                if not reason.counts_try:
                    slowed.set()  # The vendor asks for patience: what was not called for by now is given back.
            except Exception as error:
                failed.append((item, f"{type(error).__name__}: {error}"))

        with ThreadPoolExecutor(len(items)) as pool:
            list(pool.map(do, items))
        # Each set in one round trip. With the last of its items a lease is given back.
        if answers:
            desk.complete(lease, answers)
        if skipped:
            desk.skip(lease, skipped)
        if failed:
            desk.fail(lease, failed)
        for item, reason in deferred:
            desk.defer(lease, [(item, str(reason))], reason.after, reason.counts_try)
    if len(answers) + len(skipped) + len(failed) + len(deferred) < len(items):
        desk.release(lease)  # Nothing was called for the rest.
    return True


def desk_of(options, worker):
    if options.http:
        return HttpTasks(options.http, options.key, worker, options.lease)
    from sql_desk import SqlTasks

    return SqlTasks(options.sql, options.schema, worker, options.lease)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--http", metavar="ADDRESS", help="the worker API of a host")
    where.add_argument("--sql", metavar="DATABASE", help="a connection string of libpq")
    parser.add_argument("--key", default=os.environ.get("WORKER_KEY", ""), help="what the worker API asks for; better in the environment as WORKER_KEY")
    parser.add_argument("--schema", default="enrichment")
    parser.add_argument("--limit", type=int, default=10, help="items in hand at once: what a crash leaves unknown")
    parser.add_argument("--lease", type=float, default=60, help="seconds until a worker that is gone is missed")
    options = parser.parse_args()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    desk = desk_of(options, f"{socket.gethostname()}/{os.getpid()}")
    print("ready", flush=True)
    while not stop.is_set():
        try:
            if any([work_once(desk, step, options.limit, options.lease) for step in STEPS if not stop.is_set()]):
                continue
        except Exception as error:
            # The lease of what was in hand is missed and taken over.
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        stop.wait(1)


if __name__ == "__main__":
    main()
