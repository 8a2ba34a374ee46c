"""Fetching, from a server that misbehaves in every way we could think of: refused, and nothing half-written is left."""

from __future__ import annotations

import errno
import gzip
import io
import os
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from pathlib import Path

import pytest

import optikit as ok
from optikit.datasets import folders as places
from optikit.datasets.content import checksum
from optikit.datasets.fetching import RETRIES, fetch_file, taken_in
from optikit.datasets.folders import find_file
from optikit.datasets.instance import Instance
from optikit.errors import FetchError, MissingExtraError, UnsupportedError

from .conftest import body, in_turn, leftovers, status

pytest.importorskip("pooch", reason="pooch is not installed")

TOY = b"""\
NAME : toy
TYPE : CVRP
DIMENSION : 3
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 10
NODE_COORD_SECTION
1 0 0
2 0 3
3 4 0
DEMAND_SECTION
1 0
2 5
3 4
DEPOT_SECTION
 1
 -1
EOF
"""
OTHER = TOY.replace(b"2 5", b"2 6")


def toy(*urls: str, name: str = "toy", sha256: str | None = None, kind: str = "fetched") -> Instance:
    return Instance(
        "cvrp", name, "capacitated vehicle routing problem", kind, 2, collection="toys", page="https://example.org/toys",
        file=f"{name.rpartition('/')[2]}.vrp", urls=urls, sha256=checksum(TOY) if sha256 is None else sha256,
    )  # fmt: skip


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(*members: tuple[str, bytes], mode: str = "w:gz") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            if name.endswith("/"):
                member.type = tarfile.DIRTYPE
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


# -- what goes well -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(TOY, id="the file"),
        pytest.param(TOY.replace(b"\n", b"\r\n").replace(b" : ", b":\t"), id="other line ends and blanks"),
        pytest.param(gzip.compress(TOY), id="gzipped"),
        pytest.param(zipped({"set/toy.vrp": TOY, "set/readme": b"x"}), id="zip"),
        pytest.param(tarred(("set/", b""), ("set/TOY.VRP", TOY), ("other.vrp", OTHER)), id="tar.gz"),
        pytest.param(tarred(("toy", TOY), mode="w"), id="tar, no ending"),
    ],
)
def test_fetched_once_checked_and_kept(server, folders, sent):
    server.answers["/toy"] = body(sent)
    instance = toy(f"{server.url}/toy")
    path = fetch_file(instance)
    assert path == str(folders / "cvrp" / "toy.vrp")
    assert checksum(Path(path).read_bytes()) == checksum(TOY)
    assert leftovers(folders) == ["cvrp/toy.vrp"]
    assert find_file(instance) == path
    assert server.asked == ["/toy"]


def test_the_cache_folder_is_the_argument_the_variable_or_the_platforms(monkeypatch, tmp_path):
    assert places.cache_folder(tmp_path / "mine") == str(tmp_path / "mine")
    assert places.cache_folder() == str(tmp_path / "cache")
    monkeypatch.delenv("OPTIKIT_DATA_DIR")
    monkeypatch.setenv("OPTIKIT_CACHE_DIR", str(tmp_path / "all"))
    assert places.cache_folder() == str(tmp_path / "all" / "datasets")


def test_what_comes_in_the_same_archive_is_kept_too_if_it_is_right(server, folders):
    server.answers["/set.zip"] = body(zipped({"toy.vrp": TOY, "second.vrp": OTHER, "third.vrp": OTHER}))
    url = f"{server.url}/set.zip"
    second = toy(url, name="second", sha256=checksum(OTHER))
    third = toy(url, name="third")  # of which another content arrives
    elsewhere = toy("http://127.0.0.1:1/x", name="fourth")
    fetch_file(toy(url), [second, third, elsewhere])
    assert leftovers(folders) == ["cvrp/second.vrp", "cvrp/toy.vrp"]
    assert find_file(second) == str(folders / "cvrp" / "second.vrp")


def test_names_in_folders_do_not_collide(server, folders):
    server.answers["/a"], server.answers["/b"] = body(TOY), body(OTHER)
    one = fetch_file(toy(f"{server.url}/a", name="first/toy"))
    two = fetch_file(toy(f"{server.url}/b", name="second/toy", sha256=checksum(OTHER)))
    assert leftovers(folders) == ["cvrp/first/toy.vrp", "cvrp/second/toy.vrp"]
    assert Path(one).read_bytes() != Path(two).read_bytes()


