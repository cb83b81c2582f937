# The action's image: an interpreter, the locked dependencies and the package bot, nothing else.
# No shell, no compiler and no package installer is in it: the review of a stranger's files has
# nothing at hand that it could start.

# The release workflow pins this tag by its digest: --build-arg BASE=python:…@sha256:…
ARG BASE=python:3.13-slim-bookworm

FROM ${BASE} AS build
WORKDIR /build

# pglast's parser comes with 23 MB of debugging symbols, which only binutils can take out.
# They stay in this stage, so whatever version the distribution has will do.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends binutils \
    && rm -rf /var/lib/apt/lists/*

COPY requirements.lock ./
RUN python3 -m venv --without-pip --symlinks /opt/lockstep \
    && python3 -m pip --python /opt/lockstep/bin/python install \
        --no-cache-dir --no-compile --disable-pip-version-check --root-user-action ignore \
        --only-binary :all: --require-hashes --requirement requirements.lock

# What type checkers, C compilers, test runners and shells would read stays behind.
WORKDIR /opt/lockstep
RUN find . -type d -name tests -prune -exec rm -r '{}' + \
    && find . -type f '(' -name '*.pyi' -o -name py.typed -o -name '*.pyx' -o -name '*.pxd' \
        -o -name '*.c' -o -name '*.h' ')' -delete \
    && find bin -mindepth 1 ! -name 'python*' -delete \
    && find . -name '*.so*' -exec strip --strip-unneeded '{}' +

# The interpreter moves with its standard library, less the parts that serve its developers.
WORKDIR /image
RUN library="$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')" \
    && python="$(realpath /opt/lockstep/bin/python)" \
    && cp --archive --parents "$library" "$python" /opt/lockstep . \
    && ln --symbolic --force "$python" opt/lockstep/bin/python \
    && find ".$library" '(' -name 'config-*' -o -name distutils -o -name ensurepip -o -name idlelib \
        -o -name lib2to3 -o -name pydoc_data -o -name '*-packages' -o -name sitecustomize.py \
        -o -name test -o -name tkinter -o -name 'turtle*' -o -name '_tkinter*' -o -name '_test*' \
        -o -name '*_test.*' -o -name '*xxlimited*' -o -name '*dbm*' ')' -prune -exec rm -r '{}' +

# The libraries that all of it is linked with, and the files that a C library looks for.
RUN find opt usr '(' -name '*.so*' -o -path '*/bin/python*' ')' -type f -exec ldd '{}' + >/build/ldd \
    && ! grep 'not found' /build/ldd \
    && awk '$2 == "=>" { print $3 } $1 ~ "^/" && $2 ~ "^[(]" { print $1 }' /build/ldd \
        >/build/linked \
    && sort --unique /build/linked --output /build/linked \
    && xargs --arg-file /build/linked cp --dereference --parents --target-directory . \
    && cp --parents /etc/ld.so.cache . \
    && echo 'root:x:0:0:root:/root:/' >etc/passwd \
    && echo 'root:x:0:' >etc/group \
    && echo 'hosts: files dns' >etc/nsswitch.conf \
    && mkdir root \
    && mkdir --mode 1777 tmp

COPY LICENSE opt/lockstep/
COPY bot /build/bot
RUN cp --recursive /build/bot opt/lockstep/lib/python3*/site-packages/ \
    && find . -type d -name __pycache__ -prune -exec rm -r '{}' + \
    && python3 -m compileall -q -s /image -p / --invalidation-mode unchecked-hash /image \
    && chroot . /opt/lockstep/bin/python -I -B -c 'import bot.action, bot.cli, github, pglast'

FROM scratch
LABEL org.opencontainers.image.title="pg-lockstep" \
      org.opencontainers.image.description="Reviews the PostgreSQL migrations of a pull request" \
      org.opencontainers.image.licenses="GPL-3.0-or-later"
COPY --from=build /image/ /
# The runner wants root, makes the workspace the working directory, and passes on the workflow's
# whole environment. -I: neither can put code on the import path. -B: no bytecode is written.
ENTRYPOINT ["/opt/lockstep/bin/python", "-I", "-B", "-X", "utf8", "-m", "bot"]
