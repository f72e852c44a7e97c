"""The client: whom it gives the token to, and what it takes for an answer."""

from __future__ import annotations

import pytest

from github.server import serving
from github.state import Fault, GitHub
from remediator.github.client import ApiError, Client


def test_the_token_goes_to_no_other_host(hub: GitHub) -> None:
    """A redirect is an error like any other."""
    with serving(GitHub(login="me")) as other:
        hub.faults.append(Fault("GET", "/user", status=302, headers={"Location": f"{other.url}/user"}))
        with pytest.raises(ApiError, match="302"):
            Client(hub.url, "o/r", "token").get("user")
        assert other.requests == []


def test_nobody_there_is_an_answer_that_did_not_come() -> None:
    with pytest.raises(ApiError, match="did not answer as it should") as raised:
        Client("http://127.0.0.1:1", "o/r", "token").get("user")
    assert raised.value.status == 0


def test_what_is_refused_is_said_in_one_line(hub: GitHub) -> None:
    hub.faults.append(Fault("GET", "/user", status=500, message="a\nb" + "c" * 1_000))
    with pytest.raises(ApiError) as raised:
        Client(hub.url, "o/r", "token").get("user")
    assert str(raised.value).startswith("GitHub answered 500: a bc")
    assert len(str(raised.value)) < 400


def test_a_list_ends_where_it_may_get_no_longer(hub: GitHub) -> None:
    hub.files = [{"filename": f"{number}", "status": "added", "sha": "a"} for number in range(250)]
    client = Client(hub.url, "o/r", "token")
    assert len(list(client.pages("pulls/7/files", 3_000))) == 250
    assert len(list(client.pages("pulls/7/files", 200))) == 200
    assert len(hub.requests) == 5