def test_mirrors_of_the_user_are_asked_first(server, folders):
    server.answers["/mirror/cvrp/toy.vrp"] = body(TOY)
    fetch_file(toy(f"{server.url}/source"), mirrors=[f"{server.url}/mirror/"])
    assert server.asked == ["/mirror/cvrp/toy.vrp"]


# -- what goes wrong ------------------------------------------------------------------------


def refused(instance: Instance, folders: Path, *words: str) -> str:
    """The message; nothing may be left."""
    with pytest.raises(FetchError) as caught:
        fetch_file(instance)
    message = str(caught.value)
    for word in (*words, instance.key, str(folders / "cvrp" / instance.file), "OPTIKIT_INSTANCES", "optikit.datasets.add"):
        assert word in message
    assert "\n" not in message
    assert leftovers(folders) == []
    return message


@pytest.mark.parametrize("bad", [status(404), body(OTHER), status(503)], ids=["gone", "another", "in trouble"])
def test_the_first_source_that_gives_the_right_content_is_taken(server, folders, slept, bad):
    server.answers["/bad"], server.answers["/good"] = bad, body(TOY)
    path = fetch_file(toy(f"{server.url}/bad", f"{server.url}/good"))
    assert Path(path).read_bytes() == TOY
    assert leftovers(folders) == ["cvrp/toy.vrp"]


def test_a_file_that_is_not_there_is_asked_for_once(server, folders, slept):
    refused(toy(f"{server.url}/gone"), folders, f"{server.url}/gone: the server answers 404")
    assert server.asked == ["/gone"]
    assert slept == []


def test_a_server_in_trouble_is_asked_again(server, folders, slept):
    server.answers["/toy"] = in_turn(status(500), status(503), body(TOY))
    fetch_file(toy(f"{server.url}/toy"))
    assert len(server.asked) == 3
    assert slept == [1, 2]


def test_a_server_that_stays_in_trouble_is_given_up(server, folders, slept):
    server.answers["/toy"] = status(500)
    refused(toy(f"{server.url}/toy"), folders, "the server answers 500")
    assert len(server.asked) == 1 + RETRIES


def test_an_answer_that_is_cut_short_is_asked_for_again(server, folders, slept):
    short = body(TOY[:100], claimed=len(TOY))
    server.answers["/never"] = short
    refused(toy(f"{server.url}/never"), folders, "the answer is cut short")
    assert len(server.asked) == 1 + RETRIES
    server.answers["/toy"] = in_turn(short, body(TOY))
    fetch_file(toy(f"{server.url}/toy"))
    assert server.asked[-2:] == ["/toy", "/toy"]


def test_another_content_is_refused(server, folders, slept):
    server.answers["/toy"] = body(OTHER)
    refused(toy(f"{server.url}/toy"), folders, "another checksum than the index says")


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (b"<!DOCTYPE html><html>please log in</html>", "a web page arrived"),
        (b"  \n<html>moved", "a web page arrived"),
        (b"", "nothing"),
        (b"\x7fELF\0\0\0", "binary data"),
        (gzip.compress(TOY)[:-20], "cut short"),
        (zipped({"toy.vrp": TOY * 50})[:-30], "the zip archive is broken or cut short"),
        (tarred(("toy.vrp", TOY * 50))[:-40], "cut short"),
        (tarred(("toy.vrp", TOY * 50), mode="w")[:1500], "cut short"),
        (zipped({"other.vrp": TOY}), "the archive holds no toy.vrp"),
        (zipped({"a/toy.vrp": TOY, "b/toy.vrp": OTHER}), "two different files toy.vrp"),
    ],
)
def test_broken_answers_are_refused(server, folders, slept, sent, words):
    server.answers["/toy"] = body(sent)
    refused(toy(f"{server.url}/toy"), folders, words)


def test_an_archive_with_a_broken_checksum_of_its_own_is_refused(server, folders):
    broken = bytearray(zipped({"toy.vrp": TOY * 50}))
    broken[60] ^= 0xFF
    server.answers["/toy"] = body(bytes(broken))
    refused(toy(f"{server.url}/toy"), folders, "the zip archive is broken")


