namespace StreamSQL.Engine.Sessions;

/// <summary>A setting that PostgreSQL clients know.</summary>
/// <param name="Name">As PostgreSQL writes it; compared without case.</param>
/// <param name="Default">The value at the start of a session, and after RESET.</param>
/// <param name="Description">One line for SHOW ALL.</param>
public sealed record SettingDefinition(string Name, string Default, string Description)
{
    /// <summary>Whether clients are told of each change (ParameterStatus).</summary>
    public bool IsReported { get; init; }

    /// <summary>Whether SET is refused.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>Whether it is a duration (see <see cref="DurationSetting"/>); its value is in milliseconds.</summary>
    public bool IsDuration { get; init; }

    /// <summary>The values that may be set, in their canonical form; null when any text may.</summary>
    public IReadOnlyList<string>? Values { get; init; }

    /// <summary>Every setting of a PostgreSQL 15 session that clients were seen to read or write.</summary>
    public static IReadOnlyList<SettingDefinition> All { get; } =
    [
        Reported("application_name", "", "Sets the application name to be reported."),
        new("bytea_output", "hex", "Sets the output format for bytea.") { Values = ["hex", "escape"] },
        Reported("client_encoding", "UTF8", "Sets the client's character set encoding.") with { Values = ["UTF8", "SQL_ASCII"] },
        new("client_min_messages", "notice", "Sets the message levels that are sent to the client."),
        Reported("DateStyle", "ISO, MDY", "Sets the display format for date and time values."),
        new("default_table_access_method", "heap", "Sets the default table access method for new tables."),
        new("default_tablespace", "", "Sets the default tablespace."),
        new("default_transaction_deferrable", "off", "Sets the default deferrable status of new transactions."),
        new("default_transaction_isolation", "read committed", "Sets the transaction isolation level of each new transaction."),
        Reported("default_transaction_read_only", "off", "Sets the default read-only status of new transactions."),
        new("extra_float_digits", "1", "Sets the number of digits displayed for floating-point values."),
        Duration("idle_in_transaction_session_timeout", "Sets the maximum allowed idle time in a transaction."),
        Duration("idle_session_timeout", "Sets the maximum allowed idle time."),
        ReadOnly("in_hot_standby", "off", "Shows whether hot standby is currently active.") with { IsReported = true },
        ReadOnly("integer_datetimes", "on", "Shows whether datetimes are integer based.") with { IsReported = true },
        Reported("IntervalStyle", "postgres",
            "Sets the display format for interval values.") with { Values = ["postgres", "postgres_verbose", "sql_standard", "iso_8601"] },
        ReadOnly("is_superuser", "on", "Shows whether the current user is a superuser.") with { IsReported = true },
        new("jit", "off", "Allow JIT compilation."),
        ReadOnly("lc_collate", "C.UTF-8", "Shows the collation order locale."),
        ReadOnly("lc_ctype", "C.UTF-8", "Shows the character classification and case conversion locale."),
        new("lc_messages", "C.UTF-8", "Sets the language in which messages are displayed."),
        new("lc_monetary", "C.UTF-8", "Sets the locale for formatting monetary amounts."),
        new("lc_numeric", "C.UTF-8", "Sets the locale for formatting numbers."),
        new("lc_time", "C.UTF-8", "Sets the locale for formatting date and time values."),
        Duration("lock_timeout", "Sets the maximum allowed duration of any wait for a lock."),
        ReadOnly("max_identifier_length", "63", "Shows the maximum identifier length."),
        ReadOnly("max_index_keys", "32", "Shows the maximum number of index keys."),
        new("password_encryption", "scram-sha-256", "Chooses the algorithm for encrypting passwords.") { Values = ["scram-sha-256"] },
        ReadOnly(SessionIdentity.Role, "none", "Sets the current role."),
        new("row_security", "on", "Enable row security."),
        new("search_path", "\"$user\", public", "Sets the schema search order for names that are not schema-qualified.")
            { IsReported = true },
        ReadOnly("server_encoding", "UTF8", "Shows the server (database) character set encoding.") with { IsReported = true },
        ReadOnly("server_version", "15.8", "Shows the server version.") with { IsReported = true },
        ReadOnly("server_version_num", "150008", "Shows the server version as an integer."),
        ReadOnly("session_authorization", "streamsql", "Shows the current session user name.") with { IsReported = true },
        Reported("standard_conforming_strings", "on", "Causes '...' strings to treat backslashes literally.") with { Values = ["on"] },
        Duration("statement_timeout", "Sets the maximum allowed duration of any statement."),
        new("synchronous_commit", "on", "Sets the current transaction's synchronization level."),
        Reported("TimeZone", "UTC", "Sets the time zone for displaying and interpreting time stamps."),
        new("transaction_deferrable", "off", "Whether to defer a read-only serializable transaction."),
        new("transaction_isolation", "read committed", "Sets the current transaction's isolation level."),
        new("transaction_read_only", "off", "Sets the current transaction's read-only status."),
        new("xmloption", "content", "Sets whether XML data is to be considered as documents or content fragments."),
        .. IgnoredSettings.All,
    ];

    private static SettingDefinition Reported(string name, string value, string description) =>
        new(name, value, description) { IsReported = true };

    private static SettingDefinition Duration(string name, string description) => new(name, "0", description) { IsDuration = true };

    private static SettingDefinition ReadOnly(string name, string value, string description) =>
        new(name, value, description) { IsReadOnly = true };
}
