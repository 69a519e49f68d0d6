using System.Globalization;
using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Protobuf.Schema;

/// <summary>
/// Makes the file for SQL types, named as Confluent's tools name it: messages that have no name of their own are ConnectDefault1, 2 and so
/// on, in the order in which they occur, each inside the message that uses it; a MAP is a list of entries.
/// </summary>
internal sealed class ProtoBuilder
{
    private const string DefaultName = "ConnectDefault";
    private readonly NullableRepresentation _nullable;
    private readonly SortedSet<string> _imports = new(StringComparer.Ordinal);
    private int _unnamed;

    private ProtoBuilder(NullableRepresentation nullable) => _nullable = nullable;

    /// <summary>Makes a file with one message.</summary>
    /// <param name="fields">The fields; their numbers are their places, from 1.</param>
    /// <param name="fullName">The message's name, with its package; null for the default.</param>
    /// <param name="nullable">How NULL is told from defaults.</param>
    /// <exception cref="SqlException">0A000: a type that Protobuf cannot hold.</exception>
    public static ProtoFile Build(IReadOnlyList<StructField> fields, string? fullName, NullableRepresentation nullable)
    {
        var builder = new ProtoBuilder(nullable);
        var file = new ProtoFile { IsProto3 = true };
        fullName ??= builder.NextName();
        var dot = fullName.LastIndexOf('.');
        file.Package = dot < 0 ? "" : fullName[..dot];
        var message = new ProtoMessage(fullName[(dot + 1)..], fullName);
        builder.AddFields(message, fields);
        file.Messages.Add(message);
        file.Imports.AddRange(builder._imports.Select(static path => new ProtoImport(path, IsPublic: false)));
        return file;
    }

    private string NextName() => string.Create(CultureInfo.InvariantCulture, $"{DefaultName}{++_unnamed}");

    private void AddFields(ProtoMessage message, IReadOnlyList<StructField> fields)
    {
        for (var i = 0; i < fields.Count; i++)
            message.Add(Field(message, fields[i].Name, i + 1, fields[i].Type, isElement: false));
    }

    private ProtoField Field(ProtoMessage owner, string name, int number, SqlType type, bool isElement)
    {
        switch (type.Kind)
        {
            case SqlTypeKind.Array when isElement || type.Element!.Kind is SqlTypeKind.Array or SqlTypeKind.Map:
                throw new SqlException(PostgresErrorCodes.FeatureNotSupported,
                    $"PROTOBUF cannot hold {type} inside an ARRAY, column: `{name}`");
            case SqlTypeKind.Array:
                return Field(owner, name, number, type.Element!, isElement: true);
            case SqlTypeKind.Map:
                var entry = Nested(owner, $"{NextName()}Entry");
                entry.Add(new ProtoField("key", 1, ProtoLabel.Implicit, ProtoType.String));
                entry.Add(Field(entry, "value", 2, type.Element!, isElement: false));
                return Message(name, number, ProtoLabel.Repeated, entry);
            case SqlTypeKind.Struct:
                var message = Nested(owner, NextName());
                AddFields(message, type.Fields);
                return Message(name, number, isElement ? ProtoLabel.Repeated : ProtoLabel.Implicit, message);
            case SqlTypeKind.Timestamp or SqlTypeKind.Date or SqlTypeKind.Time or SqlTypeKind.Decimal:
                return ValueMessage(name, number, type, isElement ? ProtoLabel.Repeated : ProtoLabel.Implicit);
            default:
                return Scalar(name, number, ScalarOf(type), isElement);
        }
    }

    private static ProtoMessage Nested(ProtoMessage owner, string name)
    {
        var message = new ProtoMessage(name, $"{owner.FullName}.{name}");
        owner.Messages.Add(message);
        return message;
    }

    private ProtoField Scalar(string name, int number, ProtoType type, bool isElement)
    {
        if (_nullable == NullableRepresentation.Wrapper)
            return Imported(name, number, isElement ? ProtoLabel.Repeated : ProtoLabel.Implicit, WellKnown.WrapperOf(type));
        if (isElement)
            return new ProtoField(name, number, ProtoLabel.Repeated, type) { IsPacked = ProtoTypes.IsPackable(type) };
        var isOptional = _nullable == NullableRepresentation.Optional;
        return new ProtoField(name, number, isOptional ? ProtoLabel.Optional : ProtoLabel.Implicit, type) { IsProto3Optional = isOptional };
    }

    private ProtoField ValueMessage(string name, int number, SqlType type, ProtoLabel label)
    {
        var field = Imported(name, number, label, WellKnown.Find(type.Kind switch
        {
            SqlTypeKind.Timestamp => WellKnown.Timestamp,
            SqlTypeKind.Date => WellKnown.Date,
            SqlTypeKind.Time => WellKnown.TimeOfDay,
            _ => WellKnown.Decimal,
        }));
        if (type.Kind == SqlTypeKind.Decimal)
        {
            field.Parameters.Add(WellKnown.PrecisionParameter, type.Precision.ToString(CultureInfo.InvariantCulture));
            field.Parameters.Add(WellKnown.ScaleParameter, type.Scale.ToString(CultureInfo.InvariantCulture));
        }

        return field;
    }

    private ProtoField Imported(string name, int number, ProtoLabel label, ProtoMessage message)
    {
        _imports.Add(WellKnown.FileOf(message.FullName)!);
        return Message(name, number, label, message);
    }

    private static ProtoField Message(string name, int number, ProtoLabel label, ProtoMessage message) =>
        new(name, number, label, ProtoType.Message) { Message = message };

    private static ProtoType ScalarOf(SqlType type) => type.Kind switch
    {
        SqlTypeKind.Boolean => ProtoType.Bool,
        SqlTypeKind.Integer => ProtoType.Int32,
        SqlTypeKind.BigInt => ProtoType.Int64,
        SqlTypeKind.Double => ProtoType.Double,
        SqlTypeKind.Varchar => ProtoType.String,
        SqlTypeKind.Bytes => ProtoType.Bytes,
        _ => throw new SqlException(PostgresErrorCodes.FeatureNotSupported, $"PROTOBUF cannot hold {type}."),
    };
}