@pytest.mark.parametrize(
    "path", ["../../../evil.vrp", "a/../../evil.vrp", "/tmp/evil.vrp", "..\\evil.vrp", "C:\\evil.vrp", "\\evil"]
)
@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz"])
def test_an_archive_that_tries_to_leave_the_cache_is_refused_whole(server, folders, tmp_path, path, kind):
    """Even though it holds the right file too: who makes such an archive is not to be trusted."""
    if kind == "zip":
        sent = zipped({"toy.vrp": TOY, path: b"evil"})
    else:
        sent = tarred(("toy.vrp", TOY), (path, b"evil"), mode="w" if kind == "tar" else "w:gz")
    server.answers["/toy"] = body(sent)
    refused(toy(f"{server.url}/toy"), folders, "a path that leads out of the archive")
    assert not list(tmp_path.rglob("evil*"))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices_in_an_archive_are_refused(server, folders, kind):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        link = tarfile.TarInfo("toy.vrp")
        link.type, link.linkname = kind, "/etc/passwd"
        archive.addfile(link)
    server.answers["/toy"] = body(buffer.getvalue())
    refused(toy(f"{server.url}/toy"), folders, "a link or a device")


def test_links_in_a_zip_are_refused(server, folders):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("toy.vrp")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    server.answers["/toy"] = body(buffer.getvalue())
    refused(toy(f"{server.url}/toy"), folders, "a link")


def test_a_bomb_is_not_unpacked(server, folders, monkeypatch):
    monkeypatch.setattr("optikit.datasets.content.LARGEST", 10_000)
    server.answers["/toy"] = body(zipped({"toy.vrp": b"0" * 20_000}))
    refused(toy(f"{server.url}/toy"), folders, "a file of 20,000 bytes")
    server.answers["/toy"] = body(gzip.compress(b"0" * 50_000))
    refused(toy(f"{server.url}/toy"), folders, "larger than 40,000 bytes")


def test_without_a_network(folders, slept):
    instance = toy("http://host.invalid/toy.vrp", "http://127.0.0.1:1/toy.vrp")
    message = refused(instance, folders, "http://host.invalid/toy.vrp: ", "http://127.0.0.1:1/toy.vrp: the connection is refused")
    assert "get the file toy.vrp from https://example.org/toys" in message


def test_a_host_that_is_away_is_not_asked_for_each_file(folders, slept, monkeypatch):
    monkeypatch.setattr("optikit.datasets.fetching._AWAY", {})
    for name in ("toy", "second", "third"):
        refused(toy("http://away.invalid/x", name=name), folders, "http://away.invalid/x: the host is not known: no network?")
    assert slept == [1, 2]  # for the first alone


def test_other_addresses_than_http_are_refused(folders, tmp_path):
    (tmp_path / "toy.vrp").write_bytes(TOY)
    with pytest.raises(UnsupportedError, match="expected http:// or https://"):
        fetch_file(toy(f"file://{tmp_path}/toy.vrp"))
    assert leftovers(folders) == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"mirrors": [5]}, r"mirrors\[0\] is 5; expected an address"),
        ({"mirrors": 5}, r"mirrors\[0\] is 5; expected an address"),
        ({"mirrors": "ftp://house/optikit"}, "the address is 'ftp://house/optikit/cvrp/X-n101-k25.vrp'; expected http"),
        ({"cache": 5}, "cache is 5; expected the name of a folder"),
    ],
)
def test_what_is_no_address_and_no_folder_is_refused(folders, monkeypatch, options, said):
    monkeypatch.setenv("OPTIKIT_INSTANCES", "")
    with pytest.raises(UnsupportedError, match=said):
        ok.datasets.fetch("cvrp/X-n101-k25", **options)


def test_a_folder_is_no_file_to_add(tmp_path):
    with pytest.raises(IsADirectoryError, match="is a folder; name the file in it"):
        ok.datasets.add(tmp_path, "cvrp/X-n101-k25")


def test_no_address(folders):
    refused(toy(), folders, "its source gives no address")


