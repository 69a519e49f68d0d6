namespace StreamSQL.Engine.Sessions;

/// <summary>
/// Settings of PostgreSQL that dumps, frameworks and monitors read or write and that have no effect here, with PostgreSQL 15's defaults:
/// they tune what this engine does in another way.
/// </summary>
internal static class IgnoredSettings
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<SettingDefinition> All { get; } =
    [
        new("array_nulls", "on", "Enable input of NULL elements in arrays."),
        new("backslash_quote", "safe_encoding", "Sets whether \"\\'\" is allowed in string literals."),
        new("check_function_bodies", "on", "Check routine bodies during CREATE FUNCTION and CREATE PROCEDURE."),
        new("constraint_exclusion", "partition", "Enables the planner to use constraints to optimize queries."),
        new("cursor_tuple_fraction", "0.1", "Sets the planner's estimate of the fraction of a cursor's rows that will be retrieved."),
        new("deadlock_timeout", "1s", "Sets the time to wait on a lock before checking for deadlock."),
        new("debug_print_plan", "off", "Logs each query's execution plan."),
        new("default_statistics_target", "100", "Sets the default statistics target."),
        new("default_text_search_config", "pg_catalog.english", "Sets default text search configuration."),
        new("default_toast_compression", "pglz", "Sets the default compression method for compressible values."),
        new("effective_cache_size", "4GB", "Sets the planner's assumption about the total size of the data caches."),
        new("enable_bitmapscan", "on", "Enables the planner's use of bitmap-scan plans."),
        new("enable_hashagg", "on", "Enables the planner's use of hashed aggregation plans."),
        new("enable_hashjoin", "on", "Enables the planner's use of hash join plans."),
        new("enable_indexonlyscan", "on", "Enables the planner's use of index-only-scan plans."),
        new("enable_indexscan", "on", "Enables the planner's use of index-scan plans."),
        new("enable_material", "on", "Enables the planner's use of materialization."),
        new("enable_memoize", "on", "Enables the planner's use of memoization."),
        new("enable_mergejoin", "on", "Enables the planner's use of merge join plans."),
        new("enable_nestloop", "on", "Enables the planner's use of nested-loop join plans."),
        new("enable_seqscan", "on", "Enables the planner's use of sequential-scan plans."),
        new("enable_sort", "on", "Enables the planner's use of explicit sort steps."),
        new("escape_string_warning", "on", "Warn about backslash escapes in ordinary string literals."),
        new("force_parallel_mode", "off", "Forces use of parallel query facilities."),
        new("from_collapse_limit", "8", "Sets the FROM-list size beyond which subqueries are not collapsed."),
        new("geqo", "on", "Enables genetic query optimization."),
        new("join_collapse_limit", "8", "Sets the FROM-list size beyond which JOIN constructs are not flattened."),
        new("log_min_duration_statement", "-1", "Sets the minimum execution time above which all statements will be logged."),
        new("log_min_messages", "warning", "Sets the message levels that are logged."),
        new("log_statement", "none", "Sets the type of statements logged."),
        new("maintenance_work_mem", "64MB", "Sets the maximum memory to be used for maintenance operations."),
        new("max_parallel_workers_per_gather", "2", "Sets the maximum number of parallel processes per executor node."),
        new("plan_cache_mode", "auto", "Controls the planner's selection of custom or generic plan."),
        new("quote_all_identifiers", "off", "When generating SQL fragments, quote all identifiers."),
        new("random_page_cost", "4", "Sets the planner's estimate of the cost of a nonsequentially fetched disk page."),
        new("session_replication_role", "origin", "Sets the session's behavior for triggers and rewrite rules."),
        new("seq_page_cost", "1", "Sets the planner's estimate of the cost of a sequentially fetched disk page."),
        new("synchronize_seqscans", "on", "Enable synchronized sequential scans."),
        new("tcp_keepalives_count", "0", "Maximum number of TCP keepalive retransmits."),
        new("tcp_keepalives_idle", "0", "Time between issuing TCP keepalives."),
        new("tcp_keepalives_interval", "0", "Time between TCP keepalive retransmits."),
        new("temp_buffers", "8MB", "Sets the maximum number of temporary buffers used by each session."),
        new("track_activities", "on", "Collects information about executing commands."),
        new("transform_null_equals", "off", "Treats \"expr=NULL\" as \"expr IS NULL\"."),
        new("vacuum_cost_delay", "0", "Vacuum cost delay in milliseconds."),
        new("work_mem", "4MB", "Sets the maximum memory to be used for query workspaces."),
    ];
}
