#!/usr/bin/env python3
"""An external worker in plain Python: fetches tasks of its steps, does them and reports them; over HTTP or in SQL.

    python3 worker.py --http http://localhost:5000/workers --key $WORKER_KEY
    python3 worker.py --sql "host=localhost dbname=leads user=worker"

Tasks in hand are done at once, each in a thread of its own: where a vendor states limits, each call waits for its moment.
Kill it at any moment: its locks end, and the engine does with its tasks what their steps allow.
SIGTERM or Ctrl-C: it ends the calls that have left, reports what is done, and gives the rest back.
"""

import argparse
import json
import os
import signal
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from http_tasks import HttpTasks
from steps import STEPS, Skip, TryAgain, Unknown

stop = threading.Event()


@contextmanager
def heartbeat(api, tasks, seconds):
    """Extends the locks every third of their time. Yields the names of tasks that are lost."""
    lost, ended = set(), threading.Event()

    def beat():
        while not ended.wait(seconds / 3):
            try:
                lost.update(api.extend(tasks))
            except Exception as error:  # The next beat tries again.
                print(f"not extended: {error}", file=sys.stderr)

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield lost
    finally:
        ended.set()
        thread.join()


def wait_for_moment(task, arrived, halted):
    """Waits until the call of a task may leave. False if it may not any more: its time is over, or it is not to be made."""
    if task.get("callAfterSeconds") is None:  # The vendor states no limits.
        return not halted()
    while not halted() and time.monotonic() < arrived + task["callAfterSeconds"]:
        stop.wait(min(0.1, max(0, arrived + task["callAfterSeconds"] - time.monotonic())))
    return not halted() and time.monotonic() <= arrived + task["callBySeconds"]


def work_once(api, step, limit, seconds):
    """Fetches and does some tasks of a step, all at once. False if nothing was due."""
    tasks = api.fetch(step, limit)
    if not tasks:
        return False
    arrived, slowed, taken_up = time.monotonic(), threading.Event(), set()
    answers, skipped, failed, unknown, deferred = [], [], [], [], []
    with heartbeat(api, tasks, seconds) as lost:

        def do(task):
            if not wait_for_moment(task, arrived, lambda: stop.is_set() or slowed.is_set() or task["task"] in lost):
                return
            taken_up.add(task["task"])
            try:
                result = STEPS[step](task["record"], task["idempotencyKey"])
                json.dumps(result, allow_nan=False)  # A result that is no JSON must not keep the others from being reported.
                answers.append((task, result))
            except Skip as reason:
                skipped.append((task, str(reason)))
            except TryAgain as reason:
                deferred.append((task, reason))
                if not reason.counts_try:
                    slowed.set()  # The vendor asks for patience: what was not called for by now is given back.
            except Unknown as reason:
                unknown.append((task, str(reason)))
            except Exception as error:
                failed.append((task, f"{type(error).__name__}: {error}"))

        with ThreadPoolExecutor(len(tasks)) as pool:
            list(pool.map(do, tasks))
        # Each set in one round trip.
        if answers:
            api.complete(answers)
        if skipped:
            api.skip(skipped)
        if failed:
            api.fail(failed)
        if unknown:
            api.fail(unknown, "outcomeUnknown")
        for task, reason in deferred:
            api.defer([(task, str(reason))], "retry" if reason.counts_try else "slowDown", reason.after)
        rest = [(task, "it was not called for in its time") for task in tasks if task["task"] not in taken_up]
        if rest:
            api.defer(rest, "notCalled")
    return True


def work_all(api, limit, seconds):
    """Works on each step once. False if the worker is to rest: nothing was due, or something went wrong."""
    due, sound = False, True
    for step in STEPS:
        if stop.is_set():
            break
        try:
            due |= work_once(api, step, limit, seconds)
        except Exception as error:
            # The locks of what was in hand end, and a host acts. A step that this worker may not have keeps it from no other.
            print(f"{step}: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
            sound = False
    return due and sound


def tasks_of(options, worker):
    if options.http:
        return HttpTasks(options.http, options.key, worker, options.lock)
    from sql_tasks import SqlTasks

    return SqlTasks(options.sql, options.schema, worker, options.lock)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--http", metavar="ADDRESS", help="the worker API of a host")
    where.add_argument("--sql", metavar="DATABASE", help="a connection string of libpq")
    parser.add_argument("--key", default=os.environ.get("WORKER_KEY", ""), help="what the worker API asks for; better in the environment as WORKER_KEY")
    parser.add_argument("--schema", default="enrichment")
    parser.add_argument("--limit", type=int, default=10, help="tasks in hand at once: what a crash loses")
    parser.add_argument("--lock", type=float, default=60, help="seconds until a worker that is gone is missed")
    options = parser.parse_args()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    api = tasks_of(options, f"{socket.gethostname()}/{os.getpid()}")
    print("ready", flush=True)
    while not stop.is_set():
        if not work_all(api, options.limit, options.lock):
            stop.wait(1)


if __name__ == "__main__":
    main()
