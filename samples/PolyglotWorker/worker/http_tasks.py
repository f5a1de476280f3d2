"""The worker API over HTTP, with nothing but the standard library. Tasks are dicts, as a fetch returns them."""

import http.client
import json
import time
import urllib.error
import urllib.request


class HttpTasks:
    def __init__(self, address, key, worker, lock_seconds):
        self.address = address.rstrip("/")
        self.key = key
        self.worker = worker
        self.lock_seconds = lock_seconds

    def fetch(self, step, limit):
        """Tasks of a step; none if nothing is due. Never repeated blindly: each fetch gives further tasks."""
        body = {"step": step, "worker": self.worker, "limit": limit, "lockSeconds": self.lock_seconds}
        return self._post("fetch", body)["tasks"]

    def complete(self, answers):
        return self._report("complete", [{"task": task["task"], "result": result} for task, result in answers])

    def skip(self, reasons):
        return self._report("skip", self._reasons(reasons))

    def fail(self, reasons, kind="permanent"):
        return self._report("fail", [{**report, "class": kind} for report in self._reasons(reasons)])

    def defer(self, reasons, why="retry", after=None):
        return self._report("defer", [dict(report, why=why, afterSeconds=after) for report in self._reasons(reasons)])

    def extend(self, tasks):
        """Keeps tasks. Returns those that are lost."""
        return self._post("extend", {"tasks": [task["task"] for task in tasks], "lockSeconds": self.lock_seconds})["refused"]

    @staticmethod
    def _reasons(reasons):
        return [{"task": task["task"], "reason": reason} for task, reason in reasons]

    def _report(self, path, tasks):
        """Reports until it is heard: a task is reported once, however often this is said. Returns the tasks that were refused."""
        for wait in (0.1, 0.5, 2, 5, None):
            try:
                return self._post(path, {"tasks": tasks})["refused"]
            except (OSError, http.client.HTTPException) as error:  # No connection, no answer, or half of one.
                refused = isinstance(error, urllib.error.HTTPError) and error.code < 500
                if refused or wait is None:
                    raise
                time.sleep(wait)

    def _post(self, path, body):
        request = urllib.request.Request(
            f"{self.address}/{path}",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self.key}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            if error.headers.get_content_type() == "application/problem+json":
                error.msg = json.loads(error.read())["detail"]  # What is wrong, where, and what is expected.
            raise
