using StreamSQL.Data.Functions;

namespace StreamSQL.UnitTests.Data.Functions;

public class FunctionDocTests
{
    public static TheoryData<string, string, string> Examples()
    {
        var data = new TheoryData<string, string, string>();
        foreach (var function in BuiltInFunctions.Registry.Scalars)
        {
            foreach (var example in function.Doc.Examples)
                data.Add(function.Name, example.Expression, example.Result);
        }

        foreach (var function in BuiltInFunctions.Registry.Tables)
        {
            foreach (var example in function.Doc.Examples)
                data.Add(function.Name, example.Expression, example.Result);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Every_example_gives_its_result(string function, string expression, string result) =>
        ExpressionRunner.Run(expression).ShouldBe(result, function);

    [Fact]
    public void Every_function_is_described()
    {
        foreach (var function in BuiltInFunctions.Registry.Scalars)
        {
            function.Doc.Description.ShouldEndWith(".");
            function.Doc.Signatures.ShouldNotBeEmpty(function.Name);
            if (function.Doc.Rules is null && !NeedsNoExample.Contains(function.Name)
                && !function.Name.EndsWith(" ANY", StringComparison.Ordinal) && !function.Name.EndsWith(" ALL", StringComparison.Ordinal))
                function.Doc.Examples.ShouldNotBeEmpty(function.Name);
        }

        foreach (var function in BuiltInFunctions.Registry.Tables)
        {
            function.Doc.Description.ShouldEndWith(".");
            function.Doc.Signatures.ShouldNotBeEmpty(function.Name);
            if (function.Doc.Rules is null)
                function.Doc.Examples.ShouldNotBeEmpty(function.Name);
        }

        foreach (var function in BuiltInFunctions.Registry.Aggregates)
        {
            function.Doc.Description.ShouldEndWith(".");
            function.Doc.Signatures.ShouldNotBeEmpty(function.Name);
        }
    }

    /// <summary>Their results differ at each call.</summary>
    private static readonly string[] NeedsNoExample = ["RANDOM", "GEN_RANDOM_UUID"];
}
