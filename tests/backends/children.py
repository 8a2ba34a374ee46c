"""What the tests have a child process do."""

import os
import subprocess
import sys
import time


def echo(pipe):
    print("this goes nowhere near the pipe")  # noqa: T201
    sys.stderr.write("nor does this\n")
    os.write(1, b"nor this")
    while True:
        pipe.send(("echo", pipe.receive()))


def read_stdin(pipe):
    pipe.send(sys.stdin.read())


def abort(pipe):
    sys.stderr.write("F0000 Check failed: capacity > 0\n*** a stack\n")
    sys.stderr.flush()
    os.abort()


def stumble(pipe):
    raise ValueError("a reason in plain words")


def sleep(pipe):
    pipe.send(os.getpid())
    time.sleep(60)


def start_another(pipe):
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    pipe.send((os.getpid(), other.pid))
    time.sleep(60)


def sleep_after_ready(pipe):
    pipe.receive()
    pipe.send(("ready", "9"))
    pipe.receive()
    pipe.send(("routes", [[1, 2, 3]]))
    time.sleep(60)