def test_without_pooch(folders, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(MissingExtraError, match=r'pip install "optikit\[datasets\]".*By hand'):
        fetch_file(toy("http://127.0.0.1:1/toy.vrp"))


def test_nothing_is_printed(server, folders, slept, capfd):
    server.answers["/toy"] = in_turn(status(500), body(TOY))
    fetch_file(toy(f"{server.url}/toy"))
    assert capfd.readouterr() == ("", "")


# -- where nobody vouches for a checksum --------------------------------------------------------


def test_what_is_fetched_first_is_held_on_to(server, folders):
    server.answers["/toy"] = in_turn(body(TOY), body(OTHER))
    unknown = toy(f"{server.url}/toy", sha256="")
    path = Path(fetch_file(unknown))
    assert leftovers(folders) == ["cvrp/toy.vrp", "cvrp/toy.vrp.sha256"]
    assert path.with_name("toy.vrp.sha256").read_text().strip() == checksum(TOY)
    path.write_bytes(OTHER)
    with pytest.raises(FetchError, match="not what was fetched first"):
        find_file(unknown)
    path.unlink()
    with pytest.raises(FetchError, match=r"not what was fetched first.*remove toy\.vrp\.sha256"):
        fetch_file(unknown)
    path.with_name("toy.vrp.sha256").unlink()
    assert checksum(Path(fetch_file(unknown)).read_bytes()) == checksum(OTHER)


def test_without_a_checksum_a_file_must_at_least_be_readable(server, folders, slept):
    """Cut short, and neither a length nor a checksum that tells: its reader does."""
    server.answers["/toy"] = body(TOY[:110], length=False)
    refused(toy(f"{server.url}/toy", sha256=""), folders, "what arrived cannot be read: ", "SECTION")


LARGER = (
    TOY.replace(b"DIMENSION : 3", b"DIMENSION : 4")
    .replace(b"3 4 0\n", b"3 4 0\n4 4 4\n")
    .replace(b"3 4\nDEPOT", b"3 4\n4 1\nDEPOT")
)


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (LARGER, "it has 3 entities, the index says 2"),
        (TOY.replace(b"NAME : toy", b"NAME : X-n3-k1"), "it calls itself 'X-n3-k1'"),
    ],
    ids=["size", "name"],
)
def test_another_instance_is_not_held_on_to(server, folders, slept, sent, why):
    """It reads well; only size and name tell that the server has given the wrong one."""
    server.answers["/toy"] = body(sent)
    refused(toy(f"{server.url}/toy", sha256=""), folders, f"what {server.url}/toy gives is not cvrp/toy: {why}")
    with pytest.raises(FetchError, match=why):
        taken_in(toy(sha256=""), sent, "toy.vrp")
    assert leftovers(folders) == []
    # The next address may have the right one.
    server.answers["/good"] = body(TOY)
    fetch_file(toy(f"{server.url}/toy", f"{server.url}/good", sha256=""))
    assert leftovers(folders) == ["cvrp/toy.vrp", "cvrp/toy.vrp.sha256"]


def test_another_instance_in_the_place_of_a_sibling_is_not_held_on_to(server, folders):
    url = f"{server.url}/set.zip"
    second = TOY.replace(b"NAME : toy", b"NAME : second")
    server.answers["/set.zip"] = body(zipped({"toy.vrp": TOY, "second.vrp": second, "third.vrp": second}))
    fetch_file(toy(url, sha256=""), [toy(url, name="second", sha256=""), toy(url, name="third", sha256="")])
    assert leftovers(folders) == ["cvrp/second.vrp", "cvrp/second.vrp.sha256", "cvrp/toy.vrp", "cvrp/toy.vrp.sha256"]


@pytest.mark.parametrize("name", [b"TOY", b"toy.vrp", b"toys-toy", b"T o_y"])
def test_names_that_are_spelled_otherwise_are_the_same(server, folders, name):
    server.answers["/toy"] = body(TOY.replace(b"NAME : toy", b"NAME : " + name))
    assert fetch_file(toy(f"{server.url}/toy", sha256=""))


def test_a_file_of_another_size_put_there_by_hand_is_refused_as_it_is_loaded(monkeypatch, tmp_path):
    (tmp_path / "toy.vrp").write_bytes(LARGER)
    monkeypatch.setenv("OPTIKIT_INSTANCES", str(tmp_path))
    with pytest.raises(FetchError, match=r"toy\.vrp is not cvrp/toy: it has 3 entities, the index says 2"):
        toy(sha256="").load()


# -- by hand --------------------------------------------------------------------------------------


def test_a_file_by_hand(folders):
    instance = toy()
    assert taken_in(instance, gzip.compress(TOY), "toy.vrp.gz") == str(folders / "cvrp" / "toy.vrp")
    with pytest.raises(FetchError, match=r"toy2\.vrp is not cvrp/toy: its content has another checksum"):
        taken_in(instance, OTHER, "toy2.vrp")
    with pytest.raises(FetchError, match=r"page\.html: a web page arrived"):
        taken_in(instance, b"<html>", "page.html")
    assert find_file(instance) == str(folders / "cvrp" / "toy.vrp")


