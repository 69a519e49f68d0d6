using System.Globalization;
using System.Text;
using Npgsql;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Strings;

/// <summary>
/// Masking: upper-case letters become X, lower-case letters x, digits n, others -, or the characters given in that order; a character given
/// as NULL leaves its class as it is.
/// </summary>
internal static class MaskFunctions
{
    private const string Category = "String";

    private enum Side
    {
        All,
        Left,
        Right,
        KeepLeft,
        KeepRight,
    }

    public static IEnumerable<ScalarFunction> All() =>
    [
        Define("MASK", Side.All, "All characters masked.", ("MASK('My Test $123')", "Xx-Xxxx--nnn")),
        Define("MASK_LEFT", Side.Left, "The first so many characters masked.", ("MASK_LEFT('My Test $123', 4)", "Xx-Xest $123")),
        Define("MASK_RIGHT", Side.Right, "The last so many characters masked.", ("MASK_RIGHT('My Test $123', 4)", "My Test -nnn")),
        Define("MASK_KEEP_LEFT", Side.KeepLeft, "All but the first so many characters masked.",
            ("MASK_KEEP_LEFT('My Test $123', 4)", "My Txxx--nnn")),
        Define("MASK_KEEP_RIGHT", Side.KeepRight, "All but the last so many characters masked.",
            ("MASK_KEEP_RIGHT('My Test $123', 4)", "Xx-Xxxx-$123")),
    ];

    private static OverloadedFunction Define(string name, Side side, string description, (string, string) example)
    {
        SqlType[] plain = side == Side.All ? [SqlType.Varchar] : [SqlType.Varchar, SqlType.Integer];
        SqlType[] custom = [.. plain, SqlType.Varchar, SqlType.Varchar, SqlType.Varchar, SqlType.Varchar];
        return new(name, Category, description, [example], new Overload(plain, SqlType.Varchar, () => new MaskKernel(side)),
            new Overload(custom, SqlType.Varchar, () => new MaskKernel(side)));
    }

    private sealed class MaskKernel(Side side) : ScalarKernel
    {
        /// <inheritdoc/>
        public override void Evaluate(in KernelContext context, ReadOnlySpan<Columns.Column> arguments, Columns.Column result)
        {
            var count = side == Side.All ? 1 : 2;
            foreach (var row in context.Rows)
            {
                var call = new RowCall(context, arguments, result, row);
                if (call.IsNull(0) || (count == 2 && call.IsNull(1)))
                    call.ReturnNull();
                else if (count == 2 && call.Int(1) < 0)
                    call.Fail(PostgresErrorCodes.InvalidParameterValue, $"a number of characters cannot be {call.Int(1)}");
                else
                    call.Return(Mask(call, count));
            }
        }

        private byte[] Mask(in RowCall call, int optional)
        {
            var text = Encoding.UTF8.GetString(call.Text(0));
            var masked = new StringBuilder(text.Length);
            var length = text.EnumerateRunes().Count();
            var size = side == Side.All ? length : call.Int(1);
            var (from, to) = side switch
            {
                Side.Left => (0, size),
                Side.Right => (length - size, length),
                Side.KeepLeft => (size, length),
                Side.KeepRight => (0, length - size),
                _ => (0, length),
            };
            var position = 0;
            foreach (var rune in text.EnumerateRunes())
            {
                var inside = position >= from && position < to;
                position++;
                if (inside && Replacement(call, optional, rune) is { } replacement)
                    masked.Append(replacement);
                else
                    masked.Append(rune.ToString());
            }

            return Encoding.UTF8.GetBytes(masked.ToString());
        }

        private static string? Replacement(in RowCall call, int optional, Rune rune)
        {
            var kind = Rune.GetUnicodeCategory(rune) switch
            {
                UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => 0,
                UnicodeCategory.LowercaseLetter => 1,
                UnicodeCategory.DecimalDigitNumber => 2,
                _ => 3,
            };
            if (call.Count <= optional)
                return kind switch { 0 => "X", 1 => "x", 2 => "n", _ => "-" };
            return call.IsNull(optional + kind) ? null : Encoding.UTF8.GetString(call.Text(optional + kind));
        }
    }
}
