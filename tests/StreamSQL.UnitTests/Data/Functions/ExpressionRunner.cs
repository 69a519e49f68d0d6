using System.Buffers;
using System.Globalization;
using System.Text;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.UnitTests.Data.Functions;

/// <summary>A value of a test expression: one row of a column.</summary>
internal sealed record TestValue(SqlType Type, Column Column);

/// <summary>
/// Evaluates the expressions of function documentation: literals, ARRAY[..], MAP(k:=v), STRUCT(f:=v),
/// calls, one infix operator per bracket level.
/// </summary>
internal sealed class ExpressionRunner(string text, RuleSet rules)
{
    private static readonly string[] Infix =
    [
        "IS NOT DISTINCT FROM", "IS DISTINCT FROM", "NOT ILIKE", "NOT LIKE", "ILIKE", "LIKE", "||", "<=", ">=", "<>", "!=", "!~*", "!~",
        "~*", "~", "->",
        "+", "-", "*", "/", "%", "=", "<", ">",
    ];

    private int _at;

    public EvaluationErrors Errors { get; } = new();

    /// <summary>The expression's value as CAST to VARCHAR writes it under ksqlDB's rules.</summary>
    public static string Run(string text, RuleSet rules = RuleSet.Ksql)
    {
        var runner = new ExpressionRunner(text, rules);
        var value = runner.Expression();
        runner._at.ShouldBe(text.Length, $"all of <{text}> is read");
        runner.Errors.Count.ShouldBe(0, runner.Errors.FirstMessage);
        return Show(value.Column, 0);
    }

    /// <summary>The SQLSTATE that evaluating the expression reports; the value is then NULL.</summary>
    public static string RunToError(string text, RuleSet rules = RuleSet.Ksql)
    {
        var runner = new ExpressionRunner(text, rules);
        var value = runner.Expression();
        value.Column.IsNull(0).ShouldBeTrue();
        runner.Errors.Count.ShouldBe(1);
        return runner.Errors.FirstSqlState;
    }

    public static string Show(Column column, int row)
    {
        var writer = new ArrayBufferWriter<byte>();
        JavaText.Write(column, row, writer);
        return Encoding.UTF8.GetString(writer.WrittenSpan);
    }

    /// <summary>Binds, casts and evaluates a call, with the arguments as constant columns.</summary>
    public TestValue Call(string name, params TestValue[] arguments)
    {
        var types = arguments.Select(static a => a.Type).ToArray();
        if (BuiltInFunctions.Registry.FindTable(name)?.Bind(types, rules) is { } table)
            return Rows(table, [.. arguments.Select(static argument => argument.Column)]);
        var binding = BuiltInFunctions.Registry.FindScalar(name).Select(f => f.Bind(types, rules))
            .FirstOrDefault(static b => b is not null);
        binding.ShouldNotBeNull($"{name}({string.Join<SqlType>(", ", types)}) under {rules}");
        var columns = arguments.Select((a, i) => Cast(a, binding.ParameterTypes[i]).Column).ToArray();
        return new(binding.ResultType, Evaluate(binding, columns));
    }

    /// <summary>The values of a table function's rows, as an array.</summary>
    private TestValue Rows(TableFunctionBinding binding, Column[] arguments)
    {
        var count = (int)binding.Kernel.Count(arguments, 0, Errors);
        var values = Column.Create(binding.ResultType);
        values.Reset(count);
        binding.Kernel.Fill(arguments, new int[count], [.. Enumerable.Range(0, count).Select(static i => (long)i)], values);
        var array = (ArrayColumn)Constant(SqlType.ArrayOf(binding.ResultType));
        array.Allocate(0, count);
        array.Elements.Gather(values, [.. Enumerable.Range(0, count)], 0);
        return new(array.Type, array);
    }

    public TestValue Cast(TestValue value, SqlType type)
    {
        if (value.Type.Equals(type))
            return value;
        var cast = Casts.Find(value.Type, type, rules);
        cast.ShouldNotBeNull($"{value.Type} to {type}");
        var column = Evaluate(cast, [value.Column]);
        var constant = Column.Create(type);
        constant.Reset(1, constant: true);
        constant.CopyRow(column, 0, 0);
        return new(type, constant);
    }

