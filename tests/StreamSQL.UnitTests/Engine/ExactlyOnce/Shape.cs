namespace StreamSQL.UnitTests.Engine.ExactlyOnce;

/// <summary>What has been read of a run: its input, and the output topics.</summary>
/// <param name="History">The input.</param>
/// <param name="Outputs">The output topics, by name.</param>
internal sealed record RunResult(History History, IReadOnlyDictionary<string, OutputLog> Outputs);

/// <summary>A kind of continuous query, with an oracle that says from the input alone what its results are.</summary>
/// <param name="name">Its name, which is its topic's and its stream's or table's.</param>
internal abstract class Shape(string name)
{
    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>The statements that make it; semicolons end them.</summary>
    public abstract string Statements { get; }

    /// <summary>The pull query that reads its result; its rows are those of <see cref="ExpectedRows"/> in any order.</summary>
    public abstract string Query { get; }

    /// <summary>How many bounds of windows stand behind the keys of its records: none, the start, or a session's end and start.</summary>
    public virtual int WindowBounds => 0;

    /// <summary>What the pull query has to give in the end.</summary>
    public abstract IEnumerable<string> ExpectedRows(RunResult run);

    /// <summary>What is wrong with the output topic: at its end, and at the end of each transaction in it.</summary>
    public abstract IEnumerable<string> Check(RunResult run);

    /// <summary>What is wrong with rows that its pull query gave in between: each has to be one that was committed.</summary>
    public virtual IEnumerable<string> CheckPulled(OutputLog log, IReadOnlyCollection<string> pulled) => [];

    /// <inheritdoc/>
    public override string ToString() => name;
}
