using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Kernels;

/// <summary>
/// A function of one row. A type argument, so that the loop around it is compiled with it: no call through a table at each row.
/// </summary>
internal interface IRowFunction
{
    /// <summary>Reads the arguments and gives the result.</summary>
    static abstract void Apply(in RowCall call);
}

/// <summary>Null in, null out, for functions written row by row.</summary>
internal sealed class RowKernel<TFunction> : StrictKernel
    where TFunction : struct, IRowFunction
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        foreach (var row in context.Rows)
            TFunction.Apply(new RowCall(context, arguments, result, row));
    }
}

/// <summary>For functions written row by row that look at nulls themselves.</summary>
internal sealed class NullableRowKernel<TFunction> : ScalarKernel
    where TFunction : struct, IRowFunction
{
    /// <inheritdoc/>
    public override void Evaluate(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        foreach (var row in context.Rows)
            TFunction.Apply(new RowCall(context, arguments, result, row));
    }
}

/// <summary>The arguments of one row and the place of its result. The column types are those of the binding.</summary>
internal readonly ref struct RowCall
{
    private readonly ReadOnlySpan<Column> _arguments;
    private readonly ref readonly KernelContext _context;
    private readonly bool _isTurned;

    public RowCall(in KernelContext context, ReadOnlySpan<Column> arguments, Column result, int row, bool isTurned = false)
    {
        _isTurned = isTurned;
        _context = ref context;
        _arguments = arguments;
        Result = result;
        Row = row;
    }

    /// <summary>How many arguments there are.</summary>
    public int Count => _arguments.Length;

    /// <summary>The row number.</summary>
    public int Row { get; }

    /// <summary>The result's column.</summary>
    public Column Result { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Time => _context.Time;

    /// <summary>The same with the two arguments exchanged.</summary>
    public RowCall Turn() => new(in _context, _arguments, Result, Row, !_isTurned);

    public bool IsNull(int index) => Argument(index).IsNull(Row);

    public Column Argument(int index) => _arguments[_isTurned ? 1 - index : index];

    public ReadOnlySpan<byte> Text(int index) => ((BytesColumn)Argument(index))[Row];

    public bool Flag(int index) => ((FixedColumn<byte>)Argument(index))[Row] != 0;

    public int Int(int index) => ((FixedColumn<int>)Argument(index))[Row];

    public long Long(int index) => ((FixedColumn<long>)Argument(index))[Row];

    public double Double(int index) => ((FixedColumn<double>)Argument(index))[Row];

    public Int128 Decimal(int index) => ((FixedColumn<Int128>)Argument(index))[Row];

    /// <summary>An exact number of any type as a numeric.</summary>
    public NumericValue Numeric(int index) => ExactNumbers.Get(Argument(index), Row);

    public Interval Interval(int index) => ((FixedColumn<Interval>)Argument(index))[Row];

    public void Return(ReadOnlySpan<byte> value) => ((BytesColumn)Result).Set(Row, value);

    public void Return(bool value) => ((FixedColumn<byte>)Result).Values[Row] = (byte)(value ? 1 : 0);

    public void Return(int value) => ((FixedColumn<int>)Result).Values[Row] = value;

    public void Return(long value) => ((FixedColumn<long>)Result).Values[Row] = value;

    public void Return(double value) => ((FixedColumn<double>)Result).Values[Row] = value;

    public void Return(Int128 value) => ((FixedColumn<Int128>)Result).Values[Row] = value;

    public void Return(Interval value) => ((FixedColumn<Interval>)Result).Values[Row] = value;

    /// <summary>A numeric; one beyond its bounds is 22003.</summary>
    public void Return(in NumericValue value)
    {
        if (NumericMath.IsInRange(value))
            NumericColumns.Set((BytesColumn)Result, Row, value);
        else
            Fail(Npgsql.PostgresErrorCodes.NumericValueOutOfRange, "value overflows numeric format");
    }

    /// <summary>The value of an argument of the result's type, as it is.</summary>
    public void ReturnArgument(int index) => Result.CopyRow(Argument(index), Row, Row);

    public void ReturnNull() => Result.SetNull(Row);

    /// <summary>Room for a result of that many bytes, to be filled.</summary>
    public Span<byte> Room(int length) => ((BytesColumn)Result).Allocate(Row, length);

    /// <summary>Reports a failure; the result is null.</summary>
    public void Fail(string sqlState, string message)
    {
        _context.Errors.Report(Row, sqlState, message);
        Result.SetNull(Row);
    }
}

/// <summary>Short ways to write overloads of row functions.</summary>
internal static class RowOverload
{
    /// <summary>Null in, null out.</summary>
    public static Overload Strict<TFunction>(SqlType result, params SqlType[] parameters)
        where TFunction : struct, IRowFunction => new(parameters, result, static () => new RowKernel<TFunction>());

    /// <summary>The function looks at nulls itself.</summary>
    public static Overload Nullable<TFunction>(SqlType result, params SqlType[] parameters)
        where TFunction : struct, IRowFunction => new(parameters, result, static () => new NullableRowKernel<TFunction>());

    /// <summary>Null in, null out, under PostgreSQL's rules alone.</summary>
    public static Overload Bounded<TFunction>(SqlType result, params SqlType[] parameters)
        where TFunction : struct, IRowFunction => Strict<TFunction>(result, parameters) with { Rules = RuleSet.Postgres };

    /// <summary>The same for a function that asks for the session's zone or the present time.</summary>
    public static Overload OfSession<TFunction>(SqlType result, params SqlType[] parameters)
        where TFunction : struct, IRowFunction => Bounded<TFunction>(result, parameters) with { DependsOnSession = true };
}
