"""QR codes as one SVG path, drawn by our own template: no inline style, so that the page's policy holds."""

from __future__ import annotations

from dataclasses import dataclass

import qrcode


@dataclass(frozen=True)
class QrDrawing:
    """A square of `size` units with the dark modules as one path."""

    size: int
    path: str


def drawing(text: str) -> QrDrawing:
    """Draw a text with the quiet zone of four modules that the standard (ISO/IEC 18004) asks for."""
    code = qrcode.QRCode(border=4, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(text)
    code.make(fit=True)
    matrix: list[list[bool]] = code.get_matrix()
    parts = [f"M{x} {y}h1v1h-1z" for y, line in enumerate(matrix) for x, dark in enumerate(line) if dark]
    return QrDrawing(len(matrix), "".join(parts))
