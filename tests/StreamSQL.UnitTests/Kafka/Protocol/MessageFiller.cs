using System.Collections;
using System.Reflection;
using StreamSQL.Kafka;

namespace StreamSQL.UnitTests.Kafka.Protocol;

/// <summary>Fills all public fields of a message, down to a depth, with values made from a seed.</summary>
internal sealed class MessageFiller(int seed)
{
    private readonly Random _random = new(seed);

    public object Fill(Type type)
    {
        object message = Activator.CreateInstance(type)!;
        foreach (FieldInfo field in type.GetFields(BindingFlags.Public | BindingFlags.Instance))
            field.SetValue(message, Value(field.FieldType));
        return message;
    }

    private object? Value(Type type)
    {
        if (type == typeof(string))
            return new string('s', _random.Next(1, 200));
        if (type == typeof(sbyte))
            return (sbyte)_random.Next(1, 100);
        if (type == typeof(short))
            return (short)_random.Next(1, short.MaxValue);
        if (type == typeof(int))
            return _random.Next();
        if (type == typeof(long))
            return _random.NextInt64();
        if (type == typeof(bool))
            return true;
        if (type == typeof(Guid))
            return new Guid(_random.Next(), 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        if (type == typeof(ErrorCode))
            return (ErrorCode)_random.Next(1, 100);
        if (type == typeof(ReadOnlyMemory<byte>))
            return new ReadOnlyMemory<byte>(Enumerable.Range(0, _random.Next(1, 300)).Select(i => (byte)i).ToArray());
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(List<>))
        {
            var list = (IList)Activator.CreateInstance(type)!;
            for (int i = _random.Next(1, 4); i > 0; i--)
                list.Add(Value(type.GetGenericArguments()[0]));
            return list;
        }
        return Fill(type);
    }
}
