"""Somebody without a browser: signs in by the form, or comes as a program with an app password."""

from __future__ import annotations

import re

import httpx

from tests.parts.instances import Instance


def signed_in(place: Instance, email: str) -> httpx.Client:
    """A client with the session of somebody who has filled in the form."""
    client = httpx.Client(base_url=place.address, timeout=60, headers={"Accept-Language": "en"})
    answer = post(client, "/sign-in", "/sign-in", email=email, password=place.passwords[email])
    assert answer.status_code == 302, answer.text[:500]
    return client


def post(client: httpx.Client, page: str, path: str, **values: str) -> httpx.Response:
    """Send a form of ours, with the token that stands in the page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert found is not None, page
    return client.post(path, data={**values, "csrf_token": found[1]}, headers={"Referer": place_of(client, page)})


def place_of(client: httpx.Client, page: str) -> str:
    return str(client.base_url.join(page))


def program(place: Instance, email: str) -> httpx.Client:
    """A client with an app password."""
    secret = place.quick("user", "app-password", email, "--label", "program").strip()
    return httpx.Client(
        base_url=place.address, timeout=60, auth=(email, secret), headers={"Accept": "application/json"}
    )


def root_of(client: httpx.Client) -> str:
    """The top folder of a program's cloud."""
    return str(client.get("/api/v1/spaces").raise_for_status().json()["items"][0]["root"])


def put(client: httpx.Client, folder_id: str, name: str, data: bytes) -> httpx.Response:
    """A file into a folder."""
    return client.put(f"/api/v1/items/{folder_id}/files/{name}", content=data)
