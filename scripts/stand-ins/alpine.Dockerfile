# Stand-in for alpine:3.20: a shell and small tools where Alpine has them. It is not Alpine: no musl, no apk.
FROM debian:bookworm-slim AS files
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends busybox-static ca-certificates
WORKDIR /image
RUN mkdir -p bin dev etc/ssl/certs home lib opt proc root run sbin srv sys usr/bin usr/sbin usr/local/bin var/cache var/log \
 && mkdir -m 1777 tmp var/tmp \
 && cp /bin/busybox bin/ \
 && chroot . /bin/busybox --install -s /bin \
 && cp /etc/ssl/certs/ca-certificates.crt etc/ssl/certs/ \
 && printf '%s\n' root:x:0:0:root:/root:/bin/sh nobody:x:65534:65534:nobody:/:/sbin/nologin >etc/passwd \
 && printf '%s\n' root:x:0:root nobody:x:65534: >etc/group

FROM scratch
COPY --from=files /image /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
CMD ["/bin/sh"]
