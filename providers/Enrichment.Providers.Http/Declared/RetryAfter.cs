using System.Globalization;

namespace Enrichment.Providers.Http.Declared;

/// <summary>When a vendor allows the next call (RFC 9110 section 10.2.3).</summary>
internal static class RetryAfter
{
    /// <summary>No vendor is believed that wants more.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    // RFC 9110 section 5.6.7: the form of today, and two of former times, which a recipient has to understand.
    private static readonly string[] Dates = ["r", "dddd, dd-MMM-yy HH:mm:ss 'GMT'", "ddd MMM d HH:mm:ss yyyy"];

    /// <summary>The wait, at most an hour; null if the header is missing, no date and no number, or in the past.</summary>
    public static TimeSpan? Of(HttpResponseMessage response, TimeProvider time)
    {
        if (!response.Headers.NonValidated.TryGetValues("Retry-After", out var values))
        {
            return null;
        }

        var text = values.ToString().Trim();
        var wait =
            text.Length > 0 && text.All(char.IsAsciiDigit)
                ? TimeSpan.FromSeconds(text.Length > 9 ? int.MaxValue : int.Parse(text, CultureInfo.InvariantCulture))
            : DateTimeOffset.TryParseExact(
                text,
                Dates,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowInnerWhite,
                out var date)
                ? date - time.GetUtcNow()
            : TimeSpan.Zero;
        return wait <= TimeSpan.Zero ? null
            : wait < Longest ? wait
            : Longest;
    }
}
