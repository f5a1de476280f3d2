"""The SQL functions for workers, with psycopg2; the same methods as HttpTasks. Each call is a transaction of its own: what was fetched is on record before any work begins."""

import json
import time

import psycopg2


class SqlTasks:
    def __init__(self, database, schema, worker, lock_seconds):
        self.database = database
        self.schema = schema
        self.worker = worker
        self.lock = f"{lock_seconds} seconds"
        self.connection = None

    def fetch(self, step, limit):
        """Tasks of a step; none if nothing is due. Never repeated blindly: each fetch gives further tasks."""
        columns = (
            "task", "batch", "stage", "item", "attempt", "version", "settings", "idempotencyKey", "record", "callAfterSeconds", "callBySeconds",
        )
        return [dict(zip(columns, row)) for row in self._call("fetch_tasks(%s, %s, %s, %s)", step, self.worker, limit, self.lock)]

    def complete(self, answers):
        answers = [(task, None if result is None else json.dumps(result)) for task, result in answers]
        return self._report("complete_tasks(%s, %s::json[])", answers)

    def skip(self, reasons):
        return self._report("skip_tasks(%s, %s)", reasons)

    def fail(self, reasons, kind="permanent"):
        return self._report("fail_tasks(%s, %s, %s)", reasons, kind)

    def defer(self, reasons, why="retry", after=None):
        return self._report("defer_tasks(%s, %s, %s, make_interval(secs => %s))", reasons, why, after)

    def extend(self, tasks):
        """Keeps tasks. Returns those that are lost."""
        return [row[0] for row in self._call("extend_tasks(%s, %s)", [task["task"] for task in tasks], self.lock)]

    def _report(self, call, said, *more):
        """Reports until it is heard: a task is reported once, however often this is said. Returns the tasks that were refused."""
        tasks, words = [task["task"] for task, _ in said], [word for _, word in said]
        for wait in (0.1, 0.5, 2, 5, None):
            try:
                return [row[0] for row in self._call(call, tasks, words, *more)]
            except (psycopg2.OperationalError, psycopg2.InterfaceError):
                if wait is None:
                    raise
                time.sleep(wait)

    def _call(self, call, *arguments):
        if self.connection is None or self.connection.closed:
            self.connection = psycopg2.connect(self.database)
            self.connection.autocommit = True
        with self.connection.cursor() as cursor:
            cursor.execute(f"select * from {self.schema}.{call}", arguments)
            return cursor.fetchall()
