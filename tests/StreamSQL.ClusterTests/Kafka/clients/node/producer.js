// kafkajs's producer: acks, codecs, headers, large messages, idempotence, transactions.
'use strict';

const { CompressionTypes } = require('kafkajs');
const { assert, connect, using, readAll, rejects, ends, main } = require('./client');

const text = message => message.value && message.value.toString();

async function createTopic(kafka, topic, numPartitions = 1, configEntries = []) {
  await using(kafka.admin(), admin => admin.createTopics({ topics: [{ topic, numPartitions, configEntries }] }));
}

async function acks(broker) {
  const kafka = connect(broker);
  await createTopic(kafka, 'acks');
  await using(kafka.producer(), async producer => {
    const [all] = await producer.send({ topic: 'acks', acks: -1, messages: [{ value: '0' }, { value: '1' }] });
    assert.equal(all.errorCode, 0);
    assert.equal(all.baseOffset, '0');
    assert.equal(all.logStartOffset, '0');
    const [leader] = await producer.send({ topic: 'acks', acks: 1, messages: [{ value: '2' }] });
    assert.equal(leader.baseOffset, '2');
    await producer.send({ topic: 'acks', acks: 0, messages: [{ value: '3' }] });
    const [after] = await producer.send({ topic: 'acks', messages: [{ value: '4' }] });
    assert.equal(after.baseOffset, '4');
  });
  assert.deepEqual((await readAll(kafka, 'acks', 5)).map(text), ['0', '1', '2', '3', '4']);
}

async function contents(broker) {
  const kafka = connect(broker);
  await createTopic(kafka, 'contents');
  const messages = [
    { key: 'k', value: 'v', headers: { one: '1', many: ['a', 'b'], binary: Buffer.from([0, 255]) }, timestamp: '1600000000000' },
    { key: null, value: 'no key', timestamp: '1600000000001' },
    { key: 'no value', value: null, timestamp: '1600000000002' },
    { key: '', value: '', timestamp: '1600000000003' },
  ];
  await using(kafka.producer(), producer => producer.send({ topic: 'contents', compression: CompressionTypes.GZIP, messages }));
  const read = await readAll(kafka, 'contents', 4);
  assert.deepEqual(read.map(m => m.timestamp), messages.map(m => m.timestamp));
  assert.deepEqual(read.map(m => m.key && m.key.toString()), ['k', null, 'no value', '']);
  assert.deepEqual(read.map(text), ['v', 'no key', null, '']);
  const { one, many, binary } = read[0].headers;
  assert.equal(one.toString(), '1');
  assert.deepEqual(many.map(String), ['a', 'b']);
  assert.deepEqual(binary, Buffer.from([0, 255]));
}

async function manyPartitions(broker) {
  const kafka = connect(broker);
  await createTopic(kafka, 'wide', 64);
  const messages = Array.from({ length: 6400 }, (_, i) => ({ key: `key-${i % 500}`, value: String(i) }));
  await using(kafka.producer(), producer => producer.sendBatch({
    topicMessages: [{ topic: 'wide', messages: messages.slice(0, 3200) }, { topic: 'wide', messages: messages.slice(3200) }],
    compression: CompressionTypes.GZIP,
  }));
  const read = await readAll(kafka, 'wide', 6400);
  const last = new Map();
  for (const message of read) {
    const key = message.key.toString();
    const before = last.get(key);
    assert.ok(!before || before.partition === message.partition, `${key} is in two partitions`);
    assert.ok(!before || Number(text(before)) < Number(text(message)), `${key} is out of order`);
    last.set(key, message);
  }
  assert.equal(last.size, 500);
}

async function large(broker) {
  const kafka = connect(broker);
  await createTopic(kafka, 'large');
  const value = Buffer.alloc(1000000, 'x');
  await using(kafka.producer(), async producer => {
    for (let i = 0; i < 5; i++)
      await producer.send({ topic: 'large', messages: [{ value }] });
    await rejects(producer.send({ topic: 'large', messages: [{ value: Buffer.alloc(1100000) }] }), 'MESSAGE_TOO_LARGE');
  });
  for (const message of await readAll(kafka, 'large', 5))
    assert.ok(message.value.equals(value));
}

async function idempotent(broker) {
  const kafka = connect(broker);
  await createTopic(kafka, 'idempotent');
  await using(kafka.producer({ idempotent: true, maxInFlightRequests: 1 }), async producer => {
    for (let i = 0; i < 50; i++)
      await producer.send({ topic: 'idempotent', messages: [{ value: String(2 * i) }, { value: String(2 * i + 1) }] });
  });
  assert.deepEqual((await readAll(kafka, 'idempotent', 100)).map(text), Array.from({ length: 100 }, (_, i) => String(i)));
}

async function transactions(broker) {
  const kafka = connect(broker);
  await createTopic(kafka, 'transactions', 2);
  const producer = kafka.producer({ transactionalId: 'transactions', idempotent: true, maxInFlightRequests: 1 });
  await using(producer, async () => {
    for (let i = 0; i < 6; i++) {
      const transaction = await producer.transaction();
      await transaction.send({ topic: 'transactions', messages: [{ value: `a${i}`, partition: 0 }, { value: `b${i}`, partition: 1 }] });
      await transaction.sendOffsets({ consumerGroupId: 'positions', topics: [{ topic: 'transactions', partitions: [{ partition: 0, offset: String(i) }] }] });
      await (i % 2 === 0 ? transaction.commit() : transaction.abort());
    }
  });
  const committed = (await readAll(kafka, 'transactions', 6)).map(text).sort();
  assert.deepEqual(committed, ['a0', 'a2', 'a4', 'b0', 'b2', 'b4']);
  await readAll(kafka, 'transactions', 12, { readUncommitted: true });
  await using(kafka.admin(), async admin => {
    assert.deepEqual(await ends(admin, 'transactions'), [12, 12]);
    const [topic] = await admin.fetchOffsets({ groupId: 'positions', topics: ['transactions'] });
    assert.equal(topic.partitions.find(p => p.partition === 0).offset, '4');
  });
}

async function fencing(broker) {
  const kafka = connect(broker, { retry: { retries: 1, initialRetryTime: 50 } });
  await createTopic(kafka, 'fencing');
  const options = { transactionalId: 'fencing', idempotent: true, maxInFlightRequests: 1 };
  await using(kafka.producer(options), async first => {
    const open = await first.transaction();
    await open.send({ topic: 'fencing', messages: [{ value: 'first' }] });
    await using(kafka.producer(options), async second => {
      const transaction = await second.transaction();
      await transaction.send({ topic: 'fencing', messages: [{ value: 'second' }] });
      await transaction.commit();
    });
    await rejects(open.commit(), 'INVALID_PRODUCER_EPOCH');
  });
  assert.deepEqual((await readAll(kafka, 'fencing', 1)).map(text), ['second']);
}

main({ acks, contents, manyPartitions, large, idempotent, transactions, fencing });
