// What the kafkajs programs share. A program exports scenarios; `node PROGRAM BROKER SCENARIO` runs one.
'use strict';

const assert = require('node:assert/strict');
const { Kafka, logLevel } = require('kafkajs');

const LIMIT_MS = 15000;

function connect(broker, options = {}) {
  return new Kafka({ clientId: 'program', brokers: [broker], logLevel: logLevel.ERROR, ...options });
}

/** Runs work with a connected producer, consumer or admin, and disconnects it. */
async function using(client, work) {
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.disconnect();
  }
}

/** Resolves once the condition holds. */
async function until(condition, what) {
  const limit = Date.now() + LIMIT_MS;
  while (!(await condition())) {
    assert.ok(Date.now() < limit, `waited in vain: ${what()}`);
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

/** Everything of a topic that the isolation shows, as `messages` of {partition, offset, key, value, headers}. */
async function readAll(kafka, topic, count, { readUncommitted = false } = {}) {
  const messages = [];
  const consumer = kafka.consumer({ groupId: `reader-${topic}-${readUncommitted}`, readUncommitted, maxWaitTimeInMs: 100 });
  await using(consumer, async () => {
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({ autoCommit: false, eachMessage: async ({ partition, message }) => messages.push({ partition, ...message }) });
    await until(() => messages.length >= count, () => `${messages.length} of ${count} messages of ${topic}`);
  });
  assert.equal(messages.length, count);
  return messages;
}

async function rejects(promise, type) {
  await assert.rejects(promise, error => {
    assert.equal(error.type ?? error.cause?.type, type, error.stack);
    return true;
  });
}

/** The end offsets of a topic, by partition. */
async function ends(admin, topic) {
  const offsets = await admin.fetchTopicOffsets(topic);
  return offsets.sort((a, b) => a.partition - b.partition).map(o => Number(o.high));
}

function main(scenarios) {
  const [broker, name] = process.argv.slice(2);
  assert.ok(scenarios[name], `no scenario ${name}`);
  scenarios[name](broker).then(
    () => console.log(`kafkajs: ${name} ok`),
    error => {
      console.error(error);
      process.exitCode = 1;
    });
}

module.exports = { assert, connect, using, until, readAll, rejects, ends, main };
