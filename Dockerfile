# Copydesk in one image; the command after the image's name is the role: intake, worker, serve, …
FROM python:3.12-slim AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/copydesk
COPY pyproject.toml README.md LICENSE NOTICE /src/
COPY worker /src/worker
# Dependencies come as wheels: there is no compiler here. The extras are PARTS=parquet,archive or none.
ARG PARTS=""
RUN /opt/copydesk/bin/pip install --prefer-binary "/src${PARTS:+[$PARTS]}"

FROM python:3.12-slim

RUN groupadd --gid 10001 copydesk \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin copydesk \
 && install --directory --owner copydesk --group copydesk /var/lib/copydesk
COPY --from=build /opt/copydesk /opt/copydesk
ENV PATH=/opt/copydesk/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    COPYDESK_DATA_DIR=/var/lib/copydesk
USER 10001:10001
WORKDIR /var/lib/copydesk
ENTRYPOINT ["copydesk"]
CMD ["--help"]
