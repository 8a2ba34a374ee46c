"""What all backends do around their engines."""

import pytest

from optikit import CancelToken
from optikit.backends.judge import OutOfTimeError, look, unfinished

from .runs import Broken, make_run


def test_building_a_model_tells_the_callbacks_every_100_ms():
    run = make_run(callbacks=[Broken()])
    pause = look(run)
    pause()
    run.started -= 1.0  # a second later
    with pytest.raises(ZeroDivisionError):
        pause()


def test_building_a_model_ends_with_the_token_and_the_deadline():
    token = CancelToken()
    pause = look(make_run(callbacks=[token]))
    pause()
    token.cancel()
    with pytest.raises(OutOfTimeError):
        pause()
    with pytest.raises(OutOfTimeError):
        look(make_run(time=0.0))()


def test_what_ended_before_its_model_was_built_says_so():
    assert unfinished(make_run(time=0.0)).message == "the time was over before the model was built"
    token = CancelToken()
    token.cancel()
    assert unfinished(make_run(callbacks=[token])).message == ""
