using System.Globalization;
using System.Text;

namespace StreamSQL.Data.Functions.Numeric;

/// <summary>Writes a number by a <see cref="NumberTemplate"/>.</summary>
internal sealed class NumberWriter
{
    private static readonly (int Value, string Digits)[] s_roman =
    [
        (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"),
        (4, "IV"), (1, "I"),
    ];

    private readonly NumberTemplate _template;
    private readonly bool _isNegative;
    private readonly string _whole;
    private readonly string _fraction;
    private readonly StringBuilder _text = new();
    private bool _hasBegun;
    private int _place;

    private NumberWriter(NumberTemplate template, bool isNegative, string whole, string fraction)
    {
        _template = template;
        _isNegative = isNegative;
        var overflows = whole.Length > template.WholeDigits && !(whole == "0" && template.WholeDigits == 0);
        _whole = overflows ? new string('#', template.WholeDigits) : whole == "0" && template.WholeDigits == 0 ? "" : whole;
        _fraction = overflows ? new string('#', fraction.Length) : fraction;
    }

    // Where the number's first digit stands.
    private int FirstPlace => _template.WholeDigits - _whole.Length;

    // Digits after the point that are written.
    private int FractionLength => _template.IsCompact
        ? Math.Max(_fraction.TrimEnd('0').Length, Math.Min(_template.LastFractionZero, _fraction.Length))
        : _fraction.Length;

    /// <summary>Writes a number.</summary>
    /// <param name="template">The template.</param>
    /// <param name="isNegative">Whether it is below zero.</param>
    /// <param name="whole">Its digits before the point, without zeros in front: at least one; or the name of what is no number.</param>
    /// <param name="fraction">As many digits after the point as the template has, or as the number's
    /// type has. Without any there is no point.</param>
    public static string Write(NumberTemplate template, bool isNegative, string whole, string fraction) =>
        new NumberWriter(template, isNegative, whole, fraction).Write();

    /// <summary>A number with an exponent: digits, point, digits, e and at least two digits of the exponent.</summary>
    public static string WriteScientific(NumberTemplate template, bool isNegative, string digits) =>
        (isNegative ? "-" : template.IsCompact ? "" : " ") + digits;

    /// <summary>A whole number in Roman digits; 1 to 3999.</summary>
    public static string WriteRoman(NumberTemplate template, long number)
    {
        const int Width = 15;
        if (number is < 1 or > 3999)
            return new string('#', Width);
        var text = new StringBuilder();
        foreach (var (value, digits) in s_roman)
        {
            for (; number >= value; number -= value)
                text.Append(digits);
        }

        var roman = template.Roman == "rn" ? text.ToString().ToLowerInvariant() : text.ToString();
        return template.IsCompact ? roman : roman.PadLeft(Width);
    }

    private string Write()
    {
        var lastDigit = -1;
        for (var i = 0; i < _template.Parts.Count; i++)
        {
            if (_template.Parts[i].Part is TemplatePart.Digit or TemplatePart.Zero or TemplatePart.Point)
                lastDigit = i;
        }

        for (var i = 0; i < _template.Parts.Count; i++)
        {
            Write(_template.Parts[i].Part, _template.Parts[i].Text, i > lastDigit);
            if (i == lastDigit && _template.HasBrackets)
                Fill(_isNegative ? '>' : ' ', _isNegative);
        }

        return _text.ToString();
    }

    private void Write(TemplatePart part, string text, bool isAfterNumber)
    {
        switch (part)
        {
            case TemplatePart.Digit or TemplatePart.Zero when _place < _template.WholeDigits:
                WriteWhole(_place++);
                break;
            case TemplatePart.Digit or TemplatePart.Zero:
                var place = _place++ - _template.WholeDigits;
                if (place < FractionLength)
                    _text.Append(_fraction[place]);
                break;
            case TemplatePart.Point when _fraction.Length > 0:
                Begin();
                _text.Append('.');
                break;
            case TemplatePart.Group:
                Fill(_hasBegun ? ',' : ' ', _hasBegun);
                break;
            case TemplatePart.Sign when isAfterNumber:
                _text.Append(_isNegative ? '-' : '+');
                break;
            case TemplatePart.Minus:
                Fill(_isNegative ? '-' : ' ', _isNegative);
                break;
            case TemplatePart.Plus:
                Fill(_isNegative ? ' ' : '+', !_isNegative);
                break;
            case TemplatePart.SignHere:
                _text.Append(_isNegative ? '-' : '+');
                break;
            case TemplatePart.Currency:
                _text.Append(' ');
                break;
            case TemplatePart.Ordinal:
                WriteOrdinal(text);
                break;
            case TemplatePart.Literal:
                _text.Append(text);
                break;
        }
    }

    private void WriteWhole(int place)
    {
        if (place < FirstPlace)
        {
            if (_template.FirstZero < 0 || place < _template.FirstZero)
            {
                Fill(' ', false);
                return;
            }

            Begin();
            _text.Append('0');
            return;
        }

        // A zero before the point is left out, unless nothing would be left.
        if (_whole == "0" && _fraction.Length > 0 && _template.FirstZero < 0 && !(_template.IsCompact && FractionLength == 0))
        {
            Fill(' ', false);
            return;
        }

        Begin();
        _text.Append(_whole[place - FirstPlace]);
    }

    // The sign stands before the first digit.
    private void Begin()
    {
        if (_hasBegun)
            return;
        _hasBegun = true;
        if (_template.PlacesSign)
            return;
        var signs = _template.Parts.Select(static part => part.Part).ToList();
        if (signs.IndexOf(TemplatePart.Sign) is var sign and >= 0)
        {
            if (signs.FindIndex(static part => part is TemplatePart.Digit or TemplatePart.Zero or TemplatePart.Point) > sign)
                _text.Append(_isNegative ? '-' : '+');
        }
        else if (_template.HasBrackets)
        {
            Fill(_isNegative ? '<' : ' ', _isNegative);
        }
        else
        {
            Fill(_isNegative ? '-' : ' ', _isNegative);
        }
    }

    // Padding is left out of compact texts.
    private void Fill(char c, bool always)
    {
        if (always || !_template.IsCompact)
            _text.Append(c);
    }

    private void WriteOrdinal(string pattern)
    {
        if (_isNegative || _template.HasPoint)
            return;
        var ending = _whole.Length > 1 && _whole[^2] == '1' ? "th" : _whole.Length == 0
            ? "th" : _whole[^1] switch { '1' => "st", '2' => "nd", '3' => "rd", _ => "th" };
        _text.Append(pattern == "TH" ? ending.ToUpper(CultureInfo.InvariantCulture) : ending);
    }
}
