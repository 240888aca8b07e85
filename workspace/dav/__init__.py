"""WebDAV (RFC 4918, classes 1, 2 and 3) for the programs that people have: one bare WSGI application ahead of Flask.

`door.py` takes a request, finds out who asks and calls the function of its method; each works with values of its own
(`messages.py`) and calls the same verbs as the pages. `tree.py` says where a path leads.
"""
