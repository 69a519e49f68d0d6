using StreamSQL.Data.Errors;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Syntax;

/// <summary>SHOW or LIST of what there is.</summary>
/// <param name="Target">What to list.</param>
/// <param name="IsExtended">EXTENDED.</param>
/// <param name="IsAll">ALL TOPICS: internal ones too.</param>
/// <param name="Position">Where it begins.</param>
public sealed record ShowStatement(ShowTarget Target, bool IsExtended, bool IsAll, TextPosition Position) : Statement(Position);

/// <summary>What SHOW and LIST list.</summary>
public enum ShowTarget
{
    /// <summary>PROPERTIES.</summary>
    Properties,

    /// <summary>TOPICS.</summary>
    Topics,

    /// <summary>STREAMS.</summary>
    Streams,

    /// <summary>TABLES.</summary>
    Tables,

    /// <summary>QUERIES.</summary>
    Queries,

    /// <summary>FUNCTIONS.</summary>
    Functions,

    /// <summary>CONNECTORS.</summary>
    Connectors,

    /// <summary>SOURCE CONNECTORS.</summary>
    SourceConnectors,

    /// <summary>SINK CONNECTORS.</summary>
    SinkConnectors,

    /// <summary>CONNECTOR PLUGINS.</summary>
    ConnectorPlugins,

    /// <summary>TYPES.</summary>
    Types,

    /// <summary>VARIABLES.</summary>
    Variables,
}

/// <summary>DESCRIBE a stream or table.</summary>
public sealed record DescribeSourceStatement(QualifiedName Name, bool IsExtended, TextPosition Position) : Statement(Position);

/// <summary>DESCRIBE STREAMS or TABLES.</summary>
public sealed record DescribeAllStatement(RelationKind Kind, bool IsExtended, TextPosition Position) : Statement(Position);

/// <summary>DESCRIBE FUNCTION.</summary>
public sealed record DescribeFunctionStatement(QualifiedName Name, TextPosition Position) : Statement(Position);

/// <summary>DESCRIBE CONNECTOR.</summary>
public sealed record DescribeConnectorStatement(Identifier Name, TextPosition Position) : Statement(Position);

/// <summary>PRINT: the records of a topic.</summary>
/// <param name="Topic">The topic, exactly as written.</param>
/// <param name="FromBeginning">FROM BEGINNING.</param>
/// <param name="Interval">INTERVAL or SAMPLE: every n-th record; null is every one.</param>
/// <param name="Limit">LIMIT, or null.</param>
/// <param name="Position">Where it begins.</param>
public sealed record PrintStatement(string Topic, bool FromBeginning, long? Interval, long? Limit, TextPosition Position)
    : Statement(Position);

/// <summary>TERMINATE a query; null is all.</summary>
public sealed record TerminateStatement(Identifier? QueryId, TextPosition Position) : Statement(Position);

/// <summary>PAUSE or RESUME a query; null is all.</summary>
public sealed record PauseStatement(Identifier? QueryId, bool Pause, TextPosition Position) : Statement(Position);

/// <summary>RUN SCRIPT 'path'.</summary>
public sealed record RunScriptStatement(string Path, TextPosition Position) : Statement(Position);
