"""What Icechunk says, in one line."""

import icechunk
import pytest

from stores.documents import DocumentError
from stores.failures import StoreError, named_failures, reason_of
from stores.location import Location

FULL = """  x object store error Local: No space left on device (os error 28)
  |
  | context:
  |    0: icechunk::storage::object_store::write
  |
  |-> Local: No space left on device (os error 28)
  `-> No space left on device (os error 28)
"""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (FULL, "object store error Local: No space left on device (os error 28)"),
        ("  x\n  |-> I/O error\n  `-> Data corruption detected\n", "I/O error: Data corruption detected"),
        ("plain", "plain"),
        ("", "IcechunkError"),
    ],
)
def test_a_message_is_one_line_with_its_cause(text, says):
    assert reason_of(icechunk.IcechunkError(text)) == says


@pytest.mark.parametrize("error", [icechunk.IcechunkError("broken"), DocumentError("broken")])
def test_a_failure_names_dataset_and_store(tmp_path, error):
    location = Location.parse(str(tmp_path))
    with pytest.raises(StoreError, match=f"dataset d in {location}: broken"), named_failures(location, "d"):
        raise error
