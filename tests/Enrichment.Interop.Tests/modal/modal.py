"""As much of Modal as modal_app.py uses, in one process: functions run in threads, and what would be web endpoints are kept in App.endpoints."""

import itertools
import sys
import types
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet

pool = ThreadPoolExecutor(max_workers=64)
numbers = itertools.count(1)


class exception:
    class OutputExpiredError(Exception):
        pass

    class FunctionTimeoutError(Exception):
        pass


class FunctionCall:
    known = {}

    def __init__(self, function, args):
        self.object_id = f"fc-{next(numbers)}"
        self.glanced = False
        FunctionCall.known[self.object_id] = self
        self.future = pool.submit(function, *args)

    @staticmethod
    def from_id(object_id):
        return FunctionCall.known[object_id]

    def get(self, timeout=None):
        if timeout == 0 and not self.glanced:
            self.glanced = True  # The first glance always comes too early, however fast the work is.
            raise TimeoutError
        try:
            return self.future.result(timeout)
        except NotYet as error:
            raise TimeoutError from error

    def cancel(self):
        self.future.cancel()


class Function:
    def __init__(self, function):
        self.function = function

    def spawn(self, *args):
        return FunctionCall(self.function, args)


class App:
    endpoints = {}

    def __init__(self, name, image=None):
        pass

    def function(self, **settings):
        def register(function):
            if hasattr(function, "method"):
                App.endpoints[function.__name__] = function
            return Function(function)

        return register


class Dict(dict):
    def __init__(self):
        super().__init__()
        self.asked = {}

    @staticmethod
    def from_name(name, create_if_missing=False):
        return Dict()

    def get(self, key):
        # The first two who ask for a key always ask at the same moment, before either has put anything there.
        return None if next(self.asked.setdefault(key, itertools.count(1))) <= 2 else super().get(key)

    def put(self, key, value, skip_if_exists=False):
        if skip_if_exists:
            return self.setdefault(key, value) is value
        self[key] = value
        return True


class Image:
    @staticmethod
    def debian_slim():
        return Image()

    def pip_install(self, *packages):
        return self


class Secret:
    @staticmethod
    def from_name(name, required_keys=()):
        return Secret()


def concurrent(max_inputs):
    return lambda function: function


def fastapi_endpoint(method, requires_proxy_auth):
    def mark(function):
        function.method = method
        function.guarded = requires_proxy_auth
        return function

    return mark


class JSONResponse:
    def __init__(self, content, status_code):
        self.content = content
        self.status_code = status_code


responses = types.ModuleType("fastapi.responses")
responses.JSONResponse = JSONResponse
sys.modules["fastapi"] = types.ModuleType("fastapi")
sys.modules["fastapi.responses"] = responses
