"""Fetching data sets into Keras's cache: with progress, within a time limit, whole or not at all.

``keras.datasets`` downloads straight into the file that it reads the next time, tells its progress
to nobody but the terminal, and waits for a silent server for ever. So the files are fetched in
here, to the very places in which ``keras.datasets`` looks, and it finds them there.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import http.client
import os
import tempfile
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from core.errors import LearnscopeError

Progress = Callable[[float, str], None]
"""Told the share that is done, in [0, 1], and a few words for people."""

LONGEST_SILENCE = 20.0
"""Seconds without a single byte after which the server is given up."""
LONGEST_FETCH = 30 * 60.0
"""Seconds that one file may take."""
_CHUNK = 1 << 18


@dataclass(frozen=True)
class RemoteFile:
    """A file of a data set, as ``keras.datasets`` names it.

    Attributes
    ----------
    path : str
        Where it lies, within the folder ``datasets`` of Keras's cache.
    origin : str
        The address.
    size : int
        Bytes.
    sha256 : str
        Empty for the gzip files of Fashion-MNIST, which carry a check sum of their own.
    """

    path: str
    origin: str
    size: int
    sha256: str = ""


_MIRROR = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"

REMOTE_FILES: Mapping[str, tuple[RemoteFile, ...]] = {
    "fashion-mnist": tuple(
        RemoteFile(f"fashion-mnist/{name}", _MIRROR + name, size)
        for name, size in (
            ("train-labels-idx1-ubyte.gz", 29_515),
            ("train-images-idx3-ubyte.gz", 26_421_880),
            ("t10k-labels-idx1-ubyte.gz", 5_148),
            ("t10k-images-idx3-ubyte.gz", 4_422_102),
        )
    ),
    "mnist": (
        RemoteFile(
            "mnist.npz",
            _MIRROR + "mnist.npz",
            11_490_434,
            "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
        ),
    ),
    "cifar10": (
        RemoteFile(
            "cifar-10-batches-py-target_archive",
            "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
            170_498_071,
            "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
        ),
    ),
}


class _FetchError(Exception):
    """The connection failed; the message completes the sentence "Received: ..."."""


def cache_folder() -> Path:
    """The folder in which ``keras.datasets`` keeps its files, found without importing Keras."""
    home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras").expanduser()
    with contextlib.suppress(OSError):
        home.mkdir(parents=True, exist_ok=True)
    if not os.access(home, os.W_OK):
        # As keras.utils.get_file does.
        home = Path("/tmp" if Path("/tmp").is_dir() else tempfile.gettempdir()) / ".keras"
    return home / "datasets"


def is_fetched(files: Sequence[RemoteFile]) -> bool:
    """Whether all files are there in their full size. Quick: looks, but does not read."""
    folder = cache_folder()
    return all(_size(folder / file.path) == file.size for file in files)


def fetch(files: Sequence[RemoteFile], title: str, progress: Progress | None = None) -> None:
    """Fetch what is missing or damaged of a data set's files.

    A file appears at its place only when it is whole and its check sum is right. What `progress`
    raises ends the fetch and leaves nothing behind.

    Parameters
    ----------
    files : sequence of RemoteFile
    title : str
        What the data set is called, for the sentences.
    progress : callable, optional
        Called with the share done, in [0, 1], and words, after every chunk.

    Raises
    ------
    LearnscopeError
        If there is no connection, it breaks or falls silent, the file is not the expected one, or
        it cannot be written.
    """
    folder = cache_folder()
    missing = [file for file in files if not _is_whole(folder / file.path, file)]
    total = sum(file.size for file in missing)
    done = 0
    for file in missing:

        def tell(received: int, before: int = done) -> None:
            if progress is not None:
                got = before + received
                words = f"Fetching {title}: {got / 1e6:.1f} of {total / 1e6:.1f} MB"
                progress(min(got / total, 1.0), words)

        try:
            _fetch_file(file, folder / file.path, tell)
        except _FetchError as reason:
            raise _refusal(file, title, str(reason)) from reason
        except OSError as reason:
            raise LearnscopeError(
                f"Expected to write {total / 1e6:.0f} MB of {title} to {folder}. "
                f"Received: {reason.strerror or reason}. Make room there, set KERAS_HOME to "
                "another folder, or choose a built-in data set."
            ) from reason
        done += file.size


def _refusal(file: RemoteFile, title: str, received: str) -> LearnscopeError:
    when = "when online" if received.startswith("no connection") else "later"
    return LearnscopeError(
        f"Expected to fetch {title} from {urlsplit(file.origin).netloc}. "
        f"Received: {received}. Choose a built-in data set, or try again {when}."
    )


def _fetch_file(file: RemoteFile, place: Path, tell: Callable[[int], None]) -> None:
    """Write beside, check, then move to the place in one step."""
    place.parent.mkdir(parents=True, exist_ok=True)
    _clear_away_leftovers(place)
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.", suffix=".part")
    beside = Path(name)
    try:
        received = 0
        tell(received)
        with os.fdopen(handle, "wb") as written:
            for chunk in _chunks(file.origin):
                written.write(chunk)
                received += len(chunk)
                tell(received)
            written.flush()
            os.fsync(written.fileno())
        if not _is_whole(beside, file):
            raise _FetchError(f"a file that is not the expected one ({received:,} bytes)")
        # mkstemp makes files for the owner alone; a cache may be shared.
        beside.chmod(0o644)
        beside.replace(place)
    finally:
        beside.unlink(missing_ok=True)


def _chunks(origin: str) -> Iterator[bytes]:
    """The bytes at an address; every way to fail on the way becomes :class:`_FetchError`."""
    end = time.monotonic() + LONGEST_FETCH
    received = 0
    try:
        with urllib.request.urlopen(origin, timeout=LONGEST_SILENCE) as answer:
            announced = int(answer.headers.get("Content-Length") or 0)
            # read1 returns what has come in; read would wait for a full chunk from a slow server.
            while chunk := answer.read1(_CHUNK):
                received += len(chunk)
                yield chunk
                if time.monotonic() > end:
                    raise _FetchError(
                        f"only {received / 1e6:.1f} MB in {LONGEST_FETCH / 60:.0f} min"
                    )
    except urllib.error.HTTPError as reason:
        raise _FetchError(f"the answer {reason.code} ({reason.reason})") from reason
    except TimeoutError as reason:
        raise _FetchError(f"no answer for {LONGEST_SILENCE:.0f} s") from reason
    except urllib.error.URLError as reason:
        if isinstance(reason.reason, TimeoutError):
            raise _FetchError(f"no connection within {LONGEST_SILENCE:.0f} s") from reason
        raise _FetchError(f"no connection ({_why(reason.reason)})") from reason
    except (ConnectionError, http.client.HTTPException) as reason:
        raise _FetchError(f"a connection that broke off after {received / 1e6:.1f} MB") from reason
    if received < announced:
        raise _FetchError(
            f"a connection that broke off after {received / 1e6:.1f} of {announced / 1e6:.1f} MB"
        )


def _why(reason: object) -> str:
    return (isinstance(reason, OSError) and reason.strerror) or str(reason)


def _is_whole(place: Path, file: RemoteFile) -> bool:
    if not place.is_file():
        return False
    if file.sha256:
        with place.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest() == file.sha256
    try:
        with gzip.open(place, "rb") as content:
            while content.read(_CHUNK):
                pass
    except (OSError, EOFError, zlib.error):
        return False
    return True


def _clear_away_leftovers(place: Path) -> None:
    """Remove what killed processes left; what is younger may be another process at work."""
    for leftover in place.parent.glob(f".{place.name}.*.part"):
        with contextlib.suppress(OSError):
            if time.time() - leftover.stat().st_mtime > LONGEST_FETCH:
                leftover.unlink()


def _size(place: Path) -> int:
    try:
        return place.stat().st_size
    except OSError:
        return -1
