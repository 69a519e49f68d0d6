"""Logins of both Python clients: PROGRAM BROKER LIBRARY PROTOCOL MECHANISM USER PASSWORD CA sends a record and reads it again."""

import sys

from programs import LIMIT_S, equal, until


def confluent(broker, protocol, mechanism, user, password, ca):
    from confluent_kafka import Consumer, Producer

    common = {"bootstrap.servers": broker, "security.protocol": protocol, "sasl.mechanisms": mechanism,
              "sasl.username": user, "sasl.password": password, "ssl.ca.location": ca}
    failures = []
    producer = Producer({**common, "error_cb": failures.append, "message.timeout.ms": 5000})
    reports = []
    producer.produce("logins", b"hello", on_delivery=lambda error, message: reports.append(error))
    until(lambda: producer.poll(0.1) is None or reports, lambda: "no report")
    if reports[0] is not None:
        assert failures, "no error was told"
        sys.exit(f"refused: {failures[0]}")
    client = Consumer({**common, "group.id": "logins", "auto.offset.reset": "earliest"})
    client.subscribe(["logins"])
    messages = []

    def poll():
        message = client.poll(0.1)
        if message is not None and message.error() is None:
            messages.append(message.value())
        return messages

    until(poll, lambda: "nothing came")
    client.close()
    equal(messages, [b"hello"])


def kafka_python(broker, protocol, mechanism, user, password, ca):
    from kafka import KafkaConsumer, KafkaProducer

    common = {"bootstrap_servers": broker, "security_protocol": protocol, "sasl_mechanism": mechanism,
              "sasl_plain_username": user, "sasl_plain_password": password, "ssl_cafile": ca}
    producer = KafkaProducer(**common)
    producer.send("logins", b"hello").get(LIMIT_S)
    producer.close()
    client = KafkaConsumer("logins", group_id="logins", auto_offset_reset="earliest", consumer_timeout_ms=LIMIT_S * 1000, **common)
    equal(next(client).value, b"hello")
    client.close()


if __name__ == "__main__":
    address, library, *rest = sys.argv[1:]
    {"confluent": confluent, "kafka_python": kafka_python}[library](address, *rest)
    print("ok")
