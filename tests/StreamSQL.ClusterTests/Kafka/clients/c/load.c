/*
 * A load that tells of all that it does, for a checker: PROGRAM BROKER TOPIC PARTITIONS ROLE PRODUCER. It ends when its input ends.
 * S NUMBER PARTITION: sent. A NUMBER OFFSET: acknowledged. T NUMBER: transaction begun. Q: its commit asked for. C: committed.
 * R: rolled back. P PARTITION OFFSET PRODUCER-NUMBER: polled. E TEXT: something that must not be.
 */
#include "check.h"
#include <poll.h>
#include <unistd.h>

static const char *topic;
static int partitions, producer_number, refused, aborting;
static long long next_number;

static int stopped(void) {
    struct pollfd input = {.fd = 0, .events = POLLIN};
    char byte;
    return poll(&input, 1, 0) > 0 && read(0, &byte, 1) <= 0;
}

static void delivered(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque) {
    (void)rk;
    (void)opaque;
    long long number = (long long)(intptr_t)message->_private;
    if (!message->err)
        printf("A %lld %lld\n", number, (long long)message->offset);
    else if (message->err != RD_KAFKA_RESP_ERR__PURGE_QUEUE && message->err != RD_KAFKA_RESP_ERR__PURGE_INFLIGHT)
        refused = 1;
}

/* Whatever the broker does, an idempotent producer without rivals never meets a fatal error. */
static void failed(rd_kafka_t *rk, int code, const char *reason, void *opaque) {
    (void)opaque;
    if (code == RD_KAFKA_RESP_ERR__FATAL) {
        char text[512];
        rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(rk, text, sizeof text);
        if (aborting && fatal == RD_KAFKA_RESP_ERR_INVALID_TXN_STATE)
            return;
        printf("E %s %s\n", rd_kafka_err2name(fatal), reason);
    }
}

static void send_one(rd_kafka_t *rk) {
    char value[64], key[32];
    long long number = next_number++;
    int partition = rand() % partitions;
    snprintf(value, sizeof value, "%d-%lld", producer_number, number);
    snprintf(key, sizeof key, "p%dk%lld", partition, number % 4);
    printf("S %lld %d\n", number, partition);
    for (;;) {
        rd_kafka_resp_err_t code = rd_kafka_producev(rk, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition),
                                                     RD_KAFKA_V_KEY(key, strlen(key)), RD_KAFKA_V_VALUE(value, strlen(value)),
                                                     RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                                     RD_KAFKA_V_OPAQUE((void *)(intptr_t)number), RD_KAFKA_V_END);
        if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
            refused |= code != RD_KAFKA_RESP_ERR_NO_ERROR;
            return;
        }
        rd_kafka_poll(rk, 10);
    }
}

static rd_kafka_t *producer(const char *transactional_id) {
    rd_kafka_conf_t *conf = config("enable.idempotence", "true", "linger.ms", "2", "reconnect.backoff.ms", "20",
                                   "reconnect.backoff.max.ms", "100", "retry.backoff.ms", "20", "message.timeout.ms", "60000",
                                   "queue.buffering.max.messages", "500", "log_level", "2", NULL);
    if (transactional_id) {
        set(conf, "transactional.id", transactional_id);
        /* After kills it may look for its coordinator for long: an overdue transaction would be fenced, and rightly. */
        set(conf, "transaction.timeout.ms", "600000");
    }
    rd_kafka_conf_set_dr_msg_cb(conf, delivered);
    rd_kafka_conf_set_error_cb(conf, failed);
    return client(RD_KAFKA_PRODUCER, conf);
}

static void pause_ms(int ms) {
    struct timespec pause = {0, ms * 1000000L};
    nanosleep(&pause, NULL);
}

static void idempotent(void) {
    rd_kafka_t *rk = producer(NULL);
    while (!stopped()) {
        for (int i = rand() % 8; i >= 0; i--)
            send_one(rk);
        rd_kafka_poll(rk, 0);
        fflush(stdout);
        pause_ms(3);
    }
    rd_kafka_flush(rk, 30000);
    fflush(stdout);
    rd_kafka_destroy(rk);
}

