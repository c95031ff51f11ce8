"""Downloads, from a server of our own that breaks off, falls silent or sends the wrong thing."""

from __future__ import annotations

import gzip
import hashlib
import inspect
import io
import os
import pickle
import socket
import tarfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from core.data import DataSet, downloads, is_at_hand, load, loading
from core.data.downloads import REMOTE_FILES, RemoteFile, fetch
from core.errors import LearnscopeError

CONTENT = bytes(range(256)) * 4000


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    """An empty cache of Keras, and no proxy between us and our own server."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(loading, "_held", {})
    return tmp_path / "datasets"


class Server(ThreadingHTTPServer):
    """Sends `body` to everybody; `cut` bytes of it, then `silent` until told, as set."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.body, self.cut, self.status = CONTENT, None, 200
        self.silent, self.end_of_silence = False, threading.Event()
        self.asked = []

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}/"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        server = self.server
        server.asked.append(self.path)
        body = server.body[self.path] if isinstance(server.body, dict) else server.body
        self.send_response(server.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: server.cut])
        if server.silent:
            self.wfile.flush()
            server.end_of_silence.wait(10)

    def log_message(self, *arguments):
        """Nothing on the terminal."""


@pytest.fixture
def server():
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.end_of_silence.set()
        server.shutdown()
        thread.join()


def remote(server, path="set.bin", content=CONTENT):
    digest = hashlib.sha256(content).hexdigest()
    return RemoteFile(path, server.address + path, len(content), digest)


