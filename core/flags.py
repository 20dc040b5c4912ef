"""What the numbers of a flag variable mean. Source: CF Conventions 1.11, 3.5 (flags)."""

from core.attributes import Attributes, text_of


def flag_meanings(attributes: Attributes, value: float) -> tuple[str, ...]:
    """Return what a value means by `flag_meanings`, as the file words it; nothing where it says nothing.

    With `flag_masks` several may hold at once. Lists that do not fit one another mean nothing.
    """
    meanings = (text_of(attributes, "flag_meanings") or "").split()
    values, masks = _whole(attributes, "flag_values"), _whole(attributes, "flag_masks")
    given = [found for found in (values, masks) if found]
    if not given or any(len(found) != len(meanings) for found in given) or not float(value).is_integer():
        return ()
    number = int(value)
    if not masks:
        return tuple(text for text, code in zip(meanings, values, strict=True) if code == number)
    if not values:
        return tuple(text for text, mask in zip(meanings, masks, strict=True) if number & mask)
    return tuple(text for text, mask, code in zip(meanings, masks, values, strict=True) if number & mask == code & mask)


def _whole(attributes: Attributes, name: str) -> tuple[int, ...]:
    """Return a list of whole numbers; none where it holds anything else."""
    found = attributes.get(name)
    numbers = () if found is None else tuple(found.numbers.tolist())
    return tuple(int(one) for one in numbers) if all(float(one).is_integer() for one in numbers) else ()
