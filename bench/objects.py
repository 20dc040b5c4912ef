"""An object store for tests and measurements: the S3 interface of moto, in a process of its own."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Final

BUCKET: Final = "ocean"
SECRET: Final = "s3cr3t-0f-the-unit"
_PATIENCE: Final = 20.0


@contextmanager
def object_store() -> Iterator[str]:
    """Run one, with an empty bucket `BUCKET`, and return its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", "from moto.server import main; main()", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _make_bucket(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _make_bucket(port: int) -> None:
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            asked = HTTPConnection("127.0.0.1", port, timeout=5)
            asked.request("PUT", f"/{BUCKET}")
            status = asked.getresponse().status
            asked.close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            if status != 200:
                raise OSError(f"the object store answers {status}")
            return


def environment(address: str) -> dict[str, str]:
    """Return the environment variables under which a process uses the object store at `address`."""
    return {"AWS_ENDPOINT_URL": address, "AWS_ACCESS_KEY_ID": "unit", "AWS_SECRET_ACCESS_KEY": SECRET}
