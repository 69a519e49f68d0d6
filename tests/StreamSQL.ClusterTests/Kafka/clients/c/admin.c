/* The admin client of librdkafka: every call on topics, configs, records and groups. */
#include "check.h"

static rd_kafka_t *admin;
static rd_kafka_queue_t *queue;

static void open_admin(void) {
    admin = client(RD_KAFKA_PRODUCER, config("linger.ms", "0", NULL));
    queue = rd_kafka_queue_new(admin);
}

static void close_admin(void) {
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(admin);
}

static rd_kafka_event_t *answer(void) {
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, LIMIT_MS);
    CHECK(event, "no answer");
    CHECK(!rd_kafka_event_error(event), "%s", rd_kafka_event_error_string(event));
    return event;
}

static rd_kafka_resp_err_t topic_error(const rd_kafka_topic_result_t **(*results)(const rd_kafka_event_t *, size_t *)) {
    rd_kafka_event_t *event = answer();
    size_t count;
    const rd_kafka_topic_result_t **topics = results(event, &count);
    CHECK_EQ(count, 1);
    rd_kafka_resp_err_t code = rd_kafka_topic_result_error(topics[0]);
    rd_kafka_event_destroy(event);
    return code;
}

/* The three results have types of their own; to read them is the same. */
static const rd_kafka_topic_result_t **created(const rd_kafka_event_t *event, size_t *count) {
    return rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result((rd_kafka_event_t *)event), count);
}

static const rd_kafka_topic_result_t **deleted(const rd_kafka_event_t *event, size_t *count) {
    return rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result((rd_kafka_event_t *)event), count);
}

static const rd_kafka_topic_result_t **extended(const rd_kafka_event_t *event, size_t *count) {
    return rd_kafka_CreatePartitions_result_topics(rd_kafka_event_CreatePartitions_result((rd_kafka_event_t *)event), count);
}

static rd_kafka_resp_err_t create(const char *name, int partitions, int replication, const char *config_name, const char *value) {
    char text[256];
    rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(name, partitions, replication, text, sizeof text);
    CHECK(topic, "%s", text);
    if (config_name)
        OK(rd_kafka_NewTopic_set_config(topic, config_name, value));
    rd_kafka_CreateTopics(admin, &topic, 1, NULL, queue);
    rd_kafka_NewTopic_destroy(topic);
    return topic_error(created);
}

static rd_kafka_resp_err_t delete_topic(const char *name) {
    rd_kafka_DeleteTopic_t *topic = rd_kafka_DeleteTopic_new(name);
    rd_kafka_DeleteTopics(admin, &topic, 1, NULL, queue);
    rd_kafka_DeleteTopic_destroy(topic);
    return topic_error(deleted);
}

static rd_kafka_resp_err_t create_partitions(const char *name, int total) {
    char text[256];
    rd_kafka_NewPartitions_t *partitions = rd_kafka_NewPartitions_new(name, total, text, sizeof text);
    CHECK(partitions, "%s", text);
    rd_kafka_CreatePartitions(admin, &partitions, 1, NULL, queue);
    rd_kafka_NewPartitions_destroy(partitions);
    return topic_error(extended);
}

/* Partitions of a topic; -1 where there is none such. */
static int partition_count(const char *topic) {
    const struct rd_kafka_metadata *metadata;
    OK(rd_kafka_metadata(admin, 1, NULL, &metadata, LIMIT_MS));
    int count = -1;
    for (int i = 0; i < metadata->topic_cnt; i++) {
        if (!strcmp(metadata->topics[i].topic, topic))
            count = metadata->topics[i].partition_cnt;
    }
    rd_kafka_metadata_destroy(metadata);
    return count;
}

