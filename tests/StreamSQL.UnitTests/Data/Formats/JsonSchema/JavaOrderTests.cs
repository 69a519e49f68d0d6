using StreamSQL.Data.Formats.JsonSchema;

namespace StreamSQL.UnitTests.Data.Formats.JsonSchema;

public class JavaOrderTests
{
    // The orders that ksqlDB gave columns of such schemas.
    [Theory]
    [InlineData("ID foo", "foo ID")]
    [InlineData("ID VAL", "VAL ID")]
    [InlineData("NAME FOREIGN_KEY", "FOREIGN_KEY NAME")]
    [InlineData("ID NAME VALUE", "ID VALUE NAME")]
    public void Names_come_as_in_a_HashMap(string names, string ordered) =>
        string.Join(' ', JavaOrder.Of(names.Split(' '), static name => name)).ShouldBe(ordered);

    // One letter's hash is its code: P is 80, Q is 81 like a in the 16 buckets of up to 12 entries, and behind k in 32.
    [Fact]
    public void A_larger_map_has_more_buckets()
    {
        string[] letters = ["P", "Q", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

        string.Join("", JavaOrder.Of(letters, static name => name)).ShouldBe("PQabcdefghij");
        string.Join("", JavaOrder.Of([.. letters, "k"], static name => name)).ShouldBe("abcdefghijkPQ");
    }
}
