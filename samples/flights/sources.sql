-- US flights of January to March 2001 and the airports that they leave from.
-- Flights are keyed by origin; their event time is the departure, in UTC.
CREATE STREAM IF NOT EXISTS flights (
    origin VARCHAR KEY, date VARCHAR, delay INTEGER, distance INTEGER, destination VARCHAR
) WITH (
    KAFKA_TOPIC = 'flights', PARTITIONS = 4, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'JSON',
    TIMESTAMP = 'date', TIMESTAMP_FORMAT = 'yyyy/MM/dd HH:mm'
);

CREATE TABLE IF NOT EXISTS airports (
    iata VARCHAR PRIMARY KEY, name VARCHAR, city VARCHAR, state VARCHAR, country VARCHAR, latitude DOUBLE, longitude DOUBLE
) WITH (
    KAFKA_TOPIC = 'airports', PARTITIONS = 4, KEY_FORMAT = 'KAFKA', VALUE_FORMAT = 'DELIMITED'
);
