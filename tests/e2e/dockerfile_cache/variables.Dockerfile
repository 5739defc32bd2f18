# escape=`
# Variables in all places, with another escape character.
ARG TAG=1.35
ARG NAME=busy
FROM ${NAME}box:${TAG%%-*} AS base
ARG NAME
ARG TOKEN="@TOKEN@"
ENV A=${NAME:-none} B="${TOKEN:+set} `$literal" C=${UNSET-} D='$A'
ENV E=${A#b} F=${A%y} G=${A/us/as}
WORKDIR /${A}/${E}/${TOKEN}
COPY ${NAME:+src} ./${A}
RUN echo "$A $B $D $E $F $G $TOKEN" `
    > variables
USER ${UID:-1000}
LABEL name="${A}-${B}" escaped=`${A}
EXPOSE ${PORT:-8080}
