namespace StreamSQL.ConformanceTests.Ksql;

/// <summary>One case of a suite, whatever the suite.</summary>
/// <param name="Name">ksqlDB's name of it.</param>
/// <param name="Group">What it is counted with inside its suite.</param>
/// <param name="Exclusion">The rule that leaves it out; null when it is run.</param>
/// <param name="RunAsync">Runs it against an engine of its own.</param>
internal sealed record ConformanceCase(string Name, string Group, string? Exclusion, Func<Task<CaseOutcome>> RunAsync);

/// <summary>How a case ended.</summary>
/// <param name="Failure">What was expected and what came instead; null when it passed.</param>
/// <param name="HasPhrase">Whether ours has the words in it that ksqlDB's error had; null where there are none.</param>
/// <param name="Error">Our error, where one was expected.</param>
internal readonly record struct CaseOutcome(string? Failure, bool? HasPhrase = null, string? Error = null);
