"""Asks a server over HTTP, and judges whether each whole answer is of one version, and none older than the last."""

import io
import json
import random
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Final
from xml.etree import ElementTree as ET

import numpy as np
from PIL import Image

from renderers.colour import colours
from renderers.scale import Scale

SCALE: Final = Scale(palette="thermal", low=-0.5, high=249.5)
"""In which each whole number has a colour of its own."""
_NUMBERS: Final = {tuple(rgba[:3]): number for number, rgba in enumerate(colours(SCALE)[: SCALE.bands].tolist())}
_WMS: Final = "/wms?SERVICE=WMS&VERSION=1.3.0"
_VIEW: Final = "&CRS=CRS:84&BBOX=-80,-50,80,50&WIDTH=64&HEIGHT=40"
_LOOK: Final = "&STYLES=&FORMAT=image/png&TRANSPARENT=FALSE"
_GONE: Final = 400
"""The status of a time that the version does not have."""

Truth = Mapping[str, int]
"""Of one version: value by time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one whole answer says."""

    what: str
    time: str
    """Empty for all times."""
    found: int | frozenset[str] | None
    """The one value, or the times; None where the version does not have the time."""


class MixedError(Exception):
    """An answer is of no version, or of one that is older than the one before."""


class Asker:
    """A client that asks on and on, in a thread."""

    def __init__(self, base: str, seed: int, *, faults: bool) -> None:
        """Ask the server at `base`; with `faults`, its store may be out of reach for a while, and it says so."""
        self.answers: list[Answer] = []
        self.wrong: list[str] = []
        """What was no answer at all."""
        self.unavailable = 0
        self._base, self._random, self._faults = base, random.Random(seed), faults
        self._times: list[str] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the question at hand."""
        self._stop.set()
        self._thread.join()

    def taken(self) -> list[Answer]:
        """Return the answers so far, once."""
        answers, self.answers = self.answers, []
        return answers

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.answers.append(self._one())
            except urllib.error.HTTPError as error:
                self._heard(error)
            except (OSError, HTTPException, ValueError, LookupError, ET.ParseError, MixedError) as error:
                self.wrong.append(repr(error))
            self._stop.wait(0.01)

    def _heard(self, error: urllib.error.HTTPError) -> None:
        text = error.read().decode("utf-8", "replace")
        if self._faults and error.code == 503:
            self.unavailable += 1
        else:
            self.wrong.append(f"{error.code}: {text[:300]}")

    def _one(self) -> Answer:
        if not self._times or self._random.random() < 0.2:
            return self._list()
        time = self._random.choice(self._times)
        return self._random.choice((self._map, self._maps, self._value))(time)

    def _list(self) -> Answer:
        text = self._get(f"{_WMS}&REQUEST=GetCapabilities")
        found = {times_in(dimension.text or "") for dimension in ET.fromstring(text).iter() if _is_time(dimension)}
        if len(found) != 1:
            raise MixedError(f"the layers of one dataset have {len(found)} lists of times")
        times = found.pop()
        self._times = sorted(times)
        return Answer(what="capabilities", time="", found=times)

    def _map(self, time: str, layers: str = "d/t") -> Answer:
        return self._picture(f"GetMap {layers}", time, layers)

    def _maps(self, time: str) -> Answer:
        return self._picture("GetMap of two layers", time, "d/t,d/u")

    def _picture(self, what: str, time: str, layers: str) -> Answer:
        styles = _LOOK.replace("STYLES=", "STYLES=" + "," * layers.count(","))
        content = self._or_gone(f"{_WMS}&REQUEST=GetMap&LAYERS={layers}{_VIEW}{styles}&TIME={time}")
        if content is None:
            return Answer(what=what, time=time, found=None)
        pixels = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
        found = {_NUMBERS.get(tuple(colour)) for colour in np.unique(pixels.reshape(-1, 3), axis=0).tolist()}
        if len(found) != 1:
            raise MixedError(f"{what} at {time} shows {found}")
        return Answer(what=what, time=time, found=found.pop())

    def _value(self, time: str) -> Answer:
        column = self._random.randrange(64)
        place = f"&I={column}&J={self._random.randrange(40)}&INFO_FORMAT=application/json&QUERY_LAYERS=d/t"
        query = f"{_WMS}&REQUEST=GetFeatureInfo&LAYERS=d/t{_VIEW}{_LOOK}{place}&TIME={time}"
        content = self._or_gone(query)
        found = None if content is None else round(json.loads(content)["features"][0]["properties"]["value"])
        return Answer(what="GetFeatureInfo", time=time, found=found)

    def _or_gone(self, path: str) -> bytes | None:
        try:
            return self._get(path)
        except urllib.error.HTTPError as error:
            text = error.read().decode("utf-8", "replace")
            if error.code == _GONE and "TIME" in text:
                return None
            raise urllib.error.HTTPError(path, error.code, text, error.headers, io.BytesIO(text.encode())) from error

    def _get(self, path: str) -> bytes:
        with urllib.request.urlopen(self._base + path, timeout=120) as answer:
            content: bytes = answer.read()
            return content


def _is_time(element: ET.Element) -> bool:
    return element.tag.endswith("}Dimension") and element.get("name") == "time"


def times_in(text: str) -> frozenset[str]:
    """Return the days of a WMS list of times, of which some may be written as periods."""
    found: set[str] = set()
    for part in re.split(r"\s*,\s*", text.strip()):
        if "/" not in part:
            found.add(part)
            continue
        first, last, step = part.split("/")
        begin, end = np.datetime64(first.rstrip("Z"), "s"), np.datetime64(last.rstrip("Z"), "s")
        days = re.fullmatch(r"P(\d+)D", step)
        if days is None:
            raise MixedError(f"a period that no file has: {part}")
        found |= {
            f"{day}Z" for day in np.arange(begin, end + np.timedelta64(1, "s"), np.timedelta64(int(days[1]), "D"))
        }
    return frozenset(text if text.endswith("Z") else f"{text}Z" for text in (_whole(each) for each in found))


def _whole(text: str) -> str:
    return str(np.datetime64(text.rstrip("Z"), "s"))


def judged(answers: list[Answer], truths: list[Truth], since: int) -> int:
    """Return the place of the version that the last answer is of, none being older than that of the one before.

    `truths` are the versions in their order; the first answer is of `since` or later.

    Raises:
        MixedError: an answer is of none of them.

    """
    for answer in answers:
        since = next((at for at in range(since, len(truths)) if agrees(answer, truths[at])), -1)
        if since < 0:
            raise MixedError(f"{answer} is of no version, or of an older one")
    return since


def agrees(answer: Answer, truth: Truth) -> bool:
    """Tell whether a version gives this answer."""
    if not answer.time:
        return answer.found == frozenset(truth)
    return answer.found == truth.get(answer.time)
