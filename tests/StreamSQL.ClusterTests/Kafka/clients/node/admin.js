// Every method of kafkajs's admin client.
'use strict';

const { ConfigResourceTypes } = require('kafkajs');
const { assert, connect, using, readAll, rejects, main } = require('./client');

async function topics(broker) {
  const kafka = connect(broker, { retry: { retries: 1 } });
  await using(kafka.admin(), async admin => {
    assert.equal(await admin.createTopics({ topics: [{ topic: 'one', numPartitions: 3, replicationFactor: 1, configEntries: [{ name: 'cleanup.policy', value: 'compact' }] }] }), true);
    assert.equal(await admin.createTopics({ topics: [{ topic: 'one' }] }), false);
    assert.equal(await admin.createTopics({ validateOnly: true, waitForLeaders: false, topics: [{ topic: 'dry' }] }), true);
    await assert.rejects(admin.createTopics({ topics: [{ topic: 'bad name' }] }), error => error.errors[0].type === 'INVALID_TOPIC_EXCEPTION');
    await assert.rejects(admin.createTopics({ topics: [{ topic: 'many', replicationFactor: 3 }] }), error => error.errors[0].type === 'INVALID_REPLICATION_FACTOR');
    await assert.rejects(admin.createTopics({ topics: [{ topic: 'none', numPartitions: 0 }] }), error => error.errors[0].type === 'INVALID_PARTITIONS');
    await assert.rejects(admin.createTopics({ topics: [{ topic: 'odd', configEntries: [{ name: 'cleanup.policy', value: 'no' }] }] }), error => error.errors[0].type === 'INVALID_CONFIG');
    await admin.createTopics({ topics: [{ topic: 'placed', replicaAssignment: [{ partition: 0, replicas: [1] }, { partition: 1, replicas: [1] }] }] });
    assert.deepEqual((await admin.listTopics()).filter(t => !t.startsWith('_')).sort(), ['one', 'placed']);

    await admin.createPartitions({ topicPartitions: [{ topic: 'one', count: 5 }] });
    await rejects(admin.createPartitions({ topicPartitions: [{ topic: 'one', count: 4 }] }), 'INVALID_PARTITIONS');
    const { topics: [metadata] } = await admin.fetchTopicMetadata({ topics: ['one'] });
    assert.deepEqual(metadata.partitions.map(p => p.partitionId).sort(), [0, 1, 2, 3, 4]);
    assert.deepEqual(metadata.partitions.map(p => [p.leader, p.replicas, p.isr, p.offlineReplicas]), Array(5).fill([1, [1], [1], []]));
    await rejects(admin.fetchTopicMetadata({ topics: ['missing'] }), 'UNKNOWN_TOPIC_OR_PARTITION');

    await admin.deleteTopics({ topics: ['one', 'placed'] });
    await assert.rejects(admin.deleteTopics({ topics: ['one'] }), error => (error.type ?? error.cause.type) === 'UNKNOWN_TOPIC_OR_PARTITION');
    assert.deepEqual((await admin.listTopics()).filter(t => !t.startsWith('_')), []);
  });
}

async function configs(broker) {
  await using(connect(broker).admin(), async admin => {
    await admin.createTopics({ topics: [{ topic: 'configured', configEntries: [{ name: 'retention.ms', value: '60000' }] }] });
    const resource = { type: ConfigResourceTypes.TOPIC, name: 'configured' };
    const describe = async () => {
      const { resources: [found] } = await admin.describeConfigs({ includeSynonyms: true, resources: [resource] });
      assert.equal(found.errorCode, 0);
      return new Map(found.configEntries.map(e => [e.configName, e]));
    };
    let entries = await describe();
    assert.equal(entries.get('retention.ms').configValue, '60000');
    assert.equal(entries.get('retention.ms').configSource, 1);
    assert.equal(entries.get('retention.ms').configSynonyms[0].configValue, '60000');
    assert.equal(entries.get('segment.bytes').configValue, '1073741824');
    assert.equal(entries.get('segment.bytes').isDefault, true);
    assert.equal(entries.get('max.message.bytes').configValue, '1048588');

    await admin.alterConfigs({ validateOnly: true, resources: [{ ...resource, configEntries: [{ name: 'segment.bytes', value: '2000000' }] }] });
    assert.equal((await describe()).get('segment.bytes').configValue, '1073741824');
    await admin.alterConfigs({ validateOnly: false, resources: [{ ...resource, configEntries: [{ name: 'segment.bytes', value: '2000000' }] }] });
    entries = await describe();
    assert.equal(entries.get('segment.bytes').configValue, '2000000');
    assert.equal(entries.get('retention.ms').configValue, '604800000');
    await rejects(admin.alterConfigs({ resources: [{ ...resource, configEntries: [{ name: 'no.such.config', value: '1' }] }] }), 'INVALID_CONFIG');
    await rejects(admin.alterConfigs({ resources: [{ type: ConfigResourceTypes.TOPIC, name: 'missing', configEntries: [] }] }), 'UNKNOWN_TOPIC_OR_PARTITION');

    const { resources: [ofBroker] } = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type: ConfigResourceTypes.BROKER, name: '1', configNames: ['log.retention.ms', 'auto.create.topics.enable'] }] });
    assert.deepEqual(ofBroker.configEntries.map(e => e.configName).sort(), ['auto.create.topics.enable', 'log.retention.ms']);
  });
}

