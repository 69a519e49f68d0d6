// What the programs share. A program exports scenarios; `node PROGRAM HOST PORT SCENARIO` runs one. Every scenario makes its own streams and tables.
'use strict';

const assert = require('node:assert/strict');

const LIMIT_MS = 15000;

/** Fails when the work takes too long: a push query that does not come would wait for ever. */
function within(work, what) {
  let timer;
  const limit = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), LIMIT_MS); });
  return Promise.race([work, limit]).finally(() => clearTimeout(timer));
}

const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));

function streamOf(name, columns = 'id BIGINT KEY, name VARCHAR, amount DOUBLE') {
  return `CREATE STREAM ${name} (${columns}) WITH (KAFKA_TOPIC = '${name}', PARTITIONS = 1, VALUE_FORMAT = 'JSON')`;
}

function tableOf(name, columns = 'id BIGINT PRIMARY KEY, name VARCHAR, amount DOUBLE') {
  return `CREATE TABLE ${name} (${columns}) WITH (KAFKA_TOPIC = '${name}', PARTITIONS = 1, VALUE_FORMAT = 'JSON')`;
}

function main(library, scenarios) {
  const [host, port, name] = process.argv.slice(2);
  assert.ok(scenarios[name], `no scenario ${name}`);
  scenarios[name]({ host, port: Number(port), user: 'test', database: 'streamsql' }).then(
    () => console.log(`${library}: ${name} ok`),
    error => {
      console.error(error);
      process.exit(1);
    });
}

module.exports = { assert, within, sleep, streamOf, tableOf, main };
