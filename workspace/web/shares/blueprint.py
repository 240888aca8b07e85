"""Where all pages of sharing hang."""

from flask import Blueprint

shares = Blueprint("shares", __name__)
