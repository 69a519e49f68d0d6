/* Consumer groups as librdkafka's users write them. */
#include "check.h"

#define PARTITIONS 6
#define CAPACITY 4096

static int seen[CAPACITY];
static int distinct;

/* A member of a group, with what its rebalances told it. */
struct member {
    rd_kafka_t *rk;
    int assigned;
    int rebalances;
    int owned[PARTITIONS];
};

static void note(struct member *member, const rd_kafka_topic_partition_list_t *partitions, int owns) {
    for (int i = 0; i < partitions->cnt; i++)
        member->owned[partitions->elems[i].partition] = owns;
    member->assigned = 0;
    for (int i = 0; i < PARTITIONS; i++)
        member->assigned += member->owned[i];
}

static void commit_positions(rd_kafka_t *rk) {
    rd_kafka_resp_err_t code = rd_kafka_commit(rk, NULL, 0);
    CHECK(code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR__NO_OFFSET, "%s", rd_kafka_err2name(code));
}

static void rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t *partitions, void *opaque) {
    struct member *member = opaque;
    int cooperative = !strcmp(rd_kafka_rebalance_protocol(rk), "COOPERATIVE");
    int gains = code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
    member->rebalances++;
    if (!gains)
        commit_positions(rk);
    note(member, partitions, gains);
    if (cooperative)
        FINE(gains ? rd_kafka_incremental_assign(rk, partitions) : rd_kafka_incremental_unassign(rk, partitions));
    else
        OK(rd_kafka_assign(rk, gains ? partitions : NULL));
}

static void join(struct member *member, const char *topic, rd_kafka_conf_t *conf) {
    memset(member, 0, sizeof *member);
    set(conf, "auto.offset.reset", "earliest");
    set(conf, "enable.auto.commit", "false");
    rd_kafka_conf_set_rebalance_cb(conf, rebalance);
    rd_kafka_conf_set_opaque(conf, member);
    member->rk = client(RD_KAFKA_CONSUMER, conf);
    rd_kafka_poll_set_consumer(member->rk);
    subscribe(member->rk, topic);
}

static void leave(struct member *member) {
    OK(rd_kafka_consumer_close(member->rk));
    rd_kafka_destroy(member->rk);
    member->rk = NULL;
}

static void poll_member(struct member *member) {
    rd_kafka_message_t *message = rd_kafka_consumer_poll(member->rk, 20);
    if (!message)
        return;
    OK(message->err);
    int value = value_of(message);
    CHECK(value >= 0 && value < CAPACITY && !seen[value], "%d comes twice", value);
    seen[value] = 1;
    distinct++;
    rd_kafka_message_destroy(message);
}

/* Polls two members (the second may be gone) until each owns as many partitions as told, and all values up to `values` came. */
static void settle(struct member *first, int first_owns, struct member *second, int second_owns, int values) {
    long long limit = now_ms() + LIMIT_MS;
    while (first->assigned != first_owns || (second && second->assigned != second_owns) || distinct < values) {
        CHECK(now_ms() < limit, "%d and %d partitions, %d of %d values", first->assigned, second ? second->assigned : 0,
              distinct, values);
        poll_member(first);
        if (second)
            poll_member(second);
    }
    CHECK_EQ(distinct, values);
}

static void rebalances(const char *topic, rd_kafka_conf_t *(*member_config)(void)) {
    rd_kafka_t *producer = client(RD_KAFKA_PRODUCER, config("linger.ms", "0", NULL));
    create_topic(producer, topic, PARTITIONS);
    struct member first, second;
    produce_range(producer, topic, PARTITIONS, 0, 300);
    join(&first, topic, member_config());
    settle(&first, 6, NULL, 0, 300);
    join(&second, topic, member_config());
    produce_range(producer, topic, PARTITIONS, 300, 600);
    settle(&first, 3, &second, 3, 600);
    produce_range(producer, topic, PARTITIONS, 600, 900);
    settle(&first, 3, &second, 3, 900);
    leave(&second);
    produce_range(producer, topic, PARTITIONS, 900, 1200);
    settle(&first, 6, NULL, 0, 1200);
    leave(&first);

    rd_kafka_t *after = client(RD_KAFKA_CONSUMER, config("group.id", topic, NULL));
    for (int i = 0; i < PARTITIONS; i++)
        CHECK_EQ(committed(after, topic, i), 200);
    rd_kafka_destroy(after);
    rd_kafka_destroy(producer);
}

