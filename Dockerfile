# One image for every part of Airflow and for the page; compose builds it once.
FROM python:3.12-slim-bookworm AS build
ARG LOCK=requirements.lock
WORKDIR /build
COPY requirements-setup.lock ${LOCK} ./
# The installer stays in this stage: only bytes of a locked, hashed version reach the image.
RUN python -m venv /opt/setup \
 && /opt/setup/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements-setup.lock \
 && python -m venv --without-pip /opt/venv \
 && /opt/setup/bin/uv pip install --no-cache --python /opt/venv/bin/python --compile-bytecode \
      --require-hashes -r "${LOCK}"
COPY . /opt/bvb
# Editable, because the rooms find their YAML, SQL and DAG files beside their code.
RUN /opt/setup/bin/uv pip install --no-cache \
      --python /opt/venv/bin/python --no-deps --no-build-isolation -e /opt/bvb \
 && /opt/venv/bin/python -m compileall -q /opt/bvb

FROM python:3.12-slim-bookworm
# Versions are the distribution's: it mends them without changing them.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends fonts-liberation libpango-1.0-0 libpangoft2-1.0-0 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --user-group --no-create-home --home-dir /tmp --shell /usr/sbin/nologin bvb \
 && install -d -o bvb -g bvb -m 0750 /var/lib/bvb /var/log/airflow
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/bvb /opt/bvb
# The root is read-only, so bytecode that is not there already would be made again at every start.
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TZ=Europe/Moscow \
    BVB_DATA_DIR=/var/lib/bvb
WORKDIR /opt/bvb
USER 10001:10001
CMD ["bvb", "--help"]
