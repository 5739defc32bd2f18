# A service in a compiled language: dependencies before sources, caches, and a runtime without a shell.
ARG BASE=busybox:1.35
FROM --platform=$BUILDPLATFORM ${BASE} AS dependencies
WORKDIR /app-@TOKEN@
COPY manifest manifest.lock ./
RUN --mount=type=cache,target=/root/.cache,sharing=locked \
    --mount=type=bind,source=manifest,target=/tmp/manifest \
    cat /tmp/manifest > fetched && echo "@TOKEN@" >> fetched

FROM dependencies AS build
ARG TARGETOS TARGETARCH
ARG VERSION=dev
COPY src ./src
RUN --mount=type=cache,target=/root/.cache \
    cat src/main fetched > server && echo "$TARGETOS/$TARGETARCH $VERSION" >> server

FROM dependencies AS test
COPY src ./src
RUN grep -q main src/main

FROM scratch
COPY --from=build --chown=65532:65532 /app-@TOKEN@/server /server
LABEL org.opencontainers.image.title="service" org.opencontainers.image.version="1"
EXPOSE 8080
USER 65532:65532
HEALTHCHECK --interval=30s --timeout=3s --start-period=5s --retries=3 CMD ["/server", "health"]
ENTRYPOINT ["/server"]
