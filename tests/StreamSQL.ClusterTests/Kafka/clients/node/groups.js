// kafkajs's consumer groups.
'use strict';

const { PartitionAssigners } = require('kafkajs');
const { assert, connect, using, until, main } = require('./client');

async function fill(kafka, topic, numPartitions, from, to) {
  await using(kafka.admin(), admin => admin.createTopics({ topics: [{ topic, numPartitions }] }));
  await using(kafka.producer(), producer => producer.send({
    topic,
    messages: Array.from({ length: to - from }, (_, i) => ({ partition: (from + i) % numPartitions, value: String(from + i) })),
  }));
}

async function committed(kafka, groupId, topic) {
  return using(kafka.admin(), async admin => {
    const [entry] = await admin.fetchOffsets({ groupId, topics: [topic] });
    return entry.partitions.sort((a, b) => a.partition - b.partition).map(p => Number(p.offset));
  });
}

/** A running member; `owned` is how many partitions its last assignment gave. */
async function member(kafka, groupId, topic, values, options = {}) {
  const consumer = kafka.consumer({ groupId, heartbeatInterval: 100, maxWaitTimeInMs: 100, ...options });
  const joined = { consumer, owned: -1, joins: 0 };
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    joined.joins++;
    joined.owned = (payload.memberAssignment[topic] ?? []).length;
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({ eachMessage: async ({ message }) => values.push(Number(message.value)) });
  return joined;
}

function distinct(values) {
  return new Set(values).size;
}

async function rebalance(broker) {
  const kafka = connect(broker);
  await fill(kafka, 'shared', 6, 0, 60);
  const values = [];
  const first = await member(kafka, 'shared', 'shared', values);
  await until(() => first.owned === 6 && distinct(values) === 60, () => `${first.owned} owned, ${values.length} values`);
  const second = await member(kafka, 'shared', 'shared', values);
  await until(() => first.owned === 3 && second.owned === 3, () => `${first.owned} and ${second.owned} owned`);
  await fill(kafka, 'shared', 6, 60, 120);
  await until(() => distinct(values) === 120, () => `${distinct(values)} of 120`);
  await first.consumer.disconnect();
  await until(() => second.owned === 6, () => `${second.owned} owned`);
  await fill(kafka, 'shared', 6, 120, 180);
  await until(() => distinct(values) === 180, () => `${distinct(values)} of 180`);
  await second.consumer.disconnect();
  assert.equal(values.length, 180);
  assert.deepEqual(await committed(kafka, 'shared', 'shared'), [30, 30, 30, 30, 30, 30]);
}

/** Consumes until `stop` values came, by batches with the given commit options. */
async function consume(kafka, groupId, topic, stop, run, { fromBeginning = true } = {}) {
  const values = [];
  await using(kafka.consumer({ groupId, maxWaitTimeInMs: 100 }), async consumer => {
    await consumer.subscribe({ topic, fromBeginning });
    await consumer.run(run(values, consumer));
    await until(() => values.length >= stop, () => `${values.length} of ${stop}`);
  });
  return values;
}

async function commits(broker) {
  const kafka = connect(broker);
  await fill(kafka, 'commits', 1, 0, 100);
  const all = Array.from({ length: 100 }, (_, i) => i);

  const none = await consume(kafka, 'none', 'commits', 100, values => (
    { autoCommit: false, eachMessage: async ({ message }) => values.push(Number(message.value)) }));
  assert.deepEqual(none, all);
  assert.deepEqual(await committed(kafka, 'none', 'commits'), [-1]);

  await consume(kafka, 'threshold', 'commits', 100, values => (
    { autoCommitThreshold: 10, eachMessage: async ({ message }) => values.push(Number(message.value)) }));
  assert.deepEqual(await committed(kafka, 'threshold', 'commits'), [100]);

  await consume(kafka, 'interval', 'commits', 100, values => (
    { autoCommitInterval: 50, eachMessage: async ({ message }) => values.push(Number(message.value)) }));
  assert.deepEqual(await committed(kafka, 'interval', 'commits'), [100]);

  await consume(kafka, 'manual', 'commits', 1, (values, consumer) => ({
    autoCommit: false,
    eachBatchAutoResolve: false,
    eachBatch: async ({ batch }) => {
      await consumer.commitOffsets([{ topic: 'commits', partition: 0, offset: '40', metadata: 'forty' }]);
      values.push(batch.messages.length);
    },
  }));
  assert.deepEqual(await committed(kafka, 'manual', 'commits'), [40]);
  const rest = await consume(kafka, 'manual', 'commits', 60, values => (
    { eachMessage: async ({ message }) => values.push(Number(message.value)) }));
  assert.deepEqual(rest, all.slice(40));
}

async function places(broker) {
  const kafka = connect(broker);
  await fill(kafka, 'places', 1, 0, 20);

  const sought = await consume(kafka, 'seek', 'places', 25, (values, consumer) => ({
    autoCommit: false,
    eachMessage: async ({ message }) => {
      values.push(Number(message.value));
      if (values.length === 10)
        consumer.seek({ topic: 'places', partition: 0, offset: '5' });
    },
  }));
  assert.deepEqual(sought, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);

  const values = [];
  await using(kafka.consumer({ groupId: 'pause', maxWaitTimeInMs: 100 }), async consumer => {
    await consumer.subscribe({ topic: 'places', fromBeginning: false });
    const joined = new Promise(resolve => consumer.on(consumer.events.GROUP_JOIN, resolve));
    const fetched = new Promise(resolve => consumer.on(consumer.events.FETCH, resolve));
    await consumer.run({
      eachMessage: async ({ message, pause }) => {
        values.push(Number(message.value));
        if (values.length === 1)
          pause();
      },
    });
    await joined;
    await fetched;
    await fill(kafka, 'places', 1, 20, 30);
    await until(() => consumer.paused().length === 1, () => `values ${values}`);
    assert.deepEqual(values, [20]);
    consumer.resume([{ topic: 'places' }]);
    await until(() => values.length === 10, () => `values ${values}`);
  });
  assert.deepEqual(values, [20, 21, 22, 23, 24, 25, 26, 27, 28, 29]);
}

async function describe(broker) {
  const kafka = connect(broker);
  await fill(kafka, 'described', 2, 0, 2);
  const values = [];
  const only = await member(kafka, 'described', 'described', values, { partitionAssigners: [PartitionAssigners.roundRobin] });
  await until(() => only.owned === 2 && values.length === 2, () => `${only.owned} owned`);
  const group = await only.consumer.describeGroup();
  assert.equal(group.groupId, 'described');
  assert.equal(group.state, 'Stable');
  assert.equal(group.protocolType, 'consumer');
  assert.equal(group.protocol, 'RoundRobinAssigner');
  assert.equal(group.members.length, 1);
  assert.equal(group.members[0].clientId, 'program');
  assert.match(group.members[0].clientHost, /^\/127\.0\.0\.1$/);
  await only.consumer.disconnect();
  await using(kafka.admin(), async admin => {
    const { groups } = await admin.describeGroups(['described', 'nobody']);
    assert.deepEqual(groups.map(g => [g.groupId, g.state, g.members.length]), [['described', 'Empty', 0], ['nobody', 'Dead', 0]]);
  });
}

main({ rebalance, commits, places, describe });