def files_in(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_file_is_fetched_into_the_cache_of_keras(server, cache):
    fetch([remote(server)], "Test set")
    assert (cache / "set.bin").read_bytes() == CONTENT
    assert files_in(cache) == ["set.bin"]


def test_progress_grows_to_one_over_all_files(server):
    told = []
    files = [remote(server, "one"), remote(server, "two")]
    fetch(files, "Test set", lambda share, words: told.append((share, words)))
    shares = [share for share, words in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert 0.5 in shares
    assert told[-1][1] == "Fetching Test set: 2.0 of 2.0 MB"


def test_a_whole_file_is_not_fetched_again(server):
    fetch([remote(server)], "Test set")
    fetch([remote(server)], "Test set")
    assert server.asked == ["/set.bin"]


@pytest.mark.parametrize("left", [b"", CONTENT[:1000], b"x" * len(CONTENT)])
def test_a_damaged_file_that_something_else_left_is_fetched_anew(server, cache, left):
    cache.mkdir()
    (cache / "set.bin").write_bytes(left)
    fetch([remote(server)], "Test set")
    assert (cache / "set.bin").read_bytes() == CONTENT


def test_a_gzip_file_cut_short_is_known_without_a_check_sum_of_ours(server, cache):
    whole = gzip.compress(CONTENT)
    server.body = whole
    file = RemoteFile("set.gz", server.address + "set.gz", len(whole))
    cache.mkdir()
    (cache / "set.gz").write_bytes(whole[: len(whole) // 2])
    fetch([file], "Test set")
    assert (cache / "set.gz").read_bytes() == whole


def test_without_a_connection_one_sentence_says_what_to_do(cache):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    file = RemoteFile("set.bin", f"http://127.0.0.1:{port}/set.bin", 10, "0")
    with pytest.raises(LearnscopeError) as refusal:
        fetch([file], "Fashion-MNIST")
    assert str(refusal.value) == (
        f"Expected to fetch Fashion-MNIST from 127.0.0.1:{port}. Received: no connection "
        "(Connection refused). Choose a built-in data set, or try again when online."
    )
    assert files_in(cache) == []


def test_a_name_that_cannot_be_resolved_is_no_connection():
    file = RemoteFile("set.bin", "http://learnscope.invalid/set.bin", 10, "0")
    with pytest.raises(LearnscopeError, match=r"Received: no connection \("):
        fetch([file], "Test set")


def test_a_broken_connection_leaves_nothing_and_the_next_try_succeeds(server, cache):
    server.cut = 400_000
    with pytest.raises(LearnscopeError, match=r"broke off after 0\.4 of 1\.0 MB"):
        fetch([remote(server)], "Test set")
    assert files_in(cache) == []
    server.cut = None
    fetch([remote(server)], "Test set")
    assert (cache / "set.bin").read_bytes() == CONTENT


def test_a_silent_server_is_given_up(server, cache, monkeypatch):
    monkeypatch.setattr(downloads, "LONGEST_SILENCE", 0.2)
    server.cut, server.silent = 1000, True
    with pytest.raises(LearnscopeError, match="Received: no answer for 0 s"):
        fetch([remote(server)], "Test set")
    assert files_in(cache) == []


def test_a_file_may_not_take_for_ever(server, cache, monkeypatch):
    monkeypatch.setattr(downloads, "LONGEST_FETCH", -1.0)
    with pytest.raises(LearnscopeError, match=r"Received: only 0\.\d MB in"):
        fetch([remote(server)], "Test set")
    assert files_in(cache) == []


def test_an_answer_of_error_is_told(server, cache):
    server.status = 503
    with pytest.raises(LearnscopeError, match=r"the answer 503 \(Service Unavailable\)\. .*later"):
        fetch([remote(server)], "Test set")
    assert files_in(cache) == []


def test_a_file_of_another_content_is_refused_and_not_kept(server, cache):
    server.body = b"<html>Please log in to the Wi-Fi</html>"
    with pytest.raises(LearnscopeError, match=r"a file that is not the expected one \(39 bytes\)"):
        fetch([remote(server)], "Test set")
    assert files_in(cache) == []


def test_whoever_is_told_the_progress_can_end_the_fetch(server, cache):
    class Enough(BaseException):
        """As Streamlit ends a script."""

    def stop(share, words):
        if share > 0:
            raise Enough

    with pytest.raises(Enough):
        fetch([remote(server)], "Test set", stop)
    assert files_in(cache) == []


def test_a_full_disk_is_not_called_a_missing_network(server, cache, monkeypatch):
    def no_room(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(LearnscopeError, match=r"to write 1 MB .* Received: No space left on devi"):
        fetch([remote(server)], "Test set")
    assert files_in(cache) == []


def test_what_a_killed_process_left_is_cleared_away_once_it_is_old(server, cache):
    cache.mkdir()
    old, young = cache / ".set.bin.old.part", cache / ".set.bin.young.part"
    for leftover in (old, young):
        leftover.write_bytes(b"half")
    long_ago = time.time() - 2 * downloads.LONGEST_FETCH
    os.utime(old, (long_ago, long_ago))
    fetch([remote(server)], "Test set")
    assert files_in(cache) == [young.name, "set.bin"]


@pytest.mark.parametrize("dataset", list(REMOTE_FILES))
def test_addresses_and_check_sums_are_those_of_the_installed_keras(dataset):
    """A release of Keras that fetches other files must be followed in REMOTE_FILES."""
    from keras import datasets

    source = inspect.getsource(getattr(datasets, dataset.replace("-", "_")).load_data)
    for file in REMOTE_FILES[dataset]:
        folder, _, name = file.origin.rpartition("/")
        assert folder + "/" in source
        assert name in source
        assert file.sha256 in source
        assert file.path.removesuffix("_archive").rpartition("/")[2] in source


@pytest.fixture
def keras_reads_fakes(monkeypatch, cache):
    """Keras, which read KERAS_HOME at its import, looks here and takes any check sum."""
    import keras.src.utils.file_utils
    from keras.src.backend import config

    monkeypatch.setattr(config, "_KERAS_DIR", str(cache.parent))
    monkeypatch.setattr(keras.src.utils.file_utils, "validate_file", lambda *_, **__: True)


def serve(monkeypatch, server, dataset, contents):
    """Let the data set's files be these, in order, and come from our server."""
    files = tuple(
        remote(server, file.path, content)
        for file, content in zip(REMOTE_FILES[dataset], contents, strict=True)
    )
    server.body = {"/" + file.path: body for file, body in zip(files, contents, strict=True)}
    monkeypatch.setattr(downloads, "REMOTE_FILES", {**REMOTE_FILES, dataset: files})


def idx(array, header):
    return gzip.compress(b"\0" * header + array.astype(np.uint8).tobytes())


TRAINING, TEST = np.array([3, 1, 4]), np.array([1, 5])


def gray(labels):
    """Images whose upper left pixel is 255 and whose next one is the label."""
    images = np.zeros((len(labels), 28, 28), np.uint8)
    images[:, 0, 0] = 255
    images[:, 0, 1] = labels
    return images


def is_as_served(data: DataSet) -> bool:
    assert data.test_images is not None
    assert data.test_labels is not None
    assert data.images.shape == (3, 28, 28, 1)
    assert data.images[:, 0, 0, 0].tolist() == [1, 1, 1]
    assert np.array_equal(data.images[:, 0, 1, 0], TRAINING.astype(np.float32) / 255)
    assert data.labels.tolist() == TRAINING.tolist()
    assert data.test_labels.tolist() == TEST.tolist()
    return data.test_images.shape == (2, 28, 28, 1)


def test_fashion_mnist_is_fetched_and_read_then_at_hand(monkeypatch, server, keras_reads_fakes):
    contents = [idx(TRAINING, 8), idx(gray(TRAINING), 16), idx(TEST, 8), idx(gray(TEST), 16)]
    serve(monkeypatch, server, "fashion-mnist", contents)
    assert not is_at_hand("fashion-mnist")
    words = []
    data = load("fashion-mnist", lambda share, sentence: words.append(sentence))
    assert is_as_served(data)
    assert data.class_names[9] == "Ankle boot"
    assert words[-1] == "Reading Fashion-MNIST"

    monkeypatch.setattr(loading, "_held", {})
    assert is_at_hand("fashion-mnist")
    assert is_as_served(load("fashion-mnist"))
    assert len(server.asked) == 4


def test_mnist_is_fetched_and_read(monkeypatch, server, keras_reads_fakes):
    archive = io.BytesIO()
    np.savez(archive, x_train=gray(TRAINING), y_train=TRAINING, x_test=gray(TEST), y_test=TEST)
    serve(monkeypatch, server, "mnist", [archive.getvalue()])
    assert is_as_served(load("mnist"))
    assert is_at_hand("mnist")


def test_of_the_large_sets_only_the_last_stays_in_memory(monkeypatch, server, keras_reads_fakes):
    digits = load("digits")
    test_mnist_is_fetched_and_read(monkeypatch, server, None)
    contents = [idx(TRAINING, 8), idx(gray(TRAINING), 16), idx(TEST, 8), idx(gray(TEST), 16)]
    serve(monkeypatch, server, "fashion-mnist", contents)
    load("fashion-mnist")
    assert sorted(loading._held) == ["digits", "fashion-mnist"]
    assert load("digits") is digits


def test_cifar10_is_fetched_unpacked_and_read(monkeypatch, server, keras_reads_fakes):
    """Every batch holds one image, which Keras repeats to fill the batch's place."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as packed:
        for label, name in enumerate([f"data_batch_{n}" for n in range(1, 6)] + ["test_batch"]):
            planes = np.zeros((1, 3, 32, 32), np.uint8)
            planes[0, :, 0, 1] = (255, 51, 0)
            content = pickle.dumps({b"data": planes.reshape(1, -1), b"labels": [label]})
            entry = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            entry.size = len(content)
            packed.addfile(entry, io.BytesIO(content))
    serve(monkeypatch, server, "cifar10", [archive.getvalue()])
    data = load("cifar10")
    assert data.images.shape == (50000, 32, 32, 3)
    assert np.allclose(data.images[0, 0, 1], [1, 0.2, 0])
    assert data.labels[::10000].tolist() == [0, 1, 2, 3, 4]
    assert data.test_labels.tolist() == [5]


def test_a_failure_to_fetch_does_not_stand_in_the_way_of_the_next_try(
    monkeypatch, server, keras_reads_fakes
):
    archive = io.BytesIO()
    np.savez(archive, x_train=gray(TRAINING), y_train=TRAINING, x_test=gray(TEST), y_test=TEST)
    serve(monkeypatch, server, "mnist", [archive.getvalue()])
    server.cut = 100
    with pytest.raises(LearnscopeError, match=r"MNIST \(full\)"):
        load("mnist")
    server.cut = None
    assert is_as_served(load("mnist"))