static void topics(void) {
    open_admin();
    OK(create("made", 3, 1, "cleanup.policy", "compact"));
    CHECK_CODE(create("made", 3, 1, NULL, NULL), RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS);
    CHECK_CODE(create("a b", 1, 1, NULL, NULL), RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION);
    CHECK_CODE(create("copied", 1, 3, NULL, NULL), RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR);
    CHECK_CODE(create("odd", 1, 1, "cleanup.policy", "never"), RD_KAFKA_RESP_ERR_INVALID_CONFIG);
    CHECK_EQ(partition_count("made"), 3);
    OK(create_partitions("made", 5));
    CHECK_EQ(partition_count("made"), 5);
    CHECK_CODE(create_partitions("made", 5), RD_KAFKA_RESP_ERR_INVALID_PARTITIONS);
    CHECK_CODE(create_partitions("none", 5), RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    OK(delete_topic("made"));
    CHECK_CODE(delete_topic("made"), RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    CHECK_EQ(partition_count("made"), -1);
    close_admin();
}

/* The value of a config of a resource; its source in *source. */
static void read_config(rd_kafka_ResourceType_t type, const char *resource, const char *name, char *value, size_t size, int *source) {
    rd_kafka_ConfigResource_t *asked = rd_kafka_ConfigResource_new(type, resource);
    rd_kafka_DescribeConfigs(admin, &asked, 1, NULL, queue);
    rd_kafka_ConfigResource_destroy(asked);
    rd_kafka_event_t *event = answer();
    size_t count;
    const rd_kafka_ConfigResource_t **resources =
        rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event), &count);
    CHECK_EQ(count, 1);
    OK(rd_kafka_ConfigResource_error(resources[0]));
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resources[0], &count);
    int found = 0;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rd_kafka_ConfigEntry_name(entries[i]), name))
            continue;
        snprintf(value, size, "%s", rd_kafka_ConfigEntry_value(entries[i]));
        *source = rd_kafka_ConfigEntry_source(entries[i]);
        found = 1;
    }
    CHECK(found, "no config %s among %zu", name, count);
    rd_kafka_event_destroy(event);
}

static void check_config(rd_kafka_ResourceType_t type, const char *resource, const char *name, const char *expected, int expected_source) {
    char value[256];
    int source;
    read_config(type, resource, name, value, sizeof value, &source);
    CHECK_STR(value, expected);
    CHECK_EQ(source, expected_source);
}

static rd_kafka_resp_err_t alter(const char *topic, const char *name, const char *value) {
    rd_kafka_ConfigResource_t *resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic);
    OK(rd_kafka_ConfigResource_set_config(resource, name, value));
    rd_kafka_AlterConfigs(admin, &resource, 1, NULL, queue);
    rd_kafka_ConfigResource_destroy(resource);
    rd_kafka_event_t *event = answer();
    size_t count;
    const rd_kafka_ConfigResource_t **resources =
        rd_kafka_AlterConfigs_result_resources(rd_kafka_event_AlterConfigs_result(event), &count);
    CHECK_EQ(count, 1);
    rd_kafka_resp_err_t code = rd_kafka_ConfigResource_error(resources[0]);
    rd_kafka_event_destroy(event);
    return code;
}

#if RD_KAFKA_VERSION >= 0x02020000
static rd_kafka_resp_err_t alter_incrementally(const char *topic, const char *name, rd_kafka_AlterConfigOpType_t operation, const char *value) {
    rd_kafka_ConfigResource_t *resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic);
    FINE(rd_kafka_ConfigResource_add_incremental_config(resource, name, operation, value));
    rd_kafka_IncrementalAlterConfigs(admin, &resource, 1, NULL, queue);
    rd_kafka_ConfigResource_destroy(resource);
    rd_kafka_event_t *event = answer();
    size_t count;
    const rd_kafka_ConfigResource_t **resources =
        rd_kafka_IncrementalAlterConfigs_result_resources(rd_kafka_event_IncrementalAlterConfigs_result(event), &count);
    CHECK_EQ(count, 1);
    rd_kafka_resp_err_t code = rd_kafka_ConfigResource_error(resources[0]);
    rd_kafka_event_destroy(event);
    return code;
}
#endif