static rd_kafka_conf_t *range_member(void) {
    return config("group.id", "range", "partition.assignment.strategy", "range", "heartbeat.interval.ms", "200", NULL);
}

static rd_kafka_conf_t *cooperative_member(void) {
    return config("group.id", "cooperative", "partition.assignment.strategy", "cooperative-sticky", "heartbeat.interval.ms", "200", NULL);
}

static rd_kafka_conf_t *consumer_protocol_member(void) {
    return config("group.id", "consumer", "group.protocol", "consumer", NULL);
}

static rd_kafka_conf_t *range_assignor_member(void) {
    return config("group.id", "remote-range", "group.protocol", "consumer", "group.remote.assignor", "range", NULL);
}

static void eager(void) { rebalances("range", range_member); }

static void cooperative(void) { rebalances("cooperative", cooperative_member); }

static void consumer_protocol(void) { rebalances("consumer", consumer_protocol_member); }

static void remote_range(void) { rebalances("remote-range", range_assignor_member); }

static rd_kafka_conf_t *mixed_classic(void) {
    return config("group.id", "mixed", "partition.assignment.strategy", "range", "heartbeat.interval.ms", "200", NULL);
}

static rd_kafka_conf_t *mixed_consumer(void) {
    return config("group.id", "mixed", "group.protocol", "consumer", NULL);
}

/* A group goes over to the consumer protocol with its second member, and back when that leaves. */
static void mixed(void) {
    rd_kafka_t *producer = client(RD_KAFKA_PRODUCER, config("linger.ms", "0", NULL));
    create_topic(producer, "mixed", PARTITIONS);
    struct member classic, consumer;
    produce_range(producer, "mixed", PARTITIONS, 0, 300);
    join(&classic, "mixed", mixed_classic());
    settle(&classic, 6, NULL, 0, 300);
    join(&consumer, "mixed", mixed_consumer());
    produce_range(producer, "mixed", PARTITIONS, 300, 600);
    settle(&classic, 3, &consumer, 3, 600);
    produce_range(producer, "mixed", PARTITIONS, 600, 900);
    settle(&classic, 3, &consumer, 3, 900);
    leave(&consumer);
    produce_range(producer, "mixed", PARTITIONS, 900, 1200);
    settle(&classic, 6, NULL, 0, 1200);
    leave(&classic);
    rd_kafka_destroy(producer);
}

static rd_kafka_conf_t *static_member(const char *instance) {
    return config("group.id", "static", "group.instance.id", instance, "heartbeat.interval.ms", "200", NULL);
}

/* A static member that comes back finds its partitions, and nobody else is disturbed; a double fences the elder. */
static void static_members(void) {
    rd_kafka_t *producer = client(RD_KAFKA_PRODUCER, config(NULL));
    create_topic(producer, "static", PARTITIONS);
    struct member first, second, again;
    join(&first, "static", static_member("one"));
    settle(&first, 6, NULL, 0, 0);
    join(&second, "static", static_member("two"));
    settle(&first, 3, &second, 3, 0);
    int before = first.rebalances, owned[PARTITIONS];
    memcpy(owned, second.owned, sizeof owned);
    leave(&second);
    join(&again, "static", static_member("two"));
    produce_range(producer, "static", PARTITIONS, 0, 60);
    settle(&first, 3, &again, 3, 60);
    CHECK_EQ(first.rebalances, before);
    CHECK(!memcmp(owned, again.owned, sizeof owned), "other partitions than before");

    commit_positions(again.rk); /* the twin goes on there */
    struct member twin;
    join(&twin, "static", static_member("two"));
    long long limit = now_ms() + LIMIT_MS;
    while (!rd_kafka_fatal_error(again.rk, NULL, 0)) {
        CHECK(now_ms() < limit, "the elder was not fenced");
        poll_member(&first);
        poll_member(&twin);
        rd_kafka_message_t *message = rd_kafka_consumer_poll(again.rk, 20);
        if (message)
            rd_kafka_message_destroy(message);
    }
    CHECK_CODE(rd_kafka_fatal_error(again.rk, NULL, 0), RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID);
    rd_kafka_consumer_close(again.rk);
    rd_kafka_destroy(again.rk);
    settle(&twin, 3, &first, 3, 60);
    leave(&twin);
    leave(&first);
    rd_kafka_destroy(producer);
}

