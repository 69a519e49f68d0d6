using System.Text;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Text;

namespace StreamSQL.UnitTests.Data.Text;

public class JavaDatePatternTests
{
    [Theory]
    [InlineData("yyyy/MM/dd HH:mm", "2001/01/01 00:01", 978307260000)]
    [InlineData("yyyy-MM-dd'T'HH:mm:ss.SSS", "2001-02-03T04:05:06.789", 981173106789)]
    [InlineData("yyyyMMddHHmmss", "20010203040506", 981173106000)]
    [InlineData("dd MMM yyyy", "03 feb 2001", 981158400000)]
    [InlineData("d/M/yyyy h:mm a", "3/2/2001 4:05 PM", 981216300000)]
    [InlineData("yyyy-MM-dd HH:mm:ssX", "2001-02-03 04:05:06+02", 981165906000)]
    [InlineData("yyyy-MM-dd HH:mm:ss Z", "2001-02-03 04:05:06 -0130", 981178506000)]
    [InlineData("yyyy-MM-dd", "1969-12-31", -86400000)]
    [InlineData("yy-MM-dd", "01-02-03", 981158400000)]
    [InlineData("yyyy DDD", "2001 034", 981158400000)]
    [InlineData("HH:mm", "01:00", 3600000)]
    [InlineData("yyyy-MM-dd", "2001-02-30", 983318400000)]
    [InlineData("EEEE, d MMMM yyyy", "Saturday, 3 February 2001", 981158400000)]
    public void Reads_an_instant(string pattern, string text, long millis)
    {
        JavaDatePattern.Compile(pattern).TryParse(Encoding.UTF8.GetBytes(text), out var read).ShouldBeTrue();
        read.ShouldBe(millis);
    }

    [Theory]
    [InlineData("yyyy/MM/dd HH:mm", "2001/13/01 00:00")]
    [InlineData("yyyy/MM/dd HH:mm", "2001/01/01 24:01")]
    [InlineData("yyyy/MM/dd HH:mm", "2001/01/01")]
    [InlineData("yyyy/MM/dd", "2001/01/01 00:00")]
    [InlineData("yyyy/MM/dd", "2001-01-01")]
    [InlineData("yyyy/MM/dd", "")]
    [InlineData("HH", "1")]
    public void Refuses_other_texts(string pattern, string text) =>
        JavaDatePattern.Compile(pattern).TryParse(Encoding.UTF8.GetBytes(text), out _).ShouldBeFalse();

    [Theory]
    [InlineData("yyyy-MM-dd'T'HH:mm:ss.SSSX", 981173106789, "2001-02-03T04:05:06.789Z")]
    [InlineData("EEE d MMM ''yy, h:mm a", 981216300000, "Sat 3 Feb '01, 4:05 PM")]
    [InlineData("D S SSSSSS", 981173106789, "34 7 789000")]
    [InlineData("yyyy-MM-dd", -62198755200000, "0002-01-01")]
    public void Writes_an_instant(string pattern, long millis, string text)
    {
        var compiled = JavaDatePattern.Compile(pattern);
        var target = new byte[compiled.MaxLength];
        Encoding.UTF8.GetString(target, 0, compiled.Format(millis, null, target)).ShouldBe(text);
    }

    [Fact]
    public void Uses_the_zone_when_the_text_names_none()
    {
        ZoneOffsets.TryFind("Europe/Berlin", out var zone).ShouldBeTrue();
        var pattern = JavaDatePattern.Compile("yyyy-MM-dd HH:mm");
        pattern.TryParse("2001-07-01 02:00"u8, zone, out var summer).ShouldBeTrue();
        pattern.TryParse("2001-01-01 01:00"u8, zone, out var winter).ShouldBeTrue();
        summer.ShouldBe(993945600000);
        winter.ShouldBe(978307200000);
        var target = new byte[pattern.MaxLength];
        Encoding.UTF8.GetString(target, 0, pattern.Format(summer, zone, target)).ShouldBe("2001-07-01 02:00");
    }

    [Theory]
    [InlineData(1526075913000, "2018-05-11 22:58:33 BST")]
    [InlineData(978307200000, "2001-01-01 00:00:00 GMT")]
    public void Writes_the_abbreviation_of_a_zone(long millis, string text)
    {
        ZoneOffsets.TryFind("Europe/London", out var zone).ShouldBeTrue();
        var pattern = JavaDatePattern.Compile("yyyy-MM-dd HH:mm:ss zzz");
        var target = new byte[pattern.MaxLength];
        Encoding.UTF8.GetString(target, 0, pattern.Format(millis, zone, target)).ShouldBe(text);
    }

    [Theory]
    [InlineData("yyyy-bb")]
    [InlineData("yyyy'open")]
    [InlineData("ddd")]
    [InlineData("yyyy[-MM]")]
    public void Refuses_a_bad_pattern(string pattern) =>
        Should.Throw<SqlException>(() => JavaDatePattern.Compile(pattern)).SqlState.ShouldBe("22007");

    [Fact]
    public void Reading_and_writing_allocate_nothing()
    {
        var pattern = JavaDatePattern.Compile("yyyy/MM/dd HH:mm");
        var target = new byte[pattern.MaxLength];
        var written = RoundTrips(pattern, target, 10);
        var before = GC.GetAllocatedBytesForCurrentThread();
        written += RoundTrips(pattern, target, 1000);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        written.ShouldBe(1010 * 16);
    }

    private static int RoundTrips(JavaDatePattern pattern, byte[] target, int count)
    {
        var written = 0;
        for (var i = 0; i < count; i++)
        {
            if (pattern.TryParse("2001/01/01 00:01"u8, out var millis))
                written += pattern.Format(millis, null, target);
        }

        return written;
    }
}
