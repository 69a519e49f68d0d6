using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>Plans an INSERT, UPDATE or DELETE in WITH, which sees the common tables before it.</summary>
internal sealed class CommonWritePlanner(BindingContext context, QueryPlanner queries)
{
    public (PlannedStatement Planned, ReturningList? Returning) Plan(Statement write)
    {
        switch (write)
        {
            case InsertStatement { Properties.Count: > 0 } insert:
                throw BindingErrors.NotSupported("INSERT ... WITH (...) is a query that goes on: it cannot stand in WITH", insert.Position);
            case InsertStatement { Query: null or { Body: ValuesBody } } insert:
                var values = new InsertPlanner(context, queries).Plan(insert);
                return (values, values.Returning);
            case InsertStatement insert:
                var copy = new InsertPlanner(context, queries).PlanCopy(insert);
                return (copy, copy.Returning);
            case UpdateStatement update:
                var changed = new ChangePlanner(context, queries.WithCommonTables(update.With, null)).Plan(update);
                return (changed, changed.Returning);
            default:
                var delete = (DeleteStatement)write;
                var deleted = new ChangePlanner(context, queries.WithCommonTables(delete.With, null)).Plan(delete);
                return (deleted, deleted.Returning);
        }
    }
}
