# Stand-in for gcr.io/distroless/static-debian12:nonroot: users, certificates and time zones; no shell, no libc.
FROM debian:bookworm-slim AS files
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends ca-certificates netbase tzdata
WORKDIR /image
RUN mkdir -p etc/ssl/certs home root usr/lib usr/share var/lib \
 && mkdir -m 1777 tmp \
 && install -d -o 65532 -g 65532 -m 700 home/nonroot \
 && cp -a /etc/debian_version /etc/host.conf /etc/protocols /etc/services /etc/os-release etc/ \
 && cp -a /usr/lib/os-release usr/lib/ \
 && cp -a /usr/share/zoneinfo usr/share/ \
 && cp /etc/ssl/certs/ca-certificates.crt etc/ssl/certs/ \
 && printf '%s\n' root:x:0:0:root:/root:/sbin/nologin nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin \
      nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin >etc/passwd \
 && printf '%s\n' root:x:0: nobody:x:65534: tty:x:5: staff:x:50: nonroot:x:65532: >etc/group

FROM scratch
COPY --from=files /image /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
USER 65532
WORKDIR /home/nonroot