@pytest.mark.parametrize("place", ["toy.vrp", "cvrp/toy.vrp", "toys-toy.vrp", "cvrp/toys-toy.vrp"])
def test_a_folder_of_files(monkeypatch, tmp_path, place):
    instance, file = toy(), tmp_path / "mine" / place
    monkeypatch.setenv("OPTIKIT_INSTANCES", os.pathsep.join([str(tmp_path / "none"), str(tmp_path / "mine")]))
    assert find_file(instance) is None
    file.parent.mkdir(parents=True)
    file.write_bytes(TOY)
    assert find_file(instance) == str(file)
    file.write_bytes(OTHER)
    with pytest.raises(FetchError, match=rf"{place} is not cvrp/toy: .*another checksum"):
        find_file(instance)


# -- disks and processes ------------------------------------------------------------------------


def test_a_cache_folder_that_cannot_be_written(server, tmp_path):
    (tmp_path / "file").write_text("in the way")
    server.answers["/toy"] = body(TOY)
    with pytest.raises(FetchError, match=r"file/cache cannot be written: .*OPTIKIT_DATA_DIR"):
        fetch_file(toy(f"{server.url}/toy"), cache=tmp_path / "file" / "cache")
    assert server.asked == []


def test_a_full_disk(server, folders, monkeypatch):
    def full(path, data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)

    server.answers["/toy"] = body(TOY)
    monkeypatch.setattr(places, "replace_file", full)
    with pytest.raises(FetchError, match=r"cvrp/toy\.vrp cannot be written: No space left on device.*make room"):
        fetch_file(toy(f"{server.url}/toy"))
    assert leftovers(folders) == []


FETCH = """
import sys
from optikit.datasets.fetching import fetch_file
from optikit.datasets.instance import Instance
from optikit.errors import FetchError
url, sha256 = sys.argv[1:3]
instance = Instance("cvrp", "toy", "a toy", "fetched", 2, file="toy.vrp", urls=(url,), sha256=sha256)
try:
    print(fetch_file(instance))
except FetchError as error:
    sys.exit(f"refused: {error}")
"""


def started(url: str, sha256: str, before: str = "") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", before + FETCH, url, sha256], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file sizes are POSIX")
def test_a_disk_that_fills_up_while_the_answer_comes(server, folders):
    """A limit on file sizes stands for the full disk: the write fails in the middle."""
    server.answers["/toy"] = body(TOY + b"\n" * 100_000)
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
    process = started(f"{server.url}/toy", checksum(TOY), limit)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1, err
    assert "refused: " in err
    assert "cannot be written: File too large" in err
    assert leftovers(folders) == []


def test_two_processes_fetch_at_once(server, folders):
    """Neither gets an answer before both have asked."""
    both = threading.Barrier(2, timeout=60)

    def answer(handler):
        both.wait()
        body(TOY)(handler)

    server.answers["/toy"] = answer
    processes = [started(f"{server.url}/toy", checksum(TOY)) for _ in range(2)]
    for process in processes:
        out, err = process.communicate(timeout=60)
        assert out.strip() == str(folders / "cvrp" / "toy.vrp"), err
    assert server.asked == ["/toy", "/toy"]
    assert leftovers(folders) == ["cvrp/toy.vrp"]
    assert (folders / "cvrp" / "toy.vrp").read_bytes() == TOY


def test_killed_in_the_middle(server, folders):
    """No part of a file in its place, then or later; what is left of the killed one is swept by the next, a day later."""
    sent, release = threading.Event(), threading.Event()

    def half(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(TOY)))
        handler.end_headers()
        handler.wfile.write(TOY[:100])
        handler.wfile.flush()
        sent.set()
        release.wait(60)

    server.answers["/toy"] = half
    process = started(f"{server.url}/toy", checksum(TOY))
    assert sent.wait(60)
    process.kill()
    process.communicate()
    release.set()
    assert not (folders / "cvrp").exists()
    (remains,) = folders.iterdir()
    assert remains.name.startswith(".fetch-")
    server.answers["/toy"] = body(TOY)
    fetch_file(toy(f"{server.url}/toy"))
    assert remains.exists(), "it might be at work"
    yesterday = time.time() - 100_000
    os.utime(remains, (yesterday, yesterday))
    (folders / "cvrp" / "toy.vrp").unlink()
    fetch_file(toy(f"{server.url}/toy"))
    assert leftovers(folders) == ["cvrp/toy.vrp"]
    assert not remains.exists()
