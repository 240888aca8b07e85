"""English words left in a Ukrainian page: what a catalogue forgot, or what was never given to it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from playwright.sync_api import Page

from tests.journeys.words import catalogue

# names that are written in Latin letters in Ukrainian, too
SAME = frozenset(
    re.findall(
        r"\w+",
        """
        aegis android api app apple atom authenticator bearer chrome chromium citizen code csv docx
        ed25519 edge eml english example javascript olena org com exif firefox freeotp git github google gov hex
        html http https iphone jpeg jpg json key linux log mac macos merkle mit openapi password pdf photo pin
        png python rfc safari sha smtp svg totp txt uk url usb web webauthn webdav windows workspace zip
        """,
    )
)
NO_WORDS = re.compile(
    r"\{\w+\}|«[a-z]+»|\b[a-z]+-[a-z-]+\b|\b[a-z_]+ \(\w+|<[^>]+>|https?://\S+|\S+@\S+|\S*[\d_/%#=]\S*|\S+\.[a-z]{2,5}\b|\b[A-Z]{2,}\b"
)
WORD = re.compile(r"[A-Za-z]+(?:'[a-z]+)?")
TEXTS = """() => {
  const found = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement.closest('[lang=en], [translate=no], code, script, style, template')) continue
    if (node.data.trim()) found.push(node.data.trim())
  }
  const names = ['aria-label', 'title', 'placeholder', 'alt']
  for (const one of document.body.querySelectorAll('*')) {
    if (one.closest('[lang=en], [translate=no]')) continue
    for (const {name, value} of one.attributes)
      if (names.includes(name) || (name.startsWith('data-') && value.includes(' '))) found.push(value)
  }
  found.push(document.title)
  return found
}"""


@lru_cache(maxsize=1)
def english_words() -> frozenset[str]:
    """Every word of our own messages that Ukrainian does not use as it is."""
    texts: list[str] = []
    for message in catalogue():
        texts += message.id if isinstance(message.id, (tuple, list)) else [str(message.id)]
    words = {word.lower() for text in texts for word in WORD.findall(re.sub(r"%\(\w+\)[sd]", " ", text))}
    return frozenset(word for word in words if len(word) > 2) - SAME


def english_in(texts: Iterable[str]) -> list[str]:
    """The texts that hold an English word of ours."""
    found = []
    for text in texts:
        latin = {word.lower() for word in WORD.findall(NO_WORDS.sub(" ", text))}
        if latin & english_words():
            found.append(f"{sorted(latin & english_words())} in {text[:120]!r}")
    return found


def english_left_on(page: Page) -> list[str]:
    """What of a page, read or read aloud, is still in English."""
    return english_in(page.evaluate(TEXTS))
