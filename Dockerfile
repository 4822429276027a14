# A worker: docker build -t tailrace . && docker run -p 127.0.0.1:8083:8083 tailrace worker --allow-unprotected
FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts ./scripts
COPY src ./src
COPY ui ./ui
# What the pages at /docs are made of.
COPY README.md README.ko.md CHANGELOG.md Dockerfile ./
COPY docs ./docs
COPY deploy ./deploy
COPY examples ./examples
# The embedded PostgreSQL and what only builds need stay behind.
RUN npm run build && npm prune --omit=dev --omit=optional --no-audit --no-fund && mkdir data

FROM node:24-bookworm-slim
ENV NODE_ENV=production CONNECT_DATA_DIR=/var/lib/tailrace CONNECT_LISTENERS=http://0.0.0.0:8083
WORKDIR /opt/tailrace
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY examples ./examples
COPY --from=build --chown=node:node /build/data /var/lib/tailrace
USER node
VOLUME /var/lib/tailrace
EXPOSE 8083
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD ["node", "-e", "fetch('http://127.0.0.1:8083/health').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--disable-warning=ExperimentalWarning", "dist/cli/main.js"]
CMD ["worker"]
