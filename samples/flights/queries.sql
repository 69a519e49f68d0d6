-- How each airport did, day by day. Window state is kept for a year, since the data is older than a day.
CREATE TABLE IF NOT EXISTS departures AS
    SELECT origin, COUNT(*) AS flights, AVG(delay) AS average_delay, MAX(delay) AS max_delay
    FROM flights WINDOW TUMBLING (SIZE 1 DAY, RETENTION 365 DAYS)
    GROUP BY origin
    EMIT CHANGES;

-- By destination: another key than the stream's, so the flights are repartitioned on the way.
CREATE TABLE IF NOT EXISTS arrivals AS
    SELECT destination, COUNT(*) AS flights
    FROM flights WINDOW TUMBLING (SIZE 1 DAY, RETENTION 365 DAYS)
    GROUP BY destination
    EMIT CHANGES;

CREATE TABLE IF NOT EXISTS departures_hourly AS
    SELECT origin, COUNT(*) AS flights
    FROM flights WINDOW TUMBLING (SIZE 1 HOUR, RETENTION 365 DAYS)
    GROUP BY origin
    EMIT CHANGES;

-- Periods of activity: an airport without a departure for two hours ends one.
CREATE TABLE IF NOT EXISTS departure_sessions AS
    SELECT origin, COUNT(*) AS flights
    FROM flights WINDOW SESSION (2 HOURS, RETENTION 365 DAYS)
    GROUP BY origin
    EMIT CHANGES;

-- The airport of each flight tells the state.
CREATE TABLE IF NOT EXISTS departures_by_state AS
    SELECT a.state AS state, COUNT(*) AS flights, SUM(f.delay) AS total_delay
    FROM flights f JOIN airports a ON f.origin = a.iata
    GROUP BY a.state
    EMIT CHANGES;

CREATE TABLE IF NOT EXISTS departures_by_state_daily AS
    SELECT a.state AS state, COUNT(*) AS flights
    FROM flights f JOIN airports a ON f.origin = a.iata
    WINDOW TUMBLING (SIZE 1 DAY, RETENTION 365 DAYS)
    GROUP BY a.state
    EMIT CHANGES;

CREATE STREAM IF NOT EXISTS delayed_flights AS
    SELECT origin, date, delay, distance, destination
    FROM flights
    WHERE delay > 60
    EMIT CHANGES;
