# Stand-in for golang:1.19-bookworm: Debian's Go at the real image's paths. The standard library is compiled once, with the
# options of our presets, and not by every project of a test.
FROM debian:bookworm-slim
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends golang-go ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && case "$(go version)" in *go1.19*) ;; *) exit 1 ;; esac \
 && ln -s /usr/lib/go-1.19 /usr/local/go \
 && CGO_ENABLED=0 go install -trimpath std && rm -rf /root/.cache \
 && mkdir -p /go/src /go/bin && chmod -R 1777 /go
ENV GOPATH=/go \
    GOFLAGS=-trimpath \
    PATH=/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
WORKDIR /go
