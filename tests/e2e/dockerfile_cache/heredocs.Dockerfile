# Scripts and files that are written in place.
FROM busybox:1.35 AS build
SHELL ["/bin/sh", "-euc"]
RUN <<EOF
mkdir -p /out
echo "@TOKEN@" > /out/token
EOF
RUN <<'EOF' sh
echo "$HOME" > /out/home
EOF
RUN <<EOF
#!/bin/sh
echo script > /out/script
EOF
RUN <<-EOF
	echo tabs > /out/tabs
EOF
COPY --chmod=0755 <<run.sh <<-"config" /out/
#!/bin/sh
echo $0
run.sh
	[section]
	key = ${NOT_EXPANDED}
config
FROM scratch
COPY --from=build /out /
