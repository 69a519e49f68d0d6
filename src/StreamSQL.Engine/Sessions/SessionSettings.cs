using System.Collections.Immutable;
using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Text;

namespace StreamSQL.Engine.Sessions;

/// <summary>
/// The settings of one session: PostgreSQL's parameters by name without case, and ksqlDB's properties (dotted names such as
/// <c>auto.offset.reset</c>). Not thread-safe.
/// </summary>
public sealed class SessionSettings
{
    /// <summary>
    /// Whether FETCH n from a push query gives what is ready (<c>ready</c>, the default) or waits for all n rows (<c>full</c>).
    /// </summary>
    public const string Fetch = "streamsql.fetch";

    /// <summary>The value of <see cref="Fetch"/> for waiting.</summary>
    public const string FullFetch = "full";

    /// <summary>
    /// Whether records that were deleted before a push query has read them end it (<c>error</c>, the default) or are told by a warning
    /// (<c>warning</c>).
    /// </summary>
    public const string LostRecords = "streamsql.lost_records";

    /// <summary>The value of <see cref="LostRecords"/> for going on.</summary>
    public const string WarnOfLostRecords = "warning";

    private const int MaxProperties = 1000;

    private static readonly Dictionary<string, SettingDefinition> Definitions =
        SettingDefinition.All.ToDictionary(static definition => definition.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Who the session acts as is no setting to RESET ALL.</summary>
    private static readonly HashSet<string> IdentitySettings = [SessionIdentity.Role, SessionIdentity.SessionAuthorization, "is_superuser"];

    // The values of reported settings that the client knows; null: it has not been told of any.
    private Dictionary<string, string>? _told;
    private bool _mayDiffer;
    private ImmutableSortedDictionary<string, string> _initial;
    private ImmutableSortedDictionary<string, string> _values;

    // The properties among the values, and the values that they were taken from.
    private Dictionary<string, string>? _properties;
    private ImmutableSortedDictionary<string, string>? _propertiesOf;

    // What settings were before SET LOCAL; null where there was none.
    private ImmutableDictionary<string, string?> _local =
        ImmutableDictionary<string, string?>.Empty.WithComparers(StringComparer.OrdinalIgnoreCase);
    private bool _isInBlock;

    /// <summary>Creates the settings of a new session.</summary>
    /// <param name="userName">Shown as <c>session_authorization</c>.</param>
    /// <param name="properties">ksqlDB properties that the server was started with.</param>
    public SessionSettings(string userName, IReadOnlyDictionary<string, string> properties)
    {
        var values = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var definition in SettingDefinition.All)
            values[definition.Name] = definition.Default;
        values["session_authorization"] = userName;
        foreach (var property in properties)
            values[property.Key] = property.Value;
        _initial = _values = values.ToImmutable();
    }

    /// <summary>Another object whenever a setting has changed, so that what follows from them can be kept.</summary>
    public object Generation => _values;

    /// <summary>All settings by name.</summary>
    public IReadOnlyDictionary<string, string> All => _values;

    /// <summary>ksqlDB's properties: what queries are planned with.</summary>
    /// <remarks>The same dictionary until a setting changes.</remarks>
    public IReadOnlyDictionary<string, string> Properties
    {
        get
        {
            if (_properties is null || _propertiesOf != _values)
            {
                _properties = _values.Where(static setting => IsProperty(setting.Key)).ToDictionary(StringComparer.Ordinal);
                _propertiesOf = _values;
            }

            return _properties;
        }
    }

    /// <summary>The settings that a client is told at the start of its session.</summary>
    public IEnumerable<KeyValuePair<string, string>> Reported =>
        SettingDefinition.All.Where(static definition => definition.IsReported)
            .Select(definition => KeyValuePair.Create(definition.Name, _values[definition.Name]));

    /// <summary>The state that a transaction returns to when it is rolled back.</summary>
    internal ImmutableSortedDictionary<string, string> Snapshot => _values;

    /// <summary>The value of a setting.</summary>
    /// <exception cref="SqlException">42704: there is none of that name.</exception>
    public string Get(string name) => _values.TryGetValue(name, out var value) ? value : throw Unknown(name);

    /// <summary>
    /// The value of a setting as SHOW gives it: durations with a unit; of a transaction's modes, outside one, those that the next one gets.
    /// </summary>
    /// <exception cref="SqlException">42704: there is none of that name.</exception>
    public string Show(string name)
    {
        var value = !_isInBlock && name.StartsWith("transaction_", StringComparison.OrdinalIgnoreCase) ? Get("default_" + name) : Get(name);
        return Definitions.GetValueOrDefault(name) is { IsDuration: true }
            && DurationSetting.TryParse(value, out var duration) ? DurationSetting.Format(duration) : value;
    }

    /// <summary>The value of a ksqlDB property, or null when it is not set.</summary>
    public string? Find(string name) => _values.GetValueOrDefault(name);

    /// <summary>Sets a setting.</summary>
    /// <exception cref="SqlException">42704 unknown, 55P02 read-only, 22023 not a value of it.</exception>
    public void Set(string name, string value) => Store(name, Check(name, value));

    /// <summary>Sets a setting until the transaction ends; outside a block, that is at once.</summary>
    /// <exception cref="SqlException">As for <see cref="Set"/>.</exception>
    public void SetLocal(string name, string value)
    {
        var checkedValue = Check(name, value);
        if (!_isInBlock)
            return;
        _local = _local.ContainsKey(name) ? _local : _local.SetItem(name, _values.GetValueOrDefault(name));
        Store(name, checkedValue);
    }

