# Layers that don't depend on what is below them.
FROM busybox:1.35 AS one
RUN mkdir -p /one && echo "@TOKEN@" > /one/a
FROM busybox:1.35 AS two
RUN mkdir -p /two && echo "two @TOKEN@" > /two/b
FROM busybox:1.35
WORKDIR /srv-@TOKEN@
COPY --link --from=one /one /srv-@TOKEN@/one/
COPY --link --from=two --chmod=0700 /two/b /srv-@TOKEN@/two/b
COPY --link manifest src/ /srv-@TOKEN@/files/
ADD --link archive.tar /srv-@TOKEN@/archive/
RUN ls -R /srv-@TOKEN@ > /listing
