"""Why a plain Zarr store is not served, or not now."""

from stores.repository import NotPublishedError


class NotServableError(NotPublishedError):
    """What is there is no Zarr that can be served; it stays so until its provider changes it."""

    def __init__(self, name: str, reason: str) -> None:
        """Refuse the store `name` because of `reason`, which names neither folder nor address."""
        super().__init__(f"{name}: {reason}")
        self.reason = reason
