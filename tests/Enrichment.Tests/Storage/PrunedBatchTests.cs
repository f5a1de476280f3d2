using System.Globalization;
using Enrichment.Retention;

namespace Enrichment.Tests.Storage;

public sealed class PrunedBatchTests
{
    [Theory]
    [InlineData("th-TH")]
    [InlineData("ar-SA")]
    [InlineData("en-US")]
    public void A_sentence_shows_a_date_of_the_common_calendar_whatever_the_culture(string culture)
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
        try
        {
            var at = new DateTimeOffset(2026, 11, 30, 0, 0, 0, TimeSpan.Zero);
            var batch = new Batch
            {
                Id = Guid.Empty,
                Client = "acme",
                UploadId = Guid.Empty,
                Pipeline = "leads",
                LaunchKey = "k",
                Status = BatchStatus.Completed,
                Priority = 10,
                Items = 1,
                CreatedAt = at,
                PrunedAt = at,
            };

            Assert.Contains(
                "pruned on 2026-11-30",
                Assert.Throws<EnrichmentException>(() => batch.Unpruned()).Message,
                StringComparison.Ordinal);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