static void configs(void) {
    open_admin();
    OK(create("configured", 1, 1, "retention.ms", "60000"));
    check_config(RD_KAFKA_RESOURCE_TOPIC, "configured", "retention.ms", "60000", RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG);
    check_config(RD_KAFKA_RESOURCE_TOPIC, "configured", "compression.type", "producer", RD_KAFKA_CONFIG_SOURCE_DEFAULT_CONFIG);
    OK(alter("configured", "max.message.bytes", "2000"));
    check_config(RD_KAFKA_RESOURCE_TOPIC, "configured", "max.message.bytes", "2000", RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG);
    check_config(RD_KAFKA_RESOURCE_TOPIC, "configured", "retention.ms", "604800000", RD_KAFKA_CONFIG_SOURCE_DEFAULT_CONFIG);
    CHECK_CODE(alter("configured", "no.such.config", "1"), RD_KAFKA_RESP_ERR_INVALID_CONFIG);
    CHECK_CODE(alter("missing", "retention.ms", "1"), RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    char id[32];
    int source;
    read_config(RD_KAFKA_RESOURCE_BROKER, "1", "broker.id", id, sizeof id, &source);
    CHECK_STR(id, "1");
#if RD_KAFKA_VERSION >= 0x02020000
    OK(alter_incrementally("configured", "retention.ms", RD_KAFKA_ALTER_CONFIG_OP_TYPE_SET, "5000"));
    OK(alter_incrementally("configured", "cleanup.policy", RD_KAFKA_ALTER_CONFIG_OP_TYPE_APPEND, "compact"));
    OK(alter_incrementally("configured", "max.message.bytes", RD_KAFKA_ALTER_CONFIG_OP_TYPE_DELETE, NULL));
    check_config(RD_KAFKA_RESOURCE_TOPIC, "configured", "retention.ms", "5000", RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG);
    check_config(RD_KAFKA_RESOURCE_TOPIC, "configured", "cleanup.policy", "delete,compact", RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG);
    check_config(RD_KAFKA_RESOURCE_TOPIC, "configured", "max.message.bytes", "1048588", RD_KAFKA_CONFIG_SOURCE_DEFAULT_CONFIG);
    OK(alter_incrementally("configured", "cleanup.policy", RD_KAFKA_ALTER_CONFIG_OP_TYPE_SUBTRACT, "delete"));
    check_config(RD_KAFKA_RESOURCE_TOPIC, "configured", "cleanup.policy", "compact", RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG);
    CHECK_CODE(alter_incrementally("configured", "retention.ms", RD_KAFKA_ALTER_CONFIG_OP_TYPE_APPEND, "1"), RD_KAFKA_RESP_ERR_INVALID_CONFIG);
#endif
    close_admin();
}

/* Deletes records below an offset; the new beginning, or minus the error. */
static int64_t delete_before(const char *topic, int64_t offset) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, topic, 0)->offset = offset;
    rd_kafka_DeleteRecords_t *records = rd_kafka_DeleteRecords_new(list);
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_DeleteRecords(admin, &records, 1, NULL, queue);
    rd_kafka_DeleteRecords_destroy(records);
    rd_kafka_event_t *event = answer();
    const rd_kafka_topic_partition_list_t *answers = rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event));
    CHECK_EQ(answers->cnt, 1);
    int64_t low = answers->elems[0].err ? -answers->elems[0].err : answers->elems[0].offset;
    rd_kafka_event_destroy(event);
    return low;
}

static void records(void) {
    open_admin();
    OK(create("records", 1, 1, NULL, NULL));
    produce_range(admin, "records", 1, 0, 100);
    OK(rd_kafka_flush(admin, LIMIT_MS));
    CHECK_EQ(delete_before("records", 30), 30);
    CHECK_EQ(delete_before("records", 10), 30);
    CHECK_EQ(delete_before("records", 101), -RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE);
    int64_t low, high;
    OK(rd_kafka_query_watermark_offsets(admin, "records", 0, &low, &high, LIMIT_MS));
    CHECK_EQ(low, 30);
    CHECK_EQ(high, 100);
    CHECK_EQ(delete_before("records", RD_KAFKA_OFFSET_END), 100);
    close_admin();
}

