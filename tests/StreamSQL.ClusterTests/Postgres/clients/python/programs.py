"""What the Python programs share: PROGRAM HOST PORT SCENARIO runs one scenario, which ends with an exception when a check fails."""

import sys

LIMIT_S = 15


def equal(actual, expected):
    assert actual == expected, f"{actual!r}, not {expected!r}"


def stream_of(name, columns="id BIGINT KEY, name VARCHAR, amount DOUBLE"):
    return f"CREATE STREAM {name} ({columns}) WITH (KAFKA_TOPIC = '{name}', PARTITIONS = 1, VALUE_FORMAT = 'JSON')"


def table_of(name, columns="id BIGINT PRIMARY KEY, name VARCHAR, amount DOUBLE"):
    return f"CREATE TABLE {name} ({columns}) WITH (KAFKA_TOPIC = '{name}', PARTITIONS = 1, VALUE_FORMAT = 'JSON')"


def main(library, scenarios):
    host, port, name = sys.argv[1:]
    {s.__name__: s for s in scenarios}[name](host, int(port))
    print(f"{library}: {name} ok")
