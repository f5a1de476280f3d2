using System.Globalization;
using System.Text;

namespace Enrichment.Hosting;

/// <summary>
/// Whether this process has ICU's data. Without it names are not decomposed and host names not mapped, so that two hosts would make two
/// keys of one company.
/// </summary>
internal static class UnicodeData
{
    /// <exception cref="EnrichmentException">It has not.</exception>
    public static void Require()
    {
        if (!IsThere())
        {
            throw new EnrichmentException(
                "This process runs without ICU (invariant globalization). Its names and domains would differ from those of other hosts. "
                + "Set neither InvariantGlobalization nor DOTNET_SYSTEM_GLOBALIZATION_INVARIANT, and install ICU: on Alpine 'apk add icu-libs', on Debian and Ubuntu the package libicu.");
        }
    }

    // Tested by its effect, however it was switched off.
    private static bool IsThere()
    {
        try
        {
            return "é".Normalize(NormalizationForm.FormD).Length == 2
                && "ﬁ".Normalize(NormalizationForm.FormKC) == "fi"
                && new IdnMapping().GetAscii("BÜCHER.example") == "xn--bcher-kva.example";
        }
        catch (Exception exception) when (exception is PlatformNotSupportedException or ArgumentException)
        {
            return false;
        }
    }
}
