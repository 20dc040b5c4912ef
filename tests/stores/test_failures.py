"""What Icechunk says, in one line."""

import icechunk
import pytest

from stores.documents import DocumentError
from stores.failures import StoreError, is_gone, named_failures, reason_of
from stores.location import Location

FULL = """  x object store error Local: No space left on device (os error 28)
  |
  | context:
  |    0: icechunk::storage::object_store::write
  |
  |-> Local: No space left on device (os error 28)
  `-> No space left on device (os error 28)
"""
WRAPPED = """  x session error: object store error Unable to open file /a/long/name#1:
  | Permission denied (os error 13)
  |
  | context:
  |    0: icechunk::session::commit
  |              at icechunk/src/session.rs:971
"""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            WRAPPED,
            "session error: object store error Unable to open file /a/long/name#1: Permission denied (os error 13)",
        ),
        (FULL, "object store error Local: No space left on device (os error 28)"),
        ("  x\n  |-> I/O error\n  `-> Data corruption detected\n", "I/O error: Data corruption detected"),
        ("plain", "plain"),
        ("", "IcechunkError"),
    ],
)
def test_a_message_is_one_line_with_its_cause(text, says):
    assert reason_of(icechunk.IcechunkError(text)) == says


@pytest.mark.parametrize(
    ("cause", "gone"),
    [
        ("NoSuchKey: The specified key does not exist.", True),
        ("Object at location /d/chunks/A\n  | not found: No such file or directory (os error 2)", True),
        ('Error { code: "InternalError", message: "try again" }', False),
        ('Error { code: "SlowDown", message: "try again" }', False),
        ("NoSuchBucket: The specified bucket does not exist", False),
        ("connection closed before message completed", False),
        ("Permission denied (os error 13)", False),
    ],
)
def test_an_object_that_is_gone_is_told_from_a_store_that_does_not_answer(cause, gone):
    assert is_gone(icechunk.IcechunkError(f"  x error getting object\n  |\n  | context:\n  `-> {cause}\n")) is gone


@pytest.mark.parametrize("error", [icechunk.IcechunkError("broken"), DocumentError("broken")])
def test_a_failure_names_dataset_and_store(tmp_path, error):
    location = Location.parse(str(tmp_path))
    with pytest.raises(StoreError, match=f"dataset d in {location}: broken"), named_failures(location, "d"):
        raise error
