"""Why a source file is not taken."""


class Unreadable(Exception):  # noqa: N818 -- a finding about a file, not a fault of ours
    """A source file that cannot be taken, with a reason its provider can act on."""

    def __init__(self, name: str, reason: str, variable: str = "") -> None:
        """Refuse the file `name` because of `reason`, which is that `variable` cannot be read where one is named."""
        super().__init__(name, reason, variable)
        self.name = name
        self.reason = reason
        self.variable = variable

    def __str__(self) -> str:
        """Name the file, then the reason."""
        return f"{self.name}: {self.reason}"


class NoMesh(Unreadable):
    """A source file whose mesh is in another file."""

    def __init__(self, name: str, reason: str, mesh: str) -> None:
        """Refuse the file `name`, whose fields lie on a mesh of the name `mesh`."""
        super().__init__(name, reason)
        # What it is made of anew in another process.
        self.args = (name, reason, mesh)
        self.mesh = mesh
