# Builds cmf and packs it with the Postgres binaries that its private Postgres needs.
FROM rust:1-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --profile dist --locked

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends postgresql-common \
    && sed -i 's/^#\?create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf \
    && apt-get install -y --no-install-recommends postgresql \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /src/target/dist/cmf /usr/local/bin/cmf
RUN useradd --create-home cmf
USER cmf
ENTRYPOINT ["cmf"]
