# Stand-in for node:18-bookworm-slim: Debian's Node.js and npm at the real image's paths.
FROM debian:bookworm-slim
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends nodejs npm \
 && rm -rf /var/lib/apt/lists/* \
 && case "$(node --version)" in v18.*) ;; *) exit 1 ;; esac \
 && ln -s /usr/bin/node /usr/bin/npm /usr/bin/npx /usr/local/bin/ \
 && groupadd --gid 1000 node && useradd --uid 1000 --gid node --shell /bin/bash --create-home node
CMD ["node"]