static int64_t next_offset(rd_kafka_t *consumer) {
    long long limit = now_ms() + LIMIT_MS;
    rd_kafka_message_t *message = NULL;
    while (!message) {
        CHECK(now_ms() < limit, "nothing came");
        message = rd_kafka_consumer_poll(consumer, 1000);
    }
    OK(message->err);
    int64_t offset = message->offset;
    rd_kafka_message_destroy(message);
    return offset;
}

static int64_t offset_for_time(rd_kafka_t *consumer, const char *topic, int64_t timestamp) {
    rd_kafka_topic_partition_list_t *times = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(times, topic, 0)->offset = timestamp;
    OK(rd_kafka_offsets_for_times(consumer, times, LIMIT_MS));
    OK(times->elems[0].err);
    int64_t offset = times->elems[0].offset;
    rd_kafka_topic_partition_list_destroy(times);
    return offset;
}

/* Pausing, seeking, offsets by time, watermarks, and a reset of an offset that is out of range. */
static void places(void) {
    rd_kafka_t *producer = client(RD_KAFKA_PRODUCER, config(NULL));
    create_topic(producer, "places", 1);
    for (int i = 0; i < 100; i++)
        OK(rd_kafka_producev(producer, RD_KAFKA_V_TOPIC("places"), RD_KAFKA_V_PARTITION(0), RD_KAFKA_V_VALUE("x", 1),
                             RD_KAFKA_V_TIMESTAMP(1700000000000 + i * 1000), RD_KAFKA_V_END));
    OK(rd_kafka_flush(producer, LIMIT_MS));

    rd_kafka_t *consumer = client(RD_KAFKA_CONSUMER, config("group.id", "places", "auto.offset.reset", "earliest",
                                  "enable.auto.commit", "false", NULL));
    assign(consumer, "places", 0, 10);
    CHECK_EQ(next_offset(consumer), 10);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, "places", 0)->offset = 50;
    FINE(rd_kafka_seek_partitions(consumer, list, LIMIT_MS));
    OK(list->elems[0].err);
    CHECK_EQ(next_offset(consumer), 50);
    OK(rd_kafka_pause_partitions(consumer, list));
    CHECK(!rd_kafka_consumer_poll(consumer, 300), "a record of a paused partition");
    OK(rd_kafka_resume_partitions(consumer, list));
    CHECK_EQ(next_offset(consumer), 51);
    assign(consumer, "places", 0, 5000);
    CHECK_EQ(next_offset(consumer), 0);

    CHECK_EQ(offset_for_time(consumer, "places", 1700000000000), 0);
    CHECK_EQ(offset_for_time(consumer, "places", 1700000040001), 41);
    CHECK_EQ(offset_for_time(consumer, "places", 1700000099000), 99);
    CHECK_EQ(offset_for_time(consumer, "places", 1700000099001), RD_KAFKA_OFFSET_END);
    int64_t low, high;
    OK(rd_kafka_query_watermark_offsets(consumer, "places", 0, &low, &high, LIMIT_MS));
    CHECK_EQ(low, 0);
    CHECK_EQ(high, 100);

    CHECK_EQ(committed(consumer, "places", 0), RD_KAFKA_OFFSET_INVALID);
    list->elems[0].offset = 42;
    OK(rd_kafka_commit(consumer, list, 0));
    CHECK_EQ(committed(consumer, "places", 0), 42);
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_consumer_close(consumer);
    rd_kafka_destroy(consumer);
    rd_kafka_destroy(producer);
}

int main(int argc, char **argv) {
    static const struct scenario scenarios[] = {
        {"eager", eager}, {"cooperative", cooperative}, {"static_members", static_members}, {"places", places},
        {"consumer_protocol", consumer_protocol}, {"remote_range", remote_range},
        {"mixed", mixed}, {NULL, NULL}};
    return run_scenario(argc, argv, scenarios);
}
