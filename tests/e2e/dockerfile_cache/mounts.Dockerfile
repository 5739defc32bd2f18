# All kinds of mounts that need nothing of the client.
# escape comes too late here: \
FROM busybox:1.35 AS tools
RUN mkdir /tools && echo "@TOKEN@" > /tools/t
FROM busybox:1.35 AS work
ARG FOLDER=src
RUN --mount=from=tools,source=/tools,target=/mnt/tools \
    --mount=type=bind,source=$FOLDER,target=/mnt/src,rw \
    --mount=type=tmpfs,target=/mnt/tmp,size=1m \
    --mount=type=cache,id=shared,target=/mnt/cache,uid=1000,gid=1000,mode=0750 \
    --mount=type=secret,id=absent \
    --mount=type=ssh \
    touch /mnt/src/new /mnt/tmp/x && cat /mnt/tools/t /mnt/src/main > /result
RUN --network=none cat /result > /again
FROM scratch
COPY --from=work /result /again /
COPY --from=busybox:1.35 /bin/true /true
