# syntax=docker/dockerfile:1
FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev && node scripts/prune-runtime.mjs

FROM node:22-bookworm-slim
ENV NODE_ENV=production \
    TRAINYARD_HOST=0.0.0.0 \
    TRAINYARD_PORT=3000 \
    TRAINYARD_DATA_DIR=/data
RUN mkdir -m 0700 /data && chown node:node /data
WORKDIR /app
COPY --from=build --chown=node:node /app/package.json ./
COPY --from=build --chown=node:node /app/node_modules ./node_modules
COPY --from=build --chown=node:node /app/dist ./dist
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.TRAINYARD_PORT + '/health/live').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# No shell and no npm between the signal and the process: SIGTERM drains.
CMD ["node", "dist/main.js"]