    private Column Evaluate(ScalarBinding binding, Column[] columns)
    {
        var result = Column.Create(binding.ResultType);
        result.Reset(1);
        binding.Kernel.Evaluate(new(RowSelection.All(1), 1, Errors, new FixedTime()), columns, result);
        var constant = Column.Create(binding.ResultType);
        constant.Reset(1, constant: true);
        constant.CopyRow(result, 0, 0);
        return constant;
    }

    private TestValue Expression()
    {
        var left = Operand();
        SkipSpaces();
        foreach (var op in Infix)
        {
            if (!text.AsSpan(_at).StartsWith(op))
                continue;
            _at += op.Length;
            if (op == "->")
                return CallWithFields("->", [Word()], left);
            return Call(op, left, Expression());
        }

        return left;
    }

    private TestValue Operand()
    {
        SkipSpaces();
        var value = Primary();
        while (Skip("["))
        {
            value = Call("[]", value, Expression());
            Expect("]");
        }

        return value;
    }

    private TestValue Primary()
    {
        if (Skip("("))
        {
            var inner = Expression();
            Expect(")");
            return inner;
        }

        if (text[_at] == '\'')
            return Literal(SqlType.Varchar, QuotedText());
        if (char.IsAsciiDigit(text[_at]))
            return Number(1);
        if (text[_at] == '-')
        {
            _at++;
            return char.IsAsciiDigit(text[_at]) ? Number(-1) : Call("-", Operand());
        }

        return Named(Word());
    }

    private TestValue Named(string word)
    {
        switch (word)
        {
            case "NULL":
                return Null(SqlType.Unknown);
            case "TRUE" or "FALSE":
                return Literal(SqlType.Boolean, word);
            case "DATE" or "TIME" or "TIMESTAMP" when Skip(" "):
                return Literal(word == "DATE" ? SqlType.Date : word == "TIME" ? SqlType.Time : SqlType.Timestamp, QuotedText());
            case "INTERVAL" when Skip(" "):
                return Literal(SqlType.Interval, QuotedText());
            case "ARRAY":
                Expect("[");
                return Array(List("]"));
            case "MAP" or "STRUCT":
                Expect("(");
                return word == "MAP" ? Map(Pairs()) : Struct(Pairs());
            case "CAST":
                return CastCall();
            default:
                Expect("(");
                return Call(word, [.. List(")")]);
        }
    }

    private TestValue CastCall()
    {
        Expect("(");
        var value = Expression();
        Expect("AS");
        SkipSpaces();
        var start = _at;
        for (var depth = 0; depth > 0 || text[_at] != ')'; _at++)
            depth += text[_at] == '(' ? 1 : text[_at] == ')' ? -1 : 0;
        var type = TypeOf(text[start.._at++]);
        return Cast(value, type);
    }

    private static SqlType TypeOf(string name) => name switch
    {
        "BOOLEAN" => SqlType.Boolean,
        "INTEGER" => SqlType.Integer,
        "BIGINT" => SqlType.BigInt,
        "DOUBLE" => SqlType.Double,
        "VARCHAR" => SqlType.Varchar,
        "BYTES" => SqlType.Bytes,
        "DATE" => SqlType.Date,
        "TIME" => SqlType.Time,
        "TIMESTAMP" => SqlType.Timestamp,
        "INTERVAL" => SqlType.Interval,
        _ when name.StartsWith("ARRAY<", StringComparison.Ordinal) => SqlType.ArrayOf(TypeOf(name[6..^1])),
        _ when name.StartsWith("DECIMAL(", StringComparison.Ordinal) =>
            SqlType.Decimal(int.Parse(name[8..^1].Split(',')[0], CultureInfo.InvariantCulture),
                int.Parse(name[8..^1].Split(',')[1], CultureInfo.InvariantCulture)),
        _ => throw new FormatException(name),
    };

    private List<TestValue> List(string end)
    {
        var values = new List<TestValue>();
        SkipSpaces();
        while (!Skip(end))
        {
            values.Add(Expression());
            SkipSpaces();
            Skip(",");
            SkipSpaces();
        }

        return values;
    }

