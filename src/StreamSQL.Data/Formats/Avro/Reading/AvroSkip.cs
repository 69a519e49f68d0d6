using System.Runtime.CompilerServices;
using StreamSQL.Data.Formats.Avro.Schemas;

namespace StreamSQL.Data.Formats.Avro.Reading;

/// <summary>
/// Goes over values that nobody wants: fields that stand beside each other are one list of operations, with no call for simple ones.
/// </summary>
internal sealed unsafe class AvroSkip
{
    private SkipOperation[] _operations = [];

    private enum SkipKind : byte
    {
        Bytes,
        Integer,
        Text,
        OptionalBytes,
        OptionalInteger,
        OptionalText,
        Union,
        Blocks,
        Record,
    }

    /// <summary>
    /// Skips the values of each row: one operation after the other, so that simple ones are loops without a choice in them.
    /// </summary>
    public void Run(in AvroRows rows)
    {
        foreach (ref readonly var operation in _operations.AsSpan())
        {
            switch (operation.Kind)
            {
                case SkipKind.Integer:
                    Run(rows, default(SkipInteger));
                    break;
                case SkipKind.Text:
                    Run(rows, default(SkipText));
                    break;
                case SkipKind.OptionalInteger:
                    Run(rows, new SkipOptional<SkipInteger>(default, operation.NullBranch));
                    break;
                case SkipKind.OptionalText:
                    Run(rows, new SkipOptional<SkipText>(default, operation.NullBranch));
                    break;
                default:
                    for (var row = rows.First; row < rows.Last; row++)
                        row->MoveTo(Skip(rows.Context, row->Position, row->End, operation), rows.Context);
                    break;
            }
        }
    }

    /// <summary>Skips one value of each field; returns the position behind them, or null after a fault.</summary>
    public byte* Skip(AvroContext context, byte* position, byte* end)
    {
        foreach (ref readonly var operation in _operations.AsSpan())
        {
            position = Skip(context, position, end, operation);
            if (position == null)
                return null;
        }

        return position;
    }

    private static void Run<TValue>(in AvroRows rows, TValue value)
        where TValue : struct, ISkippedValue
    {
        var context = rows.Context;
        var last = rows.Last;
        for (var row = rows.First; row < last; row++)
            row->MoveTo(value.Skip(context, row->Position, row->End), context);
    }

    private static byte* Skip(AvroContext context, byte* position, byte* end, in SkipOperation operation) => operation.Kind switch
    {
        SkipKind.Bytes => context.Advance(position, end, operation.Size),
        SkipKind.Integer => default(SkipInteger).Skip(context, position, end),
        SkipKind.Text => default(SkipText).Skip(context, position, end),
        SkipKind.OptionalBytes => new SkipOptional<SkipBytes>(new SkipBytes(operation.Size), operation.NullBranch).Skip(context,
            position, end),
        SkipKind.OptionalInteger => new SkipOptional<SkipInteger>(default, operation.NullBranch).Skip(context, position, end),
        SkipKind.OptionalText => new SkipOptional<SkipText>(default, operation.NullBranch).Skip(context, position, end),
        _ => SkipNested(context, position, end, operation),
    };

    private static byte* SkipNested(AvroContext context, byte* position, byte* end, in SkipOperation operation)
    {
        if (context.Depth >= AvroContext.MaxDepth)
            return context.Fail(AvroFault.TooDeep);
        context.Depth++;
        position = operation.Kind switch
        {
            SkipKind.Union => SkipUnion(context, position, end, operation.Nested!),
            SkipKind.Blocks => SkipBlocks(context, position, end, operation.Size, operation.Nested![0]),
            _ => operation.Nested![0].Skip(context, position, end),
        };
        context.Depth--;
        return position;
    }

    private static byte* SkipUnion(AvroContext context, byte* position, byte* end, AvroSkip[] branches)
    {
        position = context.ReadSmall(position, end, out var branch);
        if (position == null)
            return null;
        return (ulong)branch < (ulong)branches.Length ? branches[branch].Skip(context, position, end) : context.Fail(AvroFault.BadBranch);
    }

    private static byte* SkipBlocks(AvroContext context, byte* position, byte* end, int itemSize, AvroSkip item)
    {
        while (true)
        {
            position = context.ReadBlock(position, end, itemSize, out var count, out var size);
            if (position == null || count == 0)
                return position;
            if (size >= 0)
            {
                position += size;
                continue;
            }

            // Items without bytes are skipped however many they are.
            for (; count > 0 && itemSize > 0; count--)
            {
                position = item.Skip(context, position, end);
                if (position == null)
                    return null;
            }
        }
    }

    /// <summary>Skips a simple value: a struct, so that the loops around it are compiled for it.</summary>
    private interface ISkippedValue
    {
        byte* Skip(AvroContext context, byte* position, byte* end);
    }

    private readonly struct SkipBytes(int size) : ISkippedValue
    {
        public byte* Skip(AvroContext context, byte* position, byte* end) => context.Advance(position, end, size);
    }