    /// <summary>Sets a value that was given when the session began: RESET returns to it.</summary>
    /// <exception cref="SqlException">As for <see cref="Set"/>.</exception>
    public void SetInitial(string name, string value)
    {
        Set(name, value);
        _initial = _values;
    }

    /// <summary>Returns a setting to what it was when the session began.</summary>
    public void Reset(string name)
    {
        if (_initial.TryGetValue(name, out var value))
            Store(name, value);
        else if (IsProperty(name))
            _values = _values.Remove(name);
        else
            throw Unknown(name);
    }

    /// <summary>Returns all settings to what they were when the session began, but for role and session authorization.</summary>
    public void ResetAll() => Restore(_initial.SetItems(_values.Where(static setting => IdentitySettings.Contains(setting.Key))));

    /// <summary>
    /// The reported settings that are not now what they were at the last call (at the first: all); the client is to be told of them.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, string>> TakeReportedChanges()
    {
        if (_told is not null && !_mayDiffer)
            return [];
        _told ??= new(StringComparer.Ordinal);
        var changes = Reported.Where(setting => !_told.TryGetValue(setting.Key, out var known) || known != setting.Value).ToArray();
        foreach (var (name, value) in changes)
            _told[name] = value;
        _mayDiffer = false;
        return changes;
    }

    /// <summary>A transaction block begins.</summary>
    internal void BeginBlock() => _isInBlock = true;

    /// <summary>A transaction block ends: what was set for it only goes back.</summary>
    internal void EndBlock()
    {
        _isInBlock = false;
        foreach (var (name, before) in _local)
        {
            if (before is not null)
                Store(name, before);
            else
                _values = _values.Remove(name);
        }

        _local = _local.Clear();
    }

    internal void Restore(ImmutableSortedDictionary<string, string> snapshot)
    {
        _mayDiffer = true;
        _values = snapshot;
    }

    /// <summary>Whether a name is one of ksqlDB's properties: those have dots.</summary>
    internal static bool IsProperty(string name) => name.Contains('.', StringComparison.Ordinal);

    private string Check(string name, string value)
    {
        if (!Definitions.TryGetValue(name, out var definition))
            return IsProperty(name) ? CheckProperty(name, value) : throw Unknown(name);
        if (definition.IsReadOnly)
            throw new SqlException(PostgresErrorCodes.CantChangeRuntimeParam, $"parameter \"{definition.Name}\" cannot be changed");
        if (definition.IsDuration)
            return CheckDuration(definition, value);
        if (definition.Name == "TimeZone" && value.ToUpperInvariant() is "LOCAL" or "DEFAULT")
            return definition.Default;
        if (definition.Name == "TimeZone" && !TimeZoneNames.TryFind(System.Text.Encoding.UTF8.GetBytes(value), out _))
            throw new SqlException(PostgresErrorCodes.InvalidParameterValue,
                $"invalid value for parameter \"{definition.Name}\": \"{value}\"");
        if (definition.Name == "DateStyle")
        {
            return DateForms.TryCombine(Get(name), value)
                ?? throw new SqlException(PostgresErrorCodes.InvalidParameterValue,
                    $"invalid value for parameter \"{definition.Name}\": \"{value}\"");
        }

        if (definition.Values is null)
            return value;
        var trimmed = definition.Name == "client_encoding" ? value.Trim('\'', ' ').Replace("-", "", StringComparison.Ordinal) : value;
        if (definition.Name == "client_encoding" && trimmed.Equals("UNICODE", StringComparison.OrdinalIgnoreCase))
            trimmed = "UTF8";
        return definition.Values.FirstOrDefault(allowed => allowed.Equals(trimmed, StringComparison.OrdinalIgnoreCase))
            ?? throw new SqlException(
                PostgresErrorCodes.InvalidParameterValue, $"invalid value for parameter \"{definition.Name}\": \"{value}\"",
                $"Available values: {string.Join(", ", definition.Values)}.");
    }

    private static string CheckDuration(SettingDefinition definition, string value) => DurationSetting.TryParse(value, out var duration)
        ? ((long)duration.TotalMilliseconds).ToString(System.Globalization.CultureInfo.InvariantCulture)
        : throw new SqlException(
            PostgresErrorCodes.InvalidParameterValue, $"invalid value for parameter \"{definition.Name}\": \"{value}\"",
            "Valid units for this parameter are \"ms\", \"s\", \"min\", \"h\", and \"d\".");

    private static string CheckProperty(string name, string value) => name switch
    {
        "auto.offset.reset" => OneOf(name, value, "earliest", "latest"),
        Fetch => OneOf(name, value, "ready", FullFetch),
        LostRecords => OneOf(name, value, "error", WarnOfLostRecords),
        _ => value,
    };

    private static string OneOf(string name, string value, params ReadOnlySpan<string> values)
    {
        var lower = value.ToLowerInvariant();
        return values.Contains(lower)
            ? lower
            : throw new SqlException(
                PostgresErrorCodes.InvalidParameterValue, $"invalid value for property \"{name}\": \"{value}\"",
                $"Available values: {string.Join(", ", values!)}.");
    }

    private static SqlException Unknown(string name) =>
        new(PostgresErrorCodes.UndefinedObject, $"unrecognized configuration parameter \"{name}\"");

    /// <summary>Sets a value that has been checked.</summary>
    internal void Store(string name, string value)
    {
        var definition = Definitions.GetValueOrDefault(name);
        if (definition is null && !_values.ContainsKey(name) && _values.Count >= MaxProperties)
            throw new SqlException(PostgresErrorCodes.ConfigurationLimitExceeded, $"a session holds at most {MaxProperties} settings");
        _mayDiffer |= definition is { IsReported: true };
        _values = _values.SetItem(definition?.Name ?? name, value);
    }
}