static rd_kafka_consumer_group_state_t describe_group(const char *group, size_t *members) {
    rd_kafka_DescribeConsumerGroups(admin, &group, 1, NULL, queue);
    rd_kafka_event_t *event = answer();
    size_t count;
    const rd_kafka_ConsumerGroupDescription_t **groups =
        rd_kafka_DescribeConsumerGroups_result_groups(rd_kafka_event_DescribeConsumerGroups_result(event), &count);
    CHECK_EQ(count, 1);
    CHECK(!rd_kafka_ConsumerGroupDescription_error(groups[0]), "%s",
          rd_kafka_error_string(rd_kafka_ConsumerGroupDescription_error(groups[0])));
    CHECK_STR(rd_kafka_ConsumerGroupDescription_group_id(groups[0]), group);
    *members = rd_kafka_ConsumerGroupDescription_member_count(groups[0]);
    rd_kafka_consumer_group_state_t state = rd_kafka_ConsumerGroupDescription_state(groups[0]);
    rd_kafka_event_destroy(event);
    return state;
}

/* Whether a group is listed. */
static int listed(const char *group) {
    rd_kafka_ListConsumerGroups(admin, NULL, queue);
    rd_kafka_event_t *event = answer();
    size_t count;
    const rd_kafka_ConsumerGroupListing_t **groups =
        rd_kafka_ListConsumerGroups_result_valid(rd_kafka_event_ListConsumerGroups_result(event), &count);
    int found = 0;
    for (size_t i = 0; i < count; i++)
        found |= !strcmp(rd_kafka_ConsumerGroupListing_group_id(groups[i]), group);
    rd_kafka_event_destroy(event);
    return found;
}

static rd_kafka_resp_err_t delete_group(const char *group) {
    rd_kafka_DeleteGroup_t *asked = rd_kafka_DeleteGroup_new(group);
    rd_kafka_DeleteGroups(admin, &asked, 1, NULL, queue);
    rd_kafka_DeleteGroup_destroy(asked);
    rd_kafka_event_t *event = answer();
    size_t count;
    const rd_kafka_group_result_t **groups = rd_kafka_DeleteGroups_result_groups(rd_kafka_event_DeleteGroups_result(event), &count);
    CHECK_EQ(count, 1);
    const rd_kafka_error_t *error = rd_kafka_group_result_error(groups[0]);
    rd_kafka_resp_err_t code = error ? rd_kafka_error_code(error) : RD_KAFKA_RESP_ERR_NO_ERROR;
    rd_kafka_event_destroy(event);
    return code;
}

static rd_kafka_topic_partition_list_t *one_partition(int64_t offset) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, "groups", 0)->offset = offset;
    return list;
}

/* Code and offset of the only partition of the only group of a result. */
static rd_kafka_resp_err_t only(const rd_kafka_group_result_t **groups, size_t count, int64_t *offset) {
    CHECK_EQ(count, 1);
    CHECK(!rd_kafka_group_result_error(groups[0]), "%s", rd_kafka_error_string(rd_kafka_group_result_error(groups[0])));
    const rd_kafka_topic_partition_list_t *partitions = rd_kafka_group_result_partitions(groups[0]);
    CHECK_EQ(partitions->cnt, 1);
    *offset = partitions->elems[0].offset;
    return partitions->elems[0].err;
}

static int64_t group_offset(const char *group) {
    rd_kafka_topic_partition_list_t *list = one_partition(0);
    rd_kafka_ListConsumerGroupOffsets_t *asked = rd_kafka_ListConsumerGroupOffsets_new(group, list);
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_ListConsumerGroupOffsets(admin, &asked, 1, NULL, queue);
    rd_kafka_ListConsumerGroupOffsets_destroy(asked);
    rd_kafka_event_t *event = answer();
    size_t count;
    int64_t offset;
    const rd_kafka_group_result_t **groups =
        rd_kafka_ListConsumerGroupOffsets_result_groups(rd_kafka_event_ListConsumerGroupOffsets_result(event), &count);
    OK(only(groups, count, &offset));
    rd_kafka_event_destroy(event);
    return offset;
}

