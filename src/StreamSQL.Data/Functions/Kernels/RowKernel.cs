using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Kernels;

/// <summary>A function of one row. A type argument, so that the loop around it is compiled with it: no call through a table at each row.</summary>
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

    public RowCall(in KernelContext context, ReadOnlySpan<Column> arguments, Column result, int row)
    {
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

    public bool IsNull(int index) => _arguments[index].IsNull(Row);

    public Column Argument(int index) => _arguments[index];

    public ReadOnlySpan<byte> Text(int index) => ((BytesColumn)_arguments[index])[Row];

    public bool Flag(int index) => ((FixedColumn<byte>)_arguments[index])[Row] != 0;

    public int Int(int index) => ((FixedColumn<int>)_arguments[index])[Row];

    public long Long(int index) => ((FixedColumn<long>)_arguments[index])[Row];

    public double Double(int index) => ((FixedColumn<double>)_arguments[index])[Row];

    public Int128 Decimal(int index) => ((FixedColumn<Int128>)_arguments[index])[Row];

    public void Return(ReadOnlySpan<byte> value) => ((BytesColumn)Result).Set(Row, value);

    public void Return(bool value) => ((FixedColumn<byte>)Result).Values[Row] = (byte)(value ? 1 : 0);

    public void Return(int value) => ((FixedColumn<int>)Result).Values[Row] = value;

    public void Return(long value) => ((FixedColumn<long>)Result).Values[Row] = value;

    public void Return(double value) => ((FixedColumn<double>)Result).Values[Row] = value;

    public void Return(Int128 value) => ((FixedColumn<Int128>)Result).Values[Row] = value;

    /// <summary>The value of an argument of the result's type, as it is.</summary>
    public void ReturnArgument(int index) => Result.CopyRow(_arguments[index], Row, Row);

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
}