async function offsets(broker) {
  const kafka = connect(broker);
  await using(kafka.admin(), async admin => {
    await admin.createTopics({ topics: [{ topic: 'offsets', numPartitions: 2 }] });
    await using(kafka.producer(), producer => producer.send({
      topic: 'offsets',
      messages: Array.from({ length: 10 }, (_, i) => ({ partition: 0, value: String(i), timestamp: String(1600000000000 + i * 1000) })),
    }));
    const byPartition = list => list.sort((a, b) => a.partition - b.partition);
    assert.deepEqual(byPartition(await admin.fetchTopicOffsets('offsets')).map(o => [o.low, o.high]), [['0', '10'], ['0', '0']]);
    assert.deepEqual(byPartition(await admin.fetchTopicOffsetsByTimestamp('offsets', 1600000003500)).map(o => o.offset), ['4', '0']);

    await admin.setOffsets({ groupId: 'set', topic: 'offsets', partitions: [{ partition: 0, offset: '7' }, { partition: 1, offset: '0' }] });
    const read = async options => byPartition((await admin.fetchOffsets({ groupId: 'set', topics: ['offsets'], ...options }))[0].partitions).map(p => p.offset);
    assert.deepEqual(await read(), ['7', '0']);
    await admin.resetOffsets({ groupId: 'set', topic: 'offsets', earliest: true });
    assert.deepEqual(await read({ resolveOffsets: true }), ['0', '0']);
    const all = await admin.fetchOffsets({ groupId: 'set' });
    assert.deepEqual(all.map(t => t.topic), ['offsets']);

    await admin.deleteTopicRecords({ topic: 'offsets', partitions: [{ partition: 0, offset: '4' }] });
    assert.deepEqual(byPartition(await admin.fetchTopicOffsets('offsets')).map(o => [o.low, o.high]), [['4', '10'], ['0', '0']]);
    assert.deepEqual((await readAll(kafka, 'offsets', 6)).map(m => m.offset), ['4', '5', '6', '7', '8', '9']);
    await admin.deleteTopicRecords({ topic: 'offsets', partitions: [{ partition: 0, offset: '-1' }] });
    assert.deepEqual(byPartition(await admin.fetchTopicOffsets('offsets')).map(o => [o.low, o.high]), [['10', '10'], ['0', '0']]);
    await assert.rejects(admin.deleteTopicRecords({ topic: 'offsets', partitions: [{ partition: 0, offset: '11' }] }));
  });
}

async function groups(broker) {
  const kafka = connect(broker);
  await using(kafka.admin(), async admin => {
    await admin.createTopics({ topics: [{ topic: 'grouped' }] });
    await using(kafka.producer(), producer => producer.send({ topic: 'grouped', messages: [{ value: '0' }] }));
    await readAll(kafka, 'grouped', 1);
    await admin.setOffsets({ groupId: 'simple', topic: 'grouped', partitions: [{ partition: 0, offset: '1' }] });
    const { groups: listed } = await admin.listGroups();
    assert.deepEqual(listed.map(g => g.groupId).sort(), ['reader-grouped-false', 'simple']);
    assert.deepEqual((await admin.deleteGroups(['simple'])).map(r => [r.groupId, r.errorCode]), [['simple', 0]]);
    await assert.rejects(admin.deleteGroups(['simple']), error => error.groups[0].error.type === 'GROUP_ID_NOT_FOUND');

    const consumer = kafka.consumer({ groupId: 'busy', maxWaitTimeInMs: 100 });
    await using(consumer, async () => {
      await consumer.subscribe({ topic: 'grouped' });
      const joined = new Promise(resolve => consumer.on(consumer.events.GROUP_JOIN, resolve));
      await consumer.run({ eachMessage: async () => {} });
      await joined;
      await assert.rejects(admin.deleteGroups(['busy']), error => error.groups[0].error.type === 'NON_EMPTY_GROUP');
    });
    await admin.deleteGroups(['busy', 'reader-grouped-false']);
    assert.deepEqual((await admin.listGroups()).groups, []);
  });
}

async function cluster(broker) {
  await using(connect(broker).admin(), async admin => {
    const { brokers, controller, clusterId } = await admin.describeCluster();
    const [host, port] = broker.split(':');
    assert.deepEqual(brokers.map(b => [b.nodeId, b.host, b.port]), [[1, host, Number(port)]]);
    assert.equal(controller, 1);
    assert.equal(typeof clusterId, 'string');

    await admin.createTopics({ topics: [{ topic: 'reassigned', numPartitions: 2 }] });
    await admin.alterPartitionReassignments({ topics: [{ topic: 'reassigned', partitionAssignment: [{ partition: 0, replicas: [1] }] }] });
    assert.deepEqual((await admin.listPartitionReassignments({ topics: [{ topic: 'reassigned', partitions: [0, 1] }] })).topics, []);
  });
}

main({ topics, configs, offsets, groups, cluster });
