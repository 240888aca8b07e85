"""The blueprint that all pages about files stand on."""

from flask import Blueprint

files = Blueprint("files", __name__, url_prefix="/files")
