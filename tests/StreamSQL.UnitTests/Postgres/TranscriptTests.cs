using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.UnitTests.Postgres.Support;

namespace StreamSQL.UnitTests.Postgres;

/// <summary>What a client sends and what comes back, message by message, as PostgreSQL 15 answers.</summary>
public sealed class TranscriptTests
{
    private static ScriptedStatements Statements() => new ScriptedStatements()
        .Numbers("select 1", "?column?", 1)
        .Numbers("select five", "n", 1, 2, 3, 4, 5)
        .Numbers("select two", "n", 1, 2)
        .Echo("select $1", SqlType.BigInt)
        .Failing("select failing", new SqlException(PostgresErrorCodes.DivisionByZero, "division by zero"));

    [Theory]
    [InlineData("select 1", "T(?column?:20) D(1) C:SELECT 1 ZI")]
    [InlineData("", "I ZI")]
    [InlineData(";", "I ZI")]
    [InlineData("-- ping", "I ZI")]
    [InlineData("select 1; select failing; select 1", "T(?column?:20) D(1) C:SELECT 1 E(22012 division by zero) ZI")]
    [InlineData("declare c cursor with hold for select five; fetch 2 from c; move 1 in c; fetch all c; fetch c; close c",
        "C:DECLARE CURSOR T(n:20) D(1) D(2) C:FETCH 2 C:MOVE 1 T(n:20) D(4) D(5) C:FETCH 2 T(n:20) C:FETCH 0 C:CLOSE CURSOR ZI")]
    [InlineData("declare c cursor for select five", "E(25P01 DECLARE CURSOR can only be used in transaction blocks) ZI")]
    [InlineData("fetch 1 from nope", "E(34000 cursor \"nope\" does not exist) ZI")]
    [InlineData("close nope", "E(34000 cursor \"nope\" does not exist) ZI")]
    [InlineData("deallocate nope", "E(26000 prepared statement \"nope\" does not exist) ZI")]
    [InlineData("copy (select two) to stdout", "H d(1\\n) d(2\\n) c C:COPY 2 ZI")]
    [InlineData("copy (select two) to stdout (format csv, header)", "H d(n\\n) d(1\\n) d(2\\n) c C:COPY 2 ZI")]
    [InlineData("discard all", "C:DISCARD ALL ZI")]
    [InlineData("close all; deallocate all; discard all",
        "C:CLOSE CURSOR ALL C:DEALLOCATE ALL E(25001 DISCARD ALL cannot run inside a transaction block) ZI")]
    public async Task Simple_query(string sql, string expected)
    {
        await using var client = await WireClient.ConnectAsync(Statements());
        client.Query(sql);
        (await client.ReadToReadyAsync()).ShouldBe(expected);
    }