/*
 * 1: it is done; 0: to be called again; -1: it is to be aborted; -2: the producer is of no more use. In the protocol that librdkafka speaks
 * (before KIP-890), an abort of a transaction of which nothing has reached the broker is refused.
 */
static int outcome(const char *what, rd_kafka_error_t *error) {
    if (!error)
        return 1;
    int result = rd_kafka_error_is_retriable(error) ? 0 : rd_kafka_error_txn_requires_abort(error) ? -1 : -2;
    if (result == -2 && !(aborting && rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR_INVALID_TXN_STATE))
        printf("E %s: %s %s\n", what, rd_kafka_error_name(error), rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    return result;
}

/* One transaction; whether the producer may go on. */
static int transaction(rd_kafka_t *rk, long long number) {
    FINE(rd_kafka_begin_transaction(rk));
    printf("T %lld\n", number);
    refused = aborting = 0;
    for (int i = rand() % 6; i >= 0; i--)
        send_one(rk);
    rd_kafka_poll(rk, 0);
    int over = 0;
    /* Flushed first, so that one that is refused at this stage is known not to have been asked to commit. */
    if (rand() % 4 != 0 && rd_kafka_flush(rk, 30000) == RD_KAFKA_RESP_ERR_NO_ERROR && !refused) {
        printf("Q\n");
        while ((over = outcome("commit", rd_kafka_commit_transaction(rk, 30000))) == 0)
            ;
        if (over > 0)
            printf("C\n");
    } else {
        printf("R\n");
        over = -1;
    }
    if (over == -1) {
        aborting = 1;
        while ((over = outcome("abort", rd_kafka_abort_transaction(rk, 30000))) == 0)
            ;
    }
    fflush(stdout);
    return over > 0;
}

static void transactional(void) {
    char id[32];
    snprintf(id, sizeof id, "librdkafka-%d", producer_number);
    long long number = 1;
    while (!stopped()) {
        rd_kafka_t *rk = producer(id);
        int over;
        aborting = 0;
        while ((over = outcome("init", rd_kafka_init_transactions(rk, 30000))) == 0)
            ;
        while (over > 0 && !stopped())
            over = transaction(rk, number++);
        fflush(stdout);
        rd_kafka_destroy(rk);
        if (over > 0)
            return;
    }
}

static void reader(const char *isolation) {
    rd_kafka_t *rk = client(RD_KAFKA_CONSUMER, config("group.id", isolation, "isolation.level", isolation, "enable.auto.commit", "false",
                            "auto.offset.reset", "error", "reconnect.backoff.ms", "20", "reconnect.backoff.max.ms", "100",
                            "fetch.wait.max.ms", "100", "log_level", "2", NULL));
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(partitions);
    for (int i = 0; i < partitions; i++)
        rd_kafka_topic_partition_list_add(list, topic, i)->offset = 0;
    OK(rd_kafka_assign(rk, list));
    rd_kafka_topic_partition_list_destroy(list);
    while (!stopped()) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(rk, 100);
        if (!message) {
            fflush(stdout);
            continue;
        }
        if (!message->err) {
            int length = 0;
            const char *value = message->payload;
            while (length < (int)message->len && value[length] != ' ')
                length++;
            printf("P %d %lld %.*s\n", message->partition, (long long)message->offset, length, value);
        } else if (message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) {
            printf("E %s\n", rd_kafka_message_errstr(message));
        }
        rd_kafka_message_destroy(message);
    }
    fflush(stdout);
    OK(rd_kafka_consumer_close(rk));
    rd_kafka_destroy(rk);
}

int main(int argc, char **argv) {
    CHECK(argc == 6, "%s BROKER TOPIC PARTITIONS ROLE PRODUCER", argv[0]);
    broker_address = argv[1];
    topic = argv[2];
    partitions = atoi(argv[3]);
    producer_number = atoi(argv[5]);
    srand((unsigned)producer_number);
    if (!strcmp(argv[4], "idempotent"))
        idempotent();
    else if (!strcmp(argv[4], "transactional"))
        transactional();
    else
        reader(!strcmp(argv[4], "committed") ? "read_committed" : "read_uncommitted");
    return 0;
}
