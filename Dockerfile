# Builds the package, then ships it with its production dependencies alone, run by a user that is not root.
#
#   docker build -t groupwise .
#   docker run -p 50051:50051 -p 8080:8080 -v groupwise-data:/data -e GROUPWISE_TOKEN=... groupwise

FROM node:24-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-fund --no-audit
COPY tsconfig.json tsconfig.build.json ./
COPY scripts ./scripts
COPY proto ./proto
COPY prompts ./prompts
COPY src ./src
RUN npm run build

FROM node:24-slim AS dependencies
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-fund --no-audit && npm cache clean --force

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY package.json LICENSE ./
COPY bin ./bin
COPY proto ./proto
COPY prompts ./prompts
COPY examples ./examples
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 50051 8080
# The server listens on all addresses here, so it refuses to start without a token.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/healthz').then((reply) => process.exit(reply.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "bin/groupwise.js"]
CMD ["serve", "--grpc", "0.0.0.0:50051", "--http", "0.0.0.0:8080", "--data", "/data"]
