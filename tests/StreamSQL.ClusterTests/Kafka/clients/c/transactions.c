/* Transactional producers as librdkafka's users write them. */
#include "check.h"

static rd_kafka_t *transactional(const char *id) {
    rd_kafka_t *producer = client(RD_KAFKA_PRODUCER, config("transactional.id", id, "linger.ms", "5", NULL));
    FINE(rd_kafka_init_transactions(producer, LIMIT_MS));
    return producer;
}

/* Reads a partition from the beginning to its end; the end of the partition as the consumer saw it. */
static int64_t read_partition(const char *topic, int partition, const char *isolation, int *values, int capacity, int *count) {
    rd_kafka_t *consumer = client(RD_KAFKA_CONSUMER, config("group.id", "reader", "isolation.level", isolation,
                                  "enable.partition.eof", "true", "enable.auto.commit", "false", NULL));
    assign(consumer, topic, partition, RD_KAFKA_OFFSET_BEGINNING);
    int64_t end = -1;
    long long limit = now_ms() + LIMIT_MS;
    *count = 0;
    while (end < 0) {
        CHECK(now_ms() < limit, "no end of %s seen, %d records", topic, *count);
        rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, 1000);
        if (!message)
            continue;
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            end = message->offset;
        } else {
            OK(message->err);
            CHECK(*count < capacity, "more than %d records", capacity);
            values[(*count)++] = value_of(message);
        }
        rd_kafka_message_destroy(message);
    }
    OK(rd_kafka_consumer_close(consumer));
    rd_kafka_destroy(consumer);
    return end;
}

static void check_range(const int *values, int from, int to) {
    for (int i = from; i < to; i++)
        CHECK_EQ(values[i - from], i);
}

static void commit_and_abort(void) {
    rd_kafka_t *producer = transactional("commit-and-abort");
    create_topic(producer, "committed", 1);
    for (int i = 0; i < 3; i++) {
        FINE(rd_kafka_begin_transaction(producer));
        produce_range(producer, "committed", 1, i * 10, i * 10 + 10);
        if (i == 1) {
            OK(rd_kafka_flush(producer, LIMIT_MS)); /* so that there is something to abort in the log */
            FINE(rd_kafka_abort_transaction(producer, LIMIT_MS));
        } else {
            FINE(rd_kafka_commit_transaction(producer, LIMIT_MS));
        }
    }
    int values[64], count;
    CHECK_EQ(read_partition("committed", 0, "read_committed", values, 64, &count), 33);
    CHECK_EQ(count, 20);
    check_range(values, 0, 10);
    check_range(values + 10, 20, 30);
    CHECK_EQ(read_partition("committed", 0, "read_uncommitted", values, 64, &count), 33);
    CHECK_EQ(count, 30);
    check_range(values, 0, 30);
    rd_kafka_destroy(producer);
}

/* An open transaction holds back read_committed readers, also from what others wrote behind it. */
static void open_transaction(void) {
    rd_kafka_t *producer = transactional("open");
    rd_kafka_t *plain = client(RD_KAFKA_PRODUCER, config("linger.ms", "0", NULL));
    create_topic(producer, "open", 1);
    produce(plain, "open", 0, NULL, "0");
    OK(rd_kafka_flush(plain, LIMIT_MS));
    FINE(rd_kafka_begin_transaction(producer));
    produce(producer, "open", 0, NULL, "1");
    OK(rd_kafka_flush(producer, LIMIT_MS));
    produce(plain, "open", 0, NULL, "2");
    OK(rd_kafka_flush(plain, LIMIT_MS));

    int values[8], count;
    CHECK_EQ(read_partition("open", 0, "read_committed", values, 8, &count), 1);
    CHECK_EQ(count, 1);
    CHECK_EQ(read_partition("open", 0, "read_uncommitted", values, 8, &count), 3);
    CHECK_EQ(count, 3);
    FINE(rd_kafka_commit_transaction(producer, LIMIT_MS));
    CHECK_EQ(read_partition("open", 0, "read_committed", values, 8, &count), 4);
    CHECK_EQ(count, 3);
    check_range(values, 0, 3);
    rd_kafka_destroy(plain);
    rd_kafka_destroy(producer);
}

static void fencing(void) {
    rd_kafka_t *first = transactional("fenced");
    create_topic(first, "fenced", 1);
    FINE(rd_kafka_begin_transaction(first));
    produce(first, "fenced", 0, NULL, "0");
    OK(rd_kafka_flush(first, LIMIT_MS));

    rd_kafka_t *second = transactional("fenced");
    FINE(rd_kafka_begin_transaction(second));
    produce(second, "fenced", 0, NULL, "1");
    FINE(rd_kafka_commit_transaction(second, LIMIT_MS));

    rd_kafka_error_t *error = rd_kafka_commit_transaction(first, LIMIT_MS);
    CHECK(error, "the first producer was not fenced");
    CHECK_CODE(rd_kafka_error_code(error), RD_KAFKA_RESP_ERR__FENCED);
    CHECK(rd_kafka_error_is_fatal(error), "not fatal");
    rd_kafka_error_destroy(error);
    CHECK_CODE(rd_kafka_fatal_error(first, NULL, 0), RD_KAFKA_RESP_ERR__FENCED);

    int values[8], count;
    CHECK_EQ(read_partition("fenced", 0, "read_committed", values, 8, &count), 4);
    CHECK_EQ(count, 1);
    CHECK_EQ(values[0], 1);
    rd_kafka_destroy(first);
    rd_kafka_destroy(second);
}

#define INPUTS 1000
#define PARTITIONS 4

