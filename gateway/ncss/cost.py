"""What a request would take, in JSON, and the refusal of one that takes too much."""

import json
from typing import Final

from core.problem import Problem
from core.selection.estimate import Excess, Span
from gateway.extract import Extraction

_NAMED: Final = 12
"""Pieces that a refusal spells out."""


def cost_json(extraction: Extraction, allowed: int) -> bytes:
    """Tell what the file of a request would be, and which parts would fit into `allowed` bytes if it does not."""
    found, written = extraction.estimate, extraction.wanted.format
    excess = extraction.excess(allowed)
    told = {
        "dataset": extraction.plan.dataset.id,
        "format": written,
        "bytes": found.sizes[written],
        "seconds": found.seconds[written],
        "sizes": dict(found.sizes),
        "cells": found.cells,
        "chunks": found.chunks,
        "read": found.read,
        "allowed": allowed,
        "fits": excess is None,
        "pieces": [_parameters(piece) for piece in excess.pieces] if excess else [],
        "advice": _said(excess) if excess else None,
    }
    return (json.dumps(told, indent=2) + "\n").encode()


def require(extraction: Extraction, allowed: int) -> None:
    """Accept a request whose file has no more than `allowed` bytes.

    Raises:
        Problem: `too_large`, naming requests that would fit.

    """
    excess = extraction.excess(allowed)
    if excess is not None:
        raise Problem("too_large", _said(excess), parameter="var")


def _parameters(piece: Span) -> dict[str, str]:
    return {"time_start": piece.first, "time_end": piece.last}


def _said(excess: Excess) -> str:
    asked = _parts(excess.pieces) if excess.pieces else _boxes(excess)
    return f"that is about {_shown(excess.size)}, and {_shown(excess.allowed)} are allowed in one request: ask {asked}"


def _parts(pieces: tuple[Span, ...]) -> str:
    named = ["&".join(f"{name}={value}" for name, value in _parameters(piece).items()) for piece in pieces[:_NAMED]]
    more = f" and {len(pieces) - _NAMED} more" if len(pieces) > _NAMED else ""
    return f"{len(pieces)} requests: {', '.join(named)}{more}"


def _boxes(excess: Excess) -> str:
    """Advise where one step does not fit."""
    steps = f"one step at a time ({excess.steps} requests) and " if excess.steps > 1 else ""
    inner = "fewer levels or " if excess.levels > 1 else ""
    return f"for {steps}{inner}boxes {excess.smaller} times smaller"


def _shown(size: float) -> str:
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            return f"{size / factor:.3g} {unit}"
    return f"{size:.0f} bytes"
