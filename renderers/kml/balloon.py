"""What a balloon tells of a layer, as HTML. Source: OGC 07-147r2, 9.1.3.10 (description)."""

from html import escape

from renderers.kml.described import Described


def balloon(layer: Described, links: tuple[tuple[str, str], ...]) -> str:
    """Return HTML in which nothing from a file can be read as markup; `links` are (words, address)."""
    rows = "".join(f"<tr><td><b>{escape(name)}</b></td><td>{escape(text)}</td></tr>" for name, text in layer.facts)
    ways = " &middot; ".join(f'<a href="{escape(address)}">{escape(words)}</a>' for words, address in links)
    return f"<h3>{escape(layer.title)}</h3><table>{rows}</table><p>{ways}</p>"
