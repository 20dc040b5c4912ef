"""Names in groups: a variable, dimension or group is named by its path from the root, `data_01/ku/ssha`.

Source: CF Conventions 1.11, 2.7 (groups) and 2.7.1 (scope); NetCDF-4, "Groups". The lateral search of 2.7.1, into
groups beside the one that asks, is not made: which of several was meant would be a guess.
"""

from collections.abc import Container, Iterator


def group_of(path: str) -> str:
    """Return the path of the group that a variable or dimension is in; "" is the root."""
    return path.rpartition("/")[0]


def in_group(group: str, name: str) -> str:
    """Return the path of what is called `name` in a group."""
    return f"{group}/{name}" if group else name


def outwards(group: str) -> Iterator[str]:
    """Yield a group and all that it lies in, the root last."""
    while group:
        yield group
        group = group_of(group)
    yield ""


def resolved(there: Container[str], group: str, word: str) -> str | None:
    """Find what a word in an attribute of a variable in `group` names; None where that is not there.

    A name is looked for in the group, then outwards; a path is taken from the root where it begins with "/", else
    from the group, then outwards likewise.
    """
    if word.startswith("/"):
        return word[1:] if word[1:] in there else None
    for outer in outwards(group):
        path = _joined(outer, word)
        if path in there:
            return path
    return None


def _joined(group: str, word: str) -> str:
    parts = group.split("/") if group else []
    for part in word.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
