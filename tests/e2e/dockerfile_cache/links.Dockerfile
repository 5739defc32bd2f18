# Layers that don't depend on what is below them.
FROM busybox:1.35 AS one
RUN mkdir -p /one && echo "@TOKEN@" > /one/a
FROM busybox:1.35 AS two
RUN mkdir -p /two && echo "two @TOKEN@" > /two/b
FROM busybox:1.35
WORKDIR /srv
COPY --link --from=one /one /srv/one/
COPY --link --from=two --chmod=0700 /two/b /srv/two/b
COPY --link manifest src/ /srv/files/
ADD --link archive.tar /srv/archive/
RUN ls -R /srv > /listing
