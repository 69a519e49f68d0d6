using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Syntax;
using StreamSQL.Sql.Text;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>CREATE [OR REPLACE] VIEW.</summary>
internal sealed class CreateViewCommand(Session session, EngineServices services, CreateViewStatement syntax) : SessionStatement
{
    /// <inheritdoc/>
    public override bool ChangesCatalog => true;

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        await services.Changes.AppendAsync(
            image => new SetViewRecord(services.Planner.PlanView(syntax, image, session.Settings.Properties, session.Functions)),
            cancellation);
        return new CommandResult("CREATE VIEW");
    }
}

/// <summary>DROP VIEW.</summary>
internal sealed class DropViewCommand(EngineServices services, DropViewStatement syntax) : SessionStatement
{
    /// <inheritdoc/>
    public override bool ChangesCatalog => true;

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var notices = new List<Notice>();
        var named = new List<string>();
        foreach (var name in syntax.Names)
        {
            if (Find(services.Log.Image, name) is { } view)
                named.Add(view);
            else if (syntax.IfExists)
                notices.Add(new("NOTICE", PostgresErrorCodes.SuccessfulCompletion, $"view \"{name.Last.Text}\" does not exist, skipping"));
            else
                throw new SqlException(PostgresErrorCodes.UndefinedTable, $"view \"{name.Last.Text}\" does not exist",
                    position: name.Position);
        }

        foreach (var view in named)
        {
            var dropped = await DependentViews.DropAsync(services, view, dependent => syntax.IsCascade || named.Contains(dependent),
                cancellation);
            notices.AddRange(dropped.Except(named).Select(DependentViews.Dropped));
            await services.Changes.AppendAsync(
                image => !image.Views.ContainsKey(view) ? null
                    : image.ViewsOver(view) is { Count: > 0 } left ? throw DependentViews.Refuse(left, $"view {DisplayName.Of(view)}")
                    : new DropViewRecord(view), cancellation);
        }

        return new CommandResult("DROP VIEW", notices: notices);
    }

    private static string? Find(CatalogImage image, QualifiedName name)
    {
        var found = image.Views.ContainsKey(name.Last.Name) ? name.Last.Name : name.Last.Name.ToUpperInvariant();
        if (image.Views.ContainsKey(found))
            return found;
        return image.Sources.ContainsKey(SourceNames.Resolve(image, name.Last))
            ? throw new SqlException(PostgresErrorCodes.WrongObjectType, $"\"{name.Last.Text}\" is not a view",
                "Use DROP TABLE or DROP STREAM to remove it.", name.Position)
            : null;
    }
}

/// <summary>The views over what is dropped.</summary>
internal static class DependentViews
{
    /// <summary>The error of a drop that they stand against (2BP01).</summary>
    public static SqlException Refuse(IReadOnlyList<string> views, string dropped) => new(
        PostgresErrorCodes.DependentObjectsStillExist, $"cannot drop {dropped} because other objects depend on it",
        $"Use DROP ... CASCADE to drop the views that read it, too: {string.Join(", ", views.Select(DisplayName.Of))}.");

    /// <summary>Drops the views that read a relation, as far as they may be dropped; tells which.</summary>
    public static async ValueTask<IReadOnlyList<string>> DropAsync(
        EngineServices services, string name, Func<string, bool> mayDrop, CancellationToken cancellation)
    {
        var views = services.Log.Image.ViewsOver(name);
        if (!views.All(mayDrop))
            return [];
        foreach (var view in views)
            await services.Changes.AppendAsync(image => image.Views.ContainsKey(view) ? new DropViewRecord(view) : null, cancellation);
        return views;
    }

    /// <summary>What tells of a view that was dropped, too.</summary>
    public static Notice Dropped(string view) =>
        new("NOTICE", PostgresErrorCodes.SuccessfulCompletion, $"drop cascades to view {DisplayName.Of(view)}");
}
