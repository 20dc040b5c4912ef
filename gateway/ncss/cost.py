"""What a request would take, in JSON."""

import json

from core.problem import Problem
from core.selection.estimate import pieces
from gateway.extract import Extraction


def cost_json(extraction: Extraction, allowed: int) -> bytes:
    """Tell what the file of a request would be, and which parts would fit into `allowed` bytes if it does not."""
    found, written = extraction.estimate, extraction.wanted.format
    advice = None
    try:
        extraction.require(allowed)
    except Problem as problem:
        advice = str(problem)
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
        "fits": advice is None,
        "pieces": [] if advice is None else list(pieces(extraction.plan, found, written, allowed)),
        "advice": advice,
    }
    return (json.dumps(told, indent=2) + "\n").encode()
