"""Refusals and faults in plain text, where no protocol has a document of its own."""

from aiohttp import web

from core.problem import Problem
from gateway.http.statuses import STATUS


async def refuse(_: web.Request, problem: Problem) -> web.Response:
    """Say a refusal in one line of text."""
    return web.Response(status=STATUS[problem.kind], text=f"{problem}\n")


async def fail(_: web.Request, status: int, request_id: str) -> web.Response:
    """Say that the fault is ours."""
    return web.Response(status=status, text=f"The answer could not be made. Reference: {request_id}\n")
