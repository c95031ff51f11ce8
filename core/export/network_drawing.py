"""The network as a diagram -> a picture to keep: a block a layer, with its words beside it."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape

import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFont

from core.export.kernel_pictures import png
from core.figures.network import DRAWING, Block

_ROW, _MARGIN, _WORDS, _TEXT = 64.0, 12.0, 250.0, "#1B2733"
_EDGE = "#33414E"
_ZOOM = 2
"""Pixels of the PNG for one of the drawing's."""


@dataclass(frozen=True, eq=False)
class NetworkDrawing:
    """The layers as blocks, one below the other, the image first.

    Attributes
    ----------
    name : str
        The file's name, without its ending.
    words : str
        What it is, for the page and inside the SVG.
    blocks : tuple of Block
        As :func:`core.figures.network.blocks` makes them.
    about : str
        A sentence inside the file.
    """

    name: str
    words: str
    blocks: tuple[Block, ...]
    about: str = ""

    @property
    def _size(self) -> tuple[float, float]:
        return 2 * _MARGIN + DRAWING[0] + _WORDS, 2 * _MARGIN + _ROW * len(self.blocks)

    def as_svg(self) -> bytes:
        """The diagram as a drawing, sharp at any size, its words as text."""
        width, height = self._size
        parts = [f"<title>{escape(self.words)}</title>"]
        if self.about:
            parts.append(f"<desc>{escape(self.about)}</desc>")
        parts.append(f'<rect width="{width:g}" height="{height:g}" fill="#FFFFFF"/>')
        for place, block in enumerate(self.blocks):
            left, top = self._corner(place)
            for face in block.faces:
                points = " ".join(f"{left + x:g},{top + y:g}" for x, y in face.points)
                parts.append(
                    f'<polygon points="{points}" fill="{block.colour}" stroke="{_EDGE}" '
                    f'fill-opacity="{face.opacity:g}" stroke-width="1"/>'
                )
            beside = left + DRAWING[0] + _MARGIN
            for down, style, line in _lines(block):
                parts.append(
                    f'<text x="{beside:g}" y="{top + down:g}" {style} fill="{_TEXT}" '
                    f'font-family="sans-serif">{escape(line)}</text>'
                )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
            f'width="{width:g}" height="{height:g}">{"".join(parts)}</svg>\n'
        ).encode()

    def as_png(self) -> bytes:
        """The diagram in pixels, on white."""
        size = tuple(round(_ZOOM * length) for length in self._size)
        picture = Image.new("RGBA", (size[0], size[1]), "#FFFFFF")
        for place, block in enumerate(self.blocks):
            left, top = self._corner(place)
            for face in block.faces:
                # In a layer of its own, for a face lets some of the white shine through.
                over = Image.new("RGBA", picture.size)
                ImageDraw.Draw(over).polygon(
                    [(_ZOOM * (left + x), _ZOOM * (top + y)) for x, y in face.points],
                    fill=(*ImageColor.getrgb(block.colour)[:3], round(255 * face.opacity)),
                    outline=_EDGE,
                    width=_ZOOM,
                )
                picture.alpha_composite(over)
            pen = ImageDraw.Draw(picture)
            beside = _ZOOM * (left + DRAWING[0] + _MARGIN)
            for down, style, line in _lines(block):
                font = ImageFont.load_default(size=_ZOOM * (14 if "bold" in style else 12))
                pen.text((beside, _ZOOM * (top + down)), line, _TEXT, font, anchor="ls")
        return png(np.asarray(picture), self.about)

    def _corner(self, place: int) -> tuple[float, float]:
        """Where a block's drawing begins: left, top."""
        return _MARGIN, _MARGIN + _ROW * place + (_ROW - DRAWING[1]) / 2


def _lines(block: Block) -> tuple[tuple[float, str, str], ...]:
    """What stands beside a block: how far down, in which letters, and the words."""
    layer = block.layer
    kind = "" if layer.kind == "Input" else f"{layer.kind}: "
    return (
        (19.0, 'font-size="14" font-weight="bold"', layer.name),
        (36.0, 'font-size="12"', f"{kind}{layer.output}"),
    )
