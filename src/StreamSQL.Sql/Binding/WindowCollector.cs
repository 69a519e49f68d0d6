using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>A window, bound: its partitions, its order, and the frame, null where none was written.</summary>
internal sealed record BoundWindow(IReadOnlyList<BoundExpression> PartitionBy, IReadOnlyList<SortKey> OrderBy, FrameSpec? Frame);

/// <summary>The result of a window function, by its number; replaced by a column once it is known where the results stand.</summary>
internal sealed record WindowReference(int Index, SqlType Type) : BoundExpression(Type);

/// <summary>A call that was found, and its window.</summary>
internal sealed record CollectedWindowCall(WindowCall Call, BoundWindow Window, TextPosition Position)
{
    /// <summary>The call and its window over mapped expressions. A frame's offsets read no columns, so they stay.</summary>
    public CollectedWindowCall Map(Func<BoundExpression, BoundExpression> map) => this with
    {
        Call = PlanMapping.MapCall(Call, map) with { Frame = Call.Frame },
        Window = Window with
        {
            PartitionBy = [.. Window.PartitionBy.Select(map)],
            OrderBy = [.. Window.OrderBy.Select(key => key with { Expression = map(key.Expression) })],
        },
    };
}

/// <summary>The window functions of one query level, each once, and the windows that it names.</summary>
/// <param name="context">The statement.</param>
internal sealed class WindowCollector(BindingContext context)
{
    private readonly Dictionary<string, BoundWindow> _named = new(StringComparer.Ordinal);
    private readonly List<CollectedWindowCall> _calls = [];

    public IReadOnlyList<CollectedWindowCall> Calls => _calls;

    /// <summary>Binds the WINDOW clause; a window may extend one that stands before it.</summary>
    /// <param name="windows">The clause.</param>
    /// <param name="binder">Binds expressions of window definitions.</param>
    public void Define(IReadOnlyList<NamedWindow> windows, ExpressionBinder binder)
    {
        foreach (var window in windows)
        {
            if (_named.ContainsKey(window.Name.Name))
                throw BindingErrors.Windowing($"window \"{window.Name.Text}\" is already defined", window.Position);
            _named.Add(window.Name.Name, Resolve(window.Definition, binder));
        }
    }

    /// <summary>Binds the window of a call or of the WINDOW clause.</summary>
    public BoundWindow Resolve(WindowDefinition definition, ExpressionBinder binder)
    {
        var basis = definition.Reference is { } name ? Find(name) : null;
        if (definition.IsName)
            return basis!;
        var partition = definition.PartitionBy.Select(e => binder.Known(binder.Bind(e), e.Position)).ToArray();
        var order = definition.OrderBy.Select(item =>
            QueryPlanner.SortOrder(item, binder.Known(binder.Bind(item.Expression), item.Position))).ToArray();
        if (basis is not null)
            RequireExtension(definition, basis);
        var window = new BoundWindow(basis?.PartitionBy ?? partition, basis is { OrderBy.Count: > 0 } ? basis.OrderBy : order, null);
        return definition.Frame is { } frame ? window with { Frame = FrameBinder.Bind(frame, window, binder, context) } : window;
    }

    /// <summary>The place of a call's result.</summary>
    public WindowReference Add(WindowCall call, BoundWindow window, TextPosition position)
    {
        var index = _calls.FindIndex(known => IsSame(known, call, window));
        if (index < 0)
        {
            index = _calls.Count;
            _calls.Add(new(call, window, position));
        }

        return new WindowReference(index, call.ResultType);
    }

    private BoundWindow Find(Identifier name) => _named.TryGetValue(name.Name, out var window) ? window
        : throw new SqlException(
            Npgsql.PostgresErrorCodes.UndefinedObject, $"window \"{Shown(name)}\" does not exist",
            BindingErrors.DidYouMean(name.Name, _named.Keys), name.Position);

    private static void RequireExtension(WindowDefinition definition, BoundWindow basis)
    {
        var name = Shown(definition.Reference!);
        if (definition.PartitionBy.Count > 0)
            throw BindingErrors.Windowing($"cannot override PARTITION BY clause of window \"{name}\"", definition.Position);
        if (definition.OrderBy.Count > 0 && basis.OrderBy.Count > 0)
            throw BindingErrors.Windowing($"cannot override ORDER BY clause of window \"{name}\"", definition.Position);
        if (basis.Frame is not null)
        {
            throw BindingErrors.Windowing(
                $"cannot copy window \"{name}\" because it has a frame clause", definition.Position,
                definition.OrderBy.Count == 0 && definition.Frame is null ? "Omit the parentheses in this OVER clause." : null);
        }
    }

    private static string Shown(Identifier name) => name.IsQuoted ? name.Text : name.Text.ToLowerInvariant();

    private static bool IsSame(CollectedWindowCall known, WindowCall call, BoundWindow window) =>
        known.Call.Name == call.Name && known.Call.ResultType.Equals(call.ResultType)
            && BoundExpressionComparer.AreSame(known.Call.Arguments, call.Arguments)
        && BoundExpressionComparer.AreSame(known.Call.Filter, call.Filter) && AreSame(known.Call.Frame, call.Frame)
        && AreSame(known.Window, window);

    private static bool AreSame(FrameSpec a, FrameSpec b) => a.Unit == b.Unit && a.Exclusion == b.Exclusion && AreSame(a.Start, b.Start)
        && AreSame(a.End, b.End);

    private static bool AreSame(FrameEdge a, FrameEdge b) => a.Kind == b.Kind && BoundExpressionComparer.AreSame(a.Offset, b.Offset);

    /// <summary>Whether two windows have the same partitions and the same order.</summary>
    public static bool AreSame(BoundWindow a, BoundWindow b) => BoundExpressionComparer.AreSame(a.PartitionBy, b.PartitionBy)
        && AreSame(a.OrderBy, b.OrderBy);

    private static bool AreSame(IReadOnlyList<SortKey> a, IReadOnlyList<SortKey> b) => a.Count == b.Count
        && a.Zip(b).All(static pair => AreSame(pair.First, pair.Second));

    /// <summary>Whether two sort keys give the same order.</summary>
    public static bool AreSame(SortKey a, SortKey b) =>
        a.Descending == b.Descending && a.NullsFirst == b.NullsFirst && BoundExpressionComparer.AreSame(a.Expression, b.Expression);
}
