using System.Globalization;

namespace StreamSQL.ClusterTests.Crashes;

/// <summary>What stands behind a proof's name: COUNT [--seed S].</summary>
internal readonly record struct CommandOptions(int Count, int Seed)
{
    /// <summary>
    /// Reads them, with a random seed where none is given; null, after a line on how it is used, when they are something else.
    /// </summary>
    public static CommandOptions? Read(string name, string[] arguments)
    {
        int seed = Random.Shared.Next();
        bool isRight = arguments is [_] or [_, "--seed", _]
            && int.TryParse(arguments[0], NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0
            && (arguments.Length == 1 || int.TryParse(arguments[2], NumberStyles.None, CultureInfo.InvariantCulture, out seed));
        if (!isRight)
        {
            Console.Error.WriteLine($"usage: {name} COUNT [--seed S]");
            return null;
        }

        return new CommandOptions(int.Parse(arguments[0], CultureInfo.InvariantCulture), seed);
    }
}
