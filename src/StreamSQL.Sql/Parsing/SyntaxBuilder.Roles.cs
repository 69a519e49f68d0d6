using Antlr4.Runtime;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Parsing.Generated;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Parsing;

internal sealed partial class SyntaxBuilder
{
    private static Statement? RoleStatement(StreamSqlParser.StatementContext rule, TextPosition position) => rule switch
    {
        StreamSqlParser.CreateRoleContext create => new CreateRoleStatement(
            Identifier(create.name), RoleOptions(create.roleOption(), isUser: create.kind.Type == StreamSqlLexer.USER), position)
        {
            Text = $"CREATE {create.kind.Text.ToUpperInvariant()} {create.name.GetText()}",
        },
        StreamSqlParser.AlterRoleContext alter =>
            new AlterRoleStatement(Identifier(alter.name), RoleOptions(alter.roleOption(), isUser: false), position)
        {
            Text = $"ALTER ROLE {alter.name.GetText()}",
        },
        StreamSqlParser.RenameRoleContext rename => new RenameRoleStatement(Identifier(rename.name), Identifier(rename.to), position),
        StreamSqlParser.DropRoleContext drop => new DropRoleStatement(Identifiers(drop.identifier()), drop.EXISTS() is not null, position),
        _ => null,
    };

    // CREATE USER is CREATE ROLE with LOGIN by default.
    private static RoleOptions RoleOptions(StreamSqlParser.RoleOptionContext[] rules, bool isUser)
    {
        var options = new RoleOptions();
        foreach (var rule in rules)
        {
            options = rule switch
            {
                StreamSqlParser.PasswordOptionContext password => options with
                {
                    Password = Once(options.Password, rule, new PasswordSyntax(password.text() is { } text ? Text(text) : null)),
                },
                StreamSqlParser.ValidUntilOptionContext until =>
                    options with { ValidUntil = Once(options.ValidUntil, rule, Text(until.text())) },
                StreamSqlParser.ConnectionLimitOptionContext limit => options with
                {
                    ConnectionLimit = options.ConnectionLimit is null ? ConnectionLimit(limit) : throw Redundant(rule),
                },
                StreamSqlParser.AttributeOptionContext attribute => WithAttribute(options, attribute),
                _ => throw new InvalidOperationException($"unknown role option {rule.GetType().Name}"),
            };
        }

        return isUser && (options.Revoked & RoleAttributes.Login) == 0
            ? options with { Granted = options.Granted | RoleAttributes.Login } : options;
    }

    private static int ConnectionLimit(StreamSqlParser.ConnectionLimitOptionContext rule)
    {
        var limit = Small(rule.INTEGER().Symbol);
        return rule.MINUS() is null ? limit
            : limit == 1 ? -1
            : throw SyntaxErrors.At($"invalid connection limit: -{limit}", SourceText.PositionOf(rule));
    }

    private static RoleOptions WithAttribute(RoleOptions options, StreamSqlParser.AttributeOptionContext rule)
    {
        var name = Identifier(rule.attribute).Name;
        var isRevoked = AttributeOf(name) is null && name.StartsWith("NO", StringComparison.Ordinal);
        var attribute = AttributeOf(isRevoked ? name[2..] : name)
            ?? throw SyntaxErrors.At($"unrecognized role option \"{rule.GetText().ToLowerInvariant()}\"", SourceText.PositionOf(rule));
        if (((options.Granted | options.Revoked) & attribute) != 0)
            throw Redundant(rule);
        return isRevoked ? options with { Revoked = options.Revoked | attribute } : options with { Granted = options.Granted | attribute };
    }

    private static RoleAttributes? AttributeOf(string name) => name switch
    {
        "LOGIN" => RoleAttributes.Login,
        "SUPERUSER" => RoleAttributes.Superuser,
        "CREATEROLE" => RoleAttributes.CreateRole,
        "CREATEDB" => RoleAttributes.CreateDatabase,
        "INHERIT" => RoleAttributes.Inherit,
        "REPLICATION" => RoleAttributes.Replication,
        "BYPASSRLS" => RoleAttributes.BypassRowSecurity,
        _ => null,
    };

    private static T Once<T>(T? before, ParserRuleContext rule, T value)
        where T : class => before is null ? value : throw Redundant(rule);

    private static SqlException Redundant(ParserRuleContext rule) =>
        SyntaxErrors.At("conflicting or redundant options", SourceText.PositionOf(rule));
}
