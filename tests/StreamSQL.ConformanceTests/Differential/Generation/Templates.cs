using System.Text.RegularExpressions;

namespace StreamSQL.ConformanceTests.Differential.Generation;

/// <summary>
/// The functions and operators that both servers have, as texts with places: a place names the type
/// that belongs there, or what kind of constant (see <see cref="ExpressionGenerator"/>). A new function is a line here.
/// </summary>
internal sealed partial record Template(TermType Type, double Max, int Scale, bool Inexact, bool MayBeMissing, IReadOnlyList<string> Pieces)
{
    /// <summary>
    /// Templates by the type of their result. A line: type, largest magnitude, scale of a decimal, a tilde for inexact, a question mark
    /// where a version may not have it (see <see cref="Capabilities"/>); bar; text.
    /// </summary>
    public static ILookup<TermType, Template> All { get; } = Read("""
        int 400       | length({text})
        int 400       | char_length({text})
        int 1600      | octet_length({text})
        int 100       | octet_length({bytes})
        int 1200000   | ascii({text})
        int 400       | strpos({text}, {text})
        int 400       | position({text} in {text})
        int 2000      | extract(year from {date})::int
        int 10000000  | {date} - {date}
        int 100000    | abs({int.})
        int 100       | sign({decimal})::int
        int 100       | cardinality({int[]})
        int 100       | array_length({int[]}, 1)
        int 100       | array_length({text[]}, 1)
        int 1000      | ({int[]})[{small}]
        int 100       | {bool}::int
        int 2147483648 | ({decimal.})::int
        int 2147483648 | ({double.})::int
        int 2147483648 | ({bigint.})::int
        int 1000      | mod({int}, {nonzero})
        int 1000      | {int} % {nonzero}
        int 2147483648 | {int.} / {nonzero}
        int 255 ?     | {int.} & 255
        int 100000 ?  | {int.} | {natural}
        int 100000 ?  | {int.} # {natural}
        int 100000 ?  | {natural} << {natural}
        int 2147483648 ?| {int} >> {natural}
        int 100000 ?  | ~{int.}
        bigint 1e18   | ({int})::bigint
        bigint 1e9    | abs({bigint.})
        bigint 1e18   | {bigint.} / {nonzero}
        bigint 1e12   | round({decimal.})::bigint
        bigint 1000   | {bigint} % {nonzero}
        double 1e9    | ({int})::float8
        double 1e12   | ({decimal.})::float8
        double 1e9    | abs({double.})
        double 1e9    | floor({double.})
        double 1e9    | ceil({double.})
        double 1e9    | ceiling({double.})
        double 1e9    | trunc({double.})
        double 1e9    | round({double.})
        double 1      | sign({double.})
        double 1e5    | sqrt(abs({double.}))
        double 1e9 ~  | cbrt({double.})
        double 1e9 ~  | exp({double.} / 1000)
        double 100 ~  | ln(abs({double.}) + 1)
        double 100 ~  | log(abs({double.}) + 1)
        double 1 ~    | sin({double.})
        double 1 ~    | cos({double.})
        double 10 ~   | atan({double.})
        double 10 ~   | atan2({double.}, {double.})
        double 1e6 ~  | degrees({double.})
        double 1e6 ~  | radians({double.})
        double 1e9    | power({double.}, 2)
        double 4      | pi()
        decimal 1e9 4 | abs({decimal.})
        decimal 1e9 0 | floor({decimal.})
        decimal 1e9 0 | ceil({decimal.})
        decimal 1e9 0 | round({decimal.})
        decimal 1e9 0 | trunc({decimal.})
        decimal 1e9 1 | round({decimal.}, 1)
        decimal 1e9 2 | round({decimal.}, 2)
        decimal 1e9 2 | trunc({decimal.}, 2)
        decimal 1e9 0 | round({decimal.}, -1)
        decimal 1e9 0 | ({int})::numeric
        decimal 1e9 2 | CAST({int} AS decimal(12, 2))
        decimal 1e9 3 | CAST({decimal.} AS decimal(14, 3))
        decimal 1e9 4 | CAST({double.} AS decimal(16, 4))
        decimal 1     | sign({decimal})
        decimal 10000 | extract(year from {date})
        decimal 12    | extract(month from {date})
        decimal 31    | extract(day from {timestamp})
        decimal 24    | extract(hour from {timestamp})
        decimal 60 ?  | extract(minute from {time})
        decimal 60 6  | extract(second from {timestamp})
        decimal 7     | extract(dow from {date})
        decimal 7     | extract(isodow from {timestamp})
        decimal 366   | extract(doy from {date})
        decimal 4     | extract(quarter from {date})
        decimal 53    | extract(week from {date})
        decimal 10000 | extract(isoyear from {date})
        decimal 1e12 6 | extract(epoch from {timestamp})
        decimal 1e6 6 ?| extract(epoch from {interval})
        decimal 1e9 20 | {decimal.} / ({nonzero})::numeric
        double 10000  | date_part('year', {date})
        double 60     | date_part('minute', {timestamp})
        text          | lower({text})
        text          | upper({text})
        text          | initcap({text})
        text          | trim({text})
        text          | ltrim({text})
        text          | rtrim({text})
        text          | btrim({text}, {text})
        text          | trim(leading 'a' from {text})
        text          | trim(trailing {text} from {text})
        text          | trim(both ' ' from {text})
        text          | {text} || {text}
        text          | {text} || {int}
        text          | {bool} || {text}
        text  ?       | concat({text}, {int}, {bool})
        text  ?       | concat({text}, {date}, {decimal})
        text  ?       | concat_ws({text}, {text}, {int}, {text})
        text          | substring({text}, {small}, {natural})
        text          | substring({text} from {small})
        text          | substring({text} from {small} for {natural})
        text          | substr({text}, {small})
        text          | left({text}, {small})
        text          | right({text}, {small})
        text          | lpad({text}, {small}, {text})
        text          | rpad({text}, {small}, {text})
        text  ?       | lpad({text}, {small})
        text          | repeat({text}, {natural})
        text          | reverse({text})
        text          | replace({text}, {text}, {text})
        text  ?       | translate({text}, {text}, {text})
        text          | split_part({text}, {text}, 1)
        text          | split_part({text}, ',', {positive})
        text          | overlay({text} placing {text} from {positive} for {natural})
        text          | regexp_replace({text}, {regex}, {text-})
        text          | regexp_replace({text}, {regex}, '-', 'g')
        text          | md5({text})
        text          | chr({positive} + 64)
        text  ?       | encode({bytes}, 'hex')
        text  ?       | encode({bytes}, 'base64')
        text          | ({int})::text
        text          | ({bigint})::text
        text          | ({double})::text
        text          | ({bool})::text
        text          | ({date})::text
        text          | ({time})::text
        text          | ({timestamp})::text
        text          | ({interval})::text
        text          | ({bytes})::text
        text  ?       | ({int[]})::text
        text  ?       | ({text[]})::text
        text          | CAST({decimal} AS decimal(20, 3))::text
        text          | to_char({timestamp}, 'YYYY-MM-DD HH24:MI:SS')
        text          | to_char({timestamp}, 'DD Mon YYYY, HH12:MI AM')
        text          | to_char({date}, 'Day DDD ID IW')
        text          | array_to_string({text[]}, {text})
        text  ?       | array_to_string({int[]}, ',', '*')
        text          | ({text[]})[{small}]
        text          | ({text})::varchar(3)::text
        text          | quote_literal({text})
        text          | quote_ident({text})
        bool          | {text} like {pattern}
        bool          | {text} not like {pattern}
        bool          | {text} ilike {pattern}
        bool          | {text} like {pattern} escape '!'
        bool  ?       | {text} similar to {similar}
        bool          | {text} ~ {regex}
        bool          | {text} ~* {regex}
        bool          | {text} !~ {regex}
        bool          | starts_with({text}, {text})
        bool          | {int} = any({int[]})
        bool          | {int} < all({int[]})
        bool          | {text} = any({text[]})
        bool          | {text} <> all(array[{text}, {text}])
        bool  ?       | {text} like any(array[{pattern}, {pattern}])
        bool  ?       | {int[]} @> {int[]}
        bool  ?       | {text[]} <@ {text[]}
        bool  ?       | {int[]} && {int[]}
        bool          | ({int}, {text}) = ({int}, {text})
        bool  ?       | ({int}, {text}) < ({int}, {text})
        bool          | ({int} % 2)::boolean
        bool          | {bool} is true
        bool          | {bool} is not false
        bool          | {bool} is unknown
        bool          | {bool} is not null
        bool          | ({bool} and {bool}) is distinct from {bool}
        date          | {date} + {small}
        date          | {date} - {small}
        date          | ({timestamp})::date
        date          | {text-}::date
        date  ?       | make_date(2020, {positive}, {positive})
        time          | ({timestamp})::time
        timestamp     | ({date})::timestamptz
        timestamp     | {timestamp} + {interval}
        timestamp     | {timestamp} - {interval}
        timestamp     | date_trunc('hour', {timestamp})
        timestamp     | date_trunc('day', {timestamp})
        timestamp     | date_trunc('week', {timestamp})
        timestamp     | date_trunc('month', {timestamp})
        timestamp     | date_trunc('quarter', {timestamp})
        timestamp     | date_trunc('year', {timestamp})
        timestamp     | to_timestamp({int})
        plain         | {plain} + {interval}
        plain         | {plain} - {interval}
        plain         | {date} + {interval}
        plain         | {date} + {time}
        plain         | ({timestamp})::timestamp
        plain         | {timestamp} at time zone 'Europe/Berlin'
        plain         | date_trunc('month', {plain})
        plain         | date_trunc('hour', {plain})
        timestamp     | {plain} at time zone 'America/New_York'
        timestamp     | ({plain})::timestamptz
        date          | ({plain})::date
        text          | ({plain})::text
        text          | to_char({plain}, 'FMDay DDth Month YYYY HH24:MI:SS.US')
        text          | to_char({interval}, 'YYYY-MM-DD HH24:MI:SS')
        decimal 12    | extract(month from {plain})
        decimal 1e12 6 | extract(epoch from {plain})
        decimal 12    | extract(month from {interval})
        bool          | {plain} < {plain}
        bool          | {plain} = {date}
        bool          | {interval} < {interval}
        bool          | {interval} = {interval}
        interval      | {plain} - {plain}
        interval      | age({plain}, {plain})
        interval      | justify_interval({interval})
        interval      | justify_days({interval})
        interval      | justify_hours({interval})
        interval      | ({time})::interval
        interval      | {interval} / {nonzero}
        interval      | {timestamp} - {timestamp}
        interval      | {interval} + {interval}
        interval      | -({interval})
        interval      | {interval} * {small}
        bytes         | {bytes} || {bytes}
        bytes  ?      | decode(encode({bytes}, 'hex'), 'hex')
        bytes         | substring({bytes}, {positive}, {natural})
        int[]         | array[{int}, {int}]
        int[]  ?      | {int[]} || {int}
        int[]         | {int[]} || {int[]}
        int[]         | array_append({int[]}, {int})
        int[]  ?      | array_prepend({int}, {int[]})
        int[]         | array_cat({int[]}, {int[]})
        int[]         | array_remove({int[]}, {small})
        int[]  ?      | ({int[]})[1:{positive}]
        text[]        | array[{text}, {text}]
        text[]  ?     | {text[]} || {text}::text
        text[]        | string_to_array({text}, {text})
        text[]        | regexp_split_to_array({text}, {regex})
        text[]        | ({int[]})::text[]
        int 3200      | bit_length({text})
        int 400       | regexp_count({text}, {regex})
        int 1000      | array_position({int[]}, {int})
        int 1e6       | gcd({int.}, {int.})
        int 1e12      | width_bucket({decimal.}, 0, 10, 5)
        int 10        | jsonb_array_length(jsonb_build_array({int}, {text}))
        decimal 1e9 0 | div({decimal.}, ({nonzero})::numeric)
        decimal 10 6  | mod({decimal.}, ({nonzero})::numeric)
        decimal 100   | extract(century from {date})
        decimal 1000  | extract(decade from {date})
        decimal 10    | extract(millennium from {plain})
        decimal 1e7   | extract(julian from {date})
        decimal 60000 6 | extract(milliseconds from {time})
        decimal 1e8 6 | extract(microseconds from {timestamp})
        decimal 0     | extract(timezone from {timestamp})
        text          | format('%s|%s', {text}, {int})
        text          | format('%L', {text})
        text          | substring({text} from {regex})
        text          | regexp_substr({text}, {regex})
        text          | to_hex({int.})
        text          | array_dims({int[]})
        text          | to_char({int}, 'FM999,990.0')
        text          | to_char({decimal.}, 'FM9999990.00')
        text          | to_char({date}, 'YYYY-"W"IW Q J')
        text          | {json} ->> 'a'
        text          | {json} #>> '{b,1}'
        text          | ({json})::text
        text          | jsonb_typeof({json})
        bool          | regexp_like({text}, {regex})
        bool          | {int[]} = {int[]}
        bool          | {int[]} < {int[]}
        bool          | {text[]} >= {text[]}
        bool          | isfinite({plain})
        bool          | ({date}, {date}) overlaps ({date}, {date})
        bool          | {json} @> {json}
        bool          | {json} ? 'a'
        bool          | {json} = {json}
        bool          | jsonb_path_exists({json}, '$.b[*] ? (@ > 1)')
        date          | to_date(to_char({date}, 'YYYYMMDD'), 'YYYYMMDD')
        time          | {time} + {interval}
        time          | ({plain})::time
        plain         | date_bin('15 minutes', {plain}, timestamp '2001-01-01')
        plain         | date_trunc('decade', {plain})
        interval      | make_interval(days => {small}, hours => {natural})
        interval      | {time} - {time}
        interval      | date_trunc('hour', {interval})
        int[]         | array_positions({int[]}, {int})
        int[]         | array_replace({int[]}, {int}, {int})
        int[]         | array(select generate_series({positive}, {natural}))
        text[]        | regexp_match({text}, {regex})
        text[]        | array_cat({text[]}, {text[]})
        json          | {json} -> 'a'
        json          | {json} -> {small}
        json          | {json} #> '{b,2,c}'
        json          | jsonb_build_object('k', {json}) || jsonb_build_object('x', {json})
        json          | jsonb_build_object('a', {json}, 'b', {int}) - 'a'
        json          | jsonb_set(jsonb_build_object('a', {json}), array['a'], {json})
        json          | jsonb_build_array({int}, {text}, {bool}, {json})
        json          | jsonb_build_object('x', {int}, 'y', {text})
        json          | jsonb_strip_nulls({json})
        json          | jsonb_path_query_array({json}, '$.b[*]')
        json          | to_jsonb({int})
        json          | to_jsonb(({text})::text)
        json          | to_jsonb({bool})
        json          | to_jsonb({int[]})
        json          | to_jsonb({date})
        """);

