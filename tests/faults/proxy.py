"""A network between us and a server that can be made slow, or silent."""

import socket
import threading
import time
from contextlib import suppress


class Proxy:
    """Passes connections on to a port of this machine; both ways alike."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.delay = 0.0
        """Seconds that each piece of data waits."""
        self.flows = threading.Event()
        """Cleared: what comes is taken, and nothing passed on."""
        self.flows.set()
        self._forgotten = 0
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def forget(self) -> None:
        """Forget every connection, as a machine that loses its power does: nobody is told, new ones pass."""
        self._forgotten = len(self._sockets)

    def close(self) -> None:
        """Cut every connection and take no more."""
        self.flows.set()
        for one in (self._listener, *self._sockets):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):  # closed, or the server is away
            while True:
                client, _ = self._listener.accept()
                try:
                    server = socket.create_connection(("127.0.0.1", self.target))
                except OSError:  # the server is away: so are we
                    client.close()
                    continue
                self._sockets += [client, server]
                place = len(self._sockets)
                for pair in ((client, server), (server, client)):
                    threading.Thread(target=self._pass, args=(*pair, place), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, place: int) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                time.sleep(self.delay)
                self.flows.wait()
                if place > self._forgotten:
                    target.sendall(data)
        if place > self._forgotten:
            for one in (source, target):
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
