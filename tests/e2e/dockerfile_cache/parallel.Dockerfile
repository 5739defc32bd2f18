# Stages that don't need each other, in an order of their own, with numbers for names.
FROM busybox:1.35
RUN echo "zero @TOKEN@" > /zero
FROM busybox:1.35
RUN echo "one @TOKEN@" > /one
FROM busybox:1.35 AS together
COPY --from=0 /zero /
COPY --from=1 /one /
RUN cat /zero /one > /both
FROM together
COPY --from=together /both /copy
