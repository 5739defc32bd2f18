# Stand-in for busybox:1.35: Debian's static busybox, with a link for each of its applets.
FROM debian:bookworm-slim AS files
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends busybox-static \
 && case "$(busybox | head -1)" in *v1.35.*) ;; *) exit 1 ;; esac
WORKDIR /image
RUN mkdir -p bin dev etc home proc root sys usr/bin usr/sbin sbin var/spool/mail \
 && mkdir -m 1777 tmp var/tmp \
 && cp /bin/busybox bin/ \
 && chroot . /bin/busybox --install -s /bin \
 && printf '%s\n' root:x:0:0:root:/root:/bin/sh daemon:x:1:1:daemon:/usr/sbin:/bin/false \
      nobody:x:65534:65534:nobody:/home:/bin/false >etc/passwd \
 && printf '%s\n' root:x:0: daemon:x:1: nobody:x:65534: >etc/group

FROM scratch
COPY --from=files /image /
CMD ["sh"]