    [Fact]
    public async Task Pipeline_of_two_without_sync_between()
    {
        await using var client = await WireClient.ConnectAsync(Statements());
        for (var i = 0; i < 2; i++)
        {
            client.Parse("", "select 1");
            client.Bind("", "");
            client.Describe('P', "");
            client.Execute("");
        }

        client.Sync();
        (await client.ReadToReadyAsync()).ShouldBe("1 2 T(?column?:20) D(1) C:SELECT 1 1 2 T(?column?:20) D(1) C:SELECT 1 ZI");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_pipeline_is_answered_by_one_write(bool withSyncs)
    {
        await using var client = await WireClient.ConnectAsync(Statements());
        client.Parse("s", "select 1");
        client.Sync();
        (await client.ReadToReadyAsync()).ShouldBe("1 ZI");
        var before = client.Sends;
        const int Requests = 20;
        for (var i = 0; i < Requests; i++)
        {
            client.Bind("", "s");
            client.Describe('P', "");
            if (withSyncs)
                client.Sync();
        }

        client.Sync();
        await client.ReadAsync(Requests * (withSyncs ? 3 : 2));
        (await client.ReadToReadyAsync()).ShouldEndWith("ZI");
        (client.Sends - before).ShouldBe(1);
    }

    [Fact]
    public async Task An_error_skips_what_follows_up_to_sync()
    {
        await using var client = await WireClient.ConnectAsync(Statements());
        client.Parse("", "select failing");
        client.Bind("", "");
        client.Execute("");
        client.Parse("", "select 1");
        client.Execute("");
        client.Sync();
        client.Parse("", "select 1");
        client.Sync();
        (await client.ReadToReadyAsync()).ShouldBe("1 2 E(22012 division by zero) ZI");
        (await client.ReadToReadyAsync()).ShouldBe("1 ZI");
    }

    [Fact]
    public async Task Names_that_are_not_there()
    {
        await using var client = await WireClient.ConnectAsync(Statements());
        client.Bind("", "nope");
        client.Sync();
        (await client.ReadToReadyAsync()).ShouldBe("E(26000 prepared statement \"nope\" does not exist) ZI");
        client.Execute("nope");
        client.Sync();
        (await client.ReadToReadyAsync()).ShouldBe("E(34000 portal \"nope\" does not exist) ZI");
        client.Describe('S', "nope");
        client.Sync();
        (await client.ReadToReadyAsync()).ShouldBe("E(26000 prepared statement \"nope\" does not exist) ZI");
        client.Close('S', "nope");
        client.Close('P', "nope");
        client.Sync();
        (await client.ReadToReadyAsync()).ShouldBe("3 3 ZI");
    }

    [Fact]
    public async Task Parse_refuses_a_taken_name_and_several_commands()
    {
        await using var client = await WireClient.ConnectAsync(Statements());
        client.Parse("a", "select 1");
        client.Parse("a", "select 1");
        client.Sync();
        (await client.ReadToReadyAsync()).ShouldBe("1 E(42P05 prepared statement \"a\" already exists) ZI");
        client.Parse("", "select 1; select 1");
        client.Sync();
        (await client.ReadToReadyAsync()).ShouldBe("E(42601 cannot insert multiple commands into a prepared statement) ZI");
    }

    [Fact]
    public async Task Row_limit_suspends_the_portal_and_the_tag_counts_the_last_rows()
    {
        await using var client = await WireClient.ConnectAsync(Statements());
        client.Parse("", "select five");
        client.Bind("c", "");
        client.Execute("c", 2);
        client.Execute("c", 2);
        client.Execute("c", 2);
        client.Execute("c", 2);
        client.Sync();
        (await client.ReadToReadyAsync()).ShouldBe("1 2 D(1) D(2) s D(3) D(4) s D(5) C:SELECT 1 C:SELECT 0 ZI");
        client.Execute("c", 2);
        client.Sync();
        (await client.ReadToReadyAsync()).ShouldBe("E(34000 portal \"c\" does not exist) ZI");
    }

    [Fact]
    public async Task A_limit_equal_to_the_row_count_suspends_all_the_same()
    {
        await using var client = await WireClient.ConnectAsync(Statements());
        client.Parse("", "select two");
        client.Bind("", "");
        client.Execute("", 2);
        client.Execute("", 2);
        client.Sync();
        (await client.ReadToReadyAsync()).ShouldBe("1 2 D(1) D(2) s C:SELECT 0 ZI");
    }

    [Fact]
    public async Task Flush_answers_without_ready()
    {
        await using var client = await WireClient.ConnectAsync(Statements());
        client.Parse("", "select $1");
        client.Describe('S', "");
        client.Flush();
        (await client.ReadAsync(3)).ShouldBe("1 t(20) T(echo:20)");
        client.Bind("", "", "7");
        client.Execute("");
        client.Flush();
        (await client.ReadAsync(3)).ShouldBe("2 D(7) C:SELECT 1");
        client.Sync();
        (await client.ReadToReadyAsync()).ShouldBe("ZI");
    }

    [Fact]
    public async Task Bind_checks_its_values()
    {
        await using var client = await WireClient.ConnectAsync(Statements());
        client.Parse("b", "select $1");
        client.Bind("", "b");
        client.Sync();
        (await client.ReadToReadyAsync()).ShouldBe(
            "1 E(08P01 bind message supplies 0 parameters, but prepared statement \"b\" requires 1) ZI");
        client.Bind("", "b", "x");
        client.Sync();
        (await client.ReadToReadyAsync()).ShouldBe("E(22P02 invalid input syntax for type bigint: \"x\") ZI");
        client.BindRaw("", "b", [1], [[0, 0, 0, 5]], []);
        client.Sync();
        (await client.ReadToReadyAsync()).ShouldBe("E(22P03 incorrect binary data format for type bigint) ZI");
        client.Bind("", "b", [null]);
        client.Execute("");
        client.Sync();
        (await client.ReadToReadyAsync()).ShouldBe("2 D(null) C:SELECT 1 ZI");
    }

    [Fact]
    public async Task A_small_int_in_binary_serves_a_bigint_parameter_and_the_result_comes_in_binary()
    {
        await using var client = await WireClient.ConnectAsync(Statements());
        client.Parse("", "select $1", 21);
        client.Describe('S', "");
        client.BindRaw("", "", [1], [[0, 5]], [1]);
        client.Execute("");
        client.Sync();
        (await client.ReadToReadyAsync()).ShouldBe("1 t(21) T(echo:20) 2 D(x0000000000000005) C:SELECT 1 ZI");
    }

    [Fact]
    public async Task Sql_and_messages_share_the_names_of_statements_and_cursors()
    {
        await using var client = await WireClient.ConnectAsync(Statements());
        client.Query("prepare p as select two");
        (await client.ReadToReadyAsync()).ShouldBe("C:PREPARE ZI");
        client.Bind("", "p");
        client.Execute("");
        client.Sync();
        (await client.ReadToReadyAsync()).ShouldBe("2 D(1) D(2) C:SELECT 2 ZI");
        client.Query("execute p; deallocate p; deallocate p");
        (await client.ReadToReadyAsync()).ShouldBe(
            "T(n:20) D(1) D(2) C:SELECT 2 C:DEALLOCATE E(26000 prepared statement \"p\" does not exist) ZI");
        client.Query("declare \"Cur\" cursor with hold for select two");
        (await client.ReadToReadyAsync()).ShouldBe("C:DECLARE CURSOR ZI");
        client.Describe('P', "Cur");
        client.Execute("Cur", 1);
        client.Sync();
        (await client.ReadToReadyAsync()).ShouldBe("T(n:20) D(1) s ZI");
        client.Query("fetch all from \"Cur\"");
        (await client.ReadToReadyAsync()).ShouldBe("T(n:20) D(2) C:FETCH 1 ZI");
    }

    [Fact]
    public async Task Copy_in_the_extended_protocol()
    {
        await using var client = await WireClient.ConnectAsync(Statements());
        client.Parse("", "copy (select two) to stdout");
        client.Bind("", "");
        client.Describe('P', "");
        client.Execute("");
        client.Sync();
        (await client.ReadToReadyAsync()).ShouldBe("1 2 n H d(1\\n) d(2\\n) c C:COPY 2 ZI");
    }
}
