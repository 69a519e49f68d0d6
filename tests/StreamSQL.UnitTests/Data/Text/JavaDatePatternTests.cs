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
    [InlineData("yyyy-MM-dd HH:mm z", "2001-07-01 02:00 CEST", 993945600000)]
    [InlineData("yyyy-MM-dd HH:mm z", "2001-01-01 00:00 PST", 978336000000)]
    [InlineData("yyyy-MM-dd HH:mm z", "2001-01-01 00:00 America/Los_Angeles", 978336000000)]
    [InlineData("yyyy-MM-dd HH:mm z", "2001-01-01 00:00 UTC", 978307200000)]
    [InlineData("yyyy-MM-dd HH:mm zzzz", "2001-01-01 00:00 Pacific Standard Time", 978336000000)]
    [InlineData("yyyy-MM-dd'T'HH:mm VV", "2001-07-01T02:00 Europe/Berlin", 993945600000)]
    [InlineData("yyyy-MM-dd HH:mm VV", "2001-02-03 04:05 UTC+02:00", 981165900000)]
    [InlineData("yyyy-MM-dd HH:mm O", "2001-02-03 04:05 GMT+2", 981165900000)]
    [InlineData("yyyy-MM-dd HH:mm OOOO", "2001-02-03 04:05 GMT+02:00", 981165900000)]
    [InlineData("yyyy-MM-dd HH:mm:ssXXX", "2001-02-03 04:05:06+02:00", 981165906000)]
    [InlineData("yyyy-MM-dd[ HH:mm]", "2001-02-03", 981158400000)]
    [InlineData("yyyy-MM-dd[ HH:mm]", "2001-02-03 04:05", 981173100000)]
    [InlineData("yyyy-MM-dd['T'HH:mm[:ss[.SSS]]][X]", "2001-02-03T04:05:06Z", 981173106000)]
    [InlineData("yyyy-MM-dd Hmm", "2001-02-03 405", 981173100000)]
    [InlineData("yyyyMMddHHmmssSSS", "20010203040506789", 981173106789)]
    [InlineData("ppd/M/yyyy", " 3/2/2001", 981158400000)]
    [InlineData("u-D", "2001-34", 981158400000)]
    [InlineData("YYYY 'W'ww e", "2001 W05 7", 981158400000)]
    [InlineData("QQQ yyyy-MM-dd", "q1 2001-02-03", 981158400000)]
    [InlineData("A", "3600000", 3600000)]
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
    [InlineData("EEE yyyy-MM-dd", "Sun 2001-02-03")]
    [InlineData("yyyy-MM-dd", "12001-02-03")]
    [InlineData("QQQ yyyy-MM-dd", "Q2 2001-02-03")]
    [InlineData("HH:mmXXX", "01:00+0200")]
    [InlineData("HH:mm VV", "01:00 Nowhere/Town")]
    [InlineData("MMMMM", "J")]
    public void Refuses_other_texts(string pattern, string text) =>
        JavaDatePattern.Compile(pattern).TryParse(Encoding.UTF8.GetBytes(text), out _).ShouldBeFalse();

    [Theory]
    [InlineData("yyyy-MM-dd'T'HH:mm:ss.SSSX", 981173106789, "2001-02-03T04:05:06.789Z")]
    [InlineData("EEE d MMM ''yy, h:mm a", 981216300000, "Sat 3 Feb '01, 4:05 PM")]
    [InlineData("D S SSSSSS", 981173106789, "34 7 789000")]
    [InlineData("GGGG, QQQQ QQQ Q, MMMMM, e w W F", 981173106789, "Anno Domini, 1st quarter Q1 1, F, 7 5 1 1")]
    [InlineData("YYYY ww", 978220800000, "2001 01")]
    [InlineData("A n N ppph", 981173106789, "14706789 789000000 14706789000000   4")]
    [InlineData("X x xxx XXXXX Z ZZZZ O z zzzz VV", 981173106789, "Z +00 +00:00 Z +0000 GMT GMT UTC Coordinated Universal Time UTC")]
    [InlineData("yyyy[-MM]", 981173106789, "2001-02")]
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
    [InlineData("Asia/Kolkata", "X x XX O OOOO Z ZZZZZ zzz zzzz VV",
        "+0530 +0530 +0530 GMT+5:30 GMT+05:30 +0530 +05:30 IST India Standard Time Asia/Kolkata")]
    [InlineData("America/New_York", "x X O v vvvv zzzz", "-05 -05 GMT-5 ET Eastern Time Eastern Standard Time")]
    [InlineData("+02:00", "VV XXX", "+02:00 +02:00")]
    public void Writes_zones_and_offsets(string zone, string pattern, string text)
    {
        ZoneOffsets.TryFind(zone, out var found).ShouldBeTrue();
        var compiled = JavaDatePattern.Compile(pattern);
        var target = new byte[compiled.MaxLength];
        Encoding.UTF8.GetString(target, 0, compiled.Format(981173106789, found, target)).ShouldBe(text);
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
    [InlineData("yyyy-MM]")]
    [InlineData("cc")]
    [InlineData("V")]
    [InlineData("{yyyy}")]
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
