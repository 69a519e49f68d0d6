"""kafka-python, as its users write programs: a client that shares no code with librdkafka."""

import kafka
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions, NewTopic
from kafka.errors import TopicAlreadyExistsError, UnknownTopicOrPartitionError
from kafka.structs import OffsetAndMetadata

from programs import LIMIT_S, equal, main, until


def create(broker, topic, partitions=1):
    admin = KafkaAdminClient(bootstrap_servers=broker)
    admin.create_topics([NewTopic(topic, partitions, 1)])
    admin.close()


def consumer(broker, group, **options):
    return KafkaConsumer(bootstrap_servers=broker, group_id=group, auto_offset_reset="earliest",
                         enable_auto_commit=False, heartbeat_interval_ms=200, **options)


def read(client, count):
    messages = []

    def poll():
        for batch in client.poll(100).values():
            messages.extend(batch)
        return len(messages) >= count

    until(poll, lambda: f"{len(messages)} of {count} messages")
    equal(len(messages), count)
    return messages


def produce_consume(broker):
    create(broker, "records")
    client = consumer(broker, "records")
    partition = TopicPartition("records", 0)
    for turn, acks in enumerate([0, 1, "all"]):
        producer = KafkaProducer(bootstrap_servers=broker, acks=acks, compression_type="gzip", linger_ms=20)
        for i in range(100):
            producer.send("records", key=str(acks).encode(), value=str(i).encode(), headers=[("n", str(i).encode())], timestamp_ms=1600000000000 + i)
        producer.flush(LIMIT_S)
        # Without an answer (acks=0), flush knows only what was given to the socket, and a socket that is closed may drop it.
        until(lambda: client.end_offsets([partition])[partition] == 100 * (turn + 1), lambda: f"the records of acks={acks} are not there")
        producer.close(LIMIT_S)
    client.subscribe(["records"])
    for n, message in enumerate(read(client, 300)):
        equal(message.offset, n)
        equal(message.key, [b"0", b"1", b"all"][n // 100])
        equal(message.value, str(n % 100).encode())
        equal(message.headers, [("n", str(n % 100).encode())])
        equal(message.timestamp, 1600000000000 + n % 100)
    client.close()


def places(broker):
    create(broker, "places")
    producer = KafkaProducer(bootstrap_servers=broker)
    for i in range(50):
        producer.send("places", value=b"x", timestamp_ms=1600000000000 + i * 1000)
    producer.flush(LIMIT_S)
    producer.close(LIMIT_S)
    place = TopicPartition("places", 0)
    client = consumer(broker, "places")
    client.assign([place])
    equal(client.beginning_offsets([place]), {place: 0})
    equal(client.end_offsets([place]), {place: 50})
    equal(client.offsets_for_times({place: 1600000020500})[place].offset, 21)
    equal(client.offsets_for_times({place: 1600000049001})[place], None)
    client.seek(place, 40)
    equal([m.offset for m in read(client, 10)], list(range(40, 50)))
    equal(client.committed(place), None)
    client.commit({place: OffsetAndMetadata(45, "noted")})
    equal(client.committed(place), 45)
    client.close()


def groups(broker):
    create(broker, "grouped", 4)
    first = consumer(broker, "grouped")
    first.subscribe(["grouped"])
    until(lambda: first.poll(50) == {} and len(first.assignment()) == 4, lambda: first.assignment())
    admin = KafkaAdminClient(bootstrap_servers=broker)
    group, = admin.describe_consumer_groups(["grouped"])
    equal((group.state, group.protocol_type, group.protocol, len(group.members)), ("Stable", "consumer", "range", 1))
    equal([(partition.topic, partition.partition) for partition in sorted(first.assignment())], [("grouped", i) for i in range(4)])
    first.commit({TopicPartition("grouped", 1): OffsetAndMetadata(0, "")})
    first.close()
    equal(admin.list_consumer_group_offsets("grouped"), {TopicPartition("grouped", 1): OffsetAndMetadata(0, "")})
    equal(admin.list_consumer_groups(), [("grouped", "consumer")])
    (name, error), = admin.delete_consumer_groups(["grouped"])
    equal((name, error.errno), ("grouped", 0))
    equal(admin.list_consumer_groups(), [])
    admin.close()


def admin(broker):
    client = KafkaAdminClient(bootstrap_servers=broker)
    client.create_topics([NewTopic("made", 2, 1, topic_configs={"retention.ms": "1000"})])
    refused(TopicAlreadyExistsError, lambda: client.create_topics([NewTopic("made", 2, 1)]))
    client.create_partitions({"made": NewPartitions(4)})
    described, = client.describe_topics(["made"])
    equal(sorted(p["partition"] for p in described["partitions"]), [0, 1, 2, 3])
    resource = ConfigResource(ConfigResourceType.TOPIC, "made", configs={"retention.ms": "3000"})
    client.alter_configs([resource])
    response, = client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, "made")])
    equal({entry[0]: entry[1] for entry in response.resources[0][4]}["retention.ms"], "3000")
    cluster = client.describe_cluster()
    equal([b["node_id"] for b in cluster["brokers"]], [1])
    equal(cluster["controller_id"], 1)
    client.delete_topics(["made"])
    refused(UnknownTopicOrPartitionError, lambda: client.delete_topics(["made"]))
    client.close()


def refused(expected, call):
    try:
        call()
    except expected:
        return
    raise AssertionError(f"no {expected.__name__}")


main(f"kafka-python {kafka.__version__}", [produce_consume, places, groups, admin])
