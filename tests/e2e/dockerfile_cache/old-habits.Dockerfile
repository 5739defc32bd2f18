# What linters warn of, and what people have written all the same.
from busybox:1.35 as Build
maintainer Somebody <somebody@example.com>
ENV KEY some value
ENV EMPTY=
LABEL a=b "c d"="e f" g='$KEY'
WORKDIR made-@TOKEN@
WORKDIR here
ADD manifest* ./
COPY src src
RUN echo $KEY > key && \

    # a comment in between
    echo "@TOKEN@" >> key
EXPOSE 80 443/TCP 6000-6002/udp
CMD echo one
CMD echo two
ENTRYPOINT exec cat key
ONBUILD COPY src /triggered
from build
RUN ["cat", "/made-@TOKEN@/here/key"]