    private readonly struct SkipInteger : ISkippedValue
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public byte* Skip(AvroContext context, byte* position, byte* end) => context.ReadLong(position, end, out _);
    }

    private readonly struct SkipText : ISkippedValue
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public byte* Skip(AvroContext context, byte* position, byte* end)
        {
            var start = context.ReadLength(position, end, out var length);
            return start == null ? null : start + length;
        }
    }

    private readonly struct SkipOptional<TValue>(TValue value, byte nullBranch) : ISkippedValue
        where TValue : struct, ISkippedValue
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public byte* Skip(AvroContext context, byte* position, byte* end)
        {
            if (position < end && *position == 2 * (1 - nullBranch))
                return value.Skip(context, position + 1, end);
            return SkipRare(context, position, end);
        }

        /// <summary>Null, a branch in more bytes than it needs, or none.</summary>
        [MethodImpl(MethodImplOptions.NoInlining)]
        private byte* SkipRare(AvroContext context, byte* position, byte* end)
        {
            position = context.ReadSmall(position, end, out var branch);
            if (position == null || branch == nullBranch)
                return position;
            return branch == 1 - nullBranch ? value.Skip(context, position, end) : context.Fail(AvroFault.BadBranch);
        }
    }

    /// <summary>What one operation skips.</summary>
    private readonly record struct SkipOperation(SkipKind Kind, int Size = 0, byte NullBranch = 0, AvroSkip[]? Nested = null);

    /// <summary>Makes the operations for types; those of a named type once, so that recursive ones have an end.</summary>
    internal sealed class Builder
    {
        private readonly Dictionary<AvroSchema, AvroSkip> _records = [];
        private readonly Dictionary<AvroSchema, int> _sizes = [];

        /// <summary>Skips one value of each type.</summary>
        public AvroSkip Of(IEnumerable<AvroSchema> schemas) => Fill(new AvroSkip(), schemas);

        /// <summary>The bytes that a value has at least; for a record inside itself, 0 where it is met again.</summary>
        public int MinSize(AvroSchema schema)
        {
            switch (schema.Kind)
            {
                case AvroKind.Null:
                    return 0;
                case AvroKind.Float:
                    return sizeof(float);
                case AvroKind.Double:
                    return sizeof(double);
                case AvroKind.Fixed:
                    return schema.Size;
                case AvroKind.Union:
                    return (int)Math.Min(int.MaxValue, 1L + schema.Branches.Min(MinSize));
                case AvroKind.Record:
                    if (_sizes.TryGetValue(schema, out var known))
                        return known;
                    _sizes[schema] = 0;
                    return _sizes[schema] = (int)Math.Min(int.MaxValue, schema.Fields.Sum(f => (long)MinSize(f.Schema)));
                default:
                    return 1;
            }
        }

        private AvroSkip Fill(AvroSkip skip, IEnumerable<AvroSchema> schemas)
        {
            var operations = new List<SkipOperation>();
            foreach (var schema in schemas)
            {
                var operation = OperationOf(schema);
                if (operation.Kind == SkipKind.Bytes && operations is [.., { Kind: SkipKind.Bytes } last]
                    && (long)last.Size + operation.Size < int.MaxValue)
                    operations[^1] = last with { Size = last.Size + operation.Size };
                else if (operation is not { Kind: SkipKind.Bytes, Size: 0 })
                    operations.Add(operation);
            }

            skip._operations = [.. operations];
            return skip;
        }

        private SkipOperation OperationOf(AvroSchema schema) => schema.Kind switch
        {
            AvroKind.Null => new(SkipKind.Bytes),
            AvroKind.Boolean => new(SkipKind.Bytes, 1),
            AvroKind.Int or AvroKind.Long or AvroKind.Enum => new(SkipKind.Integer),
            AvroKind.Float => new(SkipKind.Bytes, sizeof(float)),
            AvroKind.Double => new(SkipKind.Bytes, sizeof(double)),
            AvroKind.Bytes or AvroKind.String => new(SkipKind.Text),
            AvroKind.Fixed => new(SkipKind.Bytes, schema.Size),
            AvroKind.Array => new(SkipKind.Blocks, MinSize(schema.Element!), 0, [Of([schema.Element!])]),
            AvroKind.Map => new(SkipKind.Blocks, 1, 0, [Of([AvroSchema.Primitive(AvroKind.String), schema.Element!])]),
            AvroKind.Record => new(SkipKind.Record, 0, 0, [RecordOf(schema)]),
            _ => UnionOf(schema),
        };

        private AvroSkip RecordOf(AvroSchema schema)
        {
            if (_records.TryGetValue(schema, out var known))
                return known;
            var skip = _records[schema] = new AvroSkip();
            return Fill(skip, schema.Fields.Select(static f => f.Schema));
        }

        private SkipOperation UnionOf(AvroSchema schema)
        {
            if (schema.Branches.Count == 2)
            {
                var nullBranch = schema.Branches[0].Kind == AvroKind.Null ? 0 : 1;
                var value = OperationOf(schema.Branches[1 - nullBranch]);
                if (schema.Branches[nullBranch].Kind == AvroKind.Null && value.Kind <= SkipKind.Text)
                    return value with { Kind = value.Kind + (int)SkipKind.OptionalBytes, NullBranch = (byte)nullBranch };
            }

            return new(SkipKind.Union, 0, 0, [.. schema.Branches.Select(branch => Of([branch]))]);
        }
    }
}
