"""What a request would take, in JSON."""

import json
from math import ceil
from typing import Final

from core.problem import Problem
from core.selection.estimate import pieces
from gateway.extract import Extraction

_MARGIN: Final = 1.02
"""Pieces are not all of one size."""


def cost_json(extraction: Extraction, allowed: int) -> bytes:
    """Tell what the file of a request would be, and which parts would fit into `allowed` bytes if it does not."""
    found, written = extraction.estimate, extraction.wanted.format
    size = found.sizes[written]
    advice = None
    try:
        extraction.require(allowed)
    except Problem as problem:
        advice = str(problem)
    told = {
        "dataset": extraction.plan.dataset.id,
        "format": written,
        "bytes": size,
        "seconds": found.seconds[written],
        "sizes": dict(found.sizes),
        "cells": found.cells,
        "chunks": found.chunks,
        "read": found.read,
        "allowed": allowed,
        "fits": advice is None,
        "pieces": [] if advice is None else list(pieces(extraction.plan, ceil(size * _MARGIN / allowed))),
        "advice": advice,
    }
    return (json.dumps(told, indent=2) + "\n").encode()
