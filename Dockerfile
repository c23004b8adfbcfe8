# The gateway in a container: compiled, without the demo and without what only development needs.
#
#   docker build -t stepgate .
#   docker run -p 8080:8080 -v "$PWD/config:/config:ro" -v stepgate-data:/data -e STEPGATE_SECRET stepgate
#
# /config holds gateway.yaml (listen: {host: 0.0.0.0, port: 8080}, ledger: sqlite:/data/ledger.db) and policies.yaml.

FROM node:26-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# The image brings its own Node: the one that npm would install for development is not needed.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build && npm prune --omit=dev --omit=optional --ignore-scripts

FROM node:26-slim
ENV NODE_ENV=production STEPGATE_CONFIG=/config/gateway.yaml
WORKDIR /app
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=2s CMD ["node", "-e", "fetch('http://127.0.0.1:8080/.stepgate/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/main.js"]
CMD ["serve"]
