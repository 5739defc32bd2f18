# An application in an interpreted language: production dependencies apart, a user of its own, variables.
FROM busybox:1.35 AS base
ENV APP_HOME=/app-@TOKEN@ PATH=/app-@TOKEN@/bin:$PATH
WORKDIR $APP_HOME
COPY manifest* ./

FROM base AS dependencies
RUN mkdir modules && cp manifest.lock modules/ && echo "@TOKEN@" > modules/token

FROM dependencies AS build
COPY . .
RUN mkdir dist && cat src/main > dist/bundle

FROM base AS runtime
RUN echo "app:x:1001:1001::/app-@TOKEN@:/bin/sh" >> /etc/passwd && echo "app:x:1001:" >> /etc/group
COPY --from=dependencies --chown=app:app /app-@TOKEN@/modules ./modules
COPY --from=build --chown=app:app /app-@TOKEN@/dist ./dist
COPY --chown=app:app --chmod=640 manifest ./
ENV NODE_ENV=production \
    PORT=3000
EXPOSE 3000
USER app
STOPSIGNAL SIGINT
VOLUME ["/app-@TOKEN@/data", "/app-@TOKEN@/logs"]
CMD ["sh", "-c", "cat dist/bundle"]
