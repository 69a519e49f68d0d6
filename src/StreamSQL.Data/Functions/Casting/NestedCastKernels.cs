using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Functions.Casting;

/// <summary>A value of the same physical kind, as it is.</summary>
internal sealed class CopyKernel : StrictKernel
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        foreach (var row in context.Rows)
            result.CopyRow(arguments[0], row, row);
    }
}

/// <summary>Failures of elements as failures of the rows whose slices hold them.</summary>
internal static class ElementErrors
{
    public static void Report(EvaluationErrors errors, in KernelContext context, SlicedColumn slices)
    {
        if (errors.Count == 0)
            return;
        var failed = errors.Rows.ToHashSet();
        foreach (var row in context.Rows)
        {
            for (var i = 0; i < slices.Lengths[row]; i++)
            {
                if (!failed.Contains(slices.Starts[row] + i))
                    continue;
                context.Errors.Report(row, errors.FirstSqlState, errors.FirstMessage);
                slices.SetNull(row);
                break;
            }
        }
    }
}

/// <summary>ARRAY to ARRAY, element by element.</summary>
internal sealed class ArrayCastKernel(ScalarKernel element) : StrictKernel
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var source = (ArrayColumn)arguments[0];
        var target = (ArrayColumn)result;
        var gathered = Column.Create(source.Elements.Type);
        gathered.Reset(0);
        var count = 0;
        foreach (var row in context.Rows)
        {
            var from = source.Physical(row);
            var start = target.Allocate(row, source.Lengths[from]);
            for (var i = 0; i < source.Lengths[from]; i++)
                gathered.CopyRow(source.Elements, source.Starts[from] + i, start + i);
            count = start + source.Lengths[from];
        }

        var errors = new EvaluationErrors();
        element.Evaluate(new(RowSelection.All(count), count, errors, context.Time), [gathered], target.Elements);
        ElementErrors.Report(errors, context, target);
    }
}

/// <summary>MAP to MAP, key by key and value by value.</summary>
internal sealed class MapCastKernel(ScalarKernel key, ScalarKernel value) : StrictKernel
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var source = (MapColumn)arguments[0];
        var target = (MapColumn)result;
        var keys = Column.Create(source.Keys.Type);
        var values = Column.Create(source.Values.Type);
        keys.Reset(0);
        values.Reset(0);
        var count = 0;
        foreach (var row in context.Rows)
        {
            var from = source.Physical(row);
            var start = target.Allocate(row, source.Lengths[from]);
            for (var i = 0; i < source.Lengths[from]; i++)
            {
                keys.CopyRow(source.Keys, source.Starts[from] + i, start + i);
                values.CopyRow(source.Values, source.Starts[from] + i, start + i);
            }

            count = start + source.Lengths[from];
        }

        var errors = new EvaluationErrors();
        var entries = new KernelContext(RowSelection.All(count), count, errors, context.Time);
        key.Evaluate(entries, [keys], target.Keys);
        value.Evaluate(entries, [values], target.Values);
        ElementErrors.Report(errors, context, target);
    }
}

/// <summary>STRUCT to STRUCT: fields by name; one that the source lacks (kernel null) is null.</summary>
internal sealed class StructCastKernel((int Source, ScalarKernel Kernel)?[] fields) : StrictKernel
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var source = (StructColumn)arguments[0];
        var target = (StructColumn)result;
        for (var i = 0; i < fields.Length; i++)
        {
            if (fields[i] is not { } field)
            {
                foreach (var row in context.Rows)
                    target.Fields[i].SetNull(row);
                continue;
            }

            if (!source.IsConstant)
            {
                field.Kernel.Evaluate(context, [source.Fields[field.Source]], target.Fields[i]);
                continue;
            }

            // A constant struct's fields hold one row: spread it out over the rows that the kernel will read.
            var spread = Column.Create(source.Fields[field.Source].Type);
            spread.Reset(context.RowCount);
            foreach (var row in context.Rows)
                spread.CopyRow(source.Fields[field.Source], 0, row);
            field.Kernel.Evaluate(context, [spread], target.Fields[i]);
        }
    }
}
