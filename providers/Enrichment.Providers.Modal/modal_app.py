"""Enrichment on Modal: one function of yours behind four web endpoints.

Write enrich(), then:  modal deploy modal_app.py
The README of Enrichment.Providers.Modal tells the rest. Modal has to have a secret named "enrichment": deliver() signs with it.
"""

import base64
import hashlib
import hmac
import json
import os
import time
import traceback
import urllib.error
import urllib.request
import uuid

import modal

app = modal.App("enrichment", image=modal.Image.debian_slim().pip_install("fastapi[standard]"))

# Which function call does the work of an idempotency key. An entry is forgotten 7 days after it was last asked for.
calls = modal.Dict.from_name("enrichment-calls", create_if_missing=True)

LONGEST_RUN = 3600  # seconds; Modal allows 24 hours
TRIES = 12  # to deliver, within half an hour


def enrich(record: dict) -> dict:
    """Yours. Takes the record's fields by name, None where there is no value, and returns those that it found; None if there is nothing to find."""
    email = record.get("person.email")
    return {"company.domain": email.split("@")[1].lower()} if email else None


# --- The rest need not be touched, but for what work() needs: gpu=..., secrets=[...], an image of its own --------------------


@app.function(timeout=LONGEST_RUN)
def work(record: dict) -> dict:
    # What enrich() raises is an answer like any other, so that it is told from a fault of Modal's. The text may hold personal data: it stays in Modal's log.
    try:
        return {"result": json.loads(json.dumps(enrich(record), allow_nan=False))}
    except Exception as error:
        traceback.print_exc()
        return {"error": type(error).__name__}


def begin(payload: dict):
    """The function call that does this work. A request that is repeated, with the same key, joins the one that is there."""
    key = payload["idempotency_key"]
    call_id = calls.get(key)
    if call_id is None:
        call = work.spawn(payload["record"])
        if calls.put(key, call.object_id, skip_if_exists=True):
            return call
        call.cancel()  # The same request was here at the same moment, and was quicker.
        call_id = calls.get(key)
    return modal.FunctionCall.from_id(call_id)


def outcome(call, timeout=None) -> tuple:
    """What became of a function call, as a status and a body. A fault of Modal's is raised: it says nothing of the work."""
    try:
        done = call.get(timeout=timeout)
    except modal.exception.OutputExpiredError:
        return 404, {"error": "expired"}  # Results are kept for 7 days.
    except modal.exception.FunctionTimeoutError:
        return 410, {"error": "timed out"}
    except TimeoutError:
        return 202, {}
    return (410, {"error": done["error"]}) if "error" in done else (200, done["result"])


def signed(body: bytes, secret: str, message_id: str, now: int) -> dict:
    """The headers of a delivery, by Standard Webhooks 1.0.0 (standardwebhooks.com)."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signature = hmac.new(key, f"{message_id}.{now}.".encode() + body, hashlib.sha256).digest()
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(now),
        "webhook-signature": "v1," + base64.b64encode(signature).decode(),
    }


def post(url: str, body: bytes) -> None:
    """Delivers until the host says that it has stored the delivery. It asks for patience with 503; it will never want what it refuses."""
    message_id = f"msg_{uuid.uuid4().hex}"
    for attempt in range(TRIES):
        time.sleep(min(2**attempt, 300) if attempt else 0)
        headers = signed(body, os.environ["ENRICHMENT_CALLBACK_SECRET"], message_id, int(time.time()))
        try:
            urllib.request.urlopen(urllib.request.Request(url, body, headers, method="POST"), timeout=60).close()
            return
        except urllib.error.HTTPError as error:
            if error.code < 500 and error.code != 429:
                raise
        except OSError:
            pass
    raise RuntimeError("The delivery was not taken.")


@app.function(timeout=2 * LONGEST_RUN, secrets=[modal.Secret.from_name("enrichment", required_keys=["ENRICHMENT_CALLBACK_SECRET"])])
@modal.concurrent(max_inputs=100)
def deliver(call_id: str, url: str) -> None:
    status, body = outcome(modal.FunctionCall.from_id(call_id))
    body = {"status": "done", "result": body} if status == 200 else {"status": "failed", **body}
    post(url, json.dumps(body).encode())


def respond(status: int, body):
    from fastapi.responses import JSONResponse

    return JSONResponse(body, status_code=status)


@app.function(timeout=LONGEST_RUN)
@modal.concurrent(max_inputs=100)
@modal.fastapi_endpoint(method="POST", requires_proxy_auth=True)
def call(payload: dict):
    """modal.call: does the work while the caller waits."""
    return respond(*outcome(begin(payload)))


@app.function()
@modal.concurrent(max_inputs=100)
@modal.fastapi_endpoint(method="POST", requires_proxy_auth=True)
def spawn(payload: dict):
    """modal.spawn: begins the work."""
    return {"call_id": begin(payload).object_id}


@app.function()
@modal.concurrent(max_inputs=100)
@modal.fastapi_endpoint(method="GET", requires_proxy_auth=True)
def poll(call_id: str):
    """modal.spawn: 202 while the work goes on, then 200 with the result, 410 if there will be none, 404 if it is there no more."""
    return respond(*outcome(modal.FunctionCall.from_id(call_id), timeout=0))


@app.function()
@modal.concurrent(max_inputs=100)
@modal.fastapi_endpoint(method="POST", requires_proxy_auth=True)
def callback(payload: dict):
    """modal.callback: begins the work, and has what becomes of it delivered. A repeated request is delivered again, to its own address."""
    call_id = begin(payload).object_id
    deliver.spawn(call_id, payload["callback_url"])
    return {"call_id": call_id}
