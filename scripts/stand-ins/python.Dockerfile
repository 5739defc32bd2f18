# Stand-in for python:3.11-slim-bookworm: Debian's Python and pip at the real image's paths.
FROM debian:bookworm-slim
# The real image's Python is nobody's but the user's, so pip may install into it; Debian's marks itself as managed.
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends python3 python3-pip python3-venv ca-certificates \
 && rm -rf /var/lib/apt/lists/* /usr/lib/python3.11/EXTERNALLY-MANAGED \
 && case "$(python3 --version)" in "Python 3.11."*) ;; *) exit 1 ;; esac \
 && ln -s /usr/bin/python3 /usr/local/bin/python && ln -s /usr/bin/python3 /usr/bin/pip /usr/bin/pip3 /usr/local/bin/
ENV LANG=C.UTF-8
CMD ["python3"]
