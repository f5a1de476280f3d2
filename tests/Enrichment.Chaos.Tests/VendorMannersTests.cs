using System.Globalization;

namespace Enrichment.Chaos.Tests;

/// <summary>What the other tests say of their vendors.</summary>
public sealed class VendorMannersTests
{
    private const int Calls = 20_000;

    private static readonly VendorAct[] Errors = [VendorAct.Silence, VendorAct.AnswerLate, VendorAct.Decline, VendorAct.Break];

    [Fact]
    public void Of_a_vendor_with_few_errors_five_of_a_hundred_calls_end_in_one_and_of_a_rough_one_fourteen()
    {
        Assert.InRange(Share(VendorManners.FewErrors, Errors), 4.5, 5.5);
        Assert.All(Errors, act => Assert.InRange(Share(VendorManners.FewErrors, act), 0.7, 2.3));
        Assert.InRange(Share(VendorManners.Rough, Errors), 13.2, 14.8);
    }

    private static double Share(VendorManners manners, params VendorAct[] acts) =>
        100.0
        / Calls
        * Enumerable
            .Range(0, Calls)
            .Count(call =>
                acts.Contains(VendorBehaviour.Of(manners, seed: 1, "company", call.ToString(CultureInfo.InvariantCulture), call: 1).Act));
}
