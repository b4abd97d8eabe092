// `node server.js migrate` makes the tables; `node server.js PORT` serves, one process a processor.

import cluster from "node:cluster";
import { createServer } from "node:http";
import { availableParallelism } from "node:os";
import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import { auth } from "./auth.js";

const [order] = process.argv.slice(2);
if (order === "migrate") {
  const { runMigrations } = await getMigrations(auth.options);
  await runMigrations();
  process.exit();
} else if (cluster.isPrimary) {
  for (let started = 0; started < availableParallelism(); started += 1) cluster.fork();
  process.on("SIGTERM", () => process.exit());
} else {
  createServer(toNodeHandler(auth)).listen(Number(order), "127.0.0.1");
}
