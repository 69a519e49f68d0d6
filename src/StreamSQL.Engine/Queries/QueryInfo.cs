namespace StreamSQL.Engine.Queries;

/// <summary>How a persistent query is, at one moment.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Sink">What it writes.</param>
/// <param name="Status">How it is.</param>
/// <param name="RowsIn">Rows read from sources.</param>
/// <param name="RowsOut">Rows written to the sink.</param>
/// <param name="LateRows">Rows dropped because their window was closed.</param>
/// <param name="BadRows">Records that did not parse.</param>
/// <param name="StateBytes">Bytes of its states.</param>
/// <param name="LastError">The last failure, also one after which it was started again, or the last bad record; or null.</param>
public sealed record QueryInfo(
    string Id, string Sink, QueryStatus Status, long RowsIn, long RowsOut, long LateRows, long BadRows, long StateBytes, string? LastError)
{
    internal static QueryInfo Of(PersistentQuery query)
    {
        var counters = query.Counters;
        return new QueryInfo(
            query.Definition.Id, query.Definition.Sink, query.Status, counters.RowsIn, counters.RowsOut, counters.LateRows,
            counters.BadRows,
            query.StateBytes, (query.Failure ?? query.LastFailure)?.Message ?? counters.LastError);
    }
}
