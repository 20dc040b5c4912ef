"""Exit codes: what a script may rely on."""

from typing import Final

DONE: Final = 0
PARTLY: Final = 1
"""Something was refused, left out, damaged or is not served; the rest is done."""
FAILED: Final = 2
"""It cannot be done as asked."""
INTERRUPTED: Final = 130
"""128 + SIGINT, as shells have it."""
