using System.Text.Json;

namespace StreamSQL.Data.Functions.Json.Paths;

/// <summary>Why a path has no result, with its SQLSTATE.</summary>
internal sealed class PathException(string sqlState, string message) : Exception(message)
{
    /// <summary>SQLSTATE, of class 22.</summary>
    public string SqlState { get; } = sqlState;
}

/// <summary>
/// Evaluates an SQL/JSON path. In lax mode arrays are unwrapped where members or methods are asked for, values are wrapped where elements
/// are, and what is not there is nothing; in strict mode it is an error. An error within a condition makes the condition unknown.
/// </summary>
internal sealed class PathEvaluator(JsonPathQuery path, JsonElement whole, JsonElement? variables)
{
    // Values that a path may give, so that .** over .** ends.
    private const int MaxValues = 1_000_000;

    private int _count;

    /// <summary>The values of the path; for a condition one that is true, false or null.</summary>
    /// <exception cref="PathException">There are none.</exception>
    public List<JsonElement> Evaluate() => IsCondition(path.Root) ? [Boolean(Test(path.Root, whole))] : Values(path.Root, whole, -1);

    /// <summary>Whether a node is a condition, not a path.</summary>
    public static bool IsCondition(PathNode node) => node is PathComparison or PathLogical or PathNot or PathIsUnknown or PathExists
        or PathRegex or PathStartsWith;

    private static JsonElement Boolean(bool? value) => JsonSerializer.SerializeToElement(value);

    private List<JsonElement> Values(PathNode node, JsonElement current, int last)
    {
        List<JsonElement> values = node switch
        {
            PathRoot { Kind: PathRootKind.Whole } => [whole],
            PathRoot { Kind: PathRootKind.Current } => [current],
            PathRoot =>
                [last >= 0 ? JsonSerializer.SerializeToElement(last) : throw Error("42601", "LAST is allowed only in array subscripts")],
            PathConstant constant => [constant.Value],
            PathVariable variable => [Variable(variable.Name)],
            PathMember member => Members(member, Values(member.Operand, current, last)),
            PathDescent descent => Descend(descent, Values(descent.Operand, current, last)),
            PathElements elements => Elements(elements, Values(elements.Operand, current, last), current),
            PathMethod method => [.. Unwrapped(Values(method.Operand, current, last), method.Name is not ("type" or "size"))
                .SelectMany(value => PathMethods.Call(method.Name, value, path.IsStrict))],
            PathFilter filter =>
                [.. Unwrapped(Values(filter.Operand, current, last), true).Where(value => Test(filter.Condition, value) == true)],
            PathArithmetic arithmetic => Arithmetic(arithmetic, current, last),
            _ => [Boolean(Test(node, current))],
        };
        _count += values.Count;
        return _count <= MaxValues ? values : throw Error("54000", "the path gives too many values");
    }

    private JsonElement Variable(string name) => variables is { ValueKind: JsonValueKind.Object } all
        && all.TryGetProperty(name, out var value)
        ? value
        : throw Error("42704", $"could not find jsonpath variable \"{name}\"");

    // In lax mode the elements of arrays in their place.
    private IEnumerable<JsonElement> Unwrapped(List<JsonElement> values, bool unwraps) =>
        path.IsStrict || !unwraps ? values
            : values.SelectMany(static value => value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().AsEnumerable() : [value]);

    private List<JsonElement> Members(PathMember member, List<JsonElement> values)
    {
        var found = new List<JsonElement>();
        foreach (var value in Unwrapped(values, true))
        {
            if (value.ValueKind != JsonValueKind.Object)
            {
                if (path.IsStrict)
                    throw member.Name is null ? Error("2203C", "jsonpath wildcard member accessor can only be applied to an object")
                        : Error("2203A", "jsonpath member accessor can only be applied to an object");
            }
            else if (member.Name is null)
            {
                found.AddRange(JsonValue.Members(value).Select(static property => property.Value));
            }
            else if (value.TryGetProperty(member.Name, out var own))
            {
                found.Add(own);
            }
            else if (path.IsStrict)
            {
                throw Error("2203A", $"JSON object does not contain key \"{member.Name}\"");
            }
        }

        return found;
    }

    private static List<JsonElement> Descend(PathDescent descent, List<JsonElement> values)
    {
        var found = new List<JsonElement>();
        foreach (var value in values)
            Descend(value, 0);
        return found;

        void Descend(JsonElement value, int level)
        {
            var inner = value.ValueKind switch
            {
                JsonValueKind.Object => JsonValue.Members(value).Select(static property => property.Value).ToList(),
                JsonValueKind.Array => value.EnumerateArray().ToList(),
                _ => [],
            };
            if ((level >= descent.From && level <= descent.To) || (descent.From == int.MaxValue && inner.Count == 0))
                found.Add(value);
            if (level >= descent.To)
                return;
            foreach (var one in inner)
                Descend(one, level + 1);
        }
    }

