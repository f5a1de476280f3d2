using System.Globalization;

namespace Enrichment.Tests.Errors;

public class DurationWordsTests
{
    [Theory]
    [InlineData("00:00:20", "20 s")]
    [InlineData("00:02:00", "2 min")]
    [InlineData("00:01:30", "1 min 30 s")]
    [InlineData("01:00:00", "1 h")]
    [InlineData("1.00:00:00", "1 day")]
    [InlineData("366.02:03:04", "366 days 2 h")]
    [InlineData("00:00:00.250", "250 ms")]
    [InlineData("00:00:00", "0 s")]
    public void A_length_of_time_is_told_in_its_two_largest_units(string time, string words) =>
        Assert.Equal(words, DurationWords.Of(TimeSpan.Parse(time, CultureInfo.InvariantCulture)));
}