static rd_kafka_resp_err_t alter_group_offset(const char *group, int64_t to) {
    rd_kafka_topic_partition_list_t *list = one_partition(to);
    rd_kafka_AlterConsumerGroupOffsets_t *asked = rd_kafka_AlterConsumerGroupOffsets_new(group, list);
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_AlterConsumerGroupOffsets(admin, &asked, 1, NULL, queue);
    rd_kafka_AlterConsumerGroupOffsets_destroy(asked);
    rd_kafka_event_t *event = answer();
    size_t count;
    int64_t offset;
    const rd_kafka_group_result_t **groups =
        rd_kafka_AlterConsumerGroupOffsets_result_groups(rd_kafka_event_AlterConsumerGroupOffsets_result(event), &count);
    rd_kafka_resp_err_t code = only(groups, count, &offset);
    rd_kafka_event_destroy(event);
    return code;
}

static rd_kafka_resp_err_t delete_group_offset(const char *group) {
    rd_kafka_topic_partition_list_t *list = one_partition(0);
    rd_kafka_DeleteConsumerGroupOffsets_t *asked = rd_kafka_DeleteConsumerGroupOffsets_new(group, list);
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_DeleteConsumerGroupOffsets(admin, &asked, 1, NULL, queue);
    rd_kafka_DeleteConsumerGroupOffsets_destroy(asked);
    rd_kafka_event_t *event = answer();
    size_t count;
    int64_t offset;
    const rd_kafka_group_result_t **groups =
        rd_kafka_DeleteConsumerGroupOffsets_result_groups(rd_kafka_event_DeleteConsumerGroupOffsets_result(event), &count);
    rd_kafka_resp_err_t code = only(groups, count, &offset);
    rd_kafka_event_destroy(event);
    return code;
}

static void groups(void) {
    open_admin();
    OK(create("groups", 1, 1, NULL, NULL));
    rd_kafka_t *member = client(RD_KAFKA_CONSUMER, config("group.id", "members", "enable.auto.commit", "false", NULL));
    subscribe(member, "groups");
    size_t members = 0;
    long long limit = now_ms() + LIMIT_MS;
    while (describe_group("members", &members) != RD_KAFKA_CONSUMER_GROUP_STATE_STABLE) {
        CHECK(now_ms() < limit, "the group is not stable");
        rd_kafka_message_t *message = rd_kafka_consumer_poll(member, 50);
        CHECK(!message, "a message");
    }
    CHECK_EQ(members, 1);
    CHECK_CODE(delete_group("members"), RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP);
    rd_kafka_topic_partition_list_t *list = one_partition(5);
    OK(rd_kafka_commit(member, list, 0));
    rd_kafka_topic_partition_list_destroy(list);
    CHECK_CODE(delete_group_offset("members"), RD_KAFKA_RESP_ERR_GROUP_SUBSCRIBED_TO_TOPIC);
    CHECK_CODE(alter_group_offset("members", 3), RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID);
    OK(rd_kafka_consumer_close(member));
    rd_kafka_destroy(member);

    CHECK_EQ(describe_group("members", &members), RD_KAFKA_CONSUMER_GROUP_STATE_EMPTY);
    CHECK(listed("members"), "not listed");
    CHECK_EQ(group_offset("members"), 5);
    OK(alter_group_offset("members", 3));
    CHECK_EQ(group_offset("members"), 3);
    OK(delete_group_offset("members"));
    CHECK_EQ(group_offset("members"), RD_KAFKA_OFFSET_INVALID);
    OK(alter_group_offset("members", 4));
    OK(delete_group("members"));
    CHECK(!listed("members"), "listed");
    CHECK_EQ(group_offset("members"), RD_KAFKA_OFFSET_INVALID);
    CHECK_CODE(delete_group("members"), RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND);
    close_admin();
}

int main(int argc, char **argv) {
    static const struct scenario scenarios[] = {
        {"topics", topics}, {"configs", configs}, {"records", records}, {"groups", groups}, {NULL, NULL}};
    return run_scenario(argc, argv, scenarios);
}