    private List<JsonElement> Elements(PathElements elements, List<JsonElement> values, JsonElement current)
    {
        var found = new List<JsonElement>();
        foreach (var value in values)
        {
            if (value.ValueKind != JsonValueKind.Array && path.IsStrict)
                throw Error("22039",
                    $"jsonpath {(elements.Ranges is null ? "wildcard array" : "array")} accessor can only be applied to an array");
            JsonElement[] items = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
            if (elements.Ranges is null)
            {
                found.AddRange(items);
                continue;
            }

            foreach (var (from, to) in elements.Ranges)
            {
                var first = Place(from, current, items.Length - 1);
                var end = to is null ? first : Place(to, current, items.Length - 1);
                if (path.IsStrict && (first < 0 || first > end || end >= items.Length))
                    throw Error("22033", "jsonpath array subscript is out of bounds");
                for (var i = Math.Max(first, 0); i <= end && i < items.Length; i++)
                    found.Add(items[i]);
            }
        }

        return found;
    }

    private int Place(PathNode node, JsonElement current, int last) =>
        Values(node, current, Math.Max(last, 0)) is [{ ValueKind: JsonValueKind.Number } place] && place.TryGetDouble(out var number)
            && Math.Abs(number) <= int.MaxValue
            ? (int)Math.Truncate(number)
            : throw Error("22033", "jsonpath array subscript is not a single numeric value");

    private List<JsonElement> Arithmetic(PathArithmetic arithmetic, JsonElement current, int last)
    {
        if (arithmetic.Left is null)
        {
            return [.. Unwrapped(Values(arithmetic.Right, current, last), true).Select(value => PathMethods.IsNumber(value, out var number)
                ? PathMethods.Number(arithmetic.Operator == '-' ? -number : number)
                : throw Error("2203B", $"operand of unary jsonpath operator {arithmetic.Operator} is not a numeric value"))];
        }

        var left = Operand(arithmetic.Left, "left");
        var right = Operand(arithmetic.Right, "right");
        if (arithmetic.Operator is '/' or '%' && right == 0)
            throw Error("22012", "division by zero");
        try
        {
            return [PathMethods.Number(arithmetic.Operator switch { '+' => left + right, '-' => left - right, '*' => left * right,
                '/' => left / right, _ => left % right })];
        }
        catch (OverflowException)
        {
            throw Error("22003", "value overflows numeric format");
        }

        decimal Operand(PathNode node, string side) => Unwrapped(Values(node, current, last), true).ToList() is [var only]
            && PathMethods.IsNumber(only, out var number)
            ? number
            : throw Error("22038", $"{side} operand of jsonpath operator {arithmetic.Operator} is not a single numeric value");
    }

    // True, false, or null for unknown.
    private bool? Test(PathNode node, JsonElement current)
    {
        switch (node)
        {
            case PathLogical logical:
                var left = Test(logical.Left, current);
                if (left == !logical.IsAnd)
                    return left;
                var right = Test(logical.Right, current);
                return right == !logical.IsAnd ? right : left is null || right is null ? null : logical.IsAnd;
            case PathNot not:
                return !Test(not.Operand, current);
            case PathIsUnknown unknown:
                return Test(unknown.Operand, current) is null;
            case PathExists exists:
                return TryValues(exists.Operand, current) is { } values ? values.Count > 0 : null;
            case PathComparison comparison:
                return Any(comparison.Left, comparison.Right, current, (a, b) => PathMethods.Compare(comparison.Operator, a, b));
            case PathStartsWith starts:
                return Any(starts.Operand, starts.Beginning, current, static (a, b) =>
                    a.ValueKind == JsonValueKind.String
                        && b.ValueKind == JsonValueKind.String
                        ? a.GetString()!.StartsWith(b.GetString()!, StringComparison.Ordinal) : null);
            case PathRegex regex:
                return Any(regex.Operand, null, current,
                    (a, _) => a.ValueKind == JsonValueKind.String ? regex.Regex.IsMatch(a.GetString()!) : null);
            default:
                return TryValues(node, current) is [{ ValueKind: JsonValueKind.True or JsonValueKind.False } only]
                    ? only.GetBoolean() : null;
        }
    }

    private List<JsonElement>? TryValues(PathNode node, JsonElement current)
    {
        try
        {
            return Values(node, current, -1);
        }
        catch (PathException e) when (e.SqlState.StartsWith("22", StringComparison.Ordinal))
        {
            return null;
        }
    }

    // Whether a pair passes; in lax mode the first that does decides, in strict mode one that cannot be told makes all unknown.
    private bool? Any(PathNode leftNode, PathNode? rightNode, JsonElement current, Func<JsonElement, JsonElement, bool?> test)
    {
        if (TryValues(leftNode, current) is not { } left
            || (rightNode is null ? [default] : TryValues(rightNode, current)) is not { } right)
            return null;
        var (found, isUnknown) = (false, false);
        foreach (var a in Unwrapped(left, true))
        {
            foreach (var b in rightNode is null ? right : Unwrapped(right, true))
            {
                var result = test(a, b);
                if (result is null && path.IsStrict)
                    return null;
                if (result == true && !path.IsStrict)
                    return true;
                isUnknown |= result is null;
                found |= result == true;
            }
        }

        return found ? true : isUnknown ? null : false;
    }

    private static PathException Error(string sqlState, string message) => new(sqlState, message);
}