    /// <summary>The text with the simplest value in each place.</summary>
    public string SimplestText() => string.Concat(Pieces.Select(static (piece, i) => i % 2 == 0 ? piece : SimplestOf(piece)));

    public static TermType TypeOf(string name) => name switch
    {
        "int[]" => TermType.Ints,
        "text[]" => TermType.Texts,
        _ => Enum.Parse<TermType>(name, ignoreCase: true),
    };

    private static string SimplestOf(string place) => place switch
    {
        "small" or "natural" or "positive" or "nonzero" => "2",
        "pattern" or "similar" or "regex" => "'a'",
        "text-" => "'2020-01-31'",
        _ => Nodes.Simplest(TypeOf(place.TrimEnd('.'))),
    };

    private static ILookup<TermType, Template> Read(string lines) =>
        lines.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(ReadLine)
            .ToLookup(static template => template.Type);

    private static Template ReadLine(string line)
    {
        var bar = line.IndexOf('|', StringComparison.Ordinal);
        var words = line[..bar].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        double Number(int index) => index < words.Length
            && double.TryParse(words[index], System.Globalization.CultureInfo.InvariantCulture, out var value) ? value : 0;
        return new(TypeOf(words[0]), Number(1), (int)Number(2), words.Contains("~"), words.Contains("?"),
            Places().Split(line[(bar + 1)..].Trim()));
    }

    /// <summary>Texts at even places, names of places at odd ones.</summary>
    [GeneratedRegex(@"\{([a-zI\[\].-]+)\}")]
    private static partial Regex Places();
}
