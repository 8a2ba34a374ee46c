"""What a file says: its checksum, and files taken out of archives without trusting them."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import zipfile
import zlib
from collections.abc import Collection, Iterator

LARGEST = 2**28
"""Bytes of the largest file that is taken out of an archive: a file that is larger is none of ours."""

_REMARKS = (b"NAME", b"COMMENT", b"EOF")


class ContentError(Exception):
    """What arrived is not what was asked for; the message says what it is."""


def checksum(data: bytes) -> str:
    """SHA-256 of what a text says, not of its bytes.

    Copies of one instance differ by line ends, tabs and blanks, and by the lines ``NAME``, ``COMMENT``, ``EOF`` and ``# ...``;
    none of these is part of the problem. So lines of words are digested: separated by one blank, a colon being a word, without
    these.

    Examples
    --------
    >>> checksum(b"NAME: a\\r\\nDIMENSION: 3\\r\\n") == checksum(b"DIMENSION : 3")
    True
    """
    digest = hashlib.sha256()
    for line in data.removeprefix(b"\xef\xbb\xbf").replace(b":", b" : ").splitlines():
        words = line.split()
        if words and words[0].upper() not in _REMARKS and not words[0].startswith(b"#"):
            digest.update(b" ".join(words) + b"\n")
    return digest.hexdigest()


def taken_out(data: bytes, wanted: Collection[str]) -> dict[str, bytes]:
    """The wanted files of a download: of an archive (zip, tar, tar.gz), of a gzipped file, or the file itself.

    Nothing is written: an archive cannot put a file anywhere. One that tries to (an absolute path, ``..``, a link) is refused
    whole.

    Parameters
    ----------
    data : bytes
        What arrived.
    wanted : collection of str
        Names of files, without folders; upper and lower case are one. With a single file, the first of them is its name.

    Raises
    ------
    ContentError
        If the archive is broken or dangerous, or holds none of them.
    """
    if data[:2] == b"\x1f\x8b":
        data = _gunzipped(data)
    if not data.strip():
        raise ContentError("nothing but blanks arrived")
    if data.lstrip()[:64].lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        raise ContentError("a web page arrived, not a file: the address has moved, or something on the way asks for a login")
    members = _members(data)
    if members is None:
        if b"\0" in data[:4096]:
            raise ContentError("binary data arrived, neither a text nor an archive that is known (zip, tar, gz)")
        return {next(iter(wanted)): data}
    # With the ending or, as in some archives, without.
    name_of = {variant: name for name in wanted for variant in (name.lower().rpartition(".")[0], name.lower())}
    found: dict[str, bytes] = {}
    for path, content in members:
        name = name_of.get(path.rpartition("/")[2].lower())
        if name is not None and found.setdefault(name, content) != content:
            raise ContentError(f"the archive holds two different files {name}")
    if not found:
        raise ContentError(f"the archive holds no {', '.join(list(wanted)[:3])}")
    return found


def _gunzipped(data: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(data)) as stream:
            content = stream.read(4 * LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ContentError(f"the gzipped data are broken or cut short ({error})") from None
    if len(content) > 4 * LARGEST:
        raise ContentError(f"the gzipped data are larger than {4 * LARGEST:,} bytes")
    return content


def _members(data: bytes) -> Iterator[tuple[str, bytes]] | None:
    """Path and content of each file, read when it is asked for; None: no archive."""
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return _zip_members(data)
    if data[257:262] == b"ustar":
        return _tar_members(data)
    return None


def _zip_members(data: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            for entry in entries:
                is_link = entry.external_attr >> 16 & 0o170000 == 0o120000
                _check_path(entry.filename, entry.file_size, "a link" if is_link else "")
            for entry in entries:
                if not entry.is_dir():
                    yield entry.filename, archive.read(entry)
    except (zipfile.BadZipFile, EOFError, OSError, zlib.error, NotImplementedError, RuntimeError) as error:
        raise ContentError(f"the zip archive is broken or cut short ({error})") from None


def _tar_members(data: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            entries = archive.getmembers()
            for entry in entries:
                _check_path(entry.name, entry.size, "" if entry.isfile() or entry.isdir() else "a link or a device")
            for entry in entries:
                stream = archive.extractfile(entry) if entry.isfile() else None
                if stream is not None:
                    content = stream.read()
                    if len(content) != entry.size:
                        raise ContentError(f"the tar archive is cut short, in {entry.name}")
                    yield entry.name, content
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ContentError(f"the tar archive is broken or cut short ({error})") from None


def _check_path(path: str, size: int, danger: str) -> None:
    parts = path.replace("\\", "/").split("/")
    if ".." in parts or path.startswith(("/", "\\")) or ":" in parts[0]:
        danger = "a path that leads out of the archive"
    if danger:
        raise ContentError(f"the archive holds {danger} ({path!r}): refused whole")
    if size > LARGEST:
        raise ContentError(f"the archive holds a file of {size:,} bytes ({path!r}): refused whole")
