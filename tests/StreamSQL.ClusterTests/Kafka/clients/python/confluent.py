"""confluent-kafka, as its users write programs."""

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition, libversion
from confluent_kafka.admin import AdminClient, ConfigResource, NewPartitions, NewTopic

from programs import LIMIT_S, equal, main, until


def create(broker, topic, partitions=1, **config):
    admin = AdminClient({"bootstrap.servers": broker})
    admin.create_topics([NewTopic(topic, partitions, 1, config=config)])[topic].result(LIMIT_S)


def consumer(broker, group, **options):
    return Consumer({"bootstrap.servers": broker, "group.id": group, "auto.offset.reset": "earliest",
                     "enable.auto.commit": False, **options})


def read(client, count):
    """Reads messages until there are `count` of them."""
    messages = []

    def poll():
        message = client.poll(0.1)
        if message is not None:
            assert message.error() is None, message.error()
            messages.append(message)
        return len(messages) >= count

    until(poll, lambda: f"{len(messages)} of {count} messages")
    equal(len(messages), count)
    return messages


def produce_consume(broker):
    create(broker, "codecs", 1)
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"]:
        delivered = []
        producer = Producer({"bootstrap.servers": broker, "compression.type": codec, "linger.ms": 50})
        for i in range(100):
            producer.produce("codecs", key=codec, value=f"{codec} {i} " + "x" * 200, headers={"codec": codec, "empty": ""},
                             timestamp=1600000000000 + i, callback=lambda error, message: delivered.append((error, message.offset())))
        equal(producer.flush(LIMIT_S), 0)
        equal([error for error, _ in delivered], [None] * 100)
        first = delivered[0][1]
        equal([offset for _, offset in delivered], list(range(first, first + 100)))
    client = consumer(broker, "codecs")
    client.subscribe(["codecs"])
    for n, message in enumerate(read(client, 500)):
        codec = message.key().decode()
        equal(message.offset(), n)
        equal(message.value().decode(), f"{codec} {n % 100} " + "x" * 200)
        equal(message.headers(), [("codec", codec.encode()), ("empty", b"")])
        equal(message.timestamp()[1], 1600000000000 + n % 100)
    client.close()


def transactions(broker):
    create(broker, "transactions", 1)
    producer = Producer({"bootstrap.servers": broker, "transactional.id": "transactions"})
    producer.init_transactions(LIMIT_S)
    client = consumer(broker, "transactions")
    for i in range(4):
        producer.begin_transaction()
        for j in range(10):
            producer.produce("transactions", str(i * 10 + j))
        producer.send_offsets_to_transaction([TopicPartition("transactions", 0, i)], client.consumer_group_metadata(), LIMIT_S)
        if i % 2 == 0:
            producer.commit_transaction(LIMIT_S)
        else:
            producer.flush(LIMIT_S)
            producer.abort_transaction(LIMIT_S)
    equal(client.committed([TopicPartition("transactions", 0)], LIMIT_S)[0].offset, 2)
    client.assign([TopicPartition("transactions", 0, 0)])
    equal([int(m.value()) for m in read(client, 20)], [*range(10), *range(20, 30)])
    equal(client.get_watermark_offsets(TopicPartition("transactions", 0), LIMIT_S), (0, 44))
    client.close()


def groups(broker):
    create(broker, "grouped", 4)
    producer = Producer({"bootstrap.servers": broker})
    owned = {}

    def join(name):
        client = consumer(broker, "grouped", **{"heartbeat.interval.ms": 200, "partition.assignment.strategy": "range"})
        def assigned(c, partitions):
            owned[name] = len(partitions)
        client.subscribe(["grouped"], on_assign=assigned, on_revoke=lambda c, partitions: owned.pop(name, None))
        return client

    def settle(clients, expected):
        def poll():
            for client in clients:
                message = client.poll(0.02)
                assert message is None or message.error() is None
            return owned == expected
        until(poll, lambda: f"{owned}, not {expected}")

    first = join("first")
    settle([first], {"first": 4})
    second = join("second")
    settle([first, second], {"first": 2, "second": 2})
    for partition in range(4):
        producer.produce("grouped", f"for {partition}", partition=partition)
    equal(producer.flush(LIMIT_S), 0)
    for client in [first, second]:
        for message in read(client, 2):
            client.commit(message, asynchronous=False)
    second.close()
    settle([first], {"first": 4})
    equal([p.offset for p in first.committed([TopicPartition("grouped", i) for i in range(4)], LIMIT_S)], [1] * 4)
    first.close()


def admin(broker):
    client = AdminClient({"bootstrap.servers": broker})
    outcome = client.create_topics([NewTopic("made", 2, 1, config={"retention.ms": "1000"}), NewTopic("too-many", 1, 3)])
    outcome["made"].result(LIMIT_S)
    equal(code(outcome["too-many"]), KafkaError.INVALID_REPLICATION_FACTOR)
    equal(code(client.create_topics([NewTopic("made", 1, 1)])["made"]), KafkaError.TOPIC_ALREADY_EXISTS)
    client.create_partitions([NewPartitions("made", 5)])["made"].result(LIMIT_S)
    metadata = client.list_topics("made", LIMIT_S)
    equal(sorted(metadata.topics["made"].partitions), [0, 1, 2, 3, 4])
    equal(metadata.controller_id, 1)

    resource = ConfigResource(ConfigResource.Type.TOPIC, "made")
    configs = client.describe_configs([resource])[resource].result(LIMIT_S)
    equal(configs["retention.ms"].value, "1000")
    equal(configs["min.insync.replicas"].value, "1")
    altered = ConfigResource(ConfigResource.Type.TOPIC, "made", set_config={"retention.ms": "2000"})
    client.alter_configs([altered])[altered].result(LIMIT_S)
    equal(client.describe_configs([resource])[resource].result(LIMIT_S)["retention.ms"].value, "2000")
    of_broker = ConfigResource(ConfigResource.Type.BROKER, "1")
    equal(client.describe_configs([of_broker])[of_broker].result(LIMIT_S)["broker.id"].value, "1")

    member = consumer(broker, "members")
    member.subscribe(["made"])
    until(lambda: member.poll(0.05) is None and member.assignment(), lambda: "an assignment")
    group, = client.list_groups("members", LIMIT_S)
    equal((group.id, group.state, group.protocol_type, len(group.members)), ("members", "Stable", "consumer", 1))
    member.close()
    client.delete_topics(["made"])["made"].result(LIMIT_S)
    equal(code(client.delete_topics(["made"])["made"]), KafkaError.UNKNOWN_TOPIC_OR_PART)


def code(future):
    try:
        future.result(LIMIT_S)
        return KafkaError.NO_ERROR
    except KafkaException as refusal:
        return refusal.args[0].code()


main(f"confluent-kafka over librdkafka {libversion()[0]}", [produce_consume, transactions, groups, admin])
