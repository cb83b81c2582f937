"""An HTTP server on a free port of the loopback interface hands every request to one function."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .exchange import Answer, Request


class Server:
    def __init__(
        self, answer: Callable[[Request], Answer], before: Callable[[Request], None]
    ) -> None:
        """`before` may make requests of its own: it runs outside of the lock of an answer."""
        lock = threading.RLock()

        class Connection(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1
            disable_nagle_algorithm = True

            def do(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                request = Request.read(self.command, self.path, dict(self.headers), raw)
                before(request)
                with lock:
                    given = answer(request)
                self._send(given)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do

            def _send(self, given: Answer) -> None:
                if given.hang_up:
                    self.close_connection = True
                    return
                content = given.as_bytes()
                headers = {"Content-Type": "application/json; charset=utf-8"} | dict(given.headers)
                self.send_response(given.status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if given.status != 204:
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                del format, args

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Connection)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
        self._http.server_close()
