namespace StreamSQL.UnitTests.Engine.ExactlyOnce.Shapes;

/// <summary>All shapes, in an order in which they can be created.</summary>
internal static class ShapeCatalog
{
    /// <summary>New instances of all.</summary>
    public static IReadOnlyList<Shape> All =>
    [
        new ProjectedShape(), new RekeyedShape(), new ExplodedShape(), new GatheredShape(),
        WindowShape.Tumbling, WindowShape.Hopping, FinalWindowShape.Tumbling, FinalWindowShape.Hopping, new SessionShape(),
        new FinalSessionShape(),
        RegroupedShape.Unwindowed, RegroupedShape.Windowed, new RegroupedFinalShape(), new CollectedShape(), new TableGroupShape(),
        new StreamTableShape(), .. TableJoinShape.All, .. ForeignKeyShape.All, .. StreamJoinShape.All,
        new ChainedWindowShape(), new LatestShape(), new ChainedGroupShape(),
    ];

    /// <summary>The statements that make the inputs and all shapes.</summary>
    public static IEnumerable<string> Statements(IEnumerable<Shape> shapes) => InputTopic.All.Select(static topic => topic.Statement)
        .Concat(shapes.SelectMany(static shape =>
            shape.Statements.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)));
}
