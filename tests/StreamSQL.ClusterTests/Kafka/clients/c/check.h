/* What the client programs share: a check that ends the program, and clients made in one line. */
#ifndef CHECK_H
#define CHECK_H

#include <librdkafka/rdkafka.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LIMIT_MS 15000

#define CHECK(condition, ...)                                                         \
    do {                                                                              \
        if (!(condition)) {                                                           \
            fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #condition);           \
            fprintf(stderr, __VA_ARGS__);                                             \
            fprintf(stderr, "\n");                                                    \
            exit(1);                                                                  \
        }                                                                             \
    } while (0)

#define CHECK_EQ(actual, expected)                                                    \
    do {                                                                              \
        long long actual_ = (long long)(actual), expected_ = (long long)(expected);   \
        CHECK(actual_ == expected_, "%lld, not %lld", actual_, expected_);            \
    } while (0)

#define CHECK_STR(actual, expected)                                                   \
    do {                                                                              \
        const char *actual_ = (actual);                                               \
        CHECK(actual_ && !strcmp(actual_, (expected)), "'%s', not '%s'",              \
              actual_ ? actual_ : "(null)", (expected));                              \
    } while (0)

#define CHECK_CODE(code, expected)                                                    \
    do {                                                                              \
        rd_kafka_resp_err_t code_ = (code);                                           \
        CHECK(code_ == (expected), "%s, not %s", rd_kafka_err2name(code_),            \
              rd_kafka_err2name(expected));                                           \
    } while (0)

#define OK(code) CHECK_CODE(code, RD_KAFKA_RESP_ERR_NO_ERROR)

/* A call that returns an error object, which must be NULL. */
#define FINE(call)                                                                    \
    do {                                                                              \
        rd_kafka_error_t *error_ = (call);                                            \
        CHECK(!error_, "%s", error_ ? rd_kafka_error_string(error_) : "");            \
    } while (0)

static const char *broker_address;

static inline long long now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static inline void set(rd_kafka_conf_t *conf, const char *name, const char *value) {
    char text[512];
    CHECK(rd_kafka_conf_set(conf, name, value, text, sizeof text) == RD_KAFKA_CONF_OK, "%s", text);
}

/* Names and values up to NULL. */
static inline rd_kafka_conf_t *config(const char *name, ...) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", broker_address);
    va_list rest;
    va_start(rest, name);
    for (; name; name = va_arg(rest, const char *))
        set(conf, name, va_arg(rest, const char *));
    va_end(rest);
    return conf;
}

static inline rd_kafka_t *client(rd_kafka_type_t type, rd_kafka_conf_t *conf) {
    char text[512];
    rd_kafka_t *rk = rd_kafka_new(type, conf, text, sizeof text);
    CHECK(rk, "%s", text);
    return rk;
}

static inline void produce(rd_kafka_t *producer, const char *topic, int partition, const char *key, const char *value) {
    OK(rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition),
                         RD_KAFKA_V_KEY(key, key ? strlen(key) : 0), RD_KAFKA_V_VALUE((void *)value, strlen(value)),
                         RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END));
}

static inline void produce_range(rd_kafka_t *producer, const char *topic, int partitions, int from, int to) {
    for (int i = from; i < to; i++) {
        char value[32];
        snprintf(value, sizeof value, "%d", i);
        produce(producer, topic, i % partitions, NULL, value);
    }
}

static inline void create_topic(rd_kafka_t *rk, const char *name, int partitions) {
    char text[256];
    rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(name, partitions, 1, text, sizeof text);
    CHECK(topic, "%s", text);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    rd_kafka_CreateTopics(rk, &topic, 1, NULL, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, LIMIT_MS);
    CHECK(event, "no answer");
    size_t count;
    const rd_kafka_topic_result_t **results =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
    CHECK_EQ(count, 1);
    OK(rd_kafka_topic_result_error(results[0]));
    rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_NewTopic_destroy(topic);
}

static inline int value_of(const rd_kafka_message_t *message) {
    char text[32];
    CHECK(message->len < sizeof text, "a value of %zu bytes", message->len);
    memcpy(text, message->payload, message->len);
    text[message->len] = 0;
    return atoi(text);
}

static inline void subscribe(rd_kafka_t *consumer, const char *topic) {
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(topics, topic, RD_KAFKA_PARTITION_UA);
    OK(rd_kafka_subscribe(consumer, topics));
    rd_kafka_topic_partition_list_destroy(topics);
}

static inline void assign(rd_kafka_t *consumer, const char *topic, int partition, int64_t offset) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, topic, partition)->offset = offset;
    OK(rd_kafka_assign(consumer, list));
    rd_kafka_topic_partition_list_destroy(list);
}

/* Committed offset of the consumer's group; RD_KAFKA_OFFSET_INVALID where there is none. */
static inline int64_t committed(rd_kafka_t *consumer, const char *topic, int partition) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, topic, partition);
    OK(rd_kafka_committed(consumer, list, LIMIT_MS));
    OK(list->elems[0].err);
    int64_t offset = list->elems[0].offset;
    rd_kafka_topic_partition_list_destroy(list);
    return offset;
}

/* Runs the scenario that the command line names: PROGRAM BROKER SCENARIO. */
struct scenario {
    const char *name;
    void (*run)(void);
};

static inline int run_scenario(int argc, char **argv, const struct scenario *scenarios) {
    CHECK(argc == 3, "%s BROKER SCENARIO", argv[0]);
    broker_address = argv[1];
    for (; scenarios->name; scenarios++) {
        if (!strcmp(scenarios->name, argv[2])) {
            scenarios->run();
            printf("librdkafka %s: %s ok\n", rd_kafka_version_str(), argv[2]);
            return 0;
        }
    }
    fprintf(stderr, "no scenario %s\n", argv[2]);
    return 2;
}

#endif
