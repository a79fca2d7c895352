"""Pictures on the bench: read, blacked out, cropped, turned, and encoded anew from their pixels.

Everything here blocks: not for the loop's thread. What comes out holds pixels and nothing else:
no EXIF, no place, no thumbnail of how it was before.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, QSize, Qt
from PySide6.QtGui import QColorSpace, QImage, QImageReader, QPainter, QTransform

from console.domain.media_rules import MB

MOST_PIXELS = 80_000_000  # a larger picture is a bomb or a poster
LONGEST_SENT = 4096  # px of the longer side; WhatsApp shows less
FORMATS = frozenset({b"jpeg", b"jpg", b"png", b"webp", b"gif", b"bmp", b"tiff", b"tif"})
QUALITIES = (90, 82, 74, 65)
SMALLEST = 640  # px of the longer side; nobody can read less


@dataclass(frozen=True, slots=True)
class BlackOut:
    """Cover a part for good. Measures are parts of the picture as it is then, 0..1."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Crop:
    """Keep only a part; measures as above."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Turn:
    """A quarter to the right, -1 to the left."""

    quarters: int


Step = BlackOut | Crop | Turn


def read(data: bytes, content_type: str, longest: int = 0) -> QImage | None:
    """The first frame, upright, at most `longest` px long where that is not 0; None if unreadable.

    Qt reads all but HEIC, which phones make and Qt reads on macOS only.
    """
    image = _read_heic(data) if content_type == "image/heic" else _read_qt(data, longest)
    if image is None or image.isNull():
        return None
    if longest and max(image.width(), image.height()) > longest:
        image = _within(image, longest)
    if image.colorSpace().isValid():
        image.convertToColorSpace(QColorSpace(QColorSpace.NamedColorSpace.SRgb))
    return image


def apply(image: QImage, steps: tuple[Step, ...]) -> QImage:
    """The picture after all steps, one after the other. The pixels under black are gone."""
    made = image.copy()
    for step in steps:
        if isinstance(step, Turn):
            made = made.transformed(QTransform().rotate(90 * step.quarters))
            continue
        rect = _rect(made.size(), step)
        if rect.isEmpty():
            continue
        if isinstance(step, Crop):
            made = made.copy(rect)
        else:
            with QPainter(made) as painter:
                painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
                painter.fillRect(rect, Qt.GlobalColor.black)
    return made


def encode(image: QImage, limit: int = 5 * MB, *, lossless: bool = False) -> tuple[bytes, str]:
    """The picture as JPEG (or PNG where `lossless` and it fits), at most `limit` bytes.

    Returns the bytes and their type. It is made smaller until it fits.
    """
    bare = _bare(image, keep_alpha=lossless)
    if lossless:
        data = _encoded(bare, "PNG", -1)
        if len(data) <= limit:
            return data, "image/png"
    flat = _bare(image, keep_alpha=False)
    longest = min(LONGEST_SENT, max(flat.width(), flat.height()))
    while longest > SMALLEST:
        smaller = _within(flat, longest)
        for quality in QUALITIES:
            data = _encoded(smaller, "JPG", quality)
            if len(data) <= limit:
                return data, "image/jpeg"
        longest = longest * 3 // 4
    return _encoded(_within(flat, SMALLEST), "JPG", QUALITIES[0]), "image/jpeg"


def is_animated(data: bytes) -> bool:
    """A GIF or WebP that moves, which a photo cannot hold."""
    reader, _buffer = _reader(data)
    return bool(reader.supportsAnimation() and reader.imageCount() > 1)


def _rect(whole: QSize, step: BlackOut | Crop) -> QRect:
    """The part in whole pixels, outwards: what was meant to be covered is covered."""
    left, top = int(step.x * whole.width()), int(step.y * whole.height())
    right = -int(-(step.x + step.width) * whole.width() // 1)
    bottom = -int(-(step.y + step.height) * whole.height() // 1)
    rect = QRect(left, top, right - left, bottom - top)
    return rect.intersected(QRect(0, 0, whole.width(), whole.height()))


def _reader(data: bytes) -> tuple[QImageReader, QBuffer]:
    """A reader and the buffer that it borrows, which must live as long."""
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setDecideFormatFromContent(True)
    reader.setAutoTransform(True)
    return reader, buffer


def _read_qt(data: bytes, longest: int) -> QImage | None:
    reader, _buffer = _reader(data)
    if bytes(reader.format().data()).lower() not in FORMATS:
        return None
    size = reader.size()
    if size.isValid():
        if size.width() * size.height() > MOST_PIXELS:
            return None
        if longest and max(size.width(), size.height()) > longest:
            reader.setScaledSize(size.scaled(longest, longest, Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()


def _read_heic(data: bytes) -> QImage | None:
    # Read in only where such a file comes: it brings Pillow along, which takes its time.
    import pi_heif  # type: ignore[import-untyped]

    try:
        file = pi_heif.open_heif(data, convert_hdr_to_8bit=True)
        if file.size[0] * file.size[1] > MOST_PIXELS:
            return None
        form = {
            "RGB": QImage.Format.Format_RGB888,
            "RGBA": QImage.Format.Format_RGBA8888,
            "L": QImage.Format.Format_Grayscale8,
        }.get(file.mode)
        if form is None:
            return None
        pixels = bytes(file.data)
        return QImage(pixels, file.size[0], file.size[1], file.stride, form).copy()
    except (ValueError, OSError, EOFError, RuntimeError, SyntaxError):
        return None


def _within(image: QImage, longest: int) -> QImage:
    if max(image.width(), image.height()) <= longest:
        return image
    return image.scaled(
        longest,
        longest,
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )


def _bare(image: QImage, *, keep_alpha: bool) -> QImage:
    """Nothing but pixels: no text, no profile, no offset. Without alpha it lies on white."""
    if keep_alpha and image.hasAlphaChannel():
        made = image.convertToFormat(QImage.Format.Format_ARGB32)
    else:
        made = QImage(image.size(), QImage.Format.Format_RGB32)
        made.fill(Qt.GlobalColor.white)
        with QPainter(made) as painter:
            painter.drawImage(0, 0, image)
    for key in made.textKeys():
        made.setText(key, "")
    return made


def _encoded(image: QImage, form: str, quality: int) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, form, quality)  # type: ignore[call-overload]
    return bytes(buffer.data().data())
