FROM node:24-slim AS dependencies
WORKDIR /parley
COPY package.json package-lock.json ./
# The image has its own Node 24, so the packaged one goes again.
RUN npm ci --omit=dev --no-audit --no-fund && rm -rf node_modules/node-linux-* node_modules/.bin/node

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 DATA_DIR=/data SIMULATOR=off
WORKDIR /parley
COPY --from=dependencies /parley/node_modules node_modules
COPY package.json LICENSE ./
COPY migrations migrations
COPY db db
COPY simulator simulator
COPY src src
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 3000
# exec form: Node is the first process and gets SIGTERM itself
ENTRYPOINT ["node", "src/main.ts"]
CMD ["start"]