static void rewind_to_committed(rd_kafka_t *consumer) {
    rd_kafka_topic_partition_list_t *assigned;
    OK(rd_kafka_assignment(consumer, &assigned));
    OK(rd_kafka_committed(consumer, assigned, LIMIT_MS));
    for (int i = 0; i < assigned->cnt; i++) {
        if (assigned->elems[i].offset < 0)
            assigned->elems[i].offset = RD_KAFKA_OFFSET_BEGINNING;
    }
    FINE(rd_kafka_seek_partitions(consumer, assigned, LIMIT_MS));
    rd_kafka_topic_partition_list_destroy(assigned);
}

/* Consume, transform, produce, with the offsets in the transaction; every third transaction is aborted and done again. */
static void transform(void) {
    rd_kafka_t *producer = transactional("transform");
    create_topic(producer, "inputs", PARTITIONS);
    create_topic(producer, "outputs", 1);
    rd_kafka_t *plain = client(RD_KAFKA_PRODUCER, config("linger.ms", "5", NULL));
    produce_range(plain, "inputs", PARTITIONS, 0, INPUTS);
    OK(rd_kafka_flush(plain, LIMIT_MS));
    rd_kafka_destroy(plain);

    rd_kafka_t *consumer = client(RD_KAFKA_CONSUMER, config("group.id", "transform", "isolation.level", "read_committed",
                                  "enable.auto.commit", "false", "auto.offset.reset", "earliest", NULL));
    rd_kafka_poll_set_consumer(consumer);
    subscribe(consumer, "inputs");
    long long limit = now_ms() + LIMIT_MS;
    int done = 0, transactions = 0;
    while (done < INPUTS) {
        int taken = 0;
        FINE(rd_kafka_begin_transaction(producer));
        while (taken < 100 && done + taken < INPUTS) {
            CHECK(now_ms() < limit, "%d of %d are done", done, INPUTS);
            rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, 1000);
            if (!message)
                continue;
            OK(message->err);
            char value[32];
            snprintf(value, sizeof value, "%d", value_of(message) * 2);
            produce(producer, "outputs", 0, NULL, value);
            rd_kafka_message_destroy(message);
            taken++;
        }
        rd_kafka_topic_partition_list_t *positions;
        OK(rd_kafka_assignment(consumer, &positions));
        OK(rd_kafka_position(consumer, positions));
        rd_kafka_consumer_group_metadata_t *metadata = rd_kafka_consumer_group_metadata(consumer);
        FINE(rd_kafka_send_offsets_to_transaction(producer, positions, metadata, LIMIT_MS));
        rd_kafka_consumer_group_metadata_destroy(metadata);
        rd_kafka_topic_partition_list_destroy(positions);
        if (++transactions % 3 == 0) {
            OK(rd_kafka_flush(producer, LIMIT_MS));
            FINE(rd_kafka_abort_transaction(producer, LIMIT_MS));
            rewind_to_committed(consumer);
        } else {
            FINE(rd_kafka_commit_transaction(producer, LIMIT_MS));
            done += taken;
        }
    }
    for (int i = 0; i < PARTITIONS; i++)
        CHECK_EQ(committed(consumer, "inputs", i), INPUTS / PARTITIONS);
    OK(rd_kafka_consumer_close(consumer));
    rd_kafka_destroy(consumer);
    rd_kafka_destroy(producer);

    static int values[INPUTS + 1], seen[INPUTS];
    int count;
    read_partition("outputs", 0, "read_committed", values, INPUTS + 1, &count);
    CHECK_EQ(count, INPUTS);
    for (int i = 0; i < count; i++) {
        CHECK(values[i] % 2 == 0 && !seen[values[i] / 2], "%d comes twice", values[i]);
        seen[values[i] / 2] = 1;
    }
}

/* A consumer that has lost its place in the group cannot commit offsets through a transaction (KIP-447). */
static void zombie_consumer(void) {
    rd_kafka_t *producer = transactional("zombie");
    create_topic(producer, "zombies", 1);
    rd_kafka_consumer_group_metadata_t *stale =
        rd_kafka_consumer_group_metadata_new_with_genid("zombies", 7, "nobody", NULL);
    rd_kafka_topic_partition_list_t *offsets = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(offsets, "zombies", 0)->offset = 5;
    FINE(rd_kafka_begin_transaction(producer));
    rd_kafka_error_t *error = rd_kafka_send_offsets_to_transaction(producer, offsets, stale, LIMIT_MS);
    CHECK(error, "the offsets were accepted");
    CHECK_CODE(rd_kafka_error_code(error), RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION);
    CHECK(rd_kafka_error_txn_requires_abort(error), "no abort is asked for");
    rd_kafka_error_destroy(error);
    FINE(rd_kafka_abort_transaction(producer, LIMIT_MS));
    rd_kafka_consumer_group_metadata_destroy(stale);
    rd_kafka_topic_partition_list_destroy(offsets);

    rd_kafka_t *consumer = client(RD_KAFKA_CONSUMER, config("group.id", "zombies", NULL));
    CHECK_EQ(committed(consumer, "zombies", 0), RD_KAFKA_OFFSET_INVALID);
    rd_kafka_destroy(consumer);
    rd_kafka_destroy(producer);
}

int main(int argc, char **argv) {
    static const struct scenario scenarios[] = {
        {"commit_and_abort", commit_and_abort}, {"open_transaction", open_transaction}, {"fencing", fencing},
        {"transform", transform}, {"zombie_consumer", zombie_consumer}, {NULL, NULL}};
    return run_scenario(argc, argv, scenarios);
}
