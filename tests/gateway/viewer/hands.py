"""What a person does to the viewer and sees of it, for tests that drive it in a browser."""

import asyncio
from urllib.parse import parse_qs, urlsplit

DRAWN = """(() => {
  const canvas = document.querySelector('.data canvas');
  if (!canvas || !document.querySelector('.progress').hidden) return 0;
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const colours = new Set();
  for (let at = 0; at < data.length; at += 4 * 97) {
    if (data[at + 3]) colours.add(data.slice(at, at + 3).join());
  }
  return colours.size > 5 ? colours.size : 0;
})()"""
"""The number of colours on the data layer, once nothing is loading any more."""


def asked(page, request):
    """List the parameters of each WMS request of one kind, in order."""
    queries = [parse_qs(urlsplit(url).query) for url in page.requests if "/wms?" in url]
    lowered = [{name.lower(): values[0] for name, values in query.items()} for query in queries]
    return [query for query in lowered if query.get("request") == request]


async def sees(page, name, value):
    """Wait until the last tile was asked for with this value, and all tiles are drawn."""
    for _ in range(200):
        if (tiles := asked(page, "GetMap")) and tiles[-1].get(name) == value:
            break
        await asyncio.sleep(0.05)
    assert asked(page, "GetMap")[-1].get(name) == value
    await page.until(DRAWN)


async def press(page, label):
    """Press the button with an accessible name."""
    await page.run(f'document.querySelector("button[aria-label={label!r}]").click()')


async def choose(page, selector, value):
    """Set a field as a person would: its value, then the events that follow."""
    await page.run(
        f"(() => {{ const field = document.querySelector({selector!r}); field.value = {value!r};"
        "for (const kind of ['input', 'change']) field.dispatchEvent(new Event(kind, { bubbles: true })); })()"
    )
