# One image for every deployable: the command chooses. Here: one dissemination unit.
# In the configuration: `store: /var/lib/halocline/store`. A folder of the host there must be writable by user 10001.
#   docker build -t halocline .
#   unit="-v ./config.yaml:/etc/halocline/config.yaml:ro -v halocline:/var/lib/halocline"
#   docker run --rm $unit -v /data:/data:ro halocline halocline ingest /etc/halocline/config.yaml
#   docker run -d -p 8080:8080 $unit halocline

FROM python:3.11-slim-bookworm AS build
WORKDIR /build
RUN ["python", "-m", "venv", "/opt/halocline"]
ENV PATH=/opt/halocline/bin:$PATH
# The lock alone first: a change of the code does not fetch the libraries again.
COPY requirements.lock ./
RUN ["pip", "install", "--no-cache-dir", "--require-hashes", "--only-binary", ":all:", "-r", "requirements.lock"]
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY core/ core/
COPY stores/ stores/
COPY renderers/ renderers/
COPY auth/ auth/
COPY gateway/ gateway/
COPY cli/ cli/
COPY demo/ demo/
RUN ["pip", "install", "--no-cache-dir", "--no-deps", "--no-build-isolation", "--no-index", "."]

FROM python:3.11-slim-bookworm
LABEL org.opencontainers.image.title="Halocline" org.opencontainers.image.licenses="Apache-2.0"
RUN ["useradd", "--uid", "10001", "--home-dir", "/var/lib/halocline", "--create-home", "halocline"]
COPY --from=build /opt/halocline /opt/halocline
ENV PATH=/opt/halocline/bin:$PATH PYTHONUNBUFFERED=1
# A number, so that an orchestrator can see that it is not root.
USER 10001
WORKDIR /var/lib/halocline
VOLUME ["/var/lib/halocline"]
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8080/health', timeout=4)"]
# Inside a container the loopback address reaches nobody.
CMD ["halocline", "serve", "--host", "0.0.0.0", "--port", "8080", "/etc/halocline/config.yaml"]
