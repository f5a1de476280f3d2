"""What the steps do. Each takes an item's record and its idempotency key, and returns its result: a dict of produced fields, or None if nothing was found."""

import os
import time
from urllib.parse import urlsplit


class Skip(Exception):
    """There is nothing to do for this item."""


class TryAgain(Exception):
    """Did not work this time and may the next. Say it only if no paid work was done."""

    def __init__(self, reason, after=None, counts_try=True):
        super().__init__(reason)
        self.after = after
        self.counts_try = counts_try


class Unknown(Exception):
    """The call went out, and nobody knows what became of it: the answer did not come."""


def domain(record, key):
    website = record.get("company.website")
    if not website:
        raise Skip("the record has no website")
    host = urlsplit(website if "//" in website else "//" + website).hostname
    return {"company.domain": host.removeprefix("www.")} if host else None


def score(record, key):
    call_the_vendor(key)
    return {"company.score": len(record.get("company.domain", "")) + len(record.get("company.name", ""))}


def call_the_vendor(key):
    """Stands for a paid call over the network: the vendor writes down who called and when, and takes its time."""
    log = os.environ.get("VENDOR_LOG")
    if log:
        with open(log, "a", encoding="ascii") as file:
            file.write(f"{key} {time.time():.6f}\n")
    time.sleep(float(os.environ.get("VENDOR_SECONDS", "0.01")))


STEPS = {"python.domain": domain, "python.score": score}
