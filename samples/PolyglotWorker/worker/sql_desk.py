"""The same in SQL, with psycopg2. Each call is a transaction of its own: what was claimed is on record before any work begins."""

import json
import time

import psycopg2


class SqlTasks:
    def __init__(self, database, schema, worker, lease_seconds):
        self.database = database
        self.schema = schema
        self.worker = worker
        self.lease_seconds = lease_seconds
        self.connection = None

    def claim(self, step, limit):
        """Items of one stage of one batch, or None. Never repeated blindly: each claim takes further items."""
        rows = self._call("claim_work", step, self.worker, limit, self._lease())
        if not rows:
            return None
        columns = ("lease", "batch", "stage", "version", "settings", "item", "attempt", "idempotencyKey", "record", "callAfterSeconds", "callBySeconds")
        items = [dict(zip(columns, row)) for row in rows]
        return {"lease": items[0]["lease"], "items": items}

    def complete(self, lease, answers):
        results = [None if result is None else json.dumps(result) for _, result in answers]
        return self._say("complete_work", lease, *self._items(answers), results)

    def skip(self, lease, reasons):
        return self._say("skip_work", lease, *self._items(reasons), [reason for _, reason in reasons])

    def fail(self, lease, reasons):
        return self._say("fail_work", lease, *self._items(reasons), [reason for _, reason in reasons])

    def defer(self, lease, reasons, after=None, counts_try=True):
        after = None if after is None else f"{after} seconds"
        return self._say("defer_work", lease, *self._items(reasons), [reason for _, reason in reasons], after, counts_try)

    def renew(self, lease):
        return self._call("renew_work", lease, self._lease())[0][0]

    def release(self, lease):
        return self._call("release_work", lease)[0][0]

    @staticmethod
    def _items(said):
        return [item["item"] for item, _ in said], [item["attempt"] for item, _ in said]

    def _lease(self):
        return f"{self.lease_seconds} seconds"

    def _say(self, function, *arguments):
        """Says it until it is heard: what was written is not written twice."""
        for wait in (0.1, 0.5, 2, 5, None):
            try:
                return [row[0] for row in self._call(function, *arguments)]
            except (psycopg2.OperationalError, psycopg2.InterfaceError):
                if wait is None:
                    raise
                time.sleep(wait)

    def _call(self, function, *arguments):
        if self.connection is None or self.connection.closed:
            self.connection = psycopg2.connect(self.database)
            self.connection.autocommit = True
        with self.connection.cursor() as cursor:
            cursor.execute(f"select * from {self.schema}.{function}({', '.join(['%s'] * len(arguments))})", arguments)
            return cursor.fetchall()
