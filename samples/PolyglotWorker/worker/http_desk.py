"""The worker API over HTTP, with nothing but the standard library."""

import json
import time
import urllib.error
import urllib.request


class HttpTasks:
    def __init__(self, address, key, worker, lease_seconds):
        self.address = address.rstrip("/")
        self.key = key
        self.worker = worker
        self.lease_seconds = lease_seconds

    def claim(self, step, limit):
        """Items of one stage of one batch, or None. Never repeated blindly: each claim takes further items."""
        return self._post("claim", {"step": step, "worker": self.worker, "limit": limit, "leaseSeconds": self.lease_seconds})

    def complete(self, lease, answers):
        items = [{"item": item["item"], "attempt": item["attempt"], "result": result} for item, result in answers]
        return self._say("complete", {"lease": lease, "items": items})

    def skip(self, lease, reasons):
        return self._say("skip", {"lease": lease, "items": self._reasons(reasons)})

    def fail(self, lease, reasons):
        return self._say("fail", {"lease": lease, "items": self._reasons(reasons)})

    def defer(self, lease, reasons, after=None, counts_try=True):
        items = [dict(item, afterSeconds=after, countsTry=counts_try) for item in self._reasons(reasons)]
        return self._say("defer", {"lease": lease, "items": items})

    def renew(self, lease):
        try:
            self._post("renew", {"lease": lease, "leaseSeconds": self.lease_seconds})
            return True
        except urllib.error.HTTPError as error:
            if error.code == 409:
                return False
            raise

    def release(self, lease):
        return self._post("release", {"lease": lease})["released"]

    @staticmethod
    def _reasons(reasons):
        return [{"item": item["item"], "attempt": item["attempt"], "reason": reason} for item, reason in reasons]

    def _say(self, path, body):
        """Says it until it is heard: what was written is not written twice."""
        for wait in (0.1, 0.5, 2, 5, None):
            try:
                return self._post(path, body)["written"]
            except OSError as error:
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
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None
