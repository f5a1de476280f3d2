"""Serves the endpoints of modal_app.py on the loopback, each at its name, as Modal does at a host of its own. Usage: serve.py modal_app.py KEY SECRET; writes its port."""

import json
import runpy
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import modal

REDIRECTS = 2  # before a call is answered: Modal does so every 150 seconds
RESULT = "__modal_function_call_id"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.answer()

    def do_GET(self):
        self.answer()

    def answer(self):
        url = urlsplit(self.path)
        name = url.path.strip("/")
        query = dict(parse_qsl(url.query))
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        endpoint = modal.App.endpoints.get(name)
        if endpoint is None:
            self.say(404, b"modal-http: invalid function call")
        elif endpoint.guarded and (self.headers.get("Modal-Key"), self.headers.get("Modal-Secret")) != (KEY, SECRET):
            self.say(401, b"modal-http: missing credentials for proxy authorization")
        elif RESULT in query and self.command != "GET":
            self.say(400, b"modal-http: bad redirect method")
        elif RESULT in query:
            self.wait(name, modal.FunctionCall.from_id(query[RESULT]), int(query["waits"]))
        elif self.command != endpoint.method:
            self.say(405, b'{"detail":"Method Not Allowed"}')
        else:
            arguments = (json.loads(body),) if self.command == "POST" else (query["call_id"],)
            self.wait(name, modal.FunctionCall(endpoint, arguments), REDIRECTS if name == "call" else 0)

    def wait(self, name, call, redirects):
        if redirects > 0:
            self.say(303, b"", f"/{name}?{RESULT}={call.object_id}&waits={redirects - 1}")
            return
        answer = call.get()
        if isinstance(answer, modal.JSONResponse):
            self.say(answer.status_code, json.dumps(answer.content).encode())
        else:
            self.say(200, json.dumps(answer).encode())

    def say(self, status, body, location=None):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


_, APP, KEY, SECRET = sys.argv
runpy.run_path(APP, run_name="modal_app")
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