    private List<(string Name, TestValue? Key, TestValue Value)> Pairs()
    {
        var pairs = new List<(string, TestValue?, TestValue)>();
        SkipSpaces();
        while (!Skip(")"))
        {
            var name = "";
            TestValue? key = null;
            if (text[_at] == '\'')
                key = Operand();
            else
                name = Word();
            SkipSpaces();
            Expect(":=");
            pairs.Add((name, key, Expression()));
            Skip(",");
            SkipSpaces();
        }

        return pairs;
    }

    private TestValue Array(List<TestValue> elements) => Call("ARRAY", [.. elements]);

    private TestValue Map(List<(string Name, TestValue? Key, TestValue Value)> pairs)
    {
        return Call("MAP", [.. pairs.SelectMany(static p => new[] { p.Key!, p.Value })]);
    }

    private TestValue Struct(List<(string Name, TestValue? Key, TestValue Value)> pairs)
    {
        return CallWithFields("STRUCT", [.. pairs.Select(static p => p.Name)], [.. pairs.Select(static p => p.Value)]);
    }

    /// <summary>A call whose last argument type names fields; see <c>ConstructorFunctions</c>.</summary>
    private TestValue CallWithFields(string name, string[] fields, params TestValue[] arguments)
    {
        var marker = SqlType.StructOf([.. fields.Select(static field => new StructField(field, SqlType.Unknown))]);
        var binding = BuiltInFunctions.Registry.FindScalar(name)
            .Select(found => found.Bind([.. arguments.Select(static a => a.Type), marker], rules))
            .FirstOrDefault(static bound => bound is not null);
        binding.ShouldNotBeNull();
        return new(binding.ResultType, Evaluate(binding, [.. arguments.Select(static a => a.Column)]));
    }

    private TestValue Number(int sign)
    {
        var start = _at;
        while (_at < text.Length && (char.IsAsciiDigit(text[_at]) || text[_at] == '.' || (text[_at] == 'E' && _at + 1 < text.Length)))
            _at += text[_at] == 'E' && text[_at + 1] is '-' or '+' ? 2 : 1;
        var digits = (sign < 0 ? "-" : "") + text[start.._at];
        if (digits.Contains('E'))
            return Literal(SqlType.Double, digits);
        if (digits.Contains('.'))
        {
            DecimalText.TryMeasure(Encoding.UTF8.GetBytes(digits), out var precision, out var scale).ShouldBeTrue();
            return Literal(SqlType.Decimal(precision, scale), digits);
        }

        return Literal(int.TryParse(digits, out _) ? SqlType.Integer : SqlType.BigInt, digits);
    }

    private TestValue Literal(SqlType type, string value)
    {
        var column = (BytesColumn)Constant(SqlType.Varchar);
        column.Set(0, Encoding.UTF8.GetBytes(value));
        return Cast(new(SqlType.Varchar, column), type);
    }

    private static TestValue Null(SqlType type)
    {
        var column = Constant(type);
        column.SetNull(0);
        return new(type, column);
    }

    private static Column Constant(SqlType type)
    {
        var column = Column.Create(type);
        column.Reset(1, constant: true);
        return column;
    }

    private string QuotedText()
    {
        var value = new StringBuilder();
        for (_at++; text[_at] != '\'' || (_at + 1 < text.Length && text[_at + 1] == '\''); _at++)
        {
            value.Append(text[_at]);
            if (text[_at] == '\'')
                _at++;
        }

        _at++;
        return value.ToString();
    }

    private string Word()
    {
        SkipSpaces();
        var start = _at;
        while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] == '_'))
            _at++;
        _at.ShouldBeGreaterThan(start, text);
        return text[start.._at];
    }

    private bool Skip(string token)
    {
        if (_at >= text.Length || !text.AsSpan(_at).StartsWith(token))
            return false;
        _at += token.Length;
        return true;
    }

    private void Expect(string token)
    {
        SkipSpaces();
        Skip(token).ShouldBeTrue($"{token} at {_at} of {text}");
    }

    private void SkipSpaces()
    {
        while (_at < text.Length && text[_at] == ' ')
            _at++;
    }

    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(981173106789);
    }
}
