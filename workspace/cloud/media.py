"""Media types (RFC 6838) of files, by their names: the same on every machine, whatever its `/etc/mime.types` says."""

import mimetypes
import re

UNKNOWN = "application/octet-stream"
_SHAPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,58}/[a-z0-9][a-z0-9!#$&^_.+-]{0,58}")
_OFFICE = "application/vnd.openxmlformats-officedocument."
_MORE = {
    ".7z": "application/x-7z-compressed",
    ".avif": "image/avif",
    ".docx": _OFFICE + "wordprocessingml.document",
    ".eml": "message/rfc822",
    ".flac": "audio/flac",
    ".gz": "application/gzip",
    ".heic": "image/heic",
    ".m4a": "audio/mp4",
    ".md": "text/markdown",
    ".mkv": "video/x-matroska",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".oga": "audio/ogg",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".p7s": "application/pkcs7-signature",
    ".pptx": _OFFICE + "presentationml.presentation",
    ".rtf": "application/rtf",
    ".webm": "video/webm",
    ".webp": "image/webp",
    ".xlsx": _OFFICE + "spreadsheetml.sheet",
}
_BY_ENDING = {**mimetypes.MimeTypes().types_map[True], **_MORE}


def media_type_of(name: str, announced: str | None = None) -> str:
    """The type that the name's ending says or, where it says nothing, the announced one if it has the shape of one.

    It serves to choose an icon, a player or a preview; it is never trusted to decide how bytes are handled.
    """
    ending = "." + name.rpartition(".")[2].lower()
    if "." in name and ending in _BY_ENDING:
        return _BY_ENDING[ending]
    plain = (announced or "").partition(";")[0].strip().lower()
    return plain if _SHAPE.fullmatch(plain) else UNKNOWN
